import pytest

from compassion_trials.report.model import line
from compassion_trials.report.model import words as plain
from compassion_trials.report.wording import scale_end, series, told


def styled(sentence: str) -> str:
    """A sentence with its italics between stars and its subscripts between tildes."""
    marks = {"plain": "", "italic": "*", "subscript": "~"}
    return "".join(f"{marks[piece.style]}{piece.text}{marks[piece.style]}" for piece in told(sentence, "record:fit"))


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Paired t tests of the change", "Paired *t* tests of the change."),
        ("limits from the noncentral F distribution", "limits from the noncentral *F* distribution."),
        ("Family p values (n = 3)", "Family *p* values (*n* = 3)."),
        ("pooled with divisor n1 + n2", "pooled with divisor *n*~1~ + *n*~2~."),
        ("d_av and Hedges' g", "*d*~av~ and Hedges’ *g*."),
        ("Quality of Life Inventory (-6 to 6), pre-post", "Quality of Life Inventory (−6 to 6), pre-post."),
        ("the factor and the test of Ft", "the factor and the test of Ft."),
    ],
)
def test_symbols_of_sentences_are_set_as_apa_wants(sentence, shown):
    assert styled(sentence) == shown


@pytest.mark.parametrize(("parts", "shown"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b, and c"), ("", "")])
def test_a_series(parts, shown):
    assert plain(series([line(part) for part in parts]), {}) == shown


@pytest.mark.parametrize(("value", "shown"), [(20000.0, "20,000"), (-6.0, "−6"), (1.5, "1.5"), (0.0, "0")])
def test_ends_of_scales(value, shown):
    assert scale_end(value) == shown
