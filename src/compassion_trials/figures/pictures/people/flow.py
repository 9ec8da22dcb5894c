"""Flow diagram of participants, in the form that CONSORT 2025 and TREND ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from compassion_trials.figures.parts.theme import (
    FAINT,
    INK,
    PAPER,
    POINTS,
    WIDTH,
    italic_n,
    new_figure,
    themed,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Reasons = tuple[tuple[str, int], ...]
"""Reason and number of people."""

SIZE: Final = 8.0
LEAD: Final = 10.5
"""Distance of lines in points."""
PAD: Final = 5.0
NO_BREAK: Final = "\u00a0"
GAP: Final = 16.0
"""Space between boxes, room for an arrow."""


@dataclass(frozen=True, slots=True)
class VisitCount:
    """One arm at one visit.

    Attributes
    ----------
    label : str
        Name of the visit.
    assessed : int or None
        Participants with any answer; None when the arm was not to be assessed.
    missing : int
        Allocated participants without.
    reasons : tuple of (str, int)
        Why, as far as known.
    """

    label: str
    assessed: int | None
    missing: int
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class FlowArm:
    """One arm from allocation to analysis; ``analysed`` is None when not known."""

    label: str
    allocated: int
    visits: tuple[VisitCount, ...]
    analysed: int | None
    withdrawn: int | None = None
    stopped: int = 0
    why_stopped: Reasons = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """The whole diagram.

    Attributes
    ----------
    verb : str
        ``Randomized``, ``Allocated`` or ``Enrolled``, as the design allows.
    screened, excluded : int or None
        Before allocation, when known.
    reasons : tuple of (str, int)
        Reasons of exclusion.
    arms : tuple of FlowArm
        One to four.
    analysed_label : str
        Which analysis ``analysed`` counts.
    """

    verb: str
    screened: int | None
    excluded: int | None
    reasons: Reasons
    arms: tuple[FlowArm, ...]
    analysed_label: str = "Analysed"


@dataclass(frozen=True, slots=True)
class _Box:
    """A box whose text is already broken into lines, each with whether it is bold."""

    lines: tuple[tuple[str, bool], ...]
    width: float

    @property
    def height(self) -> float:
        """Height in points."""
        return len(self.lines) * LEAD + 2 * PAD


@themed
def flow_diagram(flow: Flow) -> Figure:
    """Draw the flow of participants from screening to analysis.

    Parameters
    ----------
    flow : Flow

    Returns
    -------
    matplotlib.figure.Figure
        6.5 inches wide, as high as its text needs.
    """
    width = WIDTH * POINTS
    column = min(230.0, (width - 12 * (len(flow.arms) - 1) - 4) / max(len(flow.arms), 1))
    top = _top_boxes(flow)
    ranks = _ranks(flow, column)
    rank_heights = [max(box.height for box in rank) for rank in ranks]
    side = _excluded_box(flow)
    joints = GAP * (len(ranks) - 1 + len(top) + 0.8 * (len(flow.arms) > 1)) + (
        max(side.height + 10, GAP) if side else 0
    )
    height = sum(box.height for box in top) + sum(rank_heights) + joints + 18
    axes = _canvas(width, height)
    y = _draw_top(axes, top, side, width, height - 14)
    _draw_arms(axes, ranks, rank_heights, column, width, y)
    return cast("Figure", axes.figure)


def _canvas(width: float, height: float) -> Axes:
    """Axes that cover the figure, in points."""
    figure = new_figure(width / POINTS, height / POINTS)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return axes


def _top_boxes(flow: Flow) -> list[_Box]:
    """Boxes above the arms."""
    boxes = []
    if flow.screened is not None:
        boxes.append(_box([f"Assessed for eligibility (n = {flow.screened})"], 190))
    total = sum(arm.allocated for arm in flow.arms)
    if len(flow.arms) > 1:
        boxes.append(_box([f"{flow.verb} (n = {total})"], 190))
    return boxes


def _excluded_box(flow: Flow) -> _Box | None:
    """The box beside the screening line."""
    if not flow.excluded or flow.screened is None:
        return None
    return _box([f"Excluded (n = {flow.excluded})", *_bullets(flow.reasons)], 190)


def _ranks(flow: Flow, column: float) -> list[list[_Box]]:
    """Rows of boxes, one box per arm in each: allocation, every visit, analysis."""
    word = "Allocated to" if flow.verb != "Enrolled" else "Enrolled in"
    ranks = [[_box([f"{word} {arm.label} (n = {arm.allocated})", *_stopped(arm)], column) for arm in flow.arms]]
    for i in range(len(flow.arms[0].visits)):
        ranks.append([_visit_box(arm.visits[i], column) for arm in flow.arms])
    if any(arm.withdrawn for arm in flow.arms):
        ranks.append([_box([f"Withdrew at any time (n = {arm.withdrawn or 0})"], column) for arm in flow.arms])
    if any(arm.analysed is not None for arm in flow.arms):
        ranks.append([_analysed_box(flow.analysed_label, arm, column) for arm in flow.arms])
    return ranks


def _stopped(arm: FlowArm) -> list[str]:
    """Who stopped the treatment, and why."""
    return [f"Stopped the treatment (n = {arm.stopped})", *_bullets(arm.why_stopped)] if arm.stopped else []


def _visit_box(visit: VisitCount, column: float) -> _Box:
    """A visit: who was assessed, who was not and why."""
    if visit.assessed is None:
        return _box([f"{visit.label}: not planned"], column)
    lines = [f"{visit.label}: assessed (n = {visit.assessed})"]
    if visit.missing:
        lines += [f"Not assessed (n = {visit.missing})", *_bullets(visit.reasons)]
    return _box(lines, column)


def _analysed_box(label: str, arm: FlowArm, column: float) -> _Box:
    """The last box of an arm."""
    if arm.analysed is None:
        return _box([f"{label}: not in this analysis"], column)
    left = arm.allocated - arm.analysed
    return _box([f"{label} (n = {arm.analysed})", *([f"Not analysed (n = {left})"] if left > 0 else [])], column)


def _bullets(reasons: Reasons) -> list[str]:
    """Reasons as lines, most frequent first as given."""
    return [f"• {reason} (n = {n})" for reason, n in reasons]


def _box(texts: list[str], width: float) -> _Box:
    """A box with its texts broken to the width; ``(n = 12)`` is never torn apart."""
    lines: list[tuple[str, bool]] = []
    for i, text in enumerate(texts):
        broken = wrap(text.replace("(n = ", f"(n{NO_BREAK}={NO_BREAK}"), width - 2 * PAD - 12, SIZE, bold=i == 0)
        indent = "   " if text.startswith("•") else ""
        lines += [(line if j == 0 else indent + line, i == 0) for j, line in enumerate(broken)]
    return _Box(tuple(lines), width)


def _draw_top(axes: Axes, boxes: list[_Box], side: _Box | None, width: float, y: float) -> float:
    """Draw the boxes above the arms; returns the lower edge of the last one."""
    middle = width / 2
    if not boxes:
        return y + GAP
    for i, box in enumerate(boxes):
        _draw(axes, box, middle - box.width / 2, y, centre=True)
        y -= box.height
        if i == 0 and side is not None:
            room = max(side.height + 10, GAP)
            centre, left = y - room / 2, width - side.width - 4
            axes.plot([middle, middle], [y, y - room], color=INK, lw=0.8)
            _arrow(axes, (middle, centre), (left, centre))
            _draw(axes, side, left, centre + side.height / 2)
            y -= room
        if i + 1 < len(boxes):
            _arrow(axes, (middle, y), (middle, y - GAP))
            y -= GAP
    return y


def _draw_arms(
    axes: Axes, ranks: list[list[_Box]], heights: list[float], column: float, width: float, y: float
) -> None:
    """Draw the columns of the arms below ``y``."""
    arms = len(ranks[0])
    free = (width - arms * column) / (arms + 1) if arms * column < width - 20 * arms else 0.0
    step = (width - 4 - column) / max(arms - 1, 1) if not free else column + free
    lefts = [(free or 2) + i * step for i in range(arms)] if arms > 1 else [(width - column) / 2]
    centres = [left + column / 2 for left in lefts]
    from_top = y < axes.get_ylim()[1]  # boxes stand above
    if arms > 1:
        bar = y - GAP * 0.8
        axes.plot([width / 2, width / 2], [y, bar], color=INK, lw=0.8)
        axes.plot([centres[0], centres[-1]], [bar, bar], color=INK, lw=0.8)
        y = bar
    for rank, height in zip(ranks, heights, strict=True):
        first = rank is ranks[0]
        centred = first and all(bold for box in rank for _, bold in box.lines)
        for box, left, centre in zip(rank, lefts, centres, strict=True):
            if not first or from_top:
                _arrow(axes, (centre, y), (centre, y - GAP))
            _draw(axes, _Box(box.lines, box.width), left, y - GAP, height=height, centre=centred)
        y -= GAP + height


def _draw(axes: Axes, box: _Box, left: float, top: float, height: float | None = None, centre: bool = False) -> None:
    """One box and its text."""
    from matplotlib.patches import Rectangle

    tall = height or box.height
    axes.add_patch(Rectangle((left, top - tall), box.width, tall, facecolor=PAPER, edgecolor=FAINT, linewidth=0.9))
    x = left + box.width / 2 if centre else left + PAD + 2
    start = top - PAD - (tall - box.height) / 2 if centre else top - PAD
    for i, (line, bold) in enumerate(box.lines):
        y = start - i * LEAD - LEAD / 2 - SIZE * 0.36  # from the middle of the line down to its base
        italic_n(axes, x, y, line, SIZE, bold=bold, centre=centre)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow between two points."""
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8},
    )
