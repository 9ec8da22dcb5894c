"""A lock of a folder: the second run is refused, what a dead process left is taken over."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from compassion_trials.core.errors import InputError
from compassion_trials.core.keeping.lock import held, running

HOLDER = """
import sys
from pathlib import Path
from compassion_trials.core.keeping.lock import held
with held(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert not running(process.pid)
    return process.pid


def left_behind(folder: Path, name: str, pid: int, host: str | None = None) -> Path:
    path = folder / f".{name}.lock"
    path.write_text(json.dumps({"pid": pid, "host": host or socket.gethostname(), "token": "t"}), encoding="utf-8")
    return path


@pytest.mark.parametrize(("first", "second"), [("run", "run"), ("run", "fit"), ("fit", "run"), ("fit", "fit")])
def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path, first: str, second: str) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path), first]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match=rf"process {holder.pid}.*wait until it has ended"), held(tmp_path, second):
            pytest.fail("both were let in")
        assert [path.name for path in tmp_path.iterdir()] == [f".{first}.lock"]
        holder.communicate("\n")
    with held(tmp_path, second):
        pass


def test_stages_that_differ_may_run_side_by_side(tmp_path: Path) -> None:
    with held(tmp_path, "figures"), held(tmp_path, "tables"):
        assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("name", ["run", "fit"])
def test_the_lock_of_a_killed_run_is_taken_over(tmp_path: Path, dead: int, name: str) -> None:
    left_behind(tmp_path, name, dead)
    with held(tmp_path, "run"):
        (tmp_path / "result").touch()
    with held(tmp_path, "fit"):
        pass
    assert not (tmp_path / ".run.lock").exists()


def test_a_lock_that_names_nobody_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".run.lock").touch()
    with held(tmp_path, "run"):
        assert json.loads((tmp_path / ".run.lock").read_text(encoding="utf-8"))["pid"]


def test_a_lock_of_another_computer_is_respected(tmp_path: Path, dead: int) -> None:
    path = left_behind(tmp_path, "run", dead, "elsewhere")
    with pytest.raises(InputError, match=r"on elsewhere.*delete"), held(tmp_path, "run"):
        pytest.fail("let in")
    assert path.is_file()


def test_the_lock_goes_when_its_block_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), held(tmp_path / "new", "run"):
        raise RuntimeError
    assert not (tmp_path / "new").exists()
