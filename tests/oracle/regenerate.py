"""Make everything that is stored here anew: ``python tests/oracle/regenerate.py`` (references need Rscript)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import simulated
import validation

HERE = Path(__file__).parent


def main() -> int:
    """Data, R references, validation page."""
    simulated.write()
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("Rscript is not installed: references.json stays as it is")
    else:
        subprocess.run([rscript, "references.R", "data", "references.json"], cwd=HERE, check=True)
    return validation.main()


if __name__ == "__main__":
    sys.exit(main())
