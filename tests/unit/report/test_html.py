import itertools
import re
from html.parser import HTMLParser

import pytest
from tests.unit.report.small_study import NASTY


class Page(HTMLParser):
    """What the tests want to know about a page."""

    def __init__(self, source: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shown = ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.shown += data

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.fixture(scope="module", params=["report", "nasty"])
def page(request) -> Page:
    context = request.getfixturevalue(request.param)
    return Page((context.results.report / "report.html").read_text(encoding="utf-8"))


def test_no_scripts_and_nothing_from_outside(page):
    assert not page.all("script", "iframe", "link", "object", "embed", "form")
    for attributes in page.all("img"):
        assert attributes["src"].startswith("data:image/svg+xml;base64,")
    for tag, attributes in page.tags:
        assert not any(
            name.startswith("on") or (name == "style" and "url" in (value or "")) for name, value in attributes.items()
        ), tag
    for attributes in page.all("a"):
        assert attributes["href"].startswith(("#", "https://doi.org/", "http"))
        assert "evil.test" not in attributes["href"]


def test_page_has_language_title_viewport_and_landmarks(page):
    assert page.all("html")[0]["lang"] == "en"
    assert any(attributes.get("name") == "viewport" for attributes in page.all("meta"))
    assert len(page.all("main")) == 1
    assert page.all("nav")[0]["aria-label"]


def test_headings_go_down_one_level_at_a_time(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_every_picture_has_words_and_every_table_heads(page):
    assert len(page.all("img")) == 5
    assert all(len(attributes["alt"]) > 40 for attributes in page.all("img"))
    assert page.all("th")
    assert all(attributes.get("scope") in {"col", "row", "colgroup", "rowgroup"} for attributes in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))


def test_every_link_inside_leads_somewhere_and_ids_are_unique(page):
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    inside = [attributes["href"][1:] for attributes in page.all("a") if attributes["href"].startswith("#")]
    assert inside
    assert set(inside) <= set(ids)


def test_numbers_and_banner_are_there(report):
    shown = Page((report.results.report / "report.html").read_text(encoding="utf-8")).shown.replace("\u00a0", " ")
    assert "difference 0.20 points, 95% CI [0.05, 0.35]" in shown
    assert "SYNTHETIC DATA" in shown
    assert "ab" * 32 in shown  # hash of the raw file


def test_names_from_the_data_are_shown_as_they_are(nasty):
    page = Page((nasty.results.report / "report.html").read_text(encoding="utf-8"))
    assert f"A compassion course {NASTY}" in page.shown
    assert f"ACT workshop {NASTY} was compared with Wait-list {NASTY}" in page.shown


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    digits = colour.lstrip("#")
    digits = "".join(2 * c for c in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_text_stands_out_from_its_ground(report):
    style = (report.results.report / "report.html").read_text(encoding="utf-8").partition("<style>")[2]
    style = style.partition("</style>")[0]
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", style))
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", style)
    tested = 0
    for where, body in rules:
        ink = re.search(r"(?<![-\w])color: (?:var\(--(\w+)\)|(#[0-9a-f]{3,6}))", body)
        if not ink:
            continue
        ground = re.search(r"background: (?:var\(--(\w+)\)|(#[0-9a-f]{3,6}))", body)
        colours = [named[m[1]] if m and m[1] else (m[2] if m else "#ffffff") for m in (ink, ground)]
        assert contrast(*colours) >= 4.5, where
        tested += 1
    assert tested >= 5


def test_figures_enlarge_and_come_back_without_scripts(report):
    page = Page((report.results.report / "report.html").read_text(encoding="utf-8"))
    links = {attributes["href"] for attributes in page.all("a")}
    pictures = [attributes["id"] for attributes in page.all("div") if attributes.get("class") == "picture"]
    assert len(pictures) == 5
    for picture in pictures:
        assert f"#{picture}" in links
        assert f"#{picture.replace('enlarged-', 'figure-')}" in links
