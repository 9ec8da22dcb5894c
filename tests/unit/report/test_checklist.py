"""Checklists: sound data files, the right ones by design, honest answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

import pytest
from tests.unit.report.small_study import build, plan

from compassion_trials.core.errors import InputError
from compassion_trials.report.checklists.checklist import (
    CONDITIONS,
    Checklist,
    Item,
    ItemAnswer,
    ReportContents,
    answer,
    applicable,
    library,
)
from compassion_trials.report.sections.appendix import checklist_table, tally, todo
from compassion_trials.report.strict import demand, lacking
from compassion_trials.study.plan.study_plan import ChecklistName, StudyPlan
from compassion_trials.study.text import AuthorText
from compassion_trials.tables.text import plain

COUNTS = {"consort2025": 43, "spi2018": 15, "pilot2016": 15, "trend2004": 22, "jars_quant": 20, "tidier": 12}
"""Items of each checklist; CONSORT 2025 has 42 and the flow diagram."""


def needs() -> Iterator[tuple[str, str, str]]:
    for checklist in library().values():
        for item in checklist.items:
            for need in item.needs:
                for option in need.split(" | "):
                    kind, _, name = option.partition(":")
                    yield item.id, kind, name


def evidence(**parts: Any) -> ReportContents:
    blank = ReportContents(plan(), AuthorText(), frozenset(), {}, {})
    return replace(blank, **parts)


def one(item: dict[str, Any], **parts: Any) -> tuple[str, str, str]:
    """Status, place and advice of a single item."""
    made = Item.model_validate({"id": "X-1", "report": "Something", **item})
    found = answer(replace_items(made), evidence(**parts))[0]
    return found.status, found.place, found.todo


def replace_items(item: Item) -> Checklist:
    return library()["tidier"].model_copy(update={"items": (item,)})


def test_every_checklist_is_there() -> None:
    assert set(library()) == set(get_args(ChecklistName))
    assert {name: len(found.items) for name, found in library().items()} == COUNTS


def test_ids_are_unique() -> None:
    for checklist in library().values():
        ids = [item.id for item in checklist.items]
        assert len(ids) == len(set(ids))


def test_what_an_item_needs_exists() -> None:
    """Keys of plan and author text are real ones, so that a to-do list never asks for the impossible."""
    for where, kind, name in needs():
        model: Any = {"plan": StudyPlan, "text": AuthorText}.get(kind)
        for part in name.split(".") if model else ():
            assert part in getattr(model, "model_fields", {}), f"{where}: {kind}:{name}"
            kinds = [model.model_fields[part].annotation, *get_args(model.model_fields[part].annotation)]
            model = next((found for found in kinds if hasattr(found, "model_fields")), None)


def test_conditions_exist() -> None:
    used = {item.when for checklist in library().values() for item in checklist.items} - {None}
    assert used <= set(CONDITIONS)


@pytest.mark.parametrize(
    ("design", "pilot", "wanted"),
    [
        ("randomized", False, ["consort2025", "spi2018", "jars_quant", "tidier"]),
        ("randomized", True, ["consort2025", "spi2018", "pilot2016", "tidier"]),
        ("non_randomized", False, ["trend2004", "jars_quant", "tidier"]),
        ("single_arm", True, ["pilot2016", "trend2004", "tidier"]),
    ],
)
def test_the_right_ones_by_design(design: str, pilot: bool, wanted: list[str]) -> None:
    assert [found.id for found in applicable(plan(design, pilot=pilot))] == wanted


def test_the_plan_may_choose() -> None:
    content = plan().model_dump(exclude_unset=True) | {"report": {"checklists": ["tidier"]}}
    assert [found.id for found in applicable(StudyPlan.model_validate(content))] == ["tidier"]


def test_a_table_fills_an_item() -> None:
    blocks = {("table", "baseline"): "Table 2"}
    assert one({"needs": ["table:baseline"]}, blocks=blocks) == ("filled", "Table 2", "")


def test_author_text_is_told_apart() -> None:
    text = AuthorText.model_validate({"funding": "None."})
    found = one({"needs": ["text:funding"]}, text=text, sections={"declarations": "Declarations"})
    assert found == ("author text present", "Declarations", "")
    assert one({"needs": ["text:funding"]}, text=text)[1] == "text.yaml, funding"


def test_all_needs_must_be_met() -> None:
    blocks = {("table", "baseline"): "Table 2"}
    status, place, advice = one({"needs": ["table:baseline", "text:funding"]}, blocks=blocks)
    assert (status, place, advice) == ("missing", "Table 2", "write funding in text.yaml")


def test_one_alternative_is_enough() -> None:
    item = {"needs": ["text:funding | rows:harms"]}
    assert one(item, analyses=frozenset({"harms"}))[:2] == ("filled", "Results table, analysis harms")
    assert one(item)[2] == "write funding in text.yaml"


def test_what_does_not_apply_says_why() -> None:
    assert one({"needs": [], "when": "mediation"}) == ("not applicable", "The plan has no mediation", "")


def test_every_arm_must_be_described() -> None:
    text = AuthorText.model_validate({"interventions": {"act": {"tidier": {"why": "So."}}}})
    status, _, advice = one({"needs": ["tidier:why"]}, text=text)
    assert (status, advice) == ("missing", "write interventions.wait.tidier.why in text.yaml")


def test_the_todo_list_names_what_is_missing() -> None:
    checklist = library()["consort2025"]
    answers = answer(checklist, evidence())
    written = todo(((checklist, answers),), "A\ntitle")
    missing = [found.item.id for found in answers if found.status == "missing"]
    assert written.startswith("# To do before submission: A title\n")
    assert [line.split(" ")[3].rstrip(":") for line in written.splitlines() if line.startswith("- [ ]")] == missing
    assert len(missing) > 30
    assert f"{len(missing)} missing" in tally(answers)


def test_the_table_has_a_row_per_item() -> None:
    checklist = library()["trend2004"]
    table = checklist_table(checklist, answer(checklist, evidence()))
    assert [plain(row.cells[0]) for row in table.rows] == [item.id for item in checklist.items]
    assert {plain(row.cells[2]) for row in table.rows} <= {"Filled", "Author text present", "Missing", "Not applicable"}


def test_strict_report_is_written_and_then_lists_what_is_missing(tmp_path) -> None:
    relaxed = plan()
    context = build(tmp_path, relaxed.model_copy(update={"report": relaxed.report.model_copy(update={"strict": True})}))
    with pytest.raises(InputError) as raised:
        demand(context)
    for name in ("report.html", "report.docx", "report.pdf", "report.json", "todo.md", "results.csv"):
        assert (context.results.report / name).is_file(), name
    listed = (context.results.report / "todo.md").read_text(encoding="utf-8").count("- [ ] ")
    assert len(raised.value.findings) == listed
    assert "C25-29" in str(raised.value)
    demand(replace(context, plan=relaxed))


def test_strict_asks_for_nothing_when_nothing_is_missing() -> None:
    complete = library()["tidier"]
    assert lacking(((complete, (ItemAnswer(complete.items[0], "filled", "Methods"),)),)) == []
