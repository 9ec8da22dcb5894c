"""A strict plan: every file is written, then the verbs that hand a report in end in error."""

from __future__ import annotations

import pytest

from compassion_trials import cli
from compassion_trials.core.record import Record
from compassion_trials.report.strict import FACT
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan


def strict_study(folder, strict: bool) -> Context:
    plan = StudyPlan.model_validate(
        {
            "title": "A course",
            "design": {"type": "single_arm", "arms": {"course": "Course"}, "visits": {"pre": 0, "post": 8}},
            "data": {"file": "raw.csv", "id": "code"},
            "measures": {"scs": {"total": "scs_{visit}", "name": "SCS", "range": (1, 5), "better": "higher"}},
            "report": {"strict": strict},
        }
    )
    return Context(Study("course", folder, folder / "study.yaml"), plan, {}, outcomes(plan, {}))


@pytest.mark.parametrize(
    ("words", "strict", "missing", "code"),
    [
        (["report", "course"], True, True, 2),
        (["report", "--unchecked", "course"], True, True, 0),
        (["report", "course"], True, False, 0),
        (["report", "course"], False, True, 0),
        (["deliver", "course"], True, True, 2),
    ],
)
def test_missing_items_of_a_checklist_end_in_error_after_writing(
    words, strict, missing, code, tmp_path, monkeypatch, capsys
):
    context = strict_study(tmp_path, strict)

    def write(context, progress=None):
        context.results.report.mkdir(parents=True, exist_ok=True)
        facts = {FACT: [["TREND TR-2: Background", "write background in text.yaml"]] if missing else []}
        Record("report", (), facts).write(context.results.record("report"))

    monkeypatch.setattr(cli, "_open", lambda study: context)
    monkeypatch.setattr("compassion_trials.report.stage.run", write)
    monkeypatch.setattr("compassion_trials.study.provenance.require", lambda context, verb: None)  # no stage has run
    if words[0] == "deliver":
        write(context)
    assert cli.main(words) == code
    said = capsys.readouterr().err
    assert context.results.record("report").is_file()
    assert ("TREND TR-2: Background; write background in text.yaml" in said) == (code == 2)
