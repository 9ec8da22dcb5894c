"""Checks of the primary model: residuals against the normal distribution, covariance fitted against observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compassion_trials.figures.theme import FAINT, INK, PAPER, WIDTH, new_figure, themed, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = tuple[float, ...]
BLUE, ORANGE = "#0072B2", "#D55E00"


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
class Pair:
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
def residual_checks(quantiles: Quantiles | None, pairs: Sequence[Pair]) -> Figure:
    """Draw the checks side by side.

    Parameters
    ----------
    quantiles : Quantiles or None
        None when single residuals must not be shown.
    pairs : sequence of Pair

    Returns
    -------
    matplotlib.figure.Figure
    """
    deviations, correlations = [p for p in pairs if p.spread], [p for p in pairs if not p.spread]
    parts = [part for part in (deviations, correlations) if part]
    count = len(parts) + (quantiles is not None)
    height, left, gap = 2.75, 0.55, 0.62
    wide = (WIDTH - left - 0.12 - gap * (count - 1)) / count
    figure = new_figure(WIDTH, height)
    frames = [(left + i * (wide + gap), 0.5, wide, height - 0.5 - 0.42) for i in range(count)]
    axes = [figure.add_axes(tuple(v / (WIDTH, height)[k % 2] for k, v in enumerate(f))) for f in frames]  # type: ignore[arg-type]
    if quantiles is not None:
        _draw_quantiles(axes[0], quantiles)
    for part, place in zip(parts, axes[count - len(parts) :], strict=True):
        _draw_pairs(place, part)
    return figure


def _draw_quantiles(axes: Axes, quantiles: Quantiles) -> None:
    """Residuals, their envelope, the line of equality."""
    x = quantiles.theoretical
    axes.fill_between(x, quantiles.lower, quantiles.upper, color="#d9e6f2", lw=0)
    axes.axline((0, 0), slope=1, color=FAINT, lw=0.8, ls=(0, (4, 3)))
    axes.plot(x, quantiles.observed, ls="none", marker="o", ms=3.2, color=BLUE, mec=PAPER, mew=0.3)
    axes.set_xlabel("Normal quantile", fontsize=8)
    axes.set_ylabel("Normalized residual", fontsize=8, labelpad=2)
    axes.set_title("Residuals", fontsize=8.5, fontweight="bold", loc="left", pad=14)


def _draw_pairs(axes: Axes, pairs: Sequence[Pair]) -> None:
    """Observed and fitted values beside each other, a column per visit or pair of visits."""
    x = range(len(pairs))
    axes.vlines(x, [min(p.observed, p.fitted) for p in pairs], [max(p.observed, p.fitted) for p in pairs], color="#bbbbbb", lw=1)
    axes.plot(x, [p.fitted for p in pairs], ls="none", marker="D", ms=5.5, color=ORANGE, label="fitted")
    axes.plot(x, [p.observed for p in pairs], ls="none", marker="o", ms=5, mfc="none", mec=INK, mew=1.1, label="observed")
    axes.set_xlim(-0.6, len(pairs) - 0.4)
    highest = max(max(p.observed, p.fitted) for p in pairs)
    lowest = min(min(p.observed, p.fitted) for p in pairs)
    top = highest * 1.15 if pairs[0].spread else 1.0
    axes.set_ylim(min(0.0, lowest * 1.1), top)
    long = max(len(p.label) for p in pairs) * len(pairs) > 26
    labels = ["\n".join(wrap(p.label, 66, 7.5)[:1]) if long else p.label for p in pairs]
    axes.set_xticks(list(x), labels, rotation=32 if long else 0, ha="right" if long else "center", fontsize=7.5)
    axes.grid(axis="y", color="#e6e6e6", lw=0.6)
    axes.set_axisbelow(True)
    name = "Standard deviations" if pairs[0].spread else "Correlations of visits"
    axes.set_title(name, fontsize=8.5, fontweight="bold", loc="left", pad=14)
    axes.legend(loc="lower right", bbox_to_anchor=(1.03, 0.97), ncols=2, fontsize=7.5, handletextpad=0.1, columnspacing=0.6, borderaxespad=0)
