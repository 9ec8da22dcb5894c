"""Checks of print on made tables: each finds what was planted, and stays silent without it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.special import stdtr

from compassion_trials.ledger.checks.checks import check_study
from compassion_trials.ledger.checks.counts import count_lines
from compassion_trials.ledger.checks.rows import grim, grimmer, row_problems
from compassion_trials.ledger.checks.shifted import BlockFit, _convincing
from compassion_trials.ledger.reading.cells import Cell, cells
from compassion_trials.ledger.reading.model import PrintedMeasure, Published
from compassion_trials.ledger.reading.printed import printed
from compassion_trials.ledger.recompute import recompute

FAIR = {
    "label": "Made up",
    "citation": "Nobody",
    "arms": {"a": "A", "b": "B"},
    "visits": {"pre": "Pre", "post": "Post", "fu": "Later"},
}
SCALES = {
    "phq": {"label": "PHQ-9", "range": (0, 27), "better": "lower"},
    "ptq": {"label": "PTQ", "range": (0, 60), "better": "lower"},
    "fmi": {"label": "FMI", "range": (14, 56), "better": "higher"},
    "scs": {"label": "SCS", "range": (1, 5), "better": "higher"},
}
WIDER = {"a": 1.0, "b": 1.3}
"""SDs of the second arm over those of the first: equal ones would look computed from a model."""
MEANS = {"phq": (12.0, 5.0), "ptq": (40.0, 11.0), "fmi": (30.0, 6.0), "scs": (2.5, 0.7)}


def cell(n, mean, sd) -> Cell:
    m, s = printed(mean), printed(sd)
    return Cell(n, m, s.range, s, None, None, None)


@given(some.lists(some.integers(0, 27), min_size=5, max_size=40))
def test_grim_and_grimmer_accept_every_real_sample(scores):
    x = np.array(scores, float)
    for decimals in (1, 2, 3):
        row = cell(len(x), f"{x.mean():.{decimals}f}", f"{x.std(ddof=1):.{decimals}f}")
        assert grim(row, 1)
        assert grimmer(row, 1)


def test_grim_finds_an_impossible_mean():
    assert not grim(cell(18, "14.82", "4.29"), 1)  # 18 whole scores
    assert grim(cell(18, "14.83", "4.29"), 1)
    assert grim(cell(26, "3.9", "0.6"), 1 / 24)  # too coarse to say anything


def test_grimmer_finds_an_impossible_sd():
    # Ten whole scores with the sum 34: the sum of squares must be even
    possible = [s for s in (f"{x:.2f}" for x in np.arange(1, 4, 0.01)) if grimmer(cell(10, "3.40", s), 1)]
    exact = {f"{((q - 34**2 / 10) / 9) ** 0.5:.2f}" for q in range(116, 400, 2)}
    assert set(possible) <= exact
    assert exact & set(f"{x:.2f}" for x in np.arange(1, 4, 0.01)) == set(possible)
    assert len(possible) < 250


def test_grimmer_counts_in_steps_of_the_scale():
    """Ten scores in halves with the sum 17 are ten whole scores with the sum 34, halved."""
    possible = {s for s in (f"{x:.2f}" for x in np.arange(0.5, 2, 0.01)) if grimmer(cell(10, "1.70", s), 0.5)}
    exact = {f"{0.5 * ((q - 34**2 / 10) / 9) ** 0.5:.2f}" for q in range(116, 400, 2)}
    assert possible == exact & {f"{x:.2f}" for x in np.arange(0.5, 2, 0.01)}
    assert len(possible) < 75


def test_an_sd_that_the_scale_forbids():
    codes = [p[0] for p in row_problems(PrintedMeasure(label="BDI", range=(0, 63)), cell(19, "35.76", "47.8"))]
    assert codes == ["sd_too_large"]
    assert not list(row_problems(PrintedMeasure(label="BDI", range=(0, 63)), cell(19, "35.76", "32.0")))


def test_a_mean_outside_the_scale():
    codes = [p[0] for p in row_problems(PrintedMeasure(label="PHQ", range=(0, 27)), cell(19, "37.47", "6.5"))]
    assert codes == ["out_of_range"]


def table(shift: int = 0, effects: str = "", visit: str = "post") -> Published:
    """Four outcomes at three visits; the block of one visit may stand some lines too high."""
    names = list(SCALES)
    rows = ["measure arm visit n mean sd"]
    for v in ("pre", "post", "fu"):
        for i, name in enumerate(names):
            j = i + shift if v == visit else i
            if j >= len(names):
                continue
            for arm in "ab":
                m, s = MEANS[names[j]]
                rows.append(f"{name} {arm} {v} 20 {m + 0.1 * (arm == 'b'):.2f} {s * WIDER[arm]:.2f}")
    content = {
        **FAIR,
        "measures": SCALES,
        "tables": [{"name": "t", "source": "s", "rows": "\n".join(rows), "effects": effects}],
    }
    return Published.model_validate(content)


@pytest.mark.parametrize("visit", ["pre", "post", "fu"])
def test_rows_shifted_by_one_line_are_found(visit):
    study = table(1, visit=visit)
    found, moved = check_study("made", study, [])
    shifted = [f for f in found if f.code == "shifted_rows"]
    assert len(shifted) == 1
    assert "1 line too high" in shifted[0].message
    back = moved["t"]
    assert back["ptq", "a", visit].mean.value == MEANS["ptq"][0]
    assert ("phq", "a", visit) not in back


def test_rows_one_line_too_low_are_found():
    """The block of Post stands one line down, and its last outcome has fallen off the table."""
    names = list(SCALES)
    rows = ["measure arm visit n mean sd"]
    for v in ("pre", "post", "fu"):
        for i, name in enumerate(names):
            m, s = MEANS[names[i - 1] if v == "post" else name]
            if v != "post" or i > 0:
                rows += [f"{name} {arm} {v} 20 {m:.2f} {s:.2f}" for arm in "ab"]
    content = {**FAIR, "measures": SCALES, "tables": [{"name": "t", "source": "s", "rows": "\n".join(rows)}]}
    found, moved = check_study("made", Published.model_validate(content), [])
    shifted = [f for f in found if f.code == "shifted_rows"]
    assert [("1 line too low" in f.message) for f in shifted] == [True]
    assert moved["t"]["phq", "a", "post"].mean.value == MEANS["phq"][0]


def test_a_shifted_row_that_one_arm_lacks_does_not_hide_the_shift():
    """The first row of the slipped block is printed for the second arm alone; its 40.1 cannot be a PHQ-9."""
    whole = table(1)
    rows = whole.tables[0].rows.replace("phq a post 20 40.00 11.00\n", "")
    study = whole.model_copy(update={"tables": (whole.tables[0].model_copy(update={"rows": rows}),)})
    (shifted,) = [f for f in check_study("made", study, [])[0] if f.code == "shifted_rows"]
    assert shifted.value == "PHQ-9 40.10, FMI 2.50"


@pytest.mark.parametrize(
    ("now", "moved", "convinces"),
    [
        (BlockFit(2.0, 0), BlockFit(1.0, 0), True),  # half of the misfit
        (BlockFit(2.0, 0), BlockFit(1.01, 0), False),
        (BlockFit(3.2, 0), BlockFit(1.5, 0), True),
        (BlockFit(4.0, 0), BlockFit(1.6, 0), False),  # better, but no fit
        (BlockFit(1.5, 0), BlockFit(0.1, 0), False),  # fits where it stands
        (BlockFit(1.0, 1), BlockFit(0.5, 0), True),
        (BlockFit(4.0, 2), BlockFit(0.1, 1), False),
    ],
)
def test_a_shift_must_leave_nothing_impossible_and_half_of_the_misfit_at_most(now, moved, convinces):
    assert _convincing(now, moved) is convinces


def test_exchanged_rows_are_no_shift():
    """Post holds its outcomes in a turned order: no block of lines, moved up or down, would stand right."""
    names = list(SCALES)
    turned = {names[1]: names[3], names[2]: names[0], names[3]: names[1]}
    rows = ["measure arm visit n mean sd"]
    for v in ("pre", "post", "fu"):
        for name in names:
            m, s = MEANS[turned.get(name, name) if v == "post" else name]
            if v != "post" or name in turned:
                rows += [f"{name} {arm} {v} 20 {m:.2f} {s:.2f}" for arm in "ab"]
    content = {**FAIR, "measures": SCALES, "tables": [{"name": "t", "source": "s", "rows": "\n".join(rows)}]}
    found, moved = check_study("made", Published.model_validate(content), [])
    assert not [f for f in found if f.code == "shifted_rows"]
    assert not moved


def test_rows_in_their_place_are_not_called_shifted():
    found, moved = check_study("made", table(0), [])
    assert not found
    assert not moved
    assert cells(table(0).tables[0])["scs", "a", "pre"].n == 20


def test_repeated_estimates_are_found_and_different_ones_not():
    head = "measure arm versus visit from estimate lower upper t\n"
    same = head + "phq a b post pre -3.87 -5.21 -2.52 -5.69\nptq a b post pre -3.87 -5.21 -2.52 -5.69\n"
    other = head + "phq a b post pre -3.87 -5.21 -2.52 -5.69\nptq a b post pre -3.87 -5.31 -2.42 -5.29\n"
    assert [f.code for f in check_study("made", table(0, same), [])[0]] == ["repeated_estimates"]
    assert not check_study("made", table(0, other), [])[0]


def test_an_estimate_off_the_centre_of_its_interval():
    head = "measure arm versus visit d d_lower d_upper\n"
    assert [f.code for f in check_study("made", table(0, head + "scs a b post 0.49 0.02 0.58\n"), [])[0]] == [
        "off_centre"
    ]
    assert not check_study("made", table(0, head + "scs a b post 0.30 0.02 0.58\n"), [])[0]


def test_a_p_value_that_its_test_does_not_give():
    study = table(0, "measure arm versus visit F df df2 p\nscs a b post 4.00 1 53 .015\n")
    lines = recompute("made", study)
    codes = {f.code for f in check_study("made", study, lines)[0]}
    assert "p_contradicts" in codes
    assert next(line for line in lines if line.statistic == "p").recomputed == pytest.approx(0.0506, abs=5e-5)


def test_p_of_a_t_test_from_rows_alone():
    study = table(0, "measure arm versus visit p\nphq a b post .96\n")
    made = study.model_copy(update={"tables": (study.tables[0].model_copy(update={"model": "t_test"}),)})
    (line,) = [x for x in recompute("made", made) if x.statistic == "p"]
    t = 0.1 / ((5.0**2 + 6.5**2) / 20) ** 0.5
    assert line.definition == "p_from_rows"
    assert line.recomputed == pytest.approx(2 * stdtr(38, -t), abs=1e-12)
    assert line.verdict == "agrees"


def test_more_people_than_were_allocated():
    rows = "measure arm visit n mean sd\nphq a post 21 12.0 5.0\nphq b post 20 11.0 5.0\n"
    counts = "what arm n\nrandomized a 20\nrandomized b 20\n"
    table = {"name": "t", "source": "Table 2", "rows": rows}
    study = Published.model_validate({**FAIR, "measures": SCALES, "counts": counts, "tables": [table]})
    (found,) = [f for f in check_study("made", study, [])[0] if f.code == "n_too_large"]
    assert found.message == "PHQ-9, A, Post: more people than were allocated to the arm"
    assert (found.value, found.expected) == ("21", "at most 20")


def test_only_lines_with_moved_cells_say_so():
    rows = "measure arm visit n mean sd\n" + "".join(
        f"{m} {arm} {visit} 20 {mean} {sd}\n"
        for visit in ("pre", "post")
        for m, (mean, sd) in MEANS.items()
        for arm in "ab"
    )
    effects = "measure arm versus visit d\nphq a b pre 0.00\nphq a b post 0.00\n"
    table = {"name": "t", "source": "Table 2", "rows": rows, "effects": effects}
    study = Published.model_validate({**FAIR, "measures": SCALES, "tables": [table]})
    moved = {**cells(study.tables[0]), ("phq", "a", "post"): cell(20, "12.0", "5.0")}
    lines = recompute("made", study, {"t": moved})
    assert ["shifted rows" in x.formula for x in lines] == [False, True]


ALIKE = "different outcomes rarely agree in every digit"


@pytest.mark.parametrize(
    ("later", "first", "said"),
    [
        ("38.00", "pre", "; their printed means change by the same amounts too"),
        ("37.00", "pre", "; their printed means change differently"),
        ("38.00", "fu", ""),  # no means before
    ],
)
def test_equal_estimates_are_told_with_what_the_means_say(later, first, said):
    """PHQ-9 falls by 2 in both arms; the PTQ by as much, or by 3."""
    rows = "measure arm visit n mean sd\n" + "".join(
        f"{m} {arm} {v} 20 {mean} 5.00\n"
        for m, before, after in (("phq", "12.00", "10.00"), ("ptq", "40.00", later))
        for arm in "ab"
        for v, mean in ((first, before), ("post", after))
    )
    effects = "measure arm versus visit from estimate lower upper t\n" + "".join(
        f"{m} a b post pre -3.87 -5.21 -2.52 -5.69\n" for m in ("phq", "ptq")
    )
    made = {**FAIR, "measures": SCALES, "tables": [{"name": "t", "source": "s", "rows": rows, "effects": effects}]}
    (found,) = [f for f in check_study("made", Published.model_validate(made), [])[0] if f.code == "repeated_estimates"]
    assert found.expected == ALIKE + said


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            "randomized - - 40\nrandomized a - 20\nrandomized b - 20",
            [("agrees", 40.0), ("agrees", 20.0), ("agrees", 20.0)],
        ),
        (
            "randomized - - 41\nrandomized a - 20\nrandomized b - 20",
            [("contradicts", 40.0), ("cannot be checked", None), ("cannot be checked", None)],
        ),
        (
            "randomized a - 20\nrandomized b - 20\nanalysed a post 20\nanalysed b post 21",
            [("cannot be checked", None)] * 3 + [("contradicts", 20.0)],
        ),
    ],
)
def test_counts_by_what_else_is_printed(counts, expected):
    study = Published.model_validate({**FAIR, "measures": SCALES, "counts": f"what arm visit n\n{counts}\n"})
    found = [(x.verdict, None if np.isnan(x.recomputed) else x.recomputed) for x in count_lines("made", study)]
    assert found == expected


def test_a_count_that_nothing_gives_says_why():
    counts = (
        "what arm visit n\nrandomized a - 20\nrandomized - - 40\nscreened a - 30\nscreened b - 31\n"
        "came - - 80\nanalysed a post 18\n"
    )
    study = Published.model_validate({**FAIR, "measures": SCALES, "counts": counts})
    assert [x.note for x in count_lines("made", study)] == [
        "an arm is not printed",
        "the sizes of the arms were not read at a source",
        "the other arms or the total are not printed",
        "the other arms or the total are not printed",
        "the sizes of the arms were not read at a source",
        "at most the 20 allocated; nothing printed gives the number itself",
    ]
