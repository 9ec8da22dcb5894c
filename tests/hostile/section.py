"""The section of docs/validation.md on the hostile bench: ``python -m tests.hostile.section`` writes it."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
OUTCOME = Path(__file__).with_name("outcome.yaml")
PAGE = ROOT / "docs" / "validation.md"
TITLE = "## Hostile changes of raw files and plans"
NEXT = "## Small changes of meaning"
"""The section that follows on the page."""
WIDTH = 118
NAMES = (  # verdicts of `judge`, after two counts
    "kinds",
    "changes",
    "identical",
    "finding",
    "clean error",
    "SILENT",
    "TRACEBACK",
    "UNNAMED",
    "REFUSED",
    "UNCLEAN",
)
HEADS = ("Family", "Kinds", "Changes", "Identical", "Finding", "Clean error", "Silent", "Traceback", "Place not named",
         "Refused wrongly", "No sentence")  # fmt: skip


def section() -> str:
    """What came of the seeded changes, by family, and what the held-out families showed before they were mended."""
    outcome = yaml.safe_load(OUTCOME.read_text(encoding="utf-8"))
    held, run = outcome["held_out"], sum(figures["changes"] for figures in outcome["families"].values())
    about = (
        f"`make hostile`, {outcome['date']}, {run} of the {outcome['drawn']} seeded changes of the raw files and "
        "plans of the three design twins (few people, few questionnaires), and of real trials where they are present, "
        "each run through check and scoring. What must come of a change is known from how it was made: results that "
        "are the same to 1e-10, or a finding or an error that names the place, in a sentence. *Silent*: something "
        "changed or was lost without a word."
    )
    parts = [TITLE, "", fill(about, WIDTH), "", *_table(outcome["families"]), ""]
    parts += [*(f"{fill(words, WIDTH)}\n" for words in held["words"]), *_table(held["first"])]
    return "\n".join(parts) + "\n"


def _table(families: dict[str, dict[str, Any]]) -> list[str]:
    """Figures by family and over all."""
    every = {name: sum(figures.get(name, 0) for figures in families.values()) for name in NAMES}
    lines = ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    for family, figures in (*families.items(), ("all", every)):
        lines.append("| " + " | ".join([family, *(str(figures.get(name, 0)) for name in NAMES)]) + " |")
    return lines


def write() -> None:
    """Put the section before the one on small changes."""
    before, _, after = PAGE.read_text(encoding="utf-8").partition(NEXT)
    before = before.split(TITLE)[0].rstrip("\n")
    PAGE.write_bytes(f"{before}\n\n{section()}\n{NEXT}{after}".encode())


if __name__ == "__main__":
    write()
