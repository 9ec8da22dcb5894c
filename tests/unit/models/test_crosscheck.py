"""The second engine is right by itself, agrees with the core, and notices a fit that is not the optimum."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from compassion_trials.models import fit_lmm, fit_mmrm
from compassion_trials.models.crosscheck.bases import RandomTerm
from compassion_trials.models.crosscheck.compare import Ours
from compassion_trials.models.crosscheck.crosscheck import crosscheck
from compassion_trials.models.crosscheck.dense import dense_problem, deviance, fit_dense
from compassion_trials.models.crosscheck.r import model_words
from compassion_trials.models.crosscheck.structures import durbin_levinson, structure
from compassion_trials.models.likelihood.reml import solve

STRUCTURES = ("us", "cs", "csh", "ar1", "arh1", "toep", "toeph", "ad", "adh", "diag")
NAMES = {
    "outcome": "y",
    "subject": "id",
    "visit": "visit",
    "arm": "arm",
    "reference": "A",
    "visits": ["v0", "v1", "v2"],
}
ENGINES = 1e-6
"""Two optimisers with exact gradients at one optimum."""


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    """Two arms, three visits, therapy groups in arm B, a few values missing."""
    random = np.random.default_rng(11)
    n = 36
    group = np.where(np.arange(n) < 16, -1, (np.arange(n) - 16) // 4)
    shared = np.where(group < 0, 0.0, 2.0 * random.standard_normal(5)[group])
    y = 20 + 3 * random.standard_normal((n, 1)) + np.array([2.0, 3.0, 4.0]) * random.standard_normal((n, 3))
    y[:, 1:] += shared[:, None]
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), 3),
            "arm": np.repeat(np.where(group < 0, "A", "B"), 3),
            "group": np.repeat([f"g{g}" if g >= 0 else None for g in group], 3),
            "visit": np.tile(["v0", "v1", "v2"], n),
            "weeks": np.tile([0, 6, 20], n),
            "y": y.ravel(),
        }
    )
    return frame.drop(index=[5, 20, 21, 22, 44, 62, 83, 107])


MODELS = {
    "us": lambda d: fit_mmrm(d, **NAMES),
    "clda": lambda d: fit_mmrm(d, **NAMES, design="clda", covariance="toeph"),
    "ML": lambda d: fit_mmrm(d, **NAMES, reml=False, df="z"),
    "per arm": lambda d: fit_mmrm(d, **NAMES, per_arm=True),
    "intercept": lambda d: fit_lmm(d, **NAMES, random="intercept"),
    "slope": lambda d: fit_lmm(d, **NAMES, random="slope", time="weeks"),
    "groups": lambda d: fit_lmm(d, **NAMES, random="intercept", group="group"),
    "groups, unstructured": lambda d: fit_lmm(d, **NAMES, random="none", residual="us", group="group"),
    "straight lines": lambda d: fit_lmm(d, **NAMES, random="slope", time="weeks", mean="linear"),
    "intercept and ar1": lambda d: fit_lmm(d, **NAMES, random="intercept", residual="ar1"),
}


@pytest.mark.parametrize("name", MODELS)
def test_engines_agree(trial: pd.DataFrame, name: str):
    result = crosscheck(MODELS[name](trial))
    assert result.agrees, result.verdict
    assert len(result.engines) >= 2
    dense = result.engines[0]
    assert abs(dense.loglik_difference) < ENGINES
    assert max(dense.estimate_difference, dense.se_difference) < ENGINES
    assert "agree" in result.verdict


def test_ols_joins_for_ancova(trial: pd.DataFrame):
    names = NAMES | {"visits": ["v0", "v2"]}
    result = crosscheck(fit_mmrm(trial, **names, design="baseline_adjusted"))
    assert "statsmodels OLS" in [engine.name for engine in result.engines]
    assert result.agrees


def test_mixedlm_joins_for_random_intercept(trial: pd.DataFrame):
    result = crosscheck(fit_lmm(trial, **NAMES, random="intercept"))
    assert "statsmodels MixedLM" in [engine.name for engine in result.engines]


def test_a_fit_off_the_optimum_is_noticed(trial: pd.DataFrame):
    fit = fit_mmrm(trial, **NAMES)
    problem, optimum = fit.estimate.problem, fit.estimate.optimum
    away = solve(problem, 1.2 * optimum.solution.theta)
    wrong = replace(fit, estimate=replace(fit.estimate, optimum=replace(optimum, solution=away)))
    result = crosscheck(wrong)
    assert not result.agrees
    assert "higher likelihood" in result.verdict
    assert result.engines[0].loglik_difference < -0.1


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("name", ["us", "intercept"])
def test_r_joins_on_request(trial: pd.DataFrame, name: str):
    result = crosscheck(MODELS[name](trial), r=True)
    present = [engine for engine in result.engines if engine.name.startswith("R ")]
    if not present:
        pytest.skip("; ".join(result.left_out))  # R without nlme or lme4
    assert present[0].agrees, present[0].verdict


@pytest.mark.parametrize(("name", "asked"), [
    ("us", ["gls", "REML", "us"]),
    ("ML", ["gls", "ML", "us"]),
    ("intercept", ["lmer", "REML", "(1 | id)"]),
])  # fmt: skip
def test_r_is_asked_for_the_model_and_estimator_of_the_fit(
    trial: pd.DataFrame, name: str, asked: list[str], monkeypatch
):
    from compassion_trials.models.crosscheck import r

    def answer(command, **_):
        assert command[-3:] == asked
        return subprocess.CompletedProcess(command, 1, "", "seen\n")

    monkeypatch.setattr(r.shutil, "which", lambda _: "Rscript")
    monkeypatch.setattr(r.subprocess, "run", answer)
    fit = MODELS[name](trial)
    assert r.r_engine(fit, Ours.of(fit)) == "R: seen"


@pytest.mark.parametrize("name", ["slope", "per arm", "intercept and ar1", "groups, unstructured"])
def test_r_is_not_asked_for_what_it_does_not_have(trial: pd.DataFrame, name: str):
    words = model_words(fit := MODELS[name](trial), Ours.of(fit))
    assert words == (("lmer", "(1 + time | id)") if name == "slope" else ("", ""))


@pytest.mark.parametrize(("residual", "each"), [("independent", 1), ("diag", 3), ("us", 6), ("csh", 4)])
def test_a_structure_for_each_block_of_rows(residual: str, each: int):
    """Two blocks have twice the parameters of one, three times three."""
    subject, visit = np.repeat(np.arange(9), 3), np.tile(np.arange(3), 9)
    for blocks in (1, 2, 3):
        block = subject % blocks
        problem = dense_problem(np.arange(27.0), np.ones((27, 1)), subject, visit, residual=residual, block=block)
        assert len(problem.start) == each * blocks


def test_what_is_left_out_is_named(trial: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    from compassion_trials.models.crosscheck import crosscheck as module

    monkeypatch.setattr(module, "MAX_DENSE_SIZE", 0)
    monkeypatch.setattr(module, "MAX_ROWS_GLS", 0)
    result = crosscheck(fit_mmrm(trial, **NAMES))
    assert not result.agrees
    assert len(result.left_out) == 2
    assert "No independent engine" in result.verdict


def test_an_engine_that_did_not_converge_has_no_say(trial: pd.DataFrame, monkeypatch: pytest.MonkeyPatch):
    from compassion_trials.models.crosscheck import crosscheck as module

    lost = replace(fit_dense(module.problem_of(*pair(trial))), gradient=1.0, loglik=1e9)
    monkeypatch.setattr(module, "fit_dense", lambda *_, **__: lost)
    result = crosscheck(pair(trial)[0])
    assert "dense REML: did not converge" in result.left_out
    assert result.agrees


def pair(trial: pd.DataFrame):
    """A fit, and what the cross-check takes from it."""
    fit = fit_mmrm(trial, **NAMES)
    return fit, Ours.of(fit)


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("m", [2, 4])
def test_structures_are_positive_definite_for_any_parameters(name: str, m: int):
    phi, start = structure(name, m)
    random = np.random.default_rng(m)
    for _ in range(20):
        sigma = np.zeros((m, m))
        sigma[np.triu_indices(m)] = phi(start + random.standard_normal(len(start)))
        sigma += np.triu(sigma, 1).T
        assert np.linalg.eigvalsh(sigma)[0] > 0


def test_durbin_levinson_inverts_the_partial_autocorrelations():
    rho = durbin_levinson(np.array([0.5, -0.3, 0.2]))
    # the k-th partial autocorrelation is the last coefficient of the regression on k past values
    for k, expected in enumerate([0.5, -0.3, 0.2], start=1):
        R = rho[np.abs(np.subtract.outer(np.arange(k), np.arange(k)))]
        assert np.linalg.solve(R, rho[1 : k + 1])[-1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("residual", [*STRUCTURES, "independent"])
def test_gradient_is_exact(trial: pd.DataFrame, residual: str, reml: bool):
    y, subject = trial["y"].to_numpy(), pd.factorize(trial["id"])[0]
    visit = trial["visit"].str[1:].astype(int).to_numpy()
    X = (visit[:, None] == np.arange(3)).astype(float)
    term = RandomTerm(np.column_stack([np.ones(len(y)), visit]), subject)
    terms = (term,) if residual == "independent" else ()
    problem = dense_problem(y, X, subject, visit, residual=residual, terms=terms)
    theta = problem.start + 0.1
    _, gradient, *_ = deviance(problem, theta, 4.0, reml)
    steps = 1e-5 * np.eye(len(theta))
    numeric = [
        (deviance(problem, theta + s, 4.0, reml)[0] - deviance(problem, theta - s, 4.0, reml)[0]) / 2e-5 for s in steps
    ]
    assert gradient == pytest.approx(np.array(numeric), abs=1e-5)


def test_independent_rows_are_least_squares():
    random = np.random.default_rng(5)
    X = np.column_stack([np.ones(30), random.standard_normal(30)])
    y = X @ [1.0, 2.0] + random.standard_normal(30)
    found = fit_dense(dense_problem(y, X, np.arange(30), np.zeros(30, dtype=int), residual="diag"))
    beta, rss, *_ = np.linalg.lstsq(X, y, rcond=None)
    assert found.beta == pytest.approx(beta, abs=1e-10)
    assert found.phi[0] == pytest.approx(rss[0] / 28, rel=1e-8)
