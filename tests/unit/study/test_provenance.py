"""Which stages must run again: hashes decide, never dates."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tests.unit.study.plans import plan_with

from compassion_trials.core.errors import InputError
from compassion_trials.core.keeping.seal import hashes
from compassion_trials.study.context import Context, open_study
from compassion_trials.study.provenance import BEFORE, reads, require, seal, stale, writes

ALL = list(BEFORE["deliver"])


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "trial" / "study.yaml"
    path.parent.mkdir()
    return save(path)


def save(path: Path, **parts: object) -> Path:
    path.write_text(yaml.safe_dump(plan_with(data_root=".", **parts), sort_keys=False), encoding="utf-8")
    (path.parent / "survey.csv").write_text("raw\n", encoding="utf-8")
    return path


def made(context: Context, *verbs: str) -> Context:
    """As if stages had run: every file they write, made of what they read."""
    for verb in verbs or ALL:
        before = hashes(reads(context, verb))
        for path in writes(context, verb).values():
            folder = verb in ("figures", "tables", "report")
            file = path / f"{verb}.json" if folder else path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{verb} {sorted(before.items())}", encoding="utf-8")
        seal(context, verb, before)
    return context


def verbs_of(context: Context, verb: str = "deliver") -> list[str]:
    return [one.verb for one in stale(context, verb)]


def said(context: Context, verb: str) -> str:
    with pytest.raises(InputError) as caught:
        require(context, verb)
    return str(caught.value)


def test_nothing_is_stale_after_a_whole_run(plan: Path) -> None:
    assert verbs_of(made(open_study(plan))) == []
    require(open_study(plan), "deliver")


def test_dates_do_not_count(plan: Path) -> None:
    context = made(open_study(plan))
    (plan.parent / "survey.csv").touch()
    context.results.results.touch()
    assert verbs_of(context) == []


@pytest.mark.parametrize("verb", ["score", "effects", "tables", "report", "deliver"])
def test_a_verb_before_its_stages_says_which(plan: Path, verb: str) -> None:
    text = said(open_study(plan), verb)
    assert f"not run yet: {', '.join(BEFORE[verb])}" in text
    assert f"compassion-trials {'run' if len(BEFORE[verb]) > 1 else BEFORE[verb][0]} {plan.as_posix()}" in text


def test_other_raw_data_make_all_stale_and_absent_ones_nothing(plan: Path) -> None:
    context, raw = made(open_study(plan)), plan.parent / "survey.csv"
    raw.write_text("other\n", encoding="utf-8")
    assert verbs_of(context) == ALL
    assert "raw/survey.csv: changed since the last run of ingest" in said(context, "deliver")
    raw.unlink()
    assert verbs_of(context) == []


def test_stages_rerun_to_effects_leave_a_stale_report(plan: Path) -> None:
    context = made(open_study(plan))
    (plan.parent / "survey.csv").write_text("other\n", encoding="utf-8")
    made(context, "ingest", "score", "describe", "fit", "effects")
    assert verbs_of(context) == ["figures", "tables", "report"]
    text = said(context, "deliver")
    assert "changed since the last run of tables, report" in text
    assert "run figures, tables, report in this order" in text
    made(context, "figures", "tables")
    assert verbs_of(context) == ["report"]
    assert f"run compassion-trials report {plan.as_posix()}" in said(context, "deliver")


def test_another_plan_makes_all_stale_its_title_only_what_prints_it(plan: Path) -> None:
    made(open_study(plan))
    save(plan, title="Another title")
    assert verbs_of(open_study(plan)) == ["figures", "tables", "report"]
    save(plan, covariates=["age"])
    assert verbs_of(open_study(plan)) == ALL
    assert "study.yaml: the plan, or a questionnaire in it, has changed" in said(open_study(plan), "tables")
    save(plan)
    assert verbs_of(open_study(plan)) == []


def test_masking_arms_makes_all_stale(plan: Path) -> None:
    made(open_study(plan))
    save(plan, report={"blind": True})
    assert verbs_of(open_study(plan)) == ALL


def test_a_changed_questionnaire_makes_all_stale(plan: Path) -> None:
    shipped = made(open_study(plan)).instruments["scs"].model_dump(mode="json", exclude_unset=True, by_alias=True)
    own = plan.parent / "config" / "instruments" / "scs.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(yaml.safe_dump({**shipped, "replaces": True, "short": "SCS-X"}, sort_keys=False), encoding="utf-8")
    assert verbs_of(open_study(plan)) == ALL


@pytest.mark.parametrize("verb", ALL)
def test_a_result_changed_by_hand_is_seen(plan: Path, verb: str) -> None:
    context = made(open_study(plan))
    path = next(iter(writes(context, verb).values()))
    file = path / f"{verb}.json" if path.is_dir() else path
    file.write_text("by hand", encoding="utf-8")
    assert verb in verbs_of(context)
    assert f"by a run that was stopped, since the last run of {verb}" in said(context, "deliver")


def test_a_file_put_among_figures_is_seen_hidden_ones_are_not(plan: Path) -> None:
    context = made(open_study(plan))
    for name in (".DS_Store", "flow.svg.part"):
        (context.results.figures / name).touch()
    assert verbs_of(context) == []
    (context.results.figures / "mine.png").touch()
    assert verbs_of(context) == ["figures", "report"]


def test_author_text_makes_the_report_stale_alone(plan: Path) -> None:
    context = made(open_study(plan))
    (plan.parent / "text.yaml").write_text("interim: None.\n", encoding="utf-8")
    assert verbs_of(context) == ["report"]


def test_a_stage_stopped_before_its_seal_must_run_again(plan: Path) -> None:
    context = made(open_study(plan))
    context.results.seal("fit").unlink()
    assert verbs_of(context) == ["fit", "effects", "figures", "tables", "report"]
    assert "a run that was stopped, made the results of fit" in said(context, "report")
    context.results.seal("fit").write_text('{"stage"', encoding="utf-8")
    assert verbs_of(context)[0] == "fit"


def test_what_changes_while_a_stage_is_at_work_is_refused(plan: Path) -> None:
    context = made(open_study(plan), "ingest", "score")
    before = hashes(reads(context, "fit"))
    context.results.scores.write_text("new", encoding="utf-8")
    with pytest.raises(InputError, match="scores: changed while fit was at work"):
        seal(context, "fit", before)
    assert not context.results.seal("fit").is_file()
