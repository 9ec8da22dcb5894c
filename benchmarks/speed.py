"""Speed of the mixed models next to statsmodels, and to lme4 and nlme when Rscript is there.

Every time is the best of several runs and includes all that a user waits for, from the data frame to contrasts with
Kenward-Roger. Seconds do not carry over to other machines; ratios within one run do.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from trials import patterns, trial

from compassion_trials.models import fit_mmrm
from compassion_trials.models.replicates.resample import parametric_bootstrap

SEED = 7
SIZES = (60, 500, 5_000, 50_000)
GLS_UP_TO = 500
"""nlme::gls needs 10 s at 5 000."""
STATSMODELS_QUICK = 5_000
REFITS = 10_000


def sizes(quick: bool) -> None:
    """One fit with all contrasts, over the number of people."""
    title("Fit from a data frame: 4 visits, unstructured, Kenward-Roger, arm contrasts and changes")
    line("people", "ours", "statsmodels", "ratio", "lme4 lmer", "ratio", "nlme gls us", "ratio")
    for n in SIZES:
        frame = trial(n, 4, SEED)
        ours = best(lambda frame=frame: everything(frame), 30 if n <= 500 else 3)
        slow = quick and n > STATSMODELS_QUICK
        python = (
            None
            if slow
            else best(lambda frame=frame: statsmodels_intercept(frame), 5 if n <= 500 else 1, warm=n <= 500)
        )
        lmer = r_seconds(frame, "lmer", 3)
        gls = r_seconds(frame, "gls", 1) if n <= GLS_UP_TO else None
        line(
            f"{n:,}",
            *(cell for other in ((ours,), (python, ours), (lmer, ours), (gls, ours)) for cell in cells(*other)),
        )
    print("statsmodels and lme4 fit a random intercept only: one correlation for all pairs of visits, one variance.")


def refits(quick: bool) -> None:
    """Parametric bootstrap from resampled sufficient statistics."""
    count = 1_000 if quick else REFITS
    title(f"{count:,} refits of an unstructured covariance, parametric bootstrap")
    line("people", "seconds", "per refit", "converged")
    for n in (60, 500, 5_000):
        fit = fit_mmrm(trial(n, 4, SEED), **names(4))
        started = time.perf_counter()
        found = parametric_bootstrap(fit, count, seed=1)
        seconds = time.perf_counter() - started
        line(f"{n:,}", shown(seconds), shown(seconds / count), f"{100 * found.converged.mean():.2f} %")


def many_patterns() -> None:
    """The worst case: ten visits with intermittent gaps."""
    frame = trial(1_000, 10, SEED, gaps=0.08, dropout=0.03)
    title(f"1,000 people, 10 visits, {patterns(frame)} patterns, 55 covariance parameters")
    line("", "ours", "lme4 lmer", "ratio")
    ours = best(lambda: everything(frame, 10), 3)
    line("", *cells(ours), *cells(r_seconds(frame, "lmer", 1), ours))


def everything(frame: pd.DataFrame, visits: int = 4) -> None:
    """What a user asks for."""
    fit = fit_mmrm(frame, **names(visits))
    fit.contrasts("arm")
    fit.contrasts("change_from_baseline")


def names(visits: int) -> dict[str, object]:
    """Columns and labels of the benchmark trials."""
    labels = [f"v{k:02d}" for k in range(visits)]
    return {"outcome": "y", "subject": "id", "visit": "visit", "arm": "arm", "reference": "Control", "visits": labels}


def statsmodels_intercept(frame: pd.DataFrame) -> None:
    """statsmodels' random intercept from the same data frame."""
    import statsmodels.formula.api as smf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smf.mixedlm("y ~ arm * visit", frame, groups="id").fit()


def r_seconds(frame: pd.DataFrame, routine: str, repeats: int) -> float | None:
    """Seconds per fit measured inside R, or None without R or the package."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        frame.to_csv(path, index=False)
        script = Path(__file__).with_name("bench.R")
        done = subprocess.run(
            [rscript, script, path, routine, str(repeats)], capture_output=True, text=True, check=False
        )
    return float(done.stdout.split()[-1]) if done.returncode == 0 and done.stdout.strip() else None


def best(function: Callable[[], object], repeats: int, warm: bool = True) -> float:
    """Shortest of several runs, after one that warms up."""
    if warm:
        function()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return min(times)


def cells(seconds: float | None, ours: float | None = None) -> tuple[str, ...]:
    """A time, and how many times ours it is."""
    if ours is None:
        return (shown(seconds),)
    return (shown(seconds), "" if seconds is None else f"{seconds / ours:,.1f}")


def shown(seconds: float | None) -> str:
    """Seconds with a unit that fits."""
    if seconds is None:
        return "-"
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def title(text: str) -> None:
    """Heading of a table."""
    print(f"\n{text}", flush=True)


def line(*values: str) -> None:
    """One line of a table."""
    print("".join(f"{value:>14}" for value in values), flush=True)
