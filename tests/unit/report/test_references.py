from __future__ import annotations

import re

import pytest

from compassion_trials.instruments.library import load_instruments
from compassion_trials.report.model import Link
from compassion_trials.report.sections.appendix import todo
from compassion_trials.report.sections.references import (
    MethodSource,
    cited_as,
    finished,
    in_text,
    library,
    reference,
    used,
)
from compassion_trials.tables.text import Run


def printed(content) -> str:
    return "".join(piece.address if isinstance(piece, Link) else piece.text for piece in content)


def test_an_article_in_apa_style():
    entry = next(entry for entry in library() if entry.key == "kenward_roger_1997")
    assert printed(reference(entry)) == (
        "Kenward, M. G., & Roger, J. H. (1997). Small sample inference for fixed effects from restricted maximum "
        "likelihood. Biometrics, 53(3), 983–997. https://doi.org/10.2307/2533558"
    )
    assert Run("Biometrics, 53", "italic") in reference(entry)


def test_a_book_has_its_title_in_italics():
    entry = next(entry for entry in library() if entry.key == "mcdonald_1999")
    assert printed(reference(entry)) == "McDonald, R. P. (1999). Test theory: A unified treatment. Lawrence Erlbaum."
    assert Run("Test theory: A unified treatment", "italic") in reference(entry)


def test_more_than_twenty_authors_are_cut():
    entry = MethodSource("many", (), tuple(f"A{i}, B." for i in range(21)), 2020, "Title", "Journal", "1")
    shown = printed(reference(entry))
    assert "A18, B., ... A20, B. (2020)" in shown
    assert "A19" not in shown


@pytest.mark.parametrize(
    ("authors", "shown"),
    [(("Holm, S.",), "Holm"), (("A, B.", "C, D."), "A & C"), (("A, B.", "C, D.", "E, F."), "A et al.")],
)
def test_citations_in_the_text(authors, shown):
    assert in_text(MethodSource("x", (), authors, 1999, "T")) == f"{shown} (1999)"


def test_only_what_the_methods_name_is_cited():
    keys = [entry.key for entry in used("Standard errors: Kenward-Roger. Hedges' g was corrected.")]
    assert keys == ["hedges_1981", "kenward_roger_1997"]
    assert used("Nothing of the kind.") == ()


def test_finished_citations_get_italics_and_en_dashes():
    found = finished("Neff, K. D. (2003). A scale. Self and Identity, 2(3), 223-250.")
    assert Run("Self and Identity, 2", "italic") in found
    assert printed(found).endswith("223–250.")
    assert printed(finished("Beck, A. T. (1996). Manual. Psychological Corporation")).endswith("Corporation.")


def test_title_of_a_book_in_a_finished_citation_is_in_italics():
    found = finished("Rosenberg, M. (1965). *Society and the adolescent self-image*. Princeton University Press.")
    assert Run("Society and the adolescent self-image", "italic") in found
    assert "*" not in printed(found)


@pytest.mark.parametrize(
    ("citation", "shown"),
    [
        ("Neff, K. D. (2003). A scale. Self and Identity, 2(3), 223-250.", "Neff, 2003"),
        ("Cox, J. L., & Holden, J. M. (1987). Title. Journal, 1, 2-3.", "Cox & Holden, 1987"),
        (
            "Kessler, R. C., Normand, S.-L. T., & Tóth-Király, I. (2002). Title. Journal, 1, 2-3.",
            "Kessler et al., 2002",
        ),
        ("The WHOQOL Group (1998). Title. Journal, 1, 2-3.", "The WHOQOL Group, 1998"),
        ("A manual without authors.", ""),
    ],
)
def test_finished_citations_are_cited_in_the_text(citation, shown):
    assert cited_as(citation) == shown


def test_every_shipped_questionnaire_can_be_cited():
    for instrument in load_instruments().values():
        for citation in instrument.references:
            assert cited_as(citation), instrument.id
            assert re.search(r"[.?] ", citation.partition(")")[2]), f"{instrument.id}: no title"


def test_what_was_not_confirmed_is_told_to_the_authors():
    assert "- [ ] Park et al., 2010: volume." in todo((), "Title", ("Park et al., 2010: volume",))
    assert "confirmed" not in todo((), "Title")


def test_entries_are_complete_and_in_sentence_case():
    for entry in library():
        assert entry.when, entry.key
        assert 1900 < entry.year < 2030
        assert entry.container or entry.publisher, entry.key
        assert all(", " in author and author.endswith(".") for author in entry.authors), entry.key
        assert not entry.title.endswith("."), entry.key
        assert "-" not in entry.pages or entry.pages.startswith("Paper"), entry.key
