"""Therapy groups and courses as result rows: how many, how large, how alike their members."""

from __future__ import annotations

from compassion_trials.core.errors import ModelError
from compassion_trials.core.rows import Row, rows
from compassion_trials.effects.groups.clustering import clustering
from compassion_trials.trial.trial import Trial


def group_rows(trial: Trial) -> list[Row]:
    """Analysis ``clusters``: term is the cluster; n_groups, group_size, and by outcome and visit icc, design_effect.

    Groups have not met at baseline, so later visits count; arms that did not meet in groups do not enter.
    """
    design = trial.context.plan.design
    found: list[Row] = []
    for name, cluster in design.clusters.items():
        if name not in trial.participants:
            continue
        group = trial.participants[name].astype("object")
        inside = group.notna().to_numpy() & (group.to_numpy() != "")
        inside &= trial.participants["arm"].isin(cluster.arms or list(design.arms)).to_numpy()
        keys = trial.keys | {"analysis": "clusters", "term": name}
        sizes = trial.participants.loc[inside].groupby(["arm", name]).size()
        for arm, own in sizes.groupby("arm"):
            mean = {"n_groups": len(own), "group_size": own.mean(), "smallest": own.min(), "largest": own.max()}
            found += rows(keys | {"arm": str(arm), "n": int(own.sum())}, mean)
        labels = group.to_numpy()[inside].astype(str)
        arms = trial.participants["arm"].to_numpy()[inside].astype(str)
        for outcome in trial.context.analysed:
            for visit in [v for v in outcome.visits if v != design.baseline]:
                try:
                    c = clustering(trial.score(outcome, visit)[inside], labels, arms, trial.alpha)
                except ModelError:
                    continue  # fewer than two groups with data at this visit
                note = f"{c.n_groups} groups of {c.size:.3g}; analysis of variance, groups within arms"
                here = keys | {"outcome": outcome.key, "visit": visit, "n": c.n, "note": note}
                values = {"icc": c.icc, "icc_lower": c.lower, "icc_upper": c.upper}
                found += rows(here, values | {"design_effect": c.design_effect})
    return found
