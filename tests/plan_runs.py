"""Runs of the command line that several test files look at."""

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

from zibo_geo.cli import main

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """What a run of the command line left: exit code and the two streams."""

    returncode: int
    stdout: str
    stderr: str


def zibo_geo(*arguments: object) -> Run:
    """Run the command line in this process; pytest makes its warnings errors."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Run(code, out.getvalue(), err.getvalue())


def refused(result: Run, *words: str) -> None:
    """Assert that a run ended with one sentence and exit code 2."""
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("zibo-geo: ")
    for word in words:
        assert word in line, line
