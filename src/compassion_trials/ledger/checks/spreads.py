"""Standard deviations of the arms that agree more than samples do: were they turned from errors of a model?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import log

from scipy.special import chdtr

from compassion_trials.core.findings import Finding
from compassion_trials.ledger.reading.cells import Cell, Cells, Place, measures_of
from compassion_trials.ledger.reading.model import Published, Table
from compassion_trials.ledger.reading.printed import Range

TOO_ALIKE = 1e-3
"""Lower tail of chi-squared below which the SDs of the arms agree too well for samples."""


def alike_spreads(name: str, study: Published, table: Table, here: Cells) -> Iterator[Finding]:
    """Outcomes whose printed SDs agree between the arms, visit after visit, more than those of samples do.

    One standard error from a model, taken times √n in each arm, gives such SDs: the model holds one variance for all.
    """
    for measure in measures_of(here):
        visits = {v: tuple(_sampled(here, (measure, "", v), study)) for v in study.visits}
        visits = {v: cells for v, cells in visits.items() if len(cells) > 1}
        if not visits:
            continue
        printed = [[(cell.sd_printed.range, cell.n) for cell in cells if cell.sd_printed and cell.n]
                   for cells in visits.values()]  # fmt: skip
        p, at_most = alike_p(printed)
        if at_most < TOO_ALIKE:
            label = study.measures[measure].label
            value = "; ".join(
                f"{study.visits[v]} {' / '.join(cell.sd_printed.text for cell in cells if cell.sd_printed)}"
                for v, cells in visits.items()
            )
            yield Finding(
                "note",
                "sd_from_model",
                f"{label}: the SDs of the arms agree more than those of samples do",
                file=name,
                column=table.name,
                value=value,
                expected=f"samples agree so with p = {p:.0e}, at most {at_most:.0e} whatever rounding hides",
                advice="the SDs may have been computed from standard errors of a model, which has one variance for "
                "all arms; an effect size over them is then not one over the SDs of the participants",
            )


def _sampled(here: Cells, place: Place, study: Published) -> Iterator[Cell]:
    """Cells of the arms at one visit with a printed SD and an n of two or more."""
    for arm in study.arms:
        cell = here.get((place[0], arm, place[2]))
        if cell is not None and cell.sd_printed is not None and cell.n is not None and cell.n > 1:
            yield cell


def alike_p(visits: list[list[tuple[Range, int]]]) -> tuple[float, float]:
    """Probability that SDs of independent samples agree as much as the printed ones, or more.

    At each visit the squared distances of ln SD from their weighted mean are summed over the arms, with the weight
    2 (n - 1): one over the variance of ln SD of normal scores by the delta method. Two arms give
    (ln SD ratio / SE)^2 with SE^2 = 1 / (2 (n1 - 1)) + 1 / (2 (n2 - 1)). The sum over visits is compared with the lower
    tail of chi-squared on (arms - 1) df per visit. Visits of the same people are not independent, which makes small
    sums more frequent: at a correlation of .6 between visits 1.2 times for three visits.

    Parameters
    ----------
    visits : list of list of (Range, int)
        By visit the SD and n of each arm, two arms or more.

    Returns
    -------
    tuple of float
        Of the SDs as printed; and of those that round to them and differ most, which counts for the paper.
    """
    df = sum(len(arms) - 1 for arms in visits)
    sums = [_sums(arms) for arms in visits]
    return float(chdtr(df, sum(s[0] for s in sums))), float(chdtr(df, sum(s[1] for s in sums)))


def _sums(arms: list[tuple[Range, int]]) -> tuple[float, float]:
    """Weighted sum of squares of ln SD at one visit: of the SDs as printed, and the largest that rounding allows."""
    ends: list[tuple[float, float]] = [(max(sd.lower, 1e-12), sd.upper) for sd, _ in arms]
    weights = [2.0 * (n - 1) for _, n in arms]
    largest = max(_sum_of_squares([log(sd) for sd in corner], weights) for corner in product(*ends))
    return _sum_of_squares([log(sd.value) for sd, _ in arms], weights), largest


def _sum_of_squares(values: list[float], weights: list[float]) -> float:
    """Weighted sum of squares about the weighted mean."""
    mean = sum(w * x for w, x in zip(weights, values, strict=True)) / sum(weights)
    return sum(w * (x - mean) ** 2 for w, x in zip(weights, values, strict=True))
