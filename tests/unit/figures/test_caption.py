"""Captions for the workflow's report."""

from __future__ import annotations

from docutils.core import publish_parts

from compassion_trials.figures.parts.caption import caption

NASTY = "*a* `b`_ |c| :role:`d` \\e .. include:: /etc/passwd <script> _f__ [1]_"


def test_no_character_is_markup() -> None:
    body = publish_parts(caption(NASTY, f".. raw:: html\n\n   {NASTY}", ("primary",)), writer="html")["body"]
    assert "<script>" not in body
    assert "problematic" not in body
    assert "system-message" not in body
    assert body.count("*a* `b`_ |c| :role:`d` \\e .. include:: /etc/passwd") == 2
    assert "Analyses: primary." in body
