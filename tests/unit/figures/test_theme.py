import pytest

from compassion_trials.figures.parts.theme import arm_styles, printable, shorten, text_width, wrap


def test_wrapped_lines_fit_and_keep_every_word():
    text = "illness, moved away or otherwise prevented from coming to the assessment (n = 3)"
    lines = wrap(text, 120, 8)
    assert len(lines) > 1
    assert all(text_width(line, 8) <= 120 for line in lines)
    assert " ".join(lines) == text


def test_a_word_wider_than_the_line_is_cut_not_lost():
    lines = wrap("W" * 60, 100, 8)
    assert all(text_width(line, 8) <= 100 for line in lines)
    assert "".join(lines) == "W" * 60


def test_no_break_space_is_never_a_break():
    assert "(n\u00a0=\u00a012)" in wrap("Allocated to the course (n\u00a0=\u00a012)", 90, 8)[-1]


def test_shorten_marks_what_it_cuts():
    assert shorten("Wait-list", 200, 8) == "Wait-list"
    cut = shorten("Mindfulness-based cognitive therapy", 60, 8)
    assert cut.endswith("…")
    assert text_width(cut, 8) <= 60


@pytest.mark.parametrize(
    ("text", "shown"), [("a\nb\tc", "a b c"), ("x\x00y", "xy"), ("日本 æøå", "æøå"), ("$x$ <b>", "$x$ <b>")]
)
def test_only_characters_of_the_font_are_drawn(text, shown):
    assert printable(text) == shown


def test_arms_differ_in_colour_marker_and_line_and_the_control_is_grey():
    styles = arm_styles(("a", "b", "c", "d"), "b")
    for part in ("colour", "marker", "line"):
        assert len({getattr(style, part) for style in styles.values()}) == 4
    assert styles["b"] == arm_styles(("b", "z"), "b")["b"]
    red, green, blue = (int(styles["b"].colour[i : i + 2], 16) for i in (1, 3, 5))
    assert red == green == blue


def test_arm_colours_have_contrast_with_paper():
    for style in arm_styles(("a", "b", "c", "d", "e"), "e").values():
        channels = [int(style.colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 3.0  # WCAG 2.1, 1.4.11: graphics need 3:1
