"""Against reference fits of real trials, read in place: lme4 and nlme at default settings, mmrm."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd
from checks import DEFAULT_GLS, DEFAULT_LMER, MMRM, SHARED, Check, check, loglik_checks, table_checks

from compassion_trials.models import fit_lmm, fit_mmrm

TITLE = "Real trials"
DATA, ORACLE = SHARED / "data", SHARED / "oracle"
NAMES = {"SE": "se", "p.value": "p", "lower.CL": "lower", "upper.CL": "upper", "time": "visit", "emmean": "estimate"}
SATTERTHWAITE = 1e-4
"""lmerTest differentiates numerically at an optimum found to about 1e-6."""
EARLY = 4e-4
"""For the references below, whose log-likelihood is 1e-6 to 3e-5 lower than ours: they stopped early."""
STOPPED_EARLY = frozenset({
    "woodworth_ahi_gls_lda", "strom_bai_gls_lda", "woodworth_cesd_mmrm_us_satterthwaite",
    "woodworth_cesd_mmrm_toeph_satterthwaite", "woodworth_ahi_mmrm_us_satterthwaite",
    "woodworth_ahi_mmrm_toeph_satterthwaite", "strom_madrs_mmrm_csh_satterthwaite",
})  # fmt: skip
"""A test holds that this is so; the dense engine agrees with us on them."""
SLOPE = 1e-4
"""lme4 finds the covariance of intercept and slope to about 1e-5 at its default settings."""
BLOCKS = {
    "us_kenward_roger": "us", "us_satterthwaite": "us", "cs_kenward_roger": "cs", "csh_satterthwaite": "csh",
    "ar1_kenward_roger": "ar1", "ar1h_satterthwaite": "arh1", "toeph_satterthwaite": "toeph", "ad_satterthwaite": "ad",
}  # fmt: skip
"""Blocks of the mmrm files, and our names of their structures."""


def btheb() -> pd.DataFrame:
    """Beat the Blues: BDI."""
    return pd.read_csv(DATA / "btheb" / "long.csv")


def garnaes() -> pd.DataFrame:
    """Exercise in pregnancy: PGWBI."""
    return pd.read_csv(DATA / "garnaes_pgwbi" / "long_pgwb.csv")


def strom(outcome: str, column: str = "y_itt") -> pd.DataFrame:
    """Internet physical activity: pre and post with the last value carried forward, as in the paper (or as in y)."""
    frame = pd.read_csv(DATA / "strom2013" / "long.csv")
    frame = frame[(frame["outcome"] == outcome) & frame["time"].isin(["pre", "post"])]
    return frame.assign(y=frame[column], arm=frame["arm"].map({0: "Control", 1: "Treatment"}))


def strom_weekly() -> pd.DataFrame:
    """The same trial: ten weekly MADRS-S."""
    frame = pd.read_csv(DATA / "strom2013" / "long_weekly_madrs.csv")
    return frame.assign(arm=frame["arm"].map({0: "Control", 1: "Treatment"}), time=frame["time"].astype(str))


def woodworth(outcome: str) -> pd.DataFrame:
    """Positive psychology online; of repeated visits the first counts."""
    frame = pd.read_csv(DATA / "woodworth2017" / "long.csv").drop_duplicates(["id", "time"])
    return frame.assign(y=frame[outcome])


def rbmi() -> pd.DataFrame:
    """Antidepressant trial: HAMD-17 with the baseline as a visit."""
    frame = pd.read_csv(DATA / "rbmi_antidepressant" / "antidepressant_data.csv", dtype={"VISIT": str})
    later = frame.assign(id=frame["PATIENT"], arm=frame["THERAPY"], time="v" + frame["VISIT"], y=frame["HAMDTL17"])
    first = later.drop_duplicates("id").assign(time="base", y=lambda d: d["BASVAL"])
    return pd.concat([first, later])[["id", "arm", "time", "y"]]


TRIALS: dict[str, tuple[Callable[[], pd.DataFrame], str, str]] = {
    "btheb": (btheb, "btheb", "bdi"),
    "garnaes": (garnaes, "garnaes_pgwbi", "PGWBI"),
    "rbmi": (rbmi, "rbmi_antidepressant", "generic"),
    "strom_weekly": (strom_weekly, "strom2013", "MADRS_weekly"),
    "woodworth_cesd": (partial(woodworth, "cesd"), "woodworth2017", "cesdTotal"),
    "woodworth_ahi": (partial(woodworth, "ahi"), "woodworth2017", "ahiTotal"),
} | {
    f"strom_{o.lower()}": (partial(strom, o), "strom2013", f"{o}_pre_post_ITT")
    for o in ("BDI", "MADRS", "BAI", "QOLI", "IPAQ")
}  # fmt: skip
"""Trial: how to read it, its folder, and the block of reference_R.json."""


@cache
def stored(folder: str, block: str) -> dict:
    """One block of a reference_R.json."""
    return json.loads((DATA / folder / "reference_R.json").read_text(encoding="utf-8"))[block]


def arguments(trial: str) -> tuple[pd.DataFrame, dict[str, object], dict]:
    """Data, columns and reference of a trial."""
    read, folder, block = TRIALS[trial]
    reference = stored(folder, block)
    visits = list(dict.fromkeys(row["time"] for row in reference["descriptives"]))
    names = {"outcome": "y", "subject": "id", "visit": "time", "arm": "arm"}
    return read(), names | {"reference": reference["reference_arm"], "visits": visits}, reference


def rows(table: list[dict], arms: bool = True) -> list[dict]:
    """Rows of an emmeans table under our names; contrasts keep only those against the reference arm."""
    found = [{NAMES.get(k, k): v for k, v in row.items()} for row in table]
    for row in found:
        if "arm_trt.vs.ctrl1" in row:
            row["contrast"], row["visit"] = (
                row["arm_trt.vs.ctrl1"],
                row["time_trt.vs.ctrl1"].split(" - ")[0].strip("()"),
            )
        if arms and "contrast" in row:
            row["contrast"] = row["contrast"].replace("(", "").replace(")", "")
    return found


def random_intercept(case: str, trial: str) -> list[Check]:
    """lmer y ~ arm * time + (1 | id): Kenward-Roger as pbkrtest, Satterthwaite as lmerTest."""
    data, names, reference = arguments(trial)
    block = reference["M1_lmer_random_intercept"]
    out = []
    for mode, df, tolerance in (
        ("kenward-roger", "kr(expected)", DEFAULT_LMER), ("satterthwaite", "satterthwaite", SATTERTHWAITE)
    ):  # fmt: skip
        source = f"lmer (1 | id), {'pbkrtest' if mode == 'kenward-roger' else 'lmerTest'}"
        fit = fit_lmm(data, **names, random="intercept", df=df)
        if not out:
            out += loglik_checks(case, fit.loglik, block["logLik"], source)
        tables = block["emmeans"][mode]
        for what, ours, theirs, keys in (
            ("arm", fit.contrasts("arm"), "arm_contrasts_by_time", ("contrast", "visit")),
            ("change", fit.contrasts("change_from_baseline"), "did_vs_baseline", ("contrast", "visit")),
            ("means", fit.marginal_means(), "emmeans", ("arm", "visit")),
        ):
            label = f"{mode} {what}"
            out += table_checks(case, label, ours, rows(tables[theirs]), keys, source, DEFAULT_LMER, tolerance)
        joint = next(r for r in block[f"anova3_{mode.replace('-', '_')}"] if r["term"] == "arm:time")
        ours = fit.joint_test("arm:visit")
        out.append(check(case, f"{mode} joint F, df", (ours.f, ours.df_den), (joint["F value"], joint["DenDF"]),
                         max(tolerance, 1e-5), source))  # fmt: skip
    return out


def unstructured(case: str, trial: str, design: str) -> list[Check]:
    """nlme::gls with corSymm and varIdent, all visits or the later ones with the baseline as covariate."""
    data, names, reference = arguments(trial)
    block = reference["M3_gls_unstructured" if design == "lda" else "M3b_gls_unstructured_baseline_adjusted"]
    source = f"nlme::gls {block['formula']}, us"
    fit = fit_mmrm(data, **names, design=design, df="satterthwaite", fallback=())
    out = loglik_checks(case, fit.loglik, block["logLik_REML"], source, None)
    theirs = rows(block["arm_contrasts_df_error"])
    return out + table_checks(case, "arm", fit.contrasts("arm"), theirs, ("contrast", "visit"), source,
                              EARLY if case in STOPPED_EARLY else DEFAULT_GLS)  # fmt: skip


def random_slope(case: str, trial: str) -> list[Check]:
    """lmer y ~ arm * time + (1 + time | id), time as a number: coefficients with Kenward-Roger as pbkrtest."""
    data, names, reference = arguments(trial)
    block = reference["M4_lmer_linear_time_random_slope"]
    fit = fit_lmm(data, **names, random="slope", mean="linear", time=block["time_values"], df="kr(expected)")
    source = "lmer (1 + time | id), pbkrtest"
    out = loglik_checks(case, fit.loglik, block["logLik"], source, None)
    if block["singular"]:
        return out
    theirs = [row | {"term": _term(row["term"])} for row in block["coef_kenward_roger"]]
    theirs = [{"estimate": row["Estimate"], "se": row["Std. Error"]} | row for row in theirs]
    return out + table_checks(case, "coefficients", fit.coefficients, theirs, ("term",), source, SLOPE, SATTERTHWAITE)


def _term(label: str) -> str:
    """R's name of a coefficient as ours."""
    arm, _, time = label.partition(":")
    arm = {"(Intercept)": "Intercept", "tn": "time"}.get(arm, f"arm[{arm.removeprefix('arm')}]")
    return f"{arm}:time" if time else arm


def ancova(case: str, trial: str) -> list[Check]:
    """One later visit: baseline_adjusted is R's lm(post ~ baseline + arm)."""
    data, names, reference = arguments(trial)
    block = reference["M2_ancova_lm"]
    fit = fit_mmrm(data, **names, design="baseline_adjusted")
    theirs = [{k: v for k, v in row.items() if k != "visit"} for row in rows(block["contrasts"])]
    return table_checks(
        case, "arm", fit.contrasts("arm"), theirs, ("contrast",), f"lm {block['formula']}", 1e-10, 1e-10
    )


def likelihood_ratio(case: str, trial: str) -> list[Check]:
    """Full ML log-likelihood of the interaction model."""
    data, names, reference = arguments(trial)
    block = reference["M1_LRT_interaction_ML"]
    fit = fit_lmm(data, **names, random="intercept", reml=False, df="z")
    return loglik_checks(case, fit.loglik, block["logLik_full"], "lmer (1 | id), ML")


def mmrm_file(case: str, trial: str, file: str, block: str) -> list[Check]:
    """R package mmrm: likelihood, covariance, contrasts; of its Kenward-Roger only the df (its SE is not SAS's)."""
    theirs = json.loads((ORACLE / file).read_text(encoding="utf-8"))[block]
    data, names, _ = arguments(trial)
    if file.startswith("mmrm_strom"):
        data = strom(file.removeprefix("mmrm_strom2013_").removesuffix(".json"), "y")  # these files used that column
    adjusted = "base * time" in theirs["formula"]
    satterthwaite = block.endswith("satterthwaite")
    fit = fit_mmrm(
        data, **names, design="baseline_adjusted" if adjusted else "lda", covariance=BLOCKS[block], fallback=(),
        df="satterthwaite" if satterthwaite else "kenward-roger",
    )  # fmt: skip
    source = f"mmrm {theirs['formula']}, {theirs['method']}"
    out = loglik_checks(case, fit.loglik, theirs["reml_loglik"], source, None)
    covariance = np.asarray(theirs["varcor"])
    scale = np.full(covariance.size, np.abs(covariance).max())
    out.append(check(case, "covariance", fit.covariance, covariance, 10 * MMRM, source, scale))
    table = fit.contrasts("arm")
    named = [row | {"visit": _visit(row["visit"], set(table["visit"]))} for row in rows(theirs["arm_contrasts"])]
    against = [row for row in named if row["contrast"] in set(table["contrast"])]
    if satterthwaite:
        out += table_checks(case, "arm", table, against, ("contrast", "visit"), source,
                            EARLY if case in STOPPED_EARLY else MMRM, 10 * MMRM)  # fmt: skip
        joint = fit.joint_test("arm:visit")
        expected = (theirs["interaction"]["F"], theirs["interaction"]["denom_df"])
        return out if adjusted else [
            *out, check(case, "joint F, df", (joint.f, joint.df_den), expected, 10 * MMRM, source)
        ]  # fmt: skip
    mine = table.set_index(["contrast", "visit"])["df"]
    labels = [(row["contrast"], row["visit"]) for row in against]
    return [*out, check(case, "arm: df", mine.reindex(labels), [row["df"] for row in against], 10 * MMRM, source)]


def _visit(label: object, known: set[str]) -> str:
    """Visits of the rbmi file are bare numbers there."""
    return str(label) if str(label) in known else f"v{label}"


def _cases() -> dict[str, Callable[[], list[Check]]]:
    if not DATA.is_dir():
        return {}
    found: dict[str, Callable[[], list[Check]]] = {}
    for trial, (_, folder, block) in TRIALS.items():
        reference = stored(folder, block)
        found[f"{trial}_intercept"] = partial(random_intercept, trial=trial)
        found[f"{trial}_intercept_ml"] = partial(likelihood_ratio, trial=trial)
        if "logLik" in reference.get("M4_lmer_linear_time_random_slope", {}):
            found[f"{trial}_slope"] = partial(random_slope, trial=trial)
        if "M2_ancova_lm" in reference:
            found[f"{trial}_ancova"] = partial(ancova, trial=trial)
        for key, design in (
            ("M3_gls_unstructured", "lda"), ("M3b_gls_unstructured_baseline_adjusted", "baseline_adjusted")
        ):  # fmt: skip
            if "logLik_REML" in reference.get(key, {}):
                found[f"{trial}_gls_{design}"] = partial(unstructured, trial=trial, design=design)
    files = {"garnaes_pgwbi": "garnaes", "rbmi_antidepressant": "rbmi", "woodworth2017_cesd": "woodworth_cesd",
             "woodworth2017_ahi": "woodworth_ahi"} | {f"strom2013_{o}": f"strom_{o.lower()}" for o in
                                                       ("BDI", "MADRS", "BAI", "QOLI")}  # fmt: skip
    for file, trial in files.items():
        for block in BLOCKS:
            found[f"{trial}_mmrm_{block}"] = partial(mmrm_file, trial=trial, file=f"mmrm_{file}.json", block=block)
    return {name: partial(case, name) for name, case in found.items()}


CASES = _cases()
