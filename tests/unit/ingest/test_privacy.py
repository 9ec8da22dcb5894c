"""What identifies a person, by name and by content, and what does not."""

from __future__ import annotations

import pandas as pd
import pytest

from compassion_trials.ingest.people import privacy
from compassion_trials.ingest.readers.table import RawTable


@pytest.mark.parametrize(
    "name",
    ["name", "first_name", "LastName",
      "e-mail", "Email", "phone_1", "Telephone", "IPAddress", "ip", "postcode", "zip_code", "dob",
     "date_of_birth", "birthDate", "address", "LocationLatitude", "comments", "Vorname", "PLZ", "initials"],
)  # fmt: skip
def test_names_that_identify(name: str) -> None:
    assert privacy.by_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "age",
        "sex",
        "scs_1",
        "group",
        "tip",
        "zipf",
        "recipe",
        "phonebook_use",
        "townsend_index",
        "id",
        "education",
        "birth_weight",
    ],
)
def test_names_that_do_not(name: str) -> None:
    assert not privacy.by_name(name)


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        (["1", "a.b@c.org"], "holds e-mail addresses"),
        (["10.1.2.3", "10.1.2.4"], "holds network addresses"),
        (["+49 170 1234567", "0170/1234567"], "holds phone numbers"),
        (["2020-01-01", "3.4.2020"], "holds dates"),
        (["I felt much better after the course today", "no", "The teacher was kind and I could sleep", "x",
          "It was hard for me to come each week", "yes", "z"], "holds free text"),
    ],
)  # fmt: skip
def test_contents_that_identify(cells: list[str], rule: str) -> None:
    assert privacy.by_content(pd.Series(cells)) == rule


@pytest.mark.parametrize(
    "cells",
    [
        ["1", "2", "3"],
        ["1.5", "2.25"],
        ["female", "male"],
        ["123456789", "987654321"],
        ["under 6 months", "over 6 months"],
        ["", "NA"],
    ],
)
def test_contents_that_do_not(cells: list[str]) -> None:
    assert privacy.by_content(pd.Series(cells)) == ""


def test_the_plan_drops_keeps_and_needs() -> None:
    frame = pd.DataFrame({"id": ["1"], "name": ["x"], "site_name": ["y"], "x1": ["1"], "x2": ["1"], "ip": ["1.2.3.4"]})
    table = RawTable("a.csv", "csv", frame, identifying={"x1": "flagged"})
    found = privacy.identifying(table, drop=["x2", "ip"], keep=["site_*", "ip"], needed=["name"])
    assert found == {"x1": "flagged", "x2": "named in privacy.drop", "ip": "named in privacy.drop"}
    kept, dropped = privacy.drop_columns(table, found)
    assert list(kept.frame.columns) == ["id", "name", "site_name"]
    assert [d.column for d in dropped] == ["x1", "x2", "ip"]


def test_values_in_messages() -> None:
    assert [privacy.shown(word) for word in ("7", "-1.5", "999999", "#N/A")] == ["7", "-1.5", "999999", "#N/A"]
    assert privacy.shown("course", codes=["course"]) == "course"
    words = ("seven", "a.b@c.org", "Anna Maria Muster", "2001-02-03", "x" * 30, "01712345678", "1 2")
    assert {privacy.shown(word) for word in words} == {privacy.HIDDEN}
