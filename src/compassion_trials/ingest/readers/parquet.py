"""Parquet files, as Python and R (arrow) write them: categories by their words, dates as ISO."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from compassion_trials.ingest.readers.grid import require_records
from compassion_trials.ingest.readers.labelled import as_text, unreadable
from compassion_trials.ingest.readers.table import RawTable, Reading


def read(path: Path, reading: Reading) -> RawTable:
    """Read a parquet file.

    Parameters
    ----------
    path : Path
    reading : Reading
        Nothing of it applies.

    Raises
    ------
    InputError
        Damaged file, or no records.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
        frame = table.to_pandas(integer_object_nulls=True, date_as_object=False, timestamp_as_object=False)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise unreadable(path.name, "parquet") from error
    frame = frame.reset_index() if frame.index.names != [None] else frame
    require_records(frame, path.name)
    index = pd.RangeIndex(1, len(frame) + 1, name="row")
    cells = pd.DataFrame({str(name): as_text(frame[name]) for name in frame.columns}, index=index)
    return RawTable(path.name, "parquet", cells, encoding="utf-8")
