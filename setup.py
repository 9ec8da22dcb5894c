"""Build step: a wheel also holds what the project keeps at its top, see ``compassion_trials/study/shipped.py``.

Everything else about the package stands in pyproject.toml.
"""

import shutil
import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PROJECT = Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT / "src"))

from compassion_trials.study.shipped import FOLDER, sources  # noqa: E402


class BuildWithShipped(build_py):
    """Copies the twins' plans and the published tables; an editable install reads them where they are."""

    def run(self):
        """Build into an empty folder, so that no file of an earlier build is packed."""
        if not self.editable_mode:
            shutil.rmtree(Path(self.build_lib) / "compassion_trials", ignore_errors=True)
        super().run()
        for source, target in self._copies().items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)

    def get_outputs(self, include_bytecode=True):
        """Files that the build makes."""
        return [*super().get_outputs(include_bytecode), *map(str, self._copies().values())]

    def get_source_files(self):
        """Files that a source distribution needs for the build."""
        return [*super().get_source_files(), *(path.relative_to(PROJECT).as_posix() for path in sources(PROJECT))]

    def _copies(self):
        """Target of each file; none in an editable install."""
        if self.editable_mode:
            return {}
        return {source: Path(self.build_lib) / FOLDER / place for source, place in sources(PROJECT).items()}


setup(cmdclass={"build_py": BuildWithShipped})
