"""Bad data and bad options: a clear error in words, or a flagged fit; never a traceback or a confident wrong number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.unit.models.trials import columns, two_arms

from compassion_trials.core.errors import ModelError
from compassion_trials.models import fit_lmm, fit_mmrm

DATA = two_arms(n=10, visits=3)


def change(**edits):
    return DATA.assign(**edits)


def infinite():
    y = DATA["y"].copy()
    y.iloc[4] = np.inf
    return DATA.assign(y=y)


def moved():
    arm = DATA["arm"].copy()
    arm.iloc[1] = "Treatment"
    return DATA.assign(arm=arm)


def text():
    y = DATA["y"].astype(str)
    y.iloc[3] = "n/a"
    return DATA.assign(y=y)


BAD_DATA = {
    "constant": (change(y=3.0), "no variation"),
    "constant at a visit": (
        change(y=DATA["y"].where(DATA["visit"] != "pre", 5.0)),
        "at visit pre the outcome does not vary",
    ),
    "exact": (change(y=DATA["visit"].map({"pre": 1.0, "post": 2.0, "fu": 4.0})), "reproduces the outcome exactly"),
    "one subject": (DATA[DATA["id"] == 0], "at least two participants|compares arms"),
    "one subject per arm": (DATA[DATA["id"].isin([0, 19])], "too few for 6 mean parameters"),
    "one arm": (DATA[DATA["arm"] == "Control"], "compares arms, the data have one"),
    "visit absent": (DATA[DATA["visit"] != "fu"], 'visit "fu" has no data'),
    "visit without values": (change(y=DATA["y"].where(DATA["visit"] != "fu")), "visit fu has no data"),
    "infinite": (infinite(), r"1 infinite values \(first: row 5\)"),
    "text": (text(), r"1 values that are not numbers \(first: row 4\)"),
    "duplicates": (pd.concat([DATA, DATA.iloc[:2]]), r"2 duplicate rows .*rows 1 and 61"),
    "two arms": (moved(), "in two arms"),
    "no arm": (change(arm=DATA["arm"].where(DATA["id"] != 3)), "3 rows have no arm"),
    "no participant": (change(id=DATA["id"].where(DATA["id"] != 3)), "3 rows have no participant"),
    "empty": (DATA[:0], "no data"),
    "no values": (change(y=np.nan), "no values"),
    "no baseline in an arm": (
        DATA[(DATA["visit"] != "pre") | (DATA["arm"] == "Control")],
        "Treatment has no data at visit pre",
    ),
    "identical visits": (
        change(y=DATA["id"] + DATA["visit"].map({"pre": 0.0, "post": 1.0, "fu": 4.0})),
        "no covariance can be estimated",
    ),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data(case):
    data, message = BAD_DATA[case]
    with pytest.raises(ModelError, match=message):
        fit_mmrm(data, **columns())


BAD_OPTIONS = {
    "column": ({"outcome": "score"}, 'column "score" is not in the data'),
    "visit": ({"visits": ["pre", "pst"]}, 'did you mean "post"'),
    "visits twice": ({"visits": ["pre", "pre"]}, "named twice"),
    "visits unordered": ({"visits": None}, "no order of their own"),
    "reference": ({"reference": "control"}, 'did you mean "Control"'),
    "no reference": ({"reference": None}, "name the reference arm"),
    "design": ({"design": "cLDA"}, 'did you mean "clda"'),
    "covariance": ({"covariance": "un"}, 'covariance "un" is not known'),
    "df": ({"df": "kr"}, "df method"),
    "robust": ({"robust": "HC3"}, "robust covariance"),
    "kr with ML": ({"reml": False}, "Kenward-Roger needs REML"),
    "arm missing": ({"arm": None}, "needs an arm column"),
    "single arm": ({"design": "single_arm"}, "the data have 2"),
    "per arm": ({"per_arm": True, "visits": ["pre", "post", "fu"]}, None),
    "collinear": ({"covariates": ("age", "age2")}, '"age2" is a combination of the terms before it'),
    "constant covariate": ({"covariates": ("k",)}, '"k" is a combination'),
    "one level": ({"covariates": ("same",)}, "only one level"),
    "weights": ({"weights": "Equal"}, 'did you mean "equal"'),
    "reml as a word": ({"reml": "ML"}, "reml is True or False, not 'ML'"),
    "per arm by a column": ({"per_arm": "sex"}, "per_arm is True or False, not 'sex'"),
    "level in percent": ({"level": 95}, "between 0 and 1, such as 0.95, not 95; write 0.95"),
    "level as a word": ({"level": "95 %"}, "between 0 and 1"),
    "level of one": ({"level": 1}, "between 0 and 1"),
    "fallback": ({"fallback": ("toepp",)}, 'fallback structure "toepp" is not known; did you mean "toep"'),
    "fallback none": ({"fallback": "none"}, 'fallback structure "none" is not known'),
    "covariance none": ({"covariance": None}, 'covariance "None" is not known'),
    "names": ({"outcome": 3}, 'column "3" is not in the data'),
    "names of covariates": ({"covariates": (1, 2)}, 'column "1" is not in the data'),
    "covariates by number": ({"covariates": 1}, "names of columns are expected, not 1"),
    "role of a covariate": ({"covariates": {"age": "by arm"}}, '"age" is "main" .* moderators stand in by_arm'),
    "by visit unknown": ({"covariates": ("age",), "by_visit": ("ages",)}, 'column "ages" is not in the data'),
}


@pytest.mark.parametrize("case", BAD_OPTIONS)
def test_bad_options(case):
    options, message = BAD_OPTIONS[case]
    data = DATA.assign(age2=2 * DATA["age"] + 1, k=4.0, same="x")
    if case == "per arm":
        data, message = data[data["id"].isin([*range(8), *range(10, 20)])], "at least 9 participants in each arm"
    with pytest.raises(ModelError, match=message):
        fit_mmrm(data, **(columns() | options))


class _Polars:
    """A frame of another library."""

    def to_pandas(self) -> pd.DataFrame:
        return DATA


def test_frames_of_other_libraries_are_refused_in_words():
    for fit in (fit_mmrm, fit_lmm):
        with pytest.raises(ModelError, match=r"not a pandas DataFrame; pass data.to_pandas\(\)"):
            fit(_Polars(), **columns())
        with pytest.raises(ModelError, match=r"a builtins dict, not a pandas DataFrame$"):
            fit({}, **columns())


def test_the_level_of_contrasts_is_a_share():
    fit = fit_mmrm(DATA, **columns())
    with pytest.raises(ModelError, match=r"write 0\.9$"):
        fit.contrasts(level=90)


BAD_MIXED = {
    "random": ({"random": "slopes"}, 'did you mean "slope"'),
    "no time": ({"random": "slope"}, "need time="),
    "time by person": ({"random": "slope", "time": "age"}, "differs between participants"),
    "time of two visits": ({"random": "slope", "time": "weeks", "visits": ["pre", "post"]}, "at least three visits"),
    "time unnamed": ({"random": "slope", "time": {"pre": 0, "post": 8}}, "no value for visit fu"),
    "residual": ({"residual": "us"}, "use fit_mmrm"),
    "bounded": ({"bounded": "no"}, "bounded is True or False, not 'no'"),
    "nested": ({"nested": "yes"}, "nested is True or False, not 'yes'"),
    "level": ({"level": 0}, "between 0 and 1"),
    "one group": ({"group": "one"}, "at least two"),
    "few groups and z": ({"group": "four", "df": "z"}, "too few for z tests"),
    "two groups": ({"group": "visit"}, "labels of therapy groups occur in more than one arm"),
}


@pytest.mark.parametrize("case", BAD_MIXED)
def test_bad_mixed_models(case):
    options, message = BAD_MIXED[case]
    data = DATA.assign(one=np.where(DATA["arm"] == "Treatment", "g", None), four=DATA["id"] // 5)
    with pytest.raises(ModelError, match=message):
        fit_lmm(data, **(columns() | options))


def test_two_participants_per_arm_are_flagged():
    fit = fit_mmrm(DATA[DATA["id"].isin([0, 1, 18, 19])], **columns(2) | {"visits": ["pre", "post"]})
    assert any("only 2 participants" in note for note in fit.methods.notes)


def test_messages_never_show_who():
    data = pd.concat([DATA, DATA.iloc[:1]]).assign(id=lambda d: "secret" + d["id"].astype(str))
    with pytest.raises(ModelError) as caught:
        fit_mmrm(data, **columns())
    assert "secret" not in str(caught.value)


def test_empty_cell_is_told_and_left_out():
    data = DATA[(DATA["visit"] != "fu") | (DATA["arm"] == "Treatment")]
    fit = fit_mmrm(data, **columns())
    assert fit.methods.notes == ("Control has no data at visit fu: no mean and no contrast there",)
    assert list(fit.contrasts("arm")["visit"]) == ["pre", "post"]
    assert len(fit.marginal_means()) == 5
    assert fit.joint_test("arm:visit").df_num == 1
    within = fit.contrasts("within_arm")
    assert list(within["contrast"][within["visit"] == "fu"]) == ["Treatment: change from pre"]


def test_rows_left_out_are_counted():
    data = DATA.assign(age=DATA["age"].where(DATA["id"] > 1))
    fit = fit_mmrm(data, **columns(), covariates=("age",))
    assert fit.methods.n_subjects == 18
    assert any("6 rows without a value of age" in note for note in fit.methods.notes)
    fit = fit_mmrm(DATA, **columns(2))
    assert any("20 rows of visits" in note for note in fit.methods.notes)


def test_singular_lmm_is_flagged():
    data = DATA.assign(y=DATA["id"] + DATA["visit"].map({"pre": 0.0, "post": 1.0, "fu": 4.0}))
    fit = fit_lmm(data, **columns())
    assert not fit.certificate.valid
    assert fit.certificate.reasons


def test_labels_are_compared_as_text():
    data = DATA.assign(
        visit=DATA["visit"].map({"pre": 1.0, "post": 2.0, "fu": 3.0}), arm=(DATA["arm"] == "Treatment").astype(int)
    )
    fit = fit_mmrm(data, **columns() | {"visits": ["1", "2", "3"], "reference": "0"})
    assert fit.contrasts("arm")["contrast"][0] == "1 - 0"
    expected = fit_mmrm(DATA, **columns()).contrasts("arm")
    np.testing.assert_allclose(fit.contrasts("arm")["p"], expected["p"], rtol=1e-9)


def test_too_many_visits():
    data = pd.DataFrame({"id": np.repeat([1, 2], 60), "visit": np.tile(np.arange(60), 2), "y": np.arange(120.0)})
    with pytest.raises(ModelError, match="60 visits are more than the 50"):
        fit_mmrm(data, outcome="y", subject="id", visit="visit", design="single_arm")
