"""Models that print names, against the likelihood written out person by person, on a trial made on the spot."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2
from tests.unit import made_trial

from compassion_trials.ledger.rerun import rerun
from compassion_trials.study.plan.printed import Rerun
from compassion_trials.trial.trial import read_trial

CLOSE = 1e-5
"""Nelder and Mead stop at about the root of the rounding error; in standard errors, or relative."""
LIKELIHOOD = 1e-8
"""The top is flat: log-likelihoods agree better than estimates."""

TIMES = {"post": 8.0, "fu": 20.0}


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """Three arms; men are the reference, because the plan lists them first."""
    sex = {"column": "sex", "values": {"m": "male", "f": "female"}}
    made = made_trial.plan(arms=("mbct", "cft", "waitlist"), data={"baseline": {"age": "age", "sex": sex}})
    people = made_trial.people(made.design.arms, 15)
    people.loc[4, "age"] = np.nan  # not in a model with age
    return read_trial(
        made_trial.write(tmp_path_factory.mktemp("made"), made, people, made_trial.scored(people, made.design.visits))
    )


def long(trial) -> pd.DataFrame:
    """dep by participant and visit, with age, sex and the baseline score."""
    people = trial.participants.reset_index()
    scores = trial.scores[trial.scores["measure"] == "dep"]
    frame = scores[["participant", "visit", "score"]].merge(people, on="participant")
    first = scores[scores["visit"] == "pre"].set_index("participant")["score"]
    return frame.assign(baseline=frame["participant"].map(first), time=frame["visit"].map(TIMES))


def fitted(y: np.ndarray, x: np.ndarray, people: np.ndarray):
    """Random intercept by maximum likelihood: V = within I + between J for each person, coefficients by GLS."""
    index = [np.flatnonzero(people == p) for p in np.unique(people)]

    def solve(log_variances: np.ndarray):
        between, within = np.exp(log_variances)
        gram, right, logdet = np.zeros((x.shape[1],) * 2), np.zeros(x.shape[1]), 0.0
        inverses = []
        for rows in index:
            v = within * np.eye(len(rows)) + between
            inverses.append(np.linalg.inv(v))
            gram += x[rows].T @ inverses[-1] @ x[rows]
            right += x[rows].T @ inverses[-1] @ y[rows]
            logdet += np.linalg.slogdet(v)[1]
        beta = np.linalg.solve(gram, right)
        gap = y - x @ beta
        square = sum(gap[rows] @ inverse @ gap[rows] for rows, inverse in zip(index, inverses, strict=True))
        return beta, np.sqrt(np.diag(np.linalg.inv(gram))), -(len(y) * np.log(2 * np.pi) + logdet + square) / 2

    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000}
    top = minimize(lambda v: -solve(v)[2], np.log([20.0, 10.0]), method="Nelder-Mead", options=options)
    return (*solve(top.x), *np.exp(top.x))


def test_a_line_over_time_is_maximum_likelihood(trial):
    spec = Rerun(kind="linear_time", outcome="dep.total", times=TIMES, covariates=("age", "sex"))
    found = rerun(trial, spec)
    frame = long(trial).dropna(subset=["time", "age", "baseline"])
    columns = {
        "intercept": np.ones(len(frame)), "time": frame["time"], "arm[mbct]": frame["arm"] == "mbct",
        "arm[cft]": frame["arm"] == "cft", "baseline": frame["baseline"], "age": frame["age"],
        "sex[female]": frame["sex"] == "female",
    }  # fmt: skip
    x = np.column_stack([np.asarray(c, float) for c in columns.values()])
    beta, se, loglik, between, within = fitted(frame["score"].to_numpy(), x, frame["participant"].to_numpy())
    assert {name for name, statistic in found.numbers if statistic == "estimate"} == set(columns)
    for name, b, s in zip(columns, beta, se, strict=True):
        assert found.numbers[name, "estimate"] == pytest.approx(b, abs=CLOSE * s)
        assert found.numbers[name, "se"] == pytest.approx(s, rel=CLOSE)
    assert found.numbers["intercept", "variance"] == pytest.approx(between, rel=10 * CLOSE)
    assert found.numbers["residual", "variance"] == pytest.approx(within, rel=10 * CLOSE)
    assert found.numbers["", "loglik"] == pytest.approx(loglik, abs=LIKELIHOOD)
    assert found.numbers["", "aic"] == pytest.approx(2 * 9 - 2 * loglik, abs=2 * LIKELIHOOD)  # 7 + 2 variances
    assert "post 8, fu 20" in found.formula


def test_arm_by_visit_is_a_likelihood_ratio(trial):
    found = rerun(trial, Rerun(kind="arm_by_visit", outcome="dep.total"))
    frame = long(trial)
    y, people = frame["score"].to_numpy(), frame["participant"].to_numpy()
    arms = [(frame["arm"] == arm).to_numpy(float) for arm in ("mbct", "cft")]
    visits = [(frame["visit"] == visit).to_numpy(float) for visit in ("post", "fu")]
    reduced = [np.ones(len(y)), *arms, *visits]
    small = fitted(y, np.column_stack(reduced), people)[2]
    full = fitted(y, np.column_stack([*reduced, *(a * v for a in arms for v in visits)]), people)[2]
    assert set(found.numbers) == {("", "chi2"), ("", "df"), ("", "p")}
    assert found.numbers["", "chi2"] == pytest.approx(2 * (full - small), abs=4 * LIKELIHOOD)
    assert found.numbers["", "df"] == 4
    assert found.numbers["", "p"] == pytest.approx(chi2.sf(2 * (full - small), 4), abs=LIKELIHOOD)
