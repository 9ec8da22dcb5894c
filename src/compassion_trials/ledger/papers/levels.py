"""Levels of labels over and beside the numbers of a table, and what each of them names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from compassion_trials.ledger.papers.grid import PaperTable
from compassion_trials.ledger.papers.layout import Kind, TableLayout, kind_of_head, kind_of_labels
from compassion_trials.ledger.papers.numbers import is_nothing, plain
from compassion_trials.ledger.papers.words import HeadWords, folded, head_words, size_of, visit_strength

Axis = Literal["column", "row"]

SEPARATOR: Final = re.compile(r"\s*[,;:|/_]\s*|\s+[-–—]\s+|\s*[–—]\s*")

MOST_ARMS: Final = 8
"""Labels of a level that may be arms; more are outcomes."""


@dataclass(frozen=True, slots=True)
class LabelLevel:
    """One level of labels.

    Attributes
    ----------
    axis : Axis
        Whether labels stand over columns or beside rows.
    labels : dict of int to str
        By column or row of the grid; columns or rows without a label are missing.
    kind : Kind
    place : str
        ``head``, ``stub`` or ``section``.
    sizes : dict of int to str
        n that a label beside rows names, as in ``App (n = 41)``, by row.
    guessed : bool
        Whether the kind was found by what the other levels leave open.
    """

    axis: Axis
    labels: dict[int, str]
    kind: Kind
    place: str
    guessed: bool = False
    sizes: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """Labels that other tables of the document use, folded, by what they name."""

    labels: dict[str, set[str]] = field(default_factory=dict)

    def kind(self, labels: Iterable[str]) -> Kind | None:
        """The kind of which all labels are known."""
        given = {folded(x) for x in labels if x}
        for kind in ("measure", "arm", "visit"):
            if given and given <= self.labels.get(kind, set()):
                return kind
        return None


def heads_of(table: PaperTable, layout: TableLayout) -> dict[int, list[HeadWords]]:
    """Heads over each column with numbers, from the top, each taken apart; one that spans rows counts once."""
    found: dict[int, list[HeadWords]] = {j: [] for j in layout.columns}
    for k, i in enumerate(layout.heads):
        row = table.cells[i]
        merged = any(cell.columns > 1 for cell in row)
        last = k == len(layout.heads) - 1
        current = ""
        for j in range(table.width):
            cell = row[j]
            text = plain(cell.text)
            again = k > 0 and table.cells[layout.heads[k - 1]][j] is cell and cell.rows > 1
            if text:
                current = text
            elif not merged and not last and j not in layout.stubs:
                text = current  # a CSV file cannot say that a head spans columns
            if j in layout.stubs:
                current = ""
            if j in found:
                found[j].append(HeadWords("") if again else head_words(text))
    return found


def levels_of(table: PaperTable, layout: TableLayout, known: KnownLabels) -> list[LabelLevel]:
    """All levels with their kinds; those that stay unclear are typed by what the others leave open."""
    heads = heads_of(table, layout)
    raw = [
        LabelLevel("column", {j: parts[k].rest for j, parts in heads.items() if parts[k].rest}, "unknown", "head")
        for k in range(len(layout.heads))
    ]
    raw += [_sized(LabelLevel("row", labels, kind, "stub")) for labels, kind in _stub_labels(table, layout)]
    raw += [_sized(LabelLevel("row", _section_labels(layout), "unknown", "section"))]
    apart = [part for level in raw if level.labels for part in _sections_apart(level)]
    return _by_elimination([part for level in apart if level.labels for part in _typed(level, known)])


def _sized(level: LabelLevel) -> LabelLevel:
    """A level beside rows with n taken out of its labels."""
    sizes = {i: size for i, text in level.labels.items() if (size := size_of(text)[1])}
    return replace(level, labels={i: size_of(text)[0] for i, text in level.labels.items()}, sizes=sizes)


def _stub_labels(table: PaperTable, layout: TableLayout) -> list[tuple[dict[int, str], Kind]]:
    """Labels beside the rows, by column; blanks at the beginning of a row repeat what stands above them."""
    found = []
    labels: list[dict[int, str]] = [{} for _ in layout.stubs]
    above = ["" for _ in layout.stubs]
    for i in range(layout.data[0], layout.data[-1] + 1):
        if i in layout.sections:
            above = ["" for _ in layout.stubs]
            continue
        leading = True
        for j in layout.stubs:
            text = plain(table.cells[i][j].text)
            if not text and leading:
                text = above[j]
            elif text:
                leading = False
            above[j] = text
            if text and i in layout.data and not is_nothing(text):
                labels[j][i] = text
    for j in layout.stubs:
        named = [plain(table.cells[i][j].text) for i in layout.heads]
        kinds = [kind for text in reversed(named) if text and (kind := kind_of_head(text))]
        found.append((labels[j], kinds[0] if kinds else "unknown"))
    return found


def _section_labels(layout: TableLayout) -> dict[int, str]:
    """For each row the last section above it."""
    found: dict[int, str] = {}
    current = ""
    for i in sorted({*layout.data, *layout.sections}):
        if i in layout.sections:
            current = f"{current}\n{layout.sections[i]}" if i - 1 in layout.sections else layout.sections[i]
        elif current:
            found[i] = current
    return found


def _sections_apart(level: LabelLevel) -> list[LabelLevel]:
    """Sections below sections as levels of their own."""
    depth = max(text.count("\n") for text in level.labels.values()) + 1
    if level.place != "section" or depth == 1:
        return [level]
    out: list[dict[int, str]] = [{} for _ in range(depth)]
    current = [""] * depth
    for i, text in sorted(level.labels.items()):
        parts = text.split("\n")
        current = [*current[: depth - len(parts)], *parts]
        for k, part in enumerate(current):
            if part:
                out[k][i] = part
    return [replace(level, labels=labels) for labels in out]


def _typed(level: LabelLevel, known: KnownLabels) -> list[LabelLevel]:
    """A level with its kind; one whose labels name two things comes apart."""
    if level.kind != "unknown":
        return [level]
    kind = known.kind(level.labels.values()) or kind_of_labels(level.labels.values())
    for split in (_at_separator, _at_visit) if kind == "visit" else ():
        parts = split(level.labels)
        kinds = [kind_of_labels(p.values()) for p in parts or ()]
        if parts and sorted(kinds) == ["arm", "visit"] and min(len(set(p.values())) for p in parts) > 1:
            pairs = zip(parts, kinds, strict=True)
            return [replace(level, labels=p, kind=k, guessed=split is _at_visit) for p, k in pairs]
    if kind in ("unknown", "arm", "measure"):
        for split in (_at_separator, _at_visit):
            parts = split(level.labels)
            if parts is not None:
                kinds = [known.kind(p.values()) or kind_of_labels(p.values()) for p in parts]
                if "visit" in kinds:
                    pairs = zip(parts, kinds, strict=True)
                    return [replace(level, labels=p, kind=k, guessed=split is _at_visit) for p, k in pairs]
    return [replace(level, kind=kind)]


def _at_separator(labels: Mapping[int, str]) -> list[dict[int, str]] | None:
    """Labels of two parts with a comma, dash or the like between them."""
    pieces = {k: SEPARATOR.split(text) for k, text in labels.items()}
    if not all(len(p) == 2 and all(p) for p in pieces.values()):
        return None
    return [{k: p[n] for k, p in pieces.items()} for n in (0, 1)]


def _at_visit(labels: Mapping[int, str]) -> list[dict[int, str]] | None:
    """Labels that end, or begin, with the words of a visit; cut so that both parts come again in other labels."""
    for backwards in (True, False):
        cuts = {text: _cuts(text.split(), backwards) for text in labels.values()}
        if not all(cuts.values()):
            continue
        times = [Counter(pair[n] for pairs in cuts.values() for pair in set(pairs)) for n in (0, 1)]
        best = {
            text: max(pairs, key=lambda pair: times[0][pair[0]] * times[1][pair[1]]) for text, pairs in cuts.items()
        }
        if len({pair[1] for pair in best.values()}) > 1:
            return [{k: best[text][n] for k, text in labels.items()} for n in (0, 1)]
    return None


def _cuts(words: list[str], backwards: bool) -> list[tuple[str, str]]:
    """Every way to take a label apart into a part without and a part with visit words, the longer visits first."""
    found = []
    for k in range(1, len(words)):
        ends = (words[:k], words[k:]) if backwards else (words[-k:], words[:-k])
        if visit_strength(" ".join(ends[1])) == 2:
            found.append((" ".join(ends[0]).strip(" ,;:-"), " ".join(ends[1]).strip(" ,;:-")))
    return found


def _by_elimination(levels: list[LabelLevel]) -> list[LabelLevel]:
    """Levels of unknown kind as what the table still lacks: outcomes first, then arms."""
    out = list(levels)

    def unknown() -> list[int]:
        return [k for k, level in enumerate(out) if level.kind == "unknown"]

    kinds = {level.kind for level in out}
    if "measure" not in kinds and unknown():
        many = max(unknown(), key=lambda k: (len(set(out[k].labels.values())), out[k].place == "stub"))
        out[many] = replace(out[many], kind="measure", guessed=len(unknown()) > 1)
    if "measure" not in kinds and not any(level.kind == "measure" for level in out):
        arms = [k for k, level in enumerate(out) if level.kind == "arm"]
        if len(arms) > 1:
            many = max(arms, key=lambda k: len(set(out[k].labels.values())))
            out[many] = replace(out[many], kind="measure", guessed=True)
    stubs = [level for level in out if level.kind == "measure" and level.place == "stub"]
    over = [k for k, level in enumerate(out) if level.kind == "measure" and level.place == "head"]
    if stubs and len(over) == 1 and "arm" not in kinds and len(set(out[over[0]].labels.values())) <= MOST_ARMS:
        out[over[0]] = replace(out[over[0]], kind="arm", guessed=True)  # outcomes stand beside the rows already
    if not {"arm", "comparison"} & {level.kind for level in out}:
        few = [k for k in unknown() if 2 <= len(set(out[k].labels.values())) <= MOST_ARMS]
        if len(few) == 1:
            out[few[0]] = replace(out[few[0]], kind="arm", guessed=True)
    return out
