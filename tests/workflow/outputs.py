"""Reading every output of a study as text, whatever its format."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pandas as pd
import pyreadstat

ZIPS = {".zip", ".docx", ".xlsx"}
PICTURES = {".png"}
FONTS = {".odttf"}
TEXTS = {".csv", ".json", ".html", ".md", ".svg", ".xml", ".rels", ".yaml", ".rst", ".typ", ".txt", ".log"}


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every file below a folder, members of packages too; pictures are left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield from _texts(path.relative_to(folder).as_posix(), path.read_bytes())


def _texts(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """One file, or the members of one package."""
    suffix = Path(name).suffix.lower() or Path(name).name
    if suffix in PICTURES:
        return
    if suffix in ZIPS:
        with ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield from _texts(f"{name}!{member}", archive.read(member))
    elif suffix == ".parquet":
        yield name, pd.read_parquet(io.BytesIO(content)).to_csv()
    elif suffix == ".sav":
        yield name, _sav(content)
    elif suffix == ".pdf":
        if shutil.which("pdftotext"):
            yield (
                name,
                subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode(),
            )
    else:
        assert suffix in TEXTS | FONTS, f"no reader for {name}"
        yield name, content.decode("utf-8", "replace")


def _sav(content: bytes) -> str:
    """An SPSS file with its labels."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "read.sav"
        path.write_bytes(content)
        frame, meta = pyreadstat.read_sav(path)
    return "\n".join(
        [frame.to_csv(), str(meta.column_names_to_labels), str(meta.variable_value_labels), str(meta.file_label)]
    )
