"""The parent's side: asks a child to open hostile inputs, and judges how each ended."""

import json
import re
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

CHILD = Path(__file__).with_name("hostile_child.py")
ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 300.0  # of the clock, behind the child's own bound of CPU-seconds
_CURES = re.compile(
    r"\b(give|get|mend|name|check|state|remove|convert|write|save|choose|correct|bring|map|use|leave|"
    r"fetch|download|unpack|must|may|allowed|known|try|cut|take|add|assign|split|is it|resample)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """How one input ended."""

    outcome: str
    kind: str = ""
    text: str = ""
    rows: int = 0
    account: list = field(default_factory=list)
    cpu_s: float = 0.0
    peak_mb: float = 0.0

    def counted(self, action: str, words: str = "") -> int:
        """Rows that the account gives to an action whose reason holds some words."""
        return sum(
            rows for done, reason, rows in self.account if done == action and words in reason
        )


class HostileReader:
    """Keeps one child alive over many inputs, and starts another where one died."""

    def __init__(self) -> None:
        self._child: subprocess.Popen | None = None
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
        self.cpu_s = 0.0
        self.cases = 0

    def ask(self, door: str, **given: object) -> Answer:
        """Open an input through a door of the child."""
        child = self._alive()
        self.cases += 1
        child.stdin.write(json.dumps({"door": door, "given": given}, default=str) + "\n")
        child.stdin.flush()
        line = self._line(child)
        if line is None:
            return self._died(child)
        answer = Answer(**json.loads(line))
        self.cpu_s += answer.cpu_s
        return answer

    def _died(self, child: subprocess.Popen) -> Answer:
        try:
            code = child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        child.stdin.close()
        child.stdout.close()
        self._child = None
        self._noise.seek(max(self._noise.seek(0, 2) - 2000, 0))
        said = self._noise.read().decode("utf-8", errors="replace")
        return Answer("died", kind=f"exit code {code}", text=said)

    def close(self) -> None:
        """End the child."""
        self._end()
        self._noise.close()

    def _end(self) -> None:
        if self._child is not None:
            self._child.stdin.close()
            self._child.wait(timeout=60)
            self._child.stdout.close()
            self._child = None

    def renew(self) -> None:
        """Give the next input a child of its own, since libraries keep the memory they took."""
        self._end()

    def _alive(self) -> subprocess.Popen:
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-W", "error", str(CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._noise,
                text=True,
                encoding="utf-8",
                cwd=ROOT,
            )
            assert self._line(self._child) == "ready\n", "the child did not start"
        return self._child

    @staticmethod
    def _line(child: subprocess.Popen) -> str | None:
        ready, _, _ = select.select([child.stdout], [], [], WAIT_S)
        return (child.stdout.readline() or None) if ready else None


def assert_sentence(answer: Answer, *words: str) -> None:
    """Hold that the input ended in one sentence of ours, which says these words and a cure."""
    assert answer.outcome == "sentence", f"{answer.outcome} {answer.kind}: {answer.text}"
    text = answer.text
    for word in words:
        assert word.casefold() in text.casefold(), f"{word!r} is not in: {text}"
    assert 20 < len(text) < 2500, text
    assert _CURES.search(text), f"no cure in: {text}"
    assert "Traceback" not in text, text
    assert not re.search(r"0x[0-9a-f]{8,}|<class '|object at ", text), text
    assert all(mark.isprintable() or mark == "\n" for mark in text), repr(text)


def assert_ended_well(answer: Answer, name: str) -> None:
    """Hold that the input ended in a sentence that names the file, or was read and accounted for."""
    if answer.outcome != "read":
        assert_sentence(answer, name)
