"""From candidates to a verdict: the definition of the table first, another one named, nothing hidden."""

from __future__ import annotations

from compassion_trials.ledger.ledger_line import Candidate, PrintedQuestion, answer
from compassion_trials.ledger.reading.printed import exactly, printed


def question(shown: str, **found: float) -> PrintedQuestion:
    """A printed d of one table with the values that some definitions give."""
    return PrintedQuestion(
        study="made", table="t", source="Table 2", status="read", what=shown, statistic="d", number=printed(shown),
        candidates=tuple(Candidate(name, f"formula {name}", exactly(value)) for name, value in found.items()),
    )  # fmt: skip


def test_the_definition_that_gives_most_numbers_of_a_table_goes_first_and_exceptions_are_named():
    lines = answer(
        [
            question("0.50", a=0.41, b=0.501),
            question("0.60", a=0.599, b=0.601),
            question("0.70", a=0.702, b=0.80),
            question("0.80", a=0.70, b=0.799),
            question("0.90", a=0.10, b=0.20),
        ]
    )
    assert [line.definition for line in lines] == ["b", "b", "a", "b", "b"]
    assert [line.verdict for line in lines] == ["agrees"] * 4 + ["not reproduced"]
    assert [line.note for line in lines] == [
        "", "", "another definition than the rest of the table", "", "2 definitions tried, none gives it",
    ]  # fmt: skip


def test_a_number_rounded_twice_is_said_to_be_so():
    (line,) = answer([question("4.25", a=4.2446, b=1.0)])
    assert (line.verdict, line.definition) == ("rounded twice", "a")
