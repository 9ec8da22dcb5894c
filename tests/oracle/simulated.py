"""The small trials on which R and this project are compared: simulated here, or classic data entered by value.

``python tests/oracle/simulated.py`` writes them to ``tests/oracle/data``, one CSV each, for the R scripts; a test
checks that the files are what this module makes. Values are rounded, so that R and Python read the same numbers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).parent / "data"
SEED = 20260301

SLEEP = {
    "drug 1": (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0),
    "drug 2": (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
}
"""Extra hours of sleep of ten patients under two drugs (Student 1908, doi:10.1093/biomet/6.1.1; R's ``sleep``)."""

GIRLS = """21 20 21.5 23; 21 21.5 24 25.5; 20.5 24 24.5 26; 23.5 24.5 25 26.5; 21.5 23 22.5 23.5; 20 21 21 22.5;
21.5 22.5 23 25; 23 23 23.5 24; 20 21 22 21.5; 16.5 19 19 19.5; 24.5 25 28 28"""
BOYS = """26 25 29 31; 21.5 22.5 23 26.5; 23 22.5 24 27.5; 25.5 27.5 26.5 27; 20 23.5 22.5 26; 24.5 25.5 27 28.5;
22 22 24.5 26.5; 24 21.5 24.5 25.5; 23 20.5 31 26; 27.5 28 31 31.5; 23 23 23.5 25; 21.5 23.5 24 28; 17 24.5 26 29.5;
22.5 25.5 25.5 26; 23 24.5 26 30; 22 21.5 23.5 25"""
"""Distance pituitary to pterygomaxillary fissure (mm) at 8, 10, 12, 14 years (Potthoff & Roy 1964,
doi:10.1093/biomet/51.3-4.313)."""


def trials() -> dict[str, pd.DataFrame]:
    """Every data set by name: long, one row per person and visit attended; columns id, arm, visit, weeks, y, more."""
    makers = (two_arms, three_arms, slopes, partly_grouped, grouped, one_arm)
    made = {make.__name__: make(np.random.default_rng([SEED, number])) for number, make in enumerate(makers)}
    return made | {"sleep": sleep(), "growth": growth()}


def two_arms(random: np.random.Generator) -> pd.DataFrame:
    """20 per arm, pre, post, fu; variances and correlations unequal; a fifth leaves, more likely after a bad score."""
    arms = np.repeat(["Control", "Course"], 20)
    sigma = covariance([4.0, 6.0, 7.0], [[1, 0.6, 0.45], [0.6, 1, 0.7], [0.45, 0.7, 1]])
    mean = {"Control": (30.0, 29.0, 28.0), "Course": (30.0, 26.0, 25.5)}
    y = outcomes(random, arms, mean, sigma)
    age = random.integers(19, 66, size=40)
    y += 0.1 * (age - 40)[:, None]
    y[leaves(random, y, share=0.12)] = np.nan
    return long(y, arms, ("pre", "post", "fu"), (0, 8, 26), age=age)


def three_arms(random: np.random.Generator) -> pd.DataFrame:
    """17, 15 and 16 people, four visits, two strata, intermittent gaps and dropout."""
    arms = np.repeat(["Waitlist", "Course", "Reading"], [17, 15, 16])
    lag = np.abs(np.subtract.outer(range(4), range(4)))
    sigma = covariance([5.0, 5.5, 7.0, 6.5], 0.75**lag)
    mean = {"Waitlist": (50, 50, 49, 49), "Course": (50, 47, 44, 45), "Reading": (50, 49, 47, 47)}
    y = outcomes(random, arms, mean, sigma)
    stratum = np.where(random.uniform(size=len(arms)) < 0.4, "high", "low")
    y += np.where(stratum == "high", 4.0, 0.0)[:, None]
    y[leaves(random, y, share=0.06)] = np.nan
    gaps = random.uniform(size=y.shape) < 0.06
    gaps[:, 0] = False
    y[gaps] = np.nan
    return long(y, arms, ("pre", "mid", "post", "fu"), (0, 4, 8, 26), stratum=stratum)


def slopes(random: np.random.Generator) -> pd.DataFrame:
    """30 per arm, random intercept and slope over unequally spaced weeks; the course arm has the larger residual."""
    arms = np.repeat(["Control", "Course"], 30)
    weeks = np.array([0, 4, 8, 16, 26])
    person = random.multivariate_normal([0, 0], [[25, -0.3], [-0.3, 0.06]], size=60)
    noise = np.where(arms == "Course", 4.5, 3.0)[:, None]
    fixed = 40 - np.where(arms == "Course", 0.25, 0.05)[:, None] * weeks
    y = fixed + person[:, :1] + person[:, 1:] * weeks + noise * random.standard_normal((60, 5))
    y[leaves(random, y, share=0.05)] = np.nan
    return long(y, arms, ("w0", "w4", "w8", "w16", "w26"), weeks)


def partly_grouped(random: np.random.Generator) -> pd.DataFrame:
    """48 in twelve therapy groups against 40 on their own; the groups shape what follows the baseline."""
    arms = np.repeat(["Control", "Groups"], [40, 48])
    group = np.concatenate(
        [np.full(40, None), np.repeat(np.array([f"G{k:02d}" for k in range(1, 13)], dtype=object), 4)]
    )
    sigma = covariance([5.0, 6.0, 6.0], [[1, 0.6, 0.5], [0.6, 1, 0.65], [0.5, 0.65, 1]])
    y = outcomes(random, arms, {"Control": (25, 24, 24), "Groups": (25, 21, 21)}, sigma)
    y[40:, 1:] += np.repeat(4.0 * random.standard_normal(12), 4)[:, None]
    y[leaves(random, y, share=0.06)] = np.nan
    return long(y, arms, ("pre", "post", "fu"), (0, 8, 26), group=group)


def grouped(random: np.random.Generator) -> pd.DataFrame:
    """Both arms meet in groups, seven and six groups of five, whose random effect begins after the baseline."""
    arms = np.repeat(["Support", "Course"], [35, 30])
    group = np.repeat([f"T{k:02d}" for k in range(1, 14)], 5)
    person, shared = 4.0 * random.standard_normal(65), 3.0 * random.standard_normal(13)
    y = np.array([30.0, 27.0, 26.0]) - np.where(arms == "Course", 1.0, 0.0)[:, None] * np.array([0, 2, 3])
    y = y + person[:, None] + 3.5 * random.standard_normal((65, 3))
    y[:, 1:] += np.repeat(shared, 5)[:, None]
    y[leaves(random, y, share=0.06)] = np.nan
    return long(y, arms, ("pre", "post", "fu"), (0, 8, 26), group=group)


def one_arm(random: np.random.Generator) -> pd.DataFrame:
    """24 people before, after and later, without a comparison."""
    sigma = covariance([4.0, 5.0, 6.0], [[1, 0.7, 0.5], [0.7, 1, 0.6], [0.5, 0.6, 1]])
    arms = np.repeat("Course", 24)
    y = outcomes(random, arms, {"Course": (20, 17, 17.5)}, sigma)
    y[leaves(random, y, share=0.1)] = np.nan
    return long(y, arms, ("pre", "post", "fu"), (0, 8, 26))


def sleep() -> pd.DataFrame:
    """Student's sleep data: ten patients, two drugs as two visits."""
    y = np.column_stack(list(SLEEP.values()))
    return long(y, np.repeat("patients", 10), tuple(SLEEP), (0, 1))


def growth() -> pd.DataFrame:
    """Potthoff and Roy's 27 children at four ages."""
    y = np.array([[float(v) for v in row.split()] for block in (GIRLS, BOYS) for row in block.split(";")])
    return long(y, np.repeat(["girl", "boy"], [11, 16]), ("a8", "a10", "a12", "a14"), (8, 10, 12, 14))


def covariance(sd: list[float], correlation: object) -> np.ndarray:
    """Covariance matrix from standard deviations and a correlation matrix."""
    return np.outer(sd, sd) * np.asarray(correlation, dtype=float)


def outcomes(
    random: np.random.Generator, arms: np.ndarray, mean: dict[str, tuple[float, ...]], sigma: np.ndarray
) -> np.ndarray:
    """Normal outcomes, people x visits, around their arm's mean."""
    noise = random.standard_normal((len(arms), len(sigma))) @ np.linalg.cholesky(sigma).T
    return np.array([mean[arm] for arm in arms], dtype=float) + noise


def leaves(random: np.random.Generator, y: np.ndarray, share: float) -> np.ndarray:
    """Who is gone at each visit: the chance at every visit doubles after a score above the visit's median (MAR)."""
    worse = y > np.median(y, axis=0)
    chance = share * np.where(worse[:, :-1], 4 / 3, 2 / 3)
    stops = random.uniform(size=chance.shape) < chance
    gone = np.logical_or.accumulate(stops, axis=1)
    return np.column_stack([np.zeros(len(y), dtype=bool), gone])


def long(y: np.ndarray, arms: np.ndarray, visits: tuple[str, ...], weeks: object, **people: np.ndarray) -> pd.DataFrame:
    """One row per person and visit attended."""
    n, t = y.shape
    frame = pd.DataFrame(
        {
            "id": np.repeat([f"P{i:03d}" for i in range(1, n + 1)], t),
            "arm": np.repeat(arms, t),
            "visit": np.tile(visits, n),
            "weeks": np.tile(weeks, n),
            "y": np.round(y, 2).ravel(),
        }
    )
    for name, values in people.items():
        frame[name] = np.repeat(values, t)
    return frame[frame["y"].notna()].reset_index(drop=True)


def write(folder: Path = DATA) -> None:
    """Write every trial as CSV."""
    folder.mkdir(exist_ok=True)
    for name, frame in trials().items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    write()
