"""The section of docs/validation.md on small changes: ``python tests/mutants/small_changes.py`` writes it."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
OUTCOME = Path(__file__).with_name("outcome.yaml")
PAGE = ROOT / "docs" / "validation.md"
TITLE = "## Small changes of meaning"
NAMES = ("drawn", "killed", "timeout", "equivalent", "survived", "untried")


def section() -> str:
    """How many small changes of the code the tests noticed, by package."""
    outcome = yaml.safe_load(OUTCOME.read_text(encoding="utf-8"))
    packages: dict[str, dict[str, int]] = outcome["packages"]
    every = {name: sum(figures[name] for figures in packages.values()) for name in NAMES}
    tried = every["killed"] + every["timeout"] + every["survived"]
    lines = [
        TITLE,
        "",
        f"`{outcome['command']}`, seed {outcome['seed']}, {outcome['date']}: a sample of small changes of the code (an",
        "operator, a limit, a number, a condition, a word of a list), stratified by package, each tried against the",
        f"nearest tests. {every['survived']} of the {tried} changes tried that are not equivalent survive "
        f"({100 * every['survived'] / max(tried, 1):.1f} %);",
        f"{every['untried']} of the {every['drawn']} drawn are not tried yet. Survivors stand in",
        "`tests/mutants/survivors.csv`, changes that alter nothing, each with its reason, in",
        "`tests/mutants/equivalent.yaml`. A change that makes tests run without end counts as noticed (time out).",
        "",
        "| Package | Drawn | Noticed | Time out | Equivalent | Survived | Not tried |",
        "|---|---|---|---|---|---|---|",
    ]
    for package, figures in (*packages.items(), ("all", every)):
        lines.append("| " + " | ".join([package, *(str(figures[name]) for name in NAMES)]) + " |")
    return "\n".join(lines) + "\n"


def write() -> None:
    """Put the section at the end of the page."""
    rest = PAGE.read_text(encoding="utf-8").split(TITLE)[0].rstrip("\n")
    PAGE.write_bytes(f"{rest}\n\n{section()}".encode())


if __name__ == "__main__":
    write()
