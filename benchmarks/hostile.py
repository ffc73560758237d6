"""Fuzz every reader with many seeds of damaged bytes: more than continuous integration has time for.

Prints one line per kind of file: cases, sentences, readings, failures, lost rows, CPU-seconds of the child,
and its greatest resident memory. Ends with 1 where a failure was found; each is named with way and seed.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "hostile"))

from hostile_inputs import WAYS, damaged, write_whole
from hostile_reader import HostileReader, assert_ended_well
from test_hostile_bytes import MADE, MAY_CHANGE_ROWS, put


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=25, help="seeds per kind and way")
    parser.add_argument("--kinds", nargs="*", choices=sorted(MADE), default=sorted(MADE))
    options = parser.parse_args()
    reader, failures = HostileReader(), 0
    with tempfile.TemporaryDirectory() as name:
        whole, work = Path(name) / "whole", Path(name) / "work"
        whole.mkdir()
        work.mkdir()
        write_whole(whole)
        print("kind        cases  sentence   read  failed  lost   CPU s     MB")
        for kind in options.kinds:
            failures += _fuzz(kind, reader, (whole, work), seeds=options.seeds)
    reader.close()
    print(f"{reader.cases:,} inputs in {reader.cpu_s:.1f} CPU-s, {failures} failures")
    return int(failures > 0)


def _fuzz(kind: str, reader: HostileReader, folders: tuple[Path, Path], *, seeds: int) -> int:
    whole, work = folders
    case, tally, before, most = MADE[kind], Counter(), reader.cpu_s, 0.0
    data = (whole / (case.part or case.name)).read_bytes()
    rows = reader.ask(case.door, path=whole / case.name, **case.given).counted("read")
    for way in WAYS:
        for seed in range(seeds):
            path = put(whole, work, kind, damaged(data, way, seed))
            answer = reader.ask(case.door, path=path, **case.given)
            most = max(most, answer.peak_mb)
            tally[answer.outcome] += 1
            try:
                assert_ended_well(answer, "roofs" if case.part else case.name)
            except AssertionError as error:
                tally["failed"] += 1
                print(f"  {kind} {way} seed {seed}: {str(error)[-600:]}")
            if answer.outcome == "read" and answer.counted("read") != rows:
                tally["lost"] += case.name not in MAY_CHANGE_ROWS
    print(
        f"{kind:10} {seeds * len(WAYS):6} {tally['sentence']:9} {tally['read']:6} {tally['failed']:7} "
        f"{tally['lost']:5} {reader.cpu_s - before:7.1f} {most:6.0f}"
    )
    return tally["failed"] + tally["lost"]


if __name__ == "__main__":
    sys.exit(main())
