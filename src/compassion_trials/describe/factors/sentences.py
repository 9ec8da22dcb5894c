"""Sentences of the Methods section on factor models and invariance; each only when it was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compassion_trials.core.rows import Row

if TYPE_CHECKING:
    from compassion_trials.study.plan.study_plan import StudyPlan

MODELS = {"one": "one factor", "composites": "correlated composites", "subscales": "correlated subscales"}
"""Models in words; the bifactor model follows them."""


def factor_methods(plan: StudyPlan, found: list[Row]) -> tuple[str, ...]:
    """What was fitted and how.

    Parameters
    ----------
    plan : StudyPlan
    found : list of dict
        Rows of the stage.
    """
    asked = plan.analysis.factors
    fitted = [row for row in found if row["statistic"] == "cfi"]
    models = {str(row["model"]) for row in fitted if row["analysis"] == "factors"}
    said: list[str] = []
    if asked is not None and models:
        names = [name for key, name in MODELS.items() if key in models] + ["a bifactor model"] * ("bifactor" in models)
        said += [
            f"Factor models ({', '.join(names)}) were compared by confirmatory factor analysis of complete ordinal "
            "answers at the first visit: diagonally weighted least squares on polychoric correlations (Olsson, 1979), "
            "robust standard errors, a scaled and shifted test (WLSMV), and CFI, TLI and RMSEA from it.",
            "Omega of these models speaks of the sum of the answers (Green & Yang, 2009); its intervals come from "
            f"{asked.bootstrap} resamples of participants and are corrected for the bias of the estimate.",
        ]
    compared = {str(row["term"]) for row in fitted if row["analysis"] == "invariance"}
    if compared:
        over = " and over ".join(sorted(compared, reverse=True))
        said.append(
            f"Measurement invariance over {over} was examined in the order for ordinal answers: equal thresholds, then "
            "equal loadings, then equal intercepts (Wu & Estabrook, 2016), each against the level before by a scaled "
            "and shifted difference test and by CFI, of which a fall by up to .010 counts as tenable (Cheung & "
            "Rensvold, 2002)."
        )
    return tuple(said)
