"""Dates, months, clock times and durations of SPSS, which are all seconds told apart by a display format."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, Literal

import numpy as np
import pandas as pd

EPOCH: Final = datetime(1582, 10, 14)
"""Moment from which SPSS counts seconds: the start of the Gregorian calendar (IBM SPSS Statistics, Command Syntax
Reference, Date and Time)."""
DAY: Final = 86_400
"""Seconds of a day."""

Kind = Literal["date", "month", "clock", "duration"]

FORMATS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "DATETIME", "YMDHMS", "WKYR"), "date"),
    **dict.fromkeys(("MOYR", "QYR"), "month"),
    "TIME": "clock",
    "MTIME": "duration",
    "DTIME": "duration",
}
"""Display formats of SPSS by what their seconds are."""


def kind_of(format_: str, values: pd.Series) -> Kind | None:
    """What the seconds of a variable are; None where its format shows plain numbers or text.

    A time of a day or more is not a clock time but a duration.

    Parameters
    ----------
    format_ : str
        Display format, such as ``DTIME12``.
    values : pandas.Series
        Its values as numbers.
    """
    name = re.match(r"[A-Z]+", format_ or "")
    found = FORMATS.get(name.group()) if name else None
    if found is None or values.dtype == object:
        return None
    given = values.dropna()
    return "duration" if found == "clock" and bool(((given >= DAY) | (given < 0)).any()) else found


def moment(seconds: object, kind: Kind) -> object:
    """One value: ISO date, month as 2024-02, clock time as text; a duration stays a number of seconds.

    Parameters
    ----------
    seconds : object
        A number, or NaN.
    kind : {"date", "month", "clock", "duration"}
    """
    if kind == "duration" or not isinstance(seconds, float | int) or not np.isfinite(seconds):
        return seconds
    try:
        at = EPOCH + timedelta(seconds=round(float(seconds)))
    except OverflowError:
        return seconds
    if kind == "date":
        return at
    return f"{at:%Y-%m}" if kind == "month" else f"{at:%H:%M:%S}"
