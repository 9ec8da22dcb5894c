"""Adjusted p values, equivalence and non-inferiority."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_mmrm
from compassion_trials.models.inference.equivalence import equivalence, noninferiority
from compassion_trials.models.inference.multiplicity import METHODS, adjust, max_t

P = np.array([0.01, 0.04, 0.03])
QMC = 5e-4
"""Quasi-Monte-Carlo error of the multivariate t integral."""
FIT = fit_mmrm(two_arms(n=14, visits=4, dropout=0.2), **columns(4))


def test_by_hand():
    np.testing.assert_allclose(adjust(P, "bonferroni"), [0.03, 0.12, 0.09])
    np.testing.assert_allclose(adjust(P, "holm"), [0.03, 0.06, 0.06])
    np.testing.assert_allclose(adjust(P, "hochberg"), [0.03, 0.04, 0.04])
    np.testing.assert_allclose(adjust(P, "bh"), [0.03, 0.04, 0.04])
    np.testing.assert_allclose(adjust(P, "fixed-sequence"), [0.01, 0.04, 0.04])


def test_max_t_of_independent_contrasts():
    t, df = np.array([2.0, 2.5]), 1e9
    expected = 1 - (1 - 2 * stats.norm.sf(t)) ** 2
    np.testing.assert_allclose(max_t(t, np.eye(2), df), expected, atol=QMC)


def test_max_t_of_identical_contrasts_is_unadjusted():
    near = np.array([[1.0, 1 - 1e-9], [1 - 1e-9, 1.0]])
    np.testing.assert_allclose(max_t(np.array([2.2, 2.2]), near, 12.0), 2 * stats.t.sf(2.2, 12), atol=QMC)


@pytest.mark.parametrize("method", METHODS)
def test_adjusted_column(method):
    table = FIT.contrasts("arm", adjust=method)
    assert (table["p_adjusted"] >= table["p"] - 1e-12).all()
    again = FIT.contrasts("arm", adjust=method)
    assert table.equals(again)


@pytest.mark.parametrize(("arms", "df"), [(3, 57.0), (4, 40.0), (5, 12.5)])
def test_max_t_of_all_pairs_of_arms_is_tukeys(arms, df):
    """Their correlation is singular; with arms of one size the largest t is the studentized range over root 2."""
    pairs = np.array([np.eye(arms)[a] - np.eye(arms)[b] for a, b in itertools.combinations(range(arms), 2)])
    t = np.linspace(0.5, 4, len(pairs))
    expected = stats.studentized_range.sf(t * np.sqrt(2), arms, df)
    np.testing.assert_allclose(max_t(t, pairs @ pairs.T / 2, df), expected, atol=QMC)


def test_max_t_is_sharper_than_bonferroni():
    assert (
        FIT.contrasts("arm", adjust="max-t")["p_adjusted"]
        <= FIT.contrasts("arm", adjust="bonferroni")["p_adjusted"] + QMC
    ).all()


def test_unknown_method():
    with pytest.raises(ModelError, match='did you mean "holm"'):
        FIT.contrasts("arm", adjust="holms")


def test_equivalence_agrees_with_its_interval():
    found = FIT.contrast_estimates("arm")
    for width in (2.0, 6.0, 20.0):
        table = equivalence(found, -width, width)
        inside = (table["lower"] > -width) & (table["upper"] < width)
        assert (inside == table["equivalent"]).all()
    with pytest.raises(ModelError, match="below"):
        equivalence(found, 1.0, -1.0)


def test_noninferiority_agrees_with_its_interval():
    found = FIT.contrast_estimates("arm")
    higher = noninferiority(found, 3.0, "higher")
    assert ((higher["lower"] > -3.0) == higher["noninferior"]).all()
    lower = noninferiority(found, 3.0, "lower")
    assert ((lower["upper"] < 3.0) == lower["noninferior"]).all()
    with pytest.raises(ModelError, match="positive"):
        noninferiority(found, 0.0, "higher")
