"""The path diagram of a mediation model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.core.results import Results
from compassion_trials.figures.parts.drawn import Drawn
from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    WIDTH,
    new_figure,
    themed,
    wrap,
)
from compassion_trials.figures.pictures.mechanism.mechanism import by_statistic, level_of, versus

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from compassion_trials.study.context import Context

ROW = 0.92
"""Height per mediator in inches."""
PER_FIGURE = 3
"""Diagrams on one figure."""
BOX = (1.72, 0.56)
"""Width and height of a box in inches."""


@dataclass(frozen=True, slots=True)
class Paths:
    """What the diagram shows; every path as text, with whether its interval leaves out zero.

    Attributes
    ----------
    arm, outcome : str
    mediators : tuple of str
    a, b : tuple of (str, bool)
    direct : tuple of (str, bool)
    lines : tuple of str
        Below the diagram: total and indirect effects.
    """

    arm: str
    outcome: str
    mediators: tuple[str, ...]
    a: tuple[tuple[str, bool], ...]
    b: tuple[tuple[str, bool], ...]
    direct: tuple[str, bool]
    lines: tuple[str, ...]


def drawn(context: Context, results: Results) -> Iterator[Drawn]:
    """The diagrams of all mediation models and pairs of arms, up to three below each other on a figure."""
    found = [
        _paths(context, rows, model, key, pair)
        for model in results.distinct("model", analysis="mediation")
        for key in results.distinct("outcome", analysis="mediation", model=model)
        for pair, rows in _pairs(results.rows(analysis="mediation", model=model, outcome=key))
    ]
    level = level_of(context)
    note = (
        f"Unstandardized paths with {level} confidence intervals, adjusted for the baselines of mediator and outcome; "
        "the indirect effect with the first interval of the table. Bold arrows: the interval leaves out zero. Only the "
        "arm was allocated; the path from mediator to outcome may be confounded."
    )
    pages = [found[i : i + PER_FIGURE] for i in range(0, len(found), PER_FIGURE)]
    for number, page in enumerate(pages, start=1):
        through = " and ".join(dict.fromkeys(name for paths in page for name in paths.mediators))
        part = f" (Part {number} of {len(pages)})" if len(pages) > 1 else ""
        said = (f"{paths.arm} by {', '.join(paths.mediators)} to {paths.outcome}: " for paths in page)
        alt = " ".join(f"{head}{'; '.join(paths.lines)}." for head, paths in zip(said, page, strict=True))
        name = "mediation" + (f".{number}" if len(pages) > 1 else "")
        title = f"Mediation Through {through}{part}"
        yield Drawn(
            name=name,
            title=title,
            note=note,
            alt=f"Path diagrams. {alt}",
            category="mediation",
            analyses=("mediation",),
            figure=draw(page),
        )


def _pairs(rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each pair of arms for which the paths could be estimated."""
    for pair in dict.fromkeys(term.partition(": ")[2] for term in rows["term"]):
        mine = rows[rows["term"].str.endswith(f": {pair}")]
        if not (mine["text"] == "not estimable").any():
            yield pair, mine


def _paths(context: Context, rows: pd.DataFrame, model: str, key: str, pair: str) -> Paths:
    """Texts of the diagram."""
    names, _, when = model.partition(" at ")
    mediators = names.split(" + ")
    design = context.plan.design

    def path(term: str, level: str = "", decimals: int = 2) -> tuple[str, bool]:
        value = by_statistic(rows[(rows["term"] == f"{term}: {pair}") & (rows["level"] == level)])
        clear = value["lower"] > 0 or value["upper"] < 0
        return f"{fixed(value['estimate'], decimals)} {interval(value['lower'], value['upper'], decimals)}", clear

    lines = [f"Total effect {path('total')[0]}"]
    several = len(mediators) > 1
    for name in mediators:
        through = f" through {context.outcomes[name].short}" if several else ""
        lines.append(f"Indirect effect{through} {path('indirect', name)[0]}")
    if several:
        lines.append(f"Indirect effect through all {path('indirect', 'all mediators')[0]}")
    return Paths(
        arm=versus(context, f"difference: {pair}"),
        outcome=f"{context.outcomes[key].short}, {design.visit_label(str(rows['visit'].iloc[0]))}",
        mediators=tuple(f"{context.outcomes[name].short}, {design.visit_label(when)}" for name in mediators),
        a=tuple(path("a", name) for name in mediators),
        b=tuple(path("b", name, 3) for name in mediators),
        direct=path("direct"),
        lines=tuple(lines),
    )


@themed
def draw(several: Sequence[Paths]) -> Figure:
    """Draw diagrams below each other.

    Parameters
    ----------
    several : sequence of Paths
        At least one.
    """
    heights = [_height(paths) for paths in several]
    figure = new_figure(WIDTH, sum(heights))
    top = sum(heights)
    for paths, height in zip(several, heights, strict=True):
        axes = figure.add_axes((0, (top - height) / sum(heights), 1, height / sum(heights)))
        axes.set(xlim=(0, WIDTH), ylim=(0, height))
        axes.axis("off")
        _draw_one(axes, paths)
        top -= height
    return figure


def _height(paths: Paths) -> float:
    """Height of a diagram in inches."""
    return (len(paths.mediators) + 1) // 2 * ROW + 0.57 + _base(paths)


def _base(paths: Paths) -> float:
    """Height of the direct path above the lower edge, in inches."""
    under = len(paths.mediators) // 2
    return 0.3 + 0.19 * len(paths.lines) + (0.5 + under * ROW if under else 0.38)


def _draw_one(axes: Axes, paths: Paths) -> None:
    """Boxes and arrows: arm left, outcome right, mediators above and below the direct path in turn."""
    base, text = _base(paths), 0.3 + 0.19 * len(paths.lines)
    left, right = (0.12 + BOX[0] / 2, base), (WIDTH - 0.12 - BOX[0] / 2, base)
    for k, (name, a, b) in enumerate(zip(paths.mediators, paths.a, paths.b, strict=True)):
        side = 1 if k % 2 == 0 else -1
        middle = (WIDTH / 2, base + side * ((k // 2 + 1) * ROW + 0.12))
        edge = side * BOX[1] / 2
        _arrow(axes, (left[0], base + edge), (middle[0] - BOX[0] / 2, middle[1]), *a, name="a")
        _arrow(axes, (middle[0] + BOX[0] / 2, middle[1]), (right[0], base + edge), *b, name="b")
        _box(axes, middle, name)
    _arrow(axes, (left[0] + BOX[0] / 2, base), (right[0] - BOX[0] / 2, base), *paths.direct, name="c′")
    _box(axes, left, paths.arm)
    _box(axes, right, paths.outcome)
    for i, line in enumerate(paths.lines):
        axes.text(WIDTH / 2, text - 0.16 - 0.19 * i, line, ha="center", va="center", fontsize=8.5)


def _box(axes: Axes, centre: tuple[float, float], words: str) -> None:
    """A box with at most three lines."""
    from matplotlib.patches import FancyBboxPatch

    x, y = centre[0] - BOX[0] / 2, centre[1] - BOX[1] / 2
    axes.add_patch(
        FancyBboxPatch((x, y), *BOX, boxstyle="round,pad=0,rounding_size=0.06", fc=PAPER, ec=FAINT, lw=1.0, zorder=3)
    )
    lines = wrap(words, (BOX[0] - 0.14) * POINTS, 8)[:3]
    axes.text(*centre, "\n".join(lines), ha="center", va="center", fontsize=8, zorder=4, linespacing=1.15)


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], words: str, clear: bool, *, name: str
) -> None:
    """An arrow with its number."""
    from matplotlib.patches import FancyArrowPatch

    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=11, shrinkA=0, shrinkB=2, color=INK if clear else FAINT,
            lw=1.8 if clear else 0.9,
        )
    )  # fmt: skip
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    axes.text(
        x, y - 0.16 if start[1] == end[1] else y, f"{name} = {words}", ha="center", va="center", fontsize=7.8,
        fontweight="bold" if clear else "normal", zorder=5, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.2},
    )  # fmt: skip
