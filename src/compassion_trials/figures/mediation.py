"""The path diagram of a mediation model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.core.numbers import fixed, interval
from compassion_trials.figures.drawn import Drawn
from compassion_trials.figures.lookup import Lookup
from compassion_trials.figures.mechanism import by_statistic, level_of, stem, versus
from compassion_trials.figures.theme import FAINT, INK, PAPER, POINTS, WIDTH, new_figure, themed, wrap

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from compassion_trials.study.context import Context

ROW = 0.92
"""Height per mediator in inches."""
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


def drawn(context: Context, results: Lookup) -> Iterator[Drawn]:
    """One diagram per mediation model and pair of arms."""
    for model in results.distinct("model", analysis="mediation"):
        for key in results.distinct("outcome", analysis="mediation", model=model):
            rows = results.rows(analysis="mediation", model=model, outcome=key)
            for pair in dict.fromkeys(term.partition(": ")[2] for term in rows["term"]):
                mine = rows[rows["term"].str.endswith(f": {pair}")]
                if (mine["text"] == "not estimable").any():
                    continue
                paths = _paths(context, mine, model, key, pair)
                level = level_of(context)
                note = (
                    f"Unstandardized paths with {level} confidence intervals, adjusted for the baselines of mediator "
                    "and outcome; the indirect effect with its bootstrap interval. Bold arrows: the interval leaves "
                    "out zero. Only the arm was allocated; the path from mediator to outcome may be confounded."
                )
                alt = f"Path diagram. {'; '.join(paths.lines)}."
                outcome = context.outcomes[key].short
                title = f"Mediation: {', '.join(paths.mediators)} and {outcome}"
                name = f"mediation.{stem(model, key, pair)}"
                yield Drawn(name, title, note, alt, "mediation", ("mediation",), draw(paths))


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
        versus(context, f"difference: {pair}"),
        f"{context.outcomes[key].short}, {design.visit_label(str(rows['visit'].iloc[0]))}",
        tuple(f"{context.outcomes[name].short}, {design.visit_label(when)}" for name in mediators),
        tuple(path("a", name) for name in mediators),
        tuple(path("b", name, 3) for name in mediators),
        path("direct"),
        tuple(lines),
    )


@themed
def draw(paths: Paths) -> Figure:
    """Draw boxes and arrows: arm left, outcome right, mediators above and below the direct path in turn."""
    n = len(paths.mediators)
    above, under = (n + 1) // 2, n // 2
    text = 0.3 + 0.19 * len(paths.lines)
    base = text + (0.5 + under * ROW if under else 0.38)
    height = above * ROW + 0.57 + base
    figure = new_figure(WIDTH, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(0, height)
    axes.axis("off")
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
    return figure


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
