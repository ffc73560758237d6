"""Kill runs at random moments and let them go on, until each has ended as an undisturbed run does.

    python tests/faults/kills.py --kills 200

Every run is a copy of this process, so that none spends its time on imports; it is killed by SIGKILL after
a random time, run again in the same folder, and so on until it ends by itself. Then its tables and
summaries must be those of the undisturbed run, byte by byte, and nothing may be left beside them.
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from layers.compilation import keep_compiled

keep_compiled()

from small_city import ROOFS_PER_TILE, left_by, litter_in, write_small_city  # noqa: E402

from zibo_geo.case import Case, load_case  # noqa: E402
from zibo_geo.progress import SilentProgress  # noqa: E402
from zibo_geo.running import RunOptions, run_and_write  # noqa: E402

_SHORTEST_S = 0.02


def _run(case: Case, out: Path, executor: str) -> None:
    options = RunOptions(
        analyses=("pv",),
        questions=(),
        executor=executor,
        workers=2,
        roofs_per_tile=ROOFS_PER_TILE,
    )
    run_and_write(case, out, options, progress=SilentProgress())


def _started(case: Case, out: Path, executor: str) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    with contextlib.suppress(BaseException):
        _run(case, out, executor)
        code = 0
    os._exit(code)


def _ended(child: int, seconds: float) -> int | None:
    """Return the exit code of a run that ended in time; kill one that did not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_SHORTEST_S / 4)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def disturbed(*, kills: int, executor: str, seed: int) -> tuple[int, int]:
    """Return how many runs were killed and how many folders were then finished and found identical."""
    draw = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="zibo-geo-kills-") as place:
        root = Path(place)
        case = load_case(write_small_city(root / "data"))
        _run(case, root / "whole", executor)  # compiles what is not compiled yet
        shutil.rmtree(root / "whole")
        start = time.monotonic()
        _run(case, root / "whole", executor)
        usual_s = time.monotonic() - start
        wanted, killed, finished = left_by(root / "whole"), 0, 0
        while killed < kills or not finished:
            out = root / f"out-{finished}"
            while True:
                longest_s = 0.4 * usual_s if killed < kills else 60.0 * usual_s
                code = _ended(
                    _started(case, out, executor), draw.uniform(_SHORTEST_S, longest_s)
                ) if killed < kills else _ended(_started(case, out, executor), longest_s)  # fmt: skip
                if code is not None:
                    break
                killed += 1
            if code != 0:
                raise SystemExit(f"A run ended with {code} after {killed} kills.")
            found = left_by(out)
            if found != wanted:
                names = sorted(
                    name for name in {*found, *wanted} if found.get(name) != wanted.get(name)
                )
                raise SystemExit(f"{', '.join(names)} differ after {killed} kills.")
            if litter_in(out):
                raise SystemExit(f"Left beside the results: {litter_in(out)}")
            finished += 1
            shutil.rmtree(out)
    return killed, finished


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--executor", choices=("serial", "processes"), default="serial")
    parser.add_argument("--seed", type=int, default=370300)
    given = parser.parse_args()
    start = time.process_time()
    killed, finished = disturbed(kills=given.kills, executor=given.executor, seed=given.seed)
    used = time.process_time() - start
    sys.stdout.write(
        f"{killed} runs killed, {finished} folders finished, all identical; {used:.0f} s of CPU here\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
