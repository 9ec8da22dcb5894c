"""Lines of the ledger as they stand on its page."""

from __future__ import annotations

from math import nan

import pytest

from compassion_trials.ledger.evidence.evidence import evidence
from compassion_trials.ledger.evidence.trial_effect import TrialEffect
from compassion_trials.ledger.ledger import Ledger
from compassion_trials.ledger.ledger_line import LedgerLine
from compassion_trials.ledger.page import frames
from compassion_trials.ledger.page.tables import evidence_table, recomputed, study_table
from compassion_trials.tables.text import plain


def line(statistic: str, printed: str, value: float, lower: float = nan, upper: float = nan, **more: str) -> LedgerLine:
    """A line of the study "made"; exact unless limits are given."""
    limits = (value, value) if lower != lower else (lower, upper)
    words = {"what": "X, A − B", "table": "t", "source": "Table 2"} | more
    return LedgerLine(
        study="made", status="read", statistic=statistic, printed=printed, recomputed=value, lower=limits[0],
        upper=limits[1], definition="d", formula="a formula", verdict="agrees", **words,
    )  # fmt: skip


@pytest.mark.parametrize("statistic", ["n", "k", "df", "df2", "q_df", "added"])
def test_counts_and_degrees_of_freedom_are_whole(statistic):
    assert recomputed(line(statistic, "9", 9.0)) == "9"
    assert recomputed(line(statistic, "9", 9.5)) == "9.50"  # estimated degrees of freedom


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        (line("d", "0.5", 0.5), "0.500"),
        (line("d", "0.5", 0.5, 0.45, 0.55), "0.500 [0.450,\N{NO-BREAK SPACE}0.550]"),
        (line("p", ".05", 0.05, 0.04, 0.06), ".0500 [.0400,\N{NO-BREAK SPACE}.0600]"),
        (line("q_p", ".05", 0.05), ".0500"),
        (line("statement", "nobody left", nan), "—"),
    ],
)
def test_a_value_has_two_digits_more_than_the_print(made, shown):
    assert recomputed(made) == shown


@pytest.mark.parametrize(
    ("lines", "stubs"),
    [
        ([line("n", "20", 20.0)], [("Table 2", 0, True), ("X, A − B", 1, False)]),
        ([line("statement", "so", nan)], [("Table 2", 0, True), ("X, A − B", 1, False)]),
        ([line("d", "0.5", 0.5)], [("Table 2", 0, True), ("X, A − B", 1, True), ("d", 2, False)]),
        (
            [line("n", "20", 20.0), line("d", "0.5", 0.5)],
            [("Table 2", 0, True), ("X, A − B", 1, True), ("n", 2, False), ("d", 2, False)],
        ),
        (
            [line("q_df", "9", 9.0, what="", table="counts")],
            [("Participants: Table 2", 0, True), ("Whole model", 1, True), ("df of Q", 2, False)],
        ),
    ],
)
def test_a_count_or_a_statement_alone_needs_no_heading(lines, stubs):
    ledger = Ledger(tuple(lines), (), (), {}, {}, None)
    table = study_table(ledger, "made")
    assert [(plain(row.cells[0]), row.level, row.group) for row in table.rows] == stubs
    assert [plain(column.header) for column in table.columns] == [
        "Statistic", "Printed", "Recomputed [range]", "Formula", "Verdict",
    ]  # fmt: skip


def three_trials_and_ours():
    """Effects of 0.2, 0.4 and 0.9 with standard errors of 0.2, 0.3 and 0.2, and one of our own."""
    given = [
        ("a", 0.2, 0.04, "csv"),
        ("b", 0.4, 0.09, "csv"),
        ("c", 0.9, 0.04, "csv"),
        ("mine", 5.0, 0.04, "our analysis"),
    ]
    return evidence(
        [TrialEffect("depression", name, "BDI", g, v, origin, "test", "") for name, g, v, origin in given], {}
    )


def test_effects_stand_with_standard_error_and_weight():
    table = frames.evidence_table(three_trials_and_ours()).set_index("trial")
    assert table["se"].tolist() == pytest.approx([0.2, 0.3, 0.2, 0.2])
    tau2 = three_trials_and_ours()[0].pooled.tau2
    weights = [1 / (v + tau2) for v in (0.04, 0.09, 0.04)]
    assert table["weight_percent"].tolist()[:3] == pytest.approx([100 * w / sum(weights) for w in weights])
    assert table["weight_percent"].isna().tolist() == [False, False, False, True]


def test_pooled_numbers_stand_under_their_convention():
    (found,) = three_trials_and_ours()
    table = evidence_table(found)
    assert [plain(column.header) for column in table.columns] == ["Quantity", "Value [95% CI]", "Convention"]
    assert {len(row.cells) for row in table.rows} == {3}
    shown = {plain(row.cells[0]): plain(row.cells[1]) for row in table.rows}
    assert shown["Pooled effect, effects taken as independent"].startswith(f"{found.pooled.b[0]:.2f} [")
    assert shown["Without one effect in turn"] == f"{min(found.left_out):.2f} to {max(found.left_out):.2f}"
