"""Runs that are disturbed end in the identical result after another run, or in one sentence."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_city import ROOFS_PER_TILE, litter_in, write_small_city

HERE = Path(__file__).parent
PROGRAM = (sys.executable, "-m", "zibo_geo.cli")


def test_killed_runs_go_on_to_the_identical_result() -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "kills.py"), "--kills", "30"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all identical" in done.stdout


def _plan(case: Path, out: Path, *, most_bytes: int | None = None) -> tuple[int, str]:
    def hold() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails instead, as on a full disk
        if most_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    words = ["pv", str(case), "--out", str(out), "-q", "--executor", "serial"]
    done = subprocess.run(
        [*PROGRAM, *words, "--roofs-per-tile", str(ROOFS_PER_TILE)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=hold,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("most_bytes", [3_000, 60_000, 250_000])
def test_a_disk_that_fills_up_ends_in_one_sentence(tmp_path: Path, most_bytes: int) -> None:
    case = write_small_city(tmp_path / "data")
    code, words = _plan(case, tmp_path / "out", most_bytes=most_bytes)
    assert code == 2, words
    assert "Traceback" not in words
    assert words.strip().splitlines()[-1].startswith("zibo-geo: ")
    assert "cannot be written" in words
    assert litter_in(tmp_path / "out") == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    case = write_small_city(tmp_path / "data")
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    place = Path("/proc/zibo-geo") if os.geteuid() == 0 else closed / "out"
    code, words = _plan(case, place)
    assert code == 2
    assert "cannot be written" in words
    assert "Traceback" not in words
