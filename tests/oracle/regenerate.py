"""Make everything that is stored here anew: ``python tests/oracle/regenerate.py`` (references need Rscript).

Prints which stored references changed. Without Rscript, or without a package that a script needs, they stay as is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import simulated
import validation

HERE = Path(__file__).parent
SCRIPTS = {
    "references.json": ("references.R", "data", "references.json"),
    "effectsizes.json": ("effectsizes.R",),
    "change_responders.json": ("change_responders.R",),
    "mechanisms.json": ("mechanisms.R",),
    "groups.json": ("groups.R",),
    "meta.json": ("meta.R",),
    "factors.json": ("factors.R",),
}
"""Stored references, and the R script with its arguments that writes them."""


def main() -> int:
    """Data, R references, validation page; 1 when a script or a check fails."""
    simulated.write()
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("Rscript is not installed: the stored references stay as they are")
        return validation.main()
    failed = [name for name, command in SCRIPTS.items() if not renew(rscript, name, command)]
    return validation.main() or len(failed) > 0


def renew(rscript: str, name: str, command: tuple[str, ...]) -> bool:
    """Run one script; what was stored comes back when it fails."""
    stored = HERE / name
    before = stored.read_text(encoding="utf-8") if stored.exists() else ""
    done = subprocess.run([rscript, *command], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode:
        stored.write_text(before, encoding="utf-8")
        print(f"{name}: {command[0]} failed: {(done.stderr.strip().splitlines() or [''])[-1]}")
        return False
    print(f"{name}: {'unchanged' if stored.read_text(encoding='utf-8') == before else 'CHANGED'}")
    return True


if __name__ == "__main__":
    sys.exit(main())
