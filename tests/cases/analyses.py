"""What is right in the cases about analyses, the ledger and what is delivered."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.cases.expected import analysed
from tests.cases.running import FOLDER, STAGES, copy, imported, run


def nested_groups(folder: Path) -> None:
    """Labels that stand for one group each give the wide interval of four groups an arm."""
    keys = {"analysis": "primary", "visit": "post", "term": "difference: a - wl"}
    outcome = analysed(folder)
    np.testing.assert_allclose(outcome.value("se", **keys), 2.48, atol=0.01)
    np.testing.assert_allclose(outcome.value("df", **keys), 6.6, atol=0.1)


def cluster_at_one_visit(folder: Path) -> None:
    """The outcome at one visit is analysed with its clusters: not with the 56 degrees of freedom of a plain t test."""
    outcome = analysed(folder)
    keys = {"analysis": "secondary", "outcome": "relapse.total", "visit": "T3"}
    assert outcome.value("df", term="difference: kurs - vl", **keys) != 56


def half(folder: Path) -> None:
    """Twenty improved by exactly half and count as responders; at follow-up three improved by less."""
    outcome = analysed(folder)
    keys = {"analysis": "change", "term": "responders", "arm": "act"}
    for visit, percent in {"post": 100, "fu": 85}.items():
        assert outcome.value("percent", visit=visit, **keys) == percent


def feasibility(folder: Path) -> None:
    """29 of 50 reach 58 percent, and limits belong to the better side."""
    del folder
    from compassion_trials.effects.outcomes.proportion import exact
    from compassion_trials.effects.planning.feasibility import verdict

    sets = ((29, 50, 58, 40, "green"), (7, 100, 7, 15, "green"), (14, 100, 14, 30, "green"), (11, 20, 30, 55, "amber"))
    for k, n, green, red, colour in sets:
        assert verdict(100 * exact(k, n).estimate, green, red) == colour, (k, n)


def gate(folder: Path) -> None:
    """The family without a closed gate is judged at its own last visit, p = .503 and not 1."""
    outcome = analysed(folder, "twin")
    keys = {"analysis": "families", "outcome": "ghq.total"}
    rows = outcome.table("results")
    rows = rows[(rows["analysis"] == "families") & (rows["statistic"] == "p_adjusted")]
    found = dict(zip(rows["outcome"], rows["value"], strict=True))
    assert found[keys["outcome"]] < 1, found


def family_kept(folder: Path) -> None:
    """A family whose outcomes were not given at the visit of the contrast is refused or analysed, never lost."""
    outcome = run(folder, *(f"{stage} twin" for stage in STAGES))
    if outcome.code == 2:
        assert "dass" in outcome.said
        return
    rows = outcome.table("results")
    assert (rows["analysis"] == "families").any(), "the family vanished"


def one_visit_decides(folder: Path) -> None:
    """The family is judged at the visit of the primary contrast."""
    outcome = analysed(folder, "twin")
    rows = outcome.table("results")
    rows = rows[(rows["analysis"] == "families") & (rows["statistic"] == "p_adjusted")]
    assert set(rows["visit"]) == {"post"}


def once_measured(folder: Path) -> None:
    """A trial that measured once is refused or analysed; its question is not lost."""
    outcome = run(folder, *(f"{stage} study.yaml" for stage in STAGES))
    if outcome.code == 2:
        assert "visit" in outcome.said
        return
    rows = outcome.table("results")
    assert ((rows["analysis"] == "primary") & (rows["statistic"] == "p")).any()


def separate_baselines(folder: Path) -> None:
    """random_intercept has a baseline mean for each arm, as lmer has."""
    shutil.copy(folder / "plan.yaml", folder / "study.yaml")
    outcome = analysed(folder)
    rows = outcome.table("results")
    found = rows[(rows["analysis"] == "primary") & (rows["term"].str.startswith("joint")) & (rows["statistic"] == "F")]
    np.testing.assert_allclose(found["value"].iloc[0], 8.0, atol=0.1)


def type_three(folder: Path) -> None:
    """The effect of time with type III sums, as SPSS and afex give it."""
    from compassion_trials.classic.mixed_anova import mixed_anova

    wide = pd.read_csv(folder / "long.csv").pivot(index=["id", "g"], columns="t", values="y").reset_index()
    found = mixed_anova(wide, "g", ["course", "wait"], ["a_pre", "b_post", "c_fu"])
    np.testing.assert_allclose(found.time.f, 6.87, atol=0.01)


def covariate_missing(folder: Path) -> None:
    """People with outcomes and a blank covariate are kept, or told with the true reason."""
    outcome = analysed(folder, last="fit")
    rows, people = outcome.table("models"), outcome.table("participants")
    dropped = rows[(rows["analysis"] == "primary") & (rows["statistic"] == "n_dropped")]
    seen = set(outcome.table("scores").dropna(subset="score")["participant"])
    assert dropped["value"].sum() == len(people) - len(seen), "somebody with an outcome was left out"
    (issues,) = (folder / "results").rglob("issues.fit.csv")
    assert "covariate_filled" in issues.read_text(encoding="utf-8")


def no_sentence_contradicts(folder: Path) -> None:
    """The correction over three outcomes is described as over three."""
    outcome = run(folder, "run study.yaml")
    assert outcome.code == 0, outcome.said
    text = "\n".join(path.read_text(encoding="utf-8") for path in (folder / "results").rglob("tables/*.md"))
    assert "Holm" in text
    assert "over 2" not in text.replace("two", "2")


def tipping(folder: Path) -> None:
    """A shift of nothing is a shift of 0, not of -8.9e-16."""
    rows = analysed(folder).table("results")
    found = rows.loc[rows["statistic"] == "delta", "value"].abs()
    assert not ((found > 0) & (found < 1e-9)).any()
    assert not rows["level"].str.contains("e-1").any()


def advice_names_control_until(folder: Path) -> None:
    """The refusal of a sensitivity analysis at a visit that nobody of the control saw names control_until."""
    outcome = run(folder, *(f"{stage} study.yaml" for stage in STAGES))
    assert outcome.code == 0 or "control_until" in outcome.said, outcome.said


def all_missing(folder: Path) -> None:
    """A visit that nobody of an arm saw stops no sensitivity analysis of another, or the advice says what to do."""
    outcome = run(folder, *(f"{stage} study.yaml" for stage in STAGES))
    assert outcome.code == 0, outcome.said
    (issues,) = (folder / "results").rglob("issues.effects.csv")
    told = issues.read_text(encoding="utf-8")
    assert "not_estimable" not in told or "control_until" in told, told


def tiny(folder: Path) -> None:
    """What a handful of people gives is told: the jackknife that fails takes nothing else with it."""
    outcome = analysed(folder)
    rows = outcome.table("results")
    mine = rows[(rows["analysis"] == "sensitivity") & (rows["model"] == "jump_to_reference")]
    assert set(mine.loc[mine["level"] == "", "statistic"]) >= {"estimate", "se", "lower", "upper", "p"}
    second = mine[mine["level"] != ""]
    assert second["text"].tolist() == ["not estimable"]
    assert "jackknife fits did not converge" in second["note"].iloc[0]
    (issues,) = (folder / "results").rglob("issues.effects.csv")
    assert "jackknife" in issues.read_text(encoding="utf-8")
    (record,) = (folder / "results").rglob("effects/effects.json")
    said = record.read_text(encoding="utf-8")
    assert "Reference-based imputation" in said
    assert "given twice" not in said


def perfect_correlation(folder: Path) -> None:
    """A correlation of 1 between two visits is told and gets no interval."""
    outcome = analysed(folder)
    assert len(outcome.table("results"))


def yes_or_no(folder: Path) -> None:
    """No standardized mean difference of an outcome that is yes or no."""
    outcome = run(folder, *(f"{stage} study.yaml" for stage in STAGES))
    if outcome.code == 2:
        return
    rows = outcome.table("results")
    mine = rows[(rows["outcome"] == "relapse.total") & rows["statistic"].isin(["hedges_g", "d_rms", "d_pooled_n"])]
    assert mine.empty


def event_once(folder: Path) -> None:
    """A row entered twice is not a second event."""
    outcome = analysed(folder, last="ingest")
    people = outcome.table("participants")
    raw = pd.read_csv(folder / "raw" / "d.csv")
    assert people["harms.adverse event"].sum() == raw.drop_duplicates()["ae"].sum()


def local_maximum(folder: Path) -> None:
    """The likelihood of ad is the best of several starts, or its certificate says that it is not."""
    del folder
    from compassion_trials.models import fit_mmrm
    from compassion_trials.models.likelihood.estimate import minimise

    search = imported("ad_local_maximum", "search")
    for seed in range(8):
        fit = fit_mmrm(search.make(seed), **{**search.KW, "covariance": "ad"})
        rng, best = np.random.default_rng(1), fit.loglik
        for _ in range(5):
            matrix = rng.normal(size=(4, 6))
            problem = fit.estimate.problem
            start = problem.covariance.start((matrix @ matrix.T / 6)[None])
            found = minimise(problem, start)
            if found is not None and found.converged:
                n = fit.methods.n_observations
                best = max(best, fit.prepared.standard.log_likelihood(found.solution.objective, n, True))
        assert best <= fit.loglik + 1e-3 or not fit.certificate.valid, seed


def max_t(folder: Path) -> None:
    """Pairwise contrasts of three arms with the max-t correction, whose correlation is singular."""
    del folder
    from compassion_trials.models import fit_mmrm

    rng = np.random.default_rng(1)
    rows = [(i, "ABC"[i % 3], v, 20 + rng.normal() * 3) for i in range(60) for v in ("pre", "post")]
    data = pd.DataFrame(rows, columns=["id", "arm", "visit", "y"])
    named = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}
    fit = fit_mmrm(data, **named, visits=["pre", "post"], design="clda")
    assert len(fit.contrasts("pairwise", adjust="max-t"))


def options(folder: Path) -> None:
    """Options that mean nothing are refused."""
    del folder
    from compassion_trials.models import fit_mmrm

    rng = np.random.default_rng(1)
    rows = [(i, "AB"[i % 2], v, 20 + rng.normal() * 3) for i in range(60) for v in ("pre", "post")]
    data = pd.DataFrame(rows, columns=["id", "arm", "visit", "y"])
    named = {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "A"}
    for wrong in ({"weights": "Equal"}, {"reml": "ML", "df": "satterthwaite"}, {"level": 95}, {"per_arm": "no"}):
        with pytest.raises(Exception, match=next(iter(wrong))):
            fit_mmrm(data, **named, visits=["pre", "post"], **wrong)


def hartung_knapp(folder: Path) -> None:
    """Equal effects have an interval, and groups of one trial no test between them."""
    from compassion_trials.ledger.evidence.evidence import evidence
    from compassion_trials.ledger.evidence.trial_effect import csv_effects

    (equal,) = evidence(csv_effects(folder / "equal.csv"), {})
    assert np.isfinite(equal.pooled.se)
    (found,) = evidence(csv_effects(folder / "more.csv"), {})
    assert found.groups_p is None or found.groups_p > 1e-6


def evidence_survives(folder: Path) -> None:
    """A field whose variance cycles is pooled all the same."""
    from compassion_trials.ledger.evidence.evidence import evidence
    from compassion_trials.ledger.evidence.trial_effect import csv_effects

    assert len(evidence(csv_effects(folder / "more.csv"), {})) == 1


def names_trimmed(folder: Path) -> None:
    """Spellings of one trial that look the same are one trial."""
    from compassion_trials.ledger.evidence.trial_effect import csv_effects

    content = (folder / "more.csv").read_text(encoding="utf-8")
    (folder / "more.csv").write_text(content.replace("B 2011,", "A 2010 ,").replace("\u00c5", "A"), encoding="utf-8")
    assert {effect.trial for effect in csv_effects(folder / "more.csv")} >= {"A 2010"}
    assert "A 2010 " not in {effect.trial for effect in csv_effects(folder / "more.csv")}


def comma_in_print(folder: Path) -> None:
    """A printed 3,41 is 3.41 or refused, never 341."""
    outcome = run(folder, "reproduce")
    if outcome.code == 0:
        pages = [path.read_text(encoding="utf-8") for path in folder.rglob("findings.csv")]
        assert not [page for page in pages if "outside the scale" in page]


def best_of_starts(folder: Path) -> None:
    """The three-level model reaches the highest likelihood known of each stored set."""
    del folder
    import json

    from compassion_trials.ledger.evidence.multilevel import three_level

    for one in json.loads((FOLDER / "three_level.json").read_text(encoding="utf-8")):
        found = three_level(one["y"], one["v"], one["c"])
        assert found.loglik >= one["best"] - 1e-3, one["i"]


def empty_interval(folder: Path) -> None:
    """An interval whose both limits lie below zero is told as such."""
    del folder
    from compassion_trials.ledger.evidence.pool import q_profile

    found = q_profile([0.30, 0.31, 0.305], [0.04, 0.05, 0.06])
    assert (found.lower, found.upper) != (0, 0)


def one_trial_level(folder: Path) -> None:
    """A robust variance of a level with one trial is refused."""
    del folder
    from compassion_trials.ledger.evidence.multilevel import three_level

    y = [0.62, 0.31, 0.85, 0.22, 0.15, 0.48, 0.71, 0.95, 0.40, 0.55, 0.90, 0.28, 0.05]
    v = [0.05, 0.06, 0.04, 0.05, 0.06, 0.05, 0.05, 0.04, 0.06, 0.05, 0.04, 0.06, 0.09]
    trial = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 9]
    x = np.column_stack([np.ones(13), [0] * 12 + [1]])
    found = three_level(y, v, trial, x)
    assert np.isnan(found.robust_se[1]) or found.robust_se[1] is None


def delivered(folder: Path) -> dict[str, bytes]:
    """Content of the zip of a case by file name."""
    outcome = run(folder, "run study.yaml", "deliver study.yaml")
    assert outcome.code == 0, outcome.said
    (path,) = folder.rglob("deliverables/*.zip")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def shared_with(parts: dict[str, bytes], column: str) -> pd.DataFrame:
    """The first table of shared data that holds a column."""
    frames = [pd.read_csv(io.BytesIO(part)) for name, part in parts.items() if "/data/" in name and name[-4:] == ".csv"]
    return next(frame for frame in frames if column in frame)


def ages_in_bands(folder: Path) -> None:
    """Ages leave in bands whatever their variable is called, or blank where too few share a band."""
    people = shared_with(delivered(folder), "alder")
    known = people[["alder", "age_entry"]].stack().dropna()
    assert known.empty or not pd.api.types.is_numeric_dtype(known)


def levels_stay(folder: Path) -> None:
    """A level that was suppressed stands in no file of the zip; the plan says first that its groups are nested."""
    plan = folder / "study.yaml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(
        text.replace("label: Therapy group\n", "label: Therapy group\n      nested: true\n"), encoding="utf-8"
    )
    parts = delivered(folder)
    people, raw = shared_with(parts, "living"), pd.read_csv(folder / "raw" / "data.csv")
    lost = set(raw["living"].dropna()) - set(people["living"].dropna())
    assert lost
    text = "".join(part.decode("utf-8", "ignore") for name, part in parts.items() if name.endswith((".csv", ".md")))
    assert not [level for level in lost if str(level) in text]


def relinked(folder: Path) -> None:
    """Nobody is found again in a zip by an order that anybody can compute from the list of ids and what is public."""
    from compassion_trials.core.files import read_table
    from compassion_trials.core.keeping.secret import derived, shuffled
    from compassion_trials.deliver.people import new_numbers
    from compassion_trials.study.context import open_study

    case = copy("control_char_label", folder)
    wide = shared_with(delivered(case), "arm")
    context = open_study(case / "study.yaml")
    column = read_table(context.results.participants)["participant"]
    ids, numbers = column.tolist(), new_numbers(context, column)
    assert sorted(numbers.values()) == sorted(wide["participant"].unique())
    seed, name = context.plan.analysis.seed, context.study.name
    order = sorted(ids, key=numbers.__getitem__)
    for guess in (
        ids,
        sorted(ids, key=lambda w: hashlib.sha256(f"{seed}/share/{name}/{w}".encode()).digest()),
        shuffled(ids, derived(b"", f"share/{name}")),
        shuffled(ids, derived(f"SYNTHETIC/{seed}".encode(), f"share/{name}")),
    ):
        assert sum(a == b for a, b in zip(guess, order, strict=True)) <= MOST_BY_CHANCE


MOST_BY_CHANCE = 7
"""Matches of two unrelated orders are Poisson(1): more have a probability of 1e-5."""


def control_character(folder: Path) -> None:
    """A control character in a label stops nothing."""
    delivered(folder)


def stale(folder: Path) -> None:
    """Results newer than the report are not packed with it."""
    assert run(folder, "run study.yaml").code == 0
    raw = pd.read_csv(folder / "raw" / "d.csv")
    raw.loc[raw["g"] == raw["g"].iloc[0], raw.columns[-1]] -= 9
    raw.clip(lower=0).to_csv(folder / "raw" / "d.csv", index=False)
    analysed(folder)
    outcome = run(folder, "deliver study.yaml")
    assert outcome.code == 2, outcome.said


def two_plans(folder: Path) -> None:
    """Two plans in one folder have results of their own."""
    text = (folder / "study.yaml").read_text(encoding="utf-8").replace("    week: weeks\n", "")
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    outcome = run(folder, "ingest study.yaml", "ingest noweek.yaml")
    assert outcome.code == 0, outcome.said
    assert len(list((folder / "results").rglob("participants.parquet"))) == 2


def sscs_l(folder: Path) -> None:
    """The long state scale is shipped and enabled."""
    del folder
    from compassion_trials.instruments.library import load_instruments

    assert load_instruments(Path("nowhere"))["sscs_l"].enabled


def ffmq15(folder: Path) -> None:
    """Items of the FFMQ-15 in the FFMQ-39."""
    del folder
    from compassion_trials.instruments.library import load_instruments

    items = list(load_instruments(Path("nowhere"))["ffmq15"].subset_of.items)
    assert [items[place - 1] for place in (4, 9, 14)] == [14, 30, 10]
