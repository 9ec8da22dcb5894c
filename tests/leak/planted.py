"""A trial whose raw files hold a marked word at sixty places: names, addresses, ids, dates, free text, metadata."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import yaml
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

PEOPLE = 24
MARK = r"zqm\d\dx"
"""What is planted, as a pattern; two digits say where."""

DICTIONARY = (
    "Variable / Field Name", "Form Name", "Section Header", "Field Type", "Field Label",
    "Choices, Calculations, OR Slider Labels", "Field Note", "Identifier?", "Branching Logic (Show field only if...)",
    "Field Annotation",
)  # fmt: skip


class Planter:
    """Hands out marked words and remembers the place of each."""

    def __init__(self) -> None:
        self.places: list[str] = []

    def word(self, place: str) -> str:
        """A new marked word."""
        self.places.append(place)
        return f"zqm{len(self.places):02d}x"


def plant(root: Path) -> Planter:
    """Write plan and raw files of the study ``leaky`` below a project folder."""
    planter = Planter()
    home, raw = root / "config" / "studies" / "leaky", root / "data" / "leaky" / "raw"
    home.mkdir(parents=True)
    raw.mkdir(parents=True)
    ids = _ids(planter)
    rng = np.random.default_rng(11)
    _csv(planter, raw / "main.csv", ids, rng)
    _excel(planter, raw / "extra.xlsx", ids, rng)
    _spss(planter, raw / "third.sav", ids, rng)
    _redcap(planter, raw, ids, rng)
    (raw / f"letter to {planter.word('file name')}.txt").write_text(f"Dear {planter.word('other file')}", "utf-8")
    hidden = raw / f".{planter.word('hidden folder')}"
    hidden.mkdir()
    (hidden / f"~${planter.word('lock file')}.xlsx").write_bytes(b"")
    (home / "study.yaml").write_text(yaml.safe_dump(plan(), sort_keys=False, allow_unicode=True), "utf-8")
    return planter


def plan() -> dict[str, object]:
    """The plan: it names what the study uses and nothing that is planted."""
    key = {"column": "code", "pseudonymize": True}

    def total(letter: str) -> dict[str, object]:
        name = f"Measure {letter.upper()}"
        return {"total": f"{letter}_{{visit}}", "name": name, "range": [0, 60], "better": "higher"}

    main = {
        "file": "main.csv", "id": key, "arm": {"column": "group", "values": {1: "act", 2: "wait"}},
        "baseline": {
            "age": {"column": "age", "label": "Age", "unit": "years", "type": "number"},
            "sex": {"column": "sex", "label": "Sex", "values": {1: "female", 2: "male"}},
        },
        "flow": {"withdrawn": "wd", "reason": "why"},
        "harms": {"adverse event": {"column": "ae"}},
    }  # fmt: skip
    more = [
        {"file": "extra.xlsx", "sheet": 1, "id": key},
        {"file": "third.sav", "id": key},
        {
            "file": "redcap.csv",
            "format": "redcap",
            "dictionary": "dictionary.csv",
            "id": {**key, "column": "record_id"},
        },
    ]
    return {
        "title": "A trial that says nothing of its people",
        "design": {
            "type": "randomized", "arms": {"act": "ACT", "wait": "Wait-list"}, "control": "wait",
            "visits": {"pre": 0, "post": 8},
        },
        "data": [main, *more],
        "measures": {"a": {**total("a"), "role": "primary"}, "b": total("b"), "c": total("c"), "d": total("d")},
    }  # fmt: skip


def _ids(planter: Planter) -> list[str]:
    word = planter.word("id")
    return [f"{word}.{number}@mail.example" for number in range(1, PEOPLE + 1)]


def _scores(rng: np.random.Generator) -> list[str]:
    return [str(value) for value in rng.integers(10, 50, PEOPLE)]


def _lines(path: Path, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


def _csv(planter: Planter, path: Path, ids: list[str], rng: np.random.Generator) -> None:
    """Headers, cells of columns that are not used, and words in cells that are."""
    word = planter.word
    pre, post = _scores(rng), _scores(rng)
    post[3] = f"asked {word('answer cell')} to fill it in"
    age = [str(value) for value in rng.integers(20, 70, PEOPLE)]
    age[4] = f"{word('number cell')} says 44"
    wd = [""] * PEOPLE
    wd[5], wd[6] = f"yes, told {word('withdrawn cell')}", "yes"
    tale = word("reason cells")
    why = [
        f"Person {i} told {tale} a long story about the family at home" if i in (5, 6, 7, 8) else "" for i in range(24)
    ]
    ae = ["0"] * PEOPLE
    ae[8] = f"fell, {word('harm cell')} saw it"
    columns: dict[str, list[str]] = {
        "code": ids, "group": ["1", "2"] * (PEOPLE // 2), "age": age, "sex": [*"1122" * 5, *"1212"],
        "a_pre": pre, "a_post": post, "wd": wd, "why": why, "ae": ae,
    }  # fmt: skip
    name, mail, day, text = word("name"), word("e-mail"), word("date"), word("free text")
    columns["Full name"] = [f"{name} Miller {i}" for i in range(PEOPLE)]
    columns["contact"] = [f"p{i}@{mail}.example" for i in range(PEOPLE)]
    columns["seen"] = [f"2020-01-{i + 1:02d}" for i in range(PEOPLE - 1)] + [day]
    columns["remarks"] = [f"{text} has not slept well since last week {i}" for i in range(PEOPLE)]
    for kind in ("town", "IPAddress", "phone", "x1", "therapist", "diagnosis", "device", "other: specify"):
        mine = word(f"cell of {kind}")
        columns[kind] = [f"{mine} {i % 5}" for i in range(PEOPLE)]
    for head in ("name of {}", "email_{}", "dob {}", "ask {} first", "{}", "Q17 What did {} say to you this week?"):
        columns[head.format(word(f"header {head}"))] = ["1"] * PEOPLE
    _lines(path, [list(columns), *zip(*columns.values(), strict=True)])


def _excel(planter: Planter, path: Path, ids: list[str], rng: np.random.Generator) -> None:
    """Comments, other sheets, names, properties, page headers, links."""
    word = planter.word
    book = Workbook()
    sheet = book.active
    sheet.title = f"of {word('sheet read')}"
    sheet.append(["code", "b_pre", "b_post", f"copy for {word('Excel header')}"])
    for row in zip(ids, map(int, _scores(rng)), map(int, _scores(rng)), strict=True):
        sheet.append([*row, None])
    sheet["D3"] = word("Excel cell")
    sheet["B2"].comment = Comment(word("comment"), word("author of a comment"))
    sheet["D4"].hyperlink = f"https://{word('link')}.example"
    sheet.oddHeader.center.text = word("page header")
    sheet.oddFooter.center.text = word("page footer")
    for state in ("visible", "hidden"):
        other = book.create_sheet(f"list {word(f'{state} sheet')}")
        other["A1"] = word(f"cell of a {state} sheet")
        other.sheet_state = state
    for name in ("creator", "lastModifiedBy", "title", "subject", "description", "keywords", "category"):
        setattr(book.properties, name, word(f"property {name}"))
    defined = word("defined name")
    book.defined_names[defined] = DefinedName(defined, attr_text=f"'{sheet.title}'!$A$1")
    book.save(path)


def _spss(planter: Planter, path: Path, ids: list[str], rng: np.random.Generator) -> None:
    """Labels, notes, names and values."""
    word = planter.word
    spare = f"v_{word('SPSS variable')}"
    frame = pd.DataFrame({"code": ids, "c_pre": _scores(rng), "c_post": _scores(rng)})
    frame = frame.astype({"c_pre": float, "c_post": float})
    frame[spare] = 1.0
    frame["memo"] = word("SPSS cell")
    pyreadstat.write_sav(
        frame,
        path,
        file_label=word("SPSS file label"),
        note=[word("SPSS note")],
        column_labels={"c_pre": word("label of a used variable"), spare: word("label of a variable")},
        variable_value_labels={
            "c_post": {60.0: word("value label of a used variable")},
            spare: {1.0: word("value label")},
        },
    )


def _redcap(planter: Planter, raw: Path, ids: list[str], rng: np.random.Generator) -> None:
    """Dictionary and export."""
    word = planter.word
    field = f"f_{word('REDCap field')}"
    flagged, cell, survey = word("cell of an identifier field"), word("REDCap cell"), word("survey identifier")
    rows = zip(ids, _scores(rng), _scores(rng), [flagged] * PEOPLE, [cell] * PEOPLE, [survey] * PEOPLE, strict=True)
    _lines(raw / "redcap.csv", [["record_id", "d_pre", "d_post", "who", field, "redcap_survey_identifier"], *rows])
    form = f"form_{word('form name')}"
    lines = [
        ["record_id", form, "", "text", word("label of the id"), "", "", "", "", ""],
        ["d_pre", form, word("section header"), "text", word("field label"), "", word("field note"), "", "", ""],
        ["d_post", form, "", "text", "D", "", "", "", f"[x] = '{word('branching logic')}'", word("annotation")],
        ["who", form, "", "text", word("label of an identifier"), "", "", "y", "", ""],
        [field, form, "", "radio", "F", f"1, {word('choice')} | 2, no", "", "", "", ""],
    ]
    _lines(raw / "dictionary.csv", [DICTIONARY, *lines])
