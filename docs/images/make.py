"""Make report.png, the picture of the README: three pages of the report of the twin yadavaia2014, side by side.

Run the study first, then, from the project's folder: python docs/images/make.py
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Final

import typst
from PIL import Image

from compassion_trials.figures.parts.theme import font_folder
from compassion_trials.report.assemble import assemble
from compassion_trials.report.source import read_source
from compassion_trials.report.writers.pdf import to_source
from compassion_trials.study.context import open_study

STUDY: Final = "yadavaia2014"
TARGETS: Final = ("table-effects", "figure-trajectory.scs_total")
"""What the second and the third page show."""

WIDTH: Final = 1600
GAP: Final = 24
DESK: Final = (222, 226, 230)


def main() -> None:
    """Draw the pages and write the picture beside this file."""
    context = open_study(STUDY)
    source = to_source(assemble(read_source(context)))
    options = {
        "root": str(context.results.root.resolve()),
        "font_paths": [str(font_folder())],
        "ignore_system_fonts": True,
    }
    places = ", ".join(f"locate(<{target}>).page()" for target in TARGETS)
    source += f"\n#context [#metadata(({places})) <pages>]\n"
    known = json.loads(typst.query(source.encode(), "<pages>", field="value", one=True, **options))
    pages = typst.compile(source.encode(), format="png", ppi=92, **options)
    chosen = [Image.open(io.BytesIO(pages[number - 1])).convert("RGB") for number in (1, *known)]
    path = Path(__file__).with_name("report.png")
    collage(chosen).save(path, optimize=True)
    print(f"{path.name}: pages 1, {known[0]} and {known[1]}, {path.stat().st_size // 1000} kB")


def collage(pages: list[Image.Image]) -> Image.Image:
    """Pages side by side on a grey desk, in few colours so that the file stays small."""
    wide = (WIDTH - GAP * (len(pages) + 1)) // len(pages)
    tall = round(wide * pages[0].height / pages[0].width)
    picture = Image.new("RGB", (WIDTH, tall + 2 * GAP), DESK)
    for i, page in enumerate(pages):
        shown = page.resize((wide, tall), Image.Resampling.LANCZOS)
        picture.paste(shown, (GAP + i * (wide + GAP), GAP))
    return picture.quantize(128, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
