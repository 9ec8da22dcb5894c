"""Checks of the primary model: residuals against the normal distribution, covariance fitted against observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    POINTS,
    WIDTH,
    frame_size,
    new_figure,
    shorten,
    text_width,
    themed,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = tuple[float, ...]
BLUE, ORANGE = "#0072B2", "#D55E00"
SIZE = 7.5
TALLEST = 210.0
"""Greatest height of the plot of residuals in points, so that its line keeps its slope."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Ordered normalized residuals beside normal quantiles with their envelope; shape (observations,) each."""

    theoretical: Values
    observed: Values
    lower: Values
    upper: Values

    @property
    def outside(self) -> int:
        """Residuals outside the envelope."""
        return sum(not low <= v <= high for v, low, high in zip(self.observed, self.lower, self.upper, strict=True))


@dataclass(frozen=True, slots=True)
class VisitPair:
    """Correlation or standard deviation of two visits (the same visit twice: a standard deviation).

    Attributes
    ----------
    label : str
        Visits, and arm where arms differ.
    observed, fitted : float
        Standard deviation, or correlation.
    spread : bool
        Whether it is a standard deviation.
    """

    label: str
    observed: float
    fitted: float
    spread: bool


@themed
def residual_checks(quantiles: Quantiles | None, pairs: Sequence[VisitPair]) -> Figure:
    """Draw residuals at the left, standard deviations and correlations of visits at the right.

    Parameters
    ----------
    quantiles : Quantiles or None
        None when single residuals must not be shown.
    pairs : sequence of VisitPair

    Returns
    -------
    matplotlib.figure.Figure
    """
    parts = [part for part in ([p for p in pairs if p.spread], [p for p in pairs if not p.spread]) if part]
    deeps = [13.0 * len(part) + 6 for part in parts]
    height = max(sum(deeps) + 52.0 * len(parts) + 12, 220.0 if quantiles is not None else 0.0)
    across = WIDTH * POINTS
    figure = new_figure(WIDTH, height / POINTS)
    left = 0.0
    if quantiles is not None:
        left = 212.0
        tall = min(height - 66, TALLEST)
        axes = figure.add_axes((38 / across, (height - 30 - tall) / height, 160 / across, tall / height))
        _draw_quantiles(axes, quantiles)
    stub = min(max((text_width(p.label, SIZE) for p in pairs), default=0.0) + 12, (across - left) * 0.62)
    y = height - 14
    for part, deep in zip(parts, deeps, strict=True):
        frame = ((left + stub) / across, (y - 16 - deep) / height, (across - left - stub - 14) / across, deep / height)
        _draw_pairs(figure.add_axes(frame), part, stub)
        y -= deep + 52
    return figure


def _draw_quantiles(axes: Axes, quantiles: Quantiles) -> None:
    """Residuals, their envelope, the line of equality."""
    x = quantiles.theoretical
    axes.fill_between(x, quantiles.lower, quantiles.upper, color="#d9e6f2", lw=0)
    axes.axline((0, 0), slope=1, color=FAINT, lw=0.8, ls=(0, (4, 3)))
    axes.plot(x, quantiles.observed, ls="none", marker="o", ms=2.6, color=BLUE, mew=0)
    axes.set_xlabel("Normal quantile", fontsize=8)
    axes.set_ylabel("Normalized residual", fontsize=8, labelpad=2)
    axes.set_title("Residuals", fontsize=8.5, fontweight="bold", loc="left", pad=6)


def _draw_pairs(axes: Axes, pairs: Sequence[VisitPair], stub: float) -> None:
    """Observed and fitted values, a row per visit or pair of visits."""
    from matplotlib.transforms import blended_transform_factory

    across, _ = frame_size(axes)
    place = blended_transform_factory(axes.transAxes, axes.transData)
    for y, pair in enumerate(pairs):
        label = shorten(pair.label, stub - 8, SIZE)
        axes.text(-(stub - 2) / across, y, label, transform=place, fontsize=SIZE, va="center_baseline")
        axes.plot([pair.observed, pair.fitted], [y, y], color="#bbbbbb", lw=1, zorder=2)
        axes.plot(
            [pair.fitted],
            [y],
            ls="none",
            marker="D",
            ms=5.5,
            mew=0,
            color=ORANGE,
            label="fitted" if not y else "",
            zorder=3,
        )
        axes.plot(
            [pair.observed], [y], ls="none", marker="o", ms=5, mfc="none", mec=INK, mew=1.1,
            label="observed" if not y else "", zorder=4,
        )  # fmt: skip
    highest, lowest = (edge(edge(p.observed, p.fitted) for p in pairs) for edge in (max, min))
    axes.set_xlim(min(0.0, lowest * 1.1), highest * 1.12 if pairs[0].spread else 1.0)
    axes.set_ylim(len(pairs) - 0.3, -0.7)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(axis="x", labelsize=7.5)
    name = "Standard deviation" if pairs[0].spread else "Correlation"
    axes.set_xlabel(name, fontsize=8, labelpad=2)
    if pairs[0].spread:
        axes.legend(
            loc="lower left", bbox_to_anchor=(-stub / across - 0.03, 1.0), ncols=2, fontsize=8, handletextpad=0.1
        )
