import re

import pytest
from tests.unit.report.small_study import NASTY
from tests.unit.report.soundness import Page, contrast, page_flaws


@pytest.fixture(scope="module", params=["report", "nasty"])
def page(request) -> Page:
    context = request.getfixturevalue(request.param)
    return Page((context.results.report / "report.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize("study", ["report", "nasty"])
def test_page_is_accessible_and_asks_for_nothing_from_outside(study, request):
    context = request.getfixturevalue(study)
    source = (context.results.report / "report.html").read_text(encoding="utf-8")
    assert page_flaws(source) == []
    assert len(Page(source).all("img")) == 5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("</main>", "<script>1</script></main>", "there is a script"),
        ("<h2 ", "<h4 ", "before h4"),
        (' scope="col"', "", "head"),
        ('<html lang="en">', "<html>", "no language"),
        (' alt="', ' title="', "a picture has no words"),
        ("<caption>", "<p>", "a table has no caption"),
        ('id="summary"', 'id="gone"', "no part summary"),
    ],
)
def test_a_broken_page_is_found(report, old, new, said):
    source = (report.results.report / "report.html").read_text(encoding="utf-8")
    assert old in source
    assert any(said in flaw for flaw in page_flaws(source.replace(old, new, 1)))


def test_links_of_hostile_names_are_no_links(nasty):
    page = Page((nasty.results.report / "report.html").read_text(encoding="utf-8"))
    assert all("evil.test" not in attributes["href"] for attributes in page.all("a"))


def test_numbers_and_banner_are_there(report):
    shown = Page((report.results.report / "report.html").read_text(encoding="utf-8")).shown.replace("\u00a0", " ")
    assert "difference 0.20 points, 95% CI [0.05, 0.35]" in shown
    assert "SYNTHETIC DATA" in shown
    assert "ab" * 32 in shown  # hash of the raw file


def test_names_from_the_data_are_shown_as_they_are(nasty):
    page = Page((nasty.results.report / "report.html").read_text(encoding="utf-8"))
    assert f"A compassion course {NASTY}" in page.shown
    assert f"ACT workshop {NASTY} was compared with Wait-list {NASTY}" in page.shown


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
