"""The declared order of covariance structures, and what triggers it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_mmrm
from compassion_trials.models.likelihood import fallback
from compassion_trials.models.likelihood.fallback import FALLBACK
from compassion_trials.study.plan.analysis import Analysis

DOCS = Path(__file__).resolve().parents[3] / "docs"


def refuse(monkeypatch, *names: str) -> None:
    """Structures that cannot be estimated in this test."""
    monkeypatch.setattr(fallback, "identifiable", lambda long, name, per_arm: "refused" * (name in names))


def never_jointly():
    data = two_arms(n=12, visits=3)
    return data[
        ~((data["visit"] == "fu") & (data["id"] % 2 == 0)) & ~((data["visit"] == "post") & (data["id"] % 2 == 1))
    ]


def test_order_of_the_library_is_that_of_the_plan_and_of_the_pages():
    assert FALLBACK == ("us", "toeph", "arh1", "csh")
    assert Analysis().fallback == FALLBACK[1:]
    assert f"({', '.join(FALLBACK)})" in (DOCS / "mixed-models.md").read_text(encoding="utf-8")
    assert f"{' → '.join(FALLBACK)}, " in (DOCS / "stat-spec.md").read_text(encoding="utf-8")


def test_cs_follows_only_where_it_is_named(monkeypatch):
    refuse(monkeypatch, *FALLBACK)
    with pytest.raises(ModelError, match="csh: refused"):
        fit_mmrm(two_arms(), **columns())
    assert fit_mmrm(two_arms(), **columns(), fallback=(*FALLBACK[1:], "cs")).methods.covariance == "cs"


def test_planned_structure_is_kept_when_it_can_be_estimated():
    fit = fit_mmrm(two_arms(), **columns())
    assert (fit.methods.covariance, fit.methods.fallback) == ("us", ())


def test_visits_never_seen_together():
    fit = fit_mmrm(never_jointly(), **columns())
    assert fit.methods.covariance_planned == "us"
    assert fit.methods.covariance == "toeph"
    assert fit.methods.fallback == (("us", "nobody was observed at both post and fu"),)
    assert fit.certificate.valid


def test_too_few_complete_cases():
    data = two_arms(n=6, visits=4)
    complete = data["id"].isin([0, 1, 6, 7, 8])
    fit = fit_mmrm(data[complete | (data["visit"] != "year")], **columns(4))
    name, reason = fit.methods.fallback[0]
    assert name == "us"
    assert "5 complete cases with 2 mean parameters each visit are too few for 4 visits" in reason


def test_singular_covariance_falls_back():
    data = two_arms(n=12, visits=3)
    baseline = data[data["visit"] == "pre"].set_index("id")["y"]
    y = np.where(data["visit"] == "post", data["id"].map(baseline) + 2, data["y"])
    fit = fit_mmrm(data.assign(y=y), **columns())
    assert fit.methods.covariance != "us"
    assert "singular" in fit.methods.fallback[0][1]


def test_cs_after_a_fallback_has_robust_errors():
    fit = fit_mmrm(never_jointly(), **columns(), fallback=("cs",))
    assert fit.methods.covariance == "cs"
    assert fit.methods.robust == "CR2"
    assert fit.inference.method == "CR2"


def test_planned_cs_keeps_kenward_roger():
    assert fit_mmrm(two_arms(), **columns(), covariance="cs").methods.robust == ""


def test_without_fallback_the_reason_is_an_error():
    with pytest.raises(ModelError, match="us: nobody was observed at both"):
        fit_mmrm(never_jointly(), **columns(), fallback=())


def test_without_fallback_a_failed_certificate_is_flagged():
    data = two_arms(n=12, visits=3)
    baseline = data[data["visit"] == "pre"].set_index("id")["y"]
    y = np.where(data["visit"] == "post", data["id"].map(baseline) + 2, data["y"])
    fit = fit_mmrm(data.assign(y=y), **columns(), fallback=())
    assert not fit.certificate.valid
    assert fit.certificate.reasons
