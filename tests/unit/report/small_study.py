"""A small study made on the spot: a plan, a results table by hand, records; nasty names on request."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from compassion_trials.core.columns import results_table
from compassion_trials.core.files import write_table
from compassion_trials.core.findings import FINDING_COLUMNS, Finding, as_rows
from compassion_trials.core.record import Record
from compassion_trials.study.context import Context
from compassion_trials.study.layout import Study
from compassion_trials.study.outcomes import outcomes
from compassion_trials.study.plan.study_plan import StudyPlan

NASTY = (
    "<script>alert('x')</script> & #let x = 1 [a](http://evil.test) *b* $c$ _d_ `e` \"q\" \\f @g ~h~ ^i^ 🙂 æøå "
    "| {{ j }}"
)
"""A name that means something in HTML, Markdown, Typst, TeX, Jinja and XML."""

VISITS = {"pre": ("Baseline", 0), "post": ("Post-treatment", 8), "fu": ("1-month follow-up", 12)}


def plan(design: str = "randomized", *, nasty: bool = False, pilot: bool = False) -> StudyPlan:
    """A plan with two stored totals; ``nasty`` puts markup of all formats into every text."""
    say = (lambda text: f"{text} {NASTY}") if nasty else (lambda text: text)
    single = design == "single_arm"
    arms = {"act": say("ACT workshop")} | ({} if single else {"wait": say("Wait-list")})
    return StudyPlan.model_validate(
        {
            "title": say("A compassion course"),
            "design": {
                "type": design,
                "pilot": pilot,
                "arms": arms,
                "control": None if single else "wait",
                "visits": {key: {"week": week, "label": say(label)} for key, (label, week) in VISITS.items()},
            },
            "data": {"file": "raw.csv", "id": "code"},
            "measures": {
                "scs": {
                    "total": "scs_{visit}",
                    "name": say("Self-Compassion Scale"),
                    "short": say("SCS"),
                    "range": (1, 5),
                    "better": "higher",
                    "role": "primary",
                },
                "bdi": {
                    "total": "bdi_{visit}",
                    "name": say("Beck Depression Inventory"),
                    "short": "BDI",
                    "range": (0, 63),
                    "better": "lower",
                },
            },
            "analysis": {"primary": {"model": "paired" if single else None}},
            "report": {"authors": [say("A. Author")], "citation": say("Author (2020)."), "ethics": say("approved")},
        }
    )


def rows(study_plan: StudyPlan) -> list[dict[str, object]]:
    """Results by hand: scs rises by .1 per visit in act, bdi falls by 1."""
    found: list[dict[str, object]] = []

    def add(analysis: str, statistics: dict[str, float], **keys: str) -> None:
        found.extend(
            {"study": "small", "analysis": analysis, "statistic": k, "value": v, **keys} for k, v in statistics.items()
        )

    arms = tuple(study_plan.design.arms)
    said = study_plan.title.removeprefix("A compassion course")  # data may hold what names of the plan hold
    for i, arm in enumerate(arms):
        add("flow", {"n": 20.0 + i}, term="allocated", arm=arm)
        add("flow", {"n": 19.0 + i}, term="analysed", arm=arm)
        for j, visit in enumerate(VISITS):
            add("flow", {"n": 20.0 + i - j}, term="assessed", arm=arm, visit=visit)
            add("flow", {"n": float(j)}, term="missing", arm=arm, visit=visit)
            if j:
                add("flow", {"n": float(j)}, term="missing", arm=arm, visit=visit, level=f"no time{said}")
            for outcome, base, step in (("scs.total", 2.5, 0.1), ("bdi.total", 20.0, -1.0)):
                mean = base + step * j * (2 - i)
                add(
                    "observed",
                    {"n": 20.0 + i - j, "mean": mean, "sd": 0.5, "lower": mean - 0.2, "upper": mean + 0.2},
                    outcome=outcome,
                    arm=arm,
                    visit=visit,
                )
                add(
                    "missing",
                    {"n_expected": 20.0 + i, "n_missing": float(j), "percent": 100 * j / (20 + i)},
                    outcome=outcome,
                    arm=arm,
                    visit=visit,
                )
        for level, n in (("female", 12.0), (f"other{said}", 8.0 + i)):
            keys = {"outcome": "gender", "arm": arm, "level": level}
            add("baseline", {"n": n, "percent": 100 * n / (20 + i)}, **keys)
    for outcome, analysis, estimate, p in (("scs.total", "primary", 0.2, 0.012), ("bdi.total", "secondary", -2.0, 0.3)):
        keys = {"outcome": outcome, "visit": "fu", "model": "clda", "population": "all"}
        numbers = {
            "estimate": estimate,
            "se": abs(estimate) / 2.6,
            "df": 38.25,
            "t": estimate / abs(estimate) * 2.6,
            "p": p,
            "lower": estimate - 0.15,
            "upper": estimate + 0.15,
        }
        g = {"model_g": estimate, "model_g_lower": estimate - 0.3, "model_g_upper": estimate + 0.3}
        if len(arms) == 1:
            sizes = {"d_av": estimate, "d_av_lower": estimate - 0.3, "d_av_upper": estimate + 0.3}
            add(analysis, numbers | sizes, term="change", arm="act", **keys)
        else:
            change = " in change" if study_plan.design.type == "non_randomized" else ""
            add(analysis, numbers | g, term=f"difference{change}: act - wait", **keys)
    return found


def make(folder: Path, study_plan: StudyPlan, *, synthetic: bool = True) -> Context:
    """Write what the stages before figures leave behind, and open the study."""
    study = Study("small", folder, folder / "study.yaml")
    study.plan_file.write_text("title: small\n", encoding="utf-8")
    context = Context(study, study_plan, {}, outcomes(study_plan, {}))
    write_table(results_table(rows(study_plan)), context.results.results)
    facts = {
        "synthetic": synthetic,
        "inputs": [
            {"file": "raw.csv", "sha256": "ab" * 32, "format": "csv", "encoding": "utf-8", "rows": 41, "columns": 9}
        ],
        "dropped": [{"file": "raw.csv", "rule": "identifying", "n": 1}],
    }
    said = {
        "ingest": ("Data were read from one file.",),
        "fit": (f"Primary analysis: {study_plan.measures['scs'].name} was analysed.", "It was fitted by REML."),
    }
    for stage in ("ingest", "score", "describe", "fit", "effects"):
        Record(stage, said.get(stage, ()), facts if stage == "ingest" else {}).write(context.results.record(stage))
    finding = Finding(
        "warning", "out_of_range", f"{study_plan.title} has values out of range", "raw.csv", 3, study_plan.title
    )
    pd.DataFrame(as_rows([finding]), columns=list(FINDING_COLUMNS)).to_csv(
        context.results.findings("ingest"), index=False
    )
    return context


def build(folder: Path, study_plan: StudyPlan, *, synthetic: bool = True) -> Context:
    """Make the study and run figures, tables and report."""
    from compassion_trials.figures.stage import run as figures
    from compassion_trials.report.stage import run as report
    from compassion_trials.tables.stage import run as tables

    context = make(folder, study_plan, synthetic=synthetic)
    for stage in (figures, tables, report):
        stage(context)
    return context
