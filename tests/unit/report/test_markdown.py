import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.report.small_study import NASTY

from compassion_trials.report.writers.markdown import READER, escape, raw
from compassion_trials.report.writers.pandoc import convert, put_back, set_aside


def through_pandoc(text: str) -> str:
    """What a reader sees of escaped text."""
    return convert(escape(text) + "\n", "plain", READER, "--wrap=none").decode("utf-8").removesuffix("\n")


@pytest.mark.parametrize(
    "text",
    [
        NASTY,
        "1. first",
        "- item",
        "# heading",
        "> quote",
        "a) b",
        "(@) x",
        "::: div",
        "```x",
        "| a | b |",
        ": def",
        "***",
        "a  --- b ...",
        "[^1]",
        "^[note]",
        "\\newpage",
        "$$x$$",
        "@cite",
        "[a]{.b}",
        "`x`{=html}",
        "x^2^",
        "~~s~~",
        "<div>",
        "&amp; &#65;",
        "http://a.b",
        "--",
    ],
)
def test_text_arrives_unchanged(text):
    assert through_pandoc(text) == text.replace("  ", " ")


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(codec="ascii", categories=["P", "S", "L", "N"]), min_size=1, max_size=40))
def test_any_printable_text_arrives_unchanged(text):
    assert through_pandoc(f"x{text}x") == f"x{text}x"


def test_line_breaks_and_control_characters_begin_no_block():
    assert escape("a\n\n# b\x00\u2028c") == r"a  \# b  c"


def test_raw_block_is_fenced_by_more_than_it_holds():
    block = raw("a ```` b", "html")
    assert block.startswith("`````{=html}\n")
    assert block.endswith("\n`````\n")


@pytest.mark.parametrize(("kind", "to"), [("html", "html5"), ("typst", "typst")])
def test_blocks_set_aside_come_back_as_they_were(kind, to):
    block = f"<b>{'```'} $ 1 <!--block:0--> /*block:0*/</b>"
    whole = f"Before <!--block:0--> /*block:0*/.\n\n{raw(block, kind)}\nAfter.\n"
    markdown = whole.replace("<!--block:0--> /*block:0*/.", escape("<!--block:0--> /*block:0*/."), 1)
    prose, kept = set_aside(markdown)
    assert kept == [block]
    assert block not in prose
    straight = convert(markdown, to, READER, "--wrap=none").decode("utf-8")
    assert put_back(convert(prose, to, READER, "--wrap=none").decode("utf-8"), kept, kind) == straight
