"""Time the plan of the embedded Zibo at several sizes: seconds, CPU-seconds and memory per stage.

    python benchmarks/city.py --buildings 10000 100000 1000000
    python benchmarks/city.py --buildings 100000 --analyses pv --compare

The smaller cities are the buildings nearest the middle of the full one, so that they are as dense. The map
is not written; its tiles have a benchmark of their own (``atlas.py``). ``--compare`` works on the same
tiles with one process, a pool of two, and Dask clusters of one and two workers.
"""

import argparse
import itertools
import math
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from layers.compilation import keep_compiled
from layers.demo import embedded_zibo
from layers.layer_set import LayerSet
from zibo_geo.balances import checked_balances
from zibo_geo.case import load_case
from zibo_geo.executors import make_executor
from zibo_geo.progress import Advance
from zibo_geo.run_folder import RunFolder
from zibo_geo.store import write_plan
from zibo_geo.workflow import LAYERS, run_folder, run_plan

MB = 1e6
WRITTEN = ("tables", "geopackage", "summaries", "report")
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def family(process: int) -> list[int]:
    """Return a process and all below it."""
    found = [process]
    for number in found:
        try:
            below = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii")
        except OSError:
            continue
        found += [int(word) for word in below.split()]
    return found


def held_mb() -> float:
    """Return the resident memory of this process and its workers, shared pages counted in each [MB]."""
    total = 0.0
    for number in family(os.getpid()):
        try:
            total += (
                int(Path(f"/proc/{number}/statm").read_text(encoding="ascii").split()[1]) * PAGE
            )
        except (OSError, IndexError):
            continue
    return total / MB


def spent_s(processes: list[int]) -> float:
    """Return the CPU-seconds of some processes, with those of their children that have ended."""
    ticks = 0
    for number in processes:
        try:
            words = Path(f"/proc/{number}/stat").read_text(encoding="ascii")
        except OSError:
            continue
        ticks += sum(int(word) for word in words.rpartition(")")[2].split()[11:15])
    return ticks / TICKS


@dataclass
class Spent:
    """What one stage took: seconds, CPU-seconds, and the most memory held meanwhile [MB]."""

    title: str
    seconds: float
    cpu_s: float
    held_mb: float


class Meter:
    """Progress that notes seconds, CPU-seconds and the most memory of each stage.

    Stages that a worker tells of are heard in threads of their own; the workers' CPU-seconds count for them
    while they are open, and for the stage of this process otherwise.
    """

    def __init__(self) -> None:
        self.rows: list[Spent] = []
        self.peak_mb = 0.0
        self._open: dict[int, Spent] = {}
        self._numbers = itertools.count()
        self._told, self._told_s, self._since_s = 0, 0.0, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            now = held_mb()
            self.peak_mb = max(self.peak_mb, now)
            for spent in list(self._open.values()):
                spent.held_mb = max(spent.held_mb, now)

    @contextmanager
    def stage(self, title: str, steps: int = 1) -> Iterator[Advance]:  # noqa: ARG002
        """Note one stage."""
        here = threading.current_thread() is threading.main_thread()
        if not here:
            self._tell(1)
        start, cpu_s = time.perf_counter(), self._used_s(here=here)
        spent, key = Spent(title, 0.0, 0.0, held_mb()), next(self._numbers)
        self._open[key] = spent
        yield lambda _: None
        spent.seconds = time.perf_counter() - start
        spent.cpu_s = self._used_s(here=here) - cpu_s
        if not here:
            self._tell(-1)
        self.rows.append(self._open.pop(key))
        print(
            f"  {title:<44} {spent.seconds:>8.1f} s {spent.cpu_s:>8.1f} CPU-s {spent.held_mb:>8,.0f} MB",
            flush=True,
        )

    def _used_s(self, *, here: bool) -> float:
        """Return the CPU-seconds of the workers, or of all processes without what workers tell of."""
        own, *below = family(os.getpid())
        workers_s = spent_s(below)
        if not here:
            return workers_s
        open_s = workers_s - self._since_s if self._told else 0.0
        return spent_s([own]) + workers_s - self._told_s - open_s

    def _tell(self, change: int) -> None:
        """Note that a stage of a worker opens or closes."""
        now = spent_s(family(os.getpid())[1:])
        if self._told:
            self._told_s += now - self._since_s
        self._told, self._since_s = self._told + change, now

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        self._thread.join()


def part_of(city: LayerSet, count: int) -> LayerSet:
    """Return the city with the buildings nearest its middle."""
    if count >= len(city.buildings):
        return city
    middle = city.buildings.geometry.centroid
    x, y = middle.x.to_numpy(), middle.y.to_numpy()
    far = np.hypot(x - np.median(x), y - np.median(y))
    return replace(city, buildings=city.buildings.iloc[np.sort(np.argsort(far)[:count])])


def cpu_s() -> float:
    """Return the CPU-seconds of this process and of its ended workers."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def timed(city: LayerSet, given: argparse.Namespace, *, executor: str, workers: int) -> float:
    """Run one plan in a folder of its own; print its stages and return its seconds."""
    case = load_case()
    folder = Path(tempfile.mkdtemp(prefix="zibo-geo-city-", dir=given.scratch))
    run: RunFolder = run_folder(
        case, folder / ".run", analyses=given.analyses, roofs_per_tile=given.roofs_per_tile
    )
    run.store(LAYERS, city, needs=LAYERS.needs)
    meter, start, spent = Meter(), time.perf_counter(), cpu_s()
    try:
        with make_executor(executor, workers=workers, progress=meter) as staff:
            plan = run_plan(case, analyses=given.analyses, progress=meter, run=run, executor=staff)
        balances = checked_balances(plan, questions=("charging", "hydrogen", "hubs"))
        write_plan(plan, folder, progress=meter, balances=balances, outputs=WRITTEN)
        seconds, used = time.perf_counter() - start, cpu_s() - spent
        size_mb = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / MB
    finally:
        meter.stop()
        shutil.rmtree(folder)
    workers_mb = ", ".join(f"{value:,.0f}" for value in staff.worker_mb.values())
    print(
        f"{len(city.buildings):>10,} buildings, {executor} x {workers}: {seconds:,.1f} s, {used:,.1f} CPU-s, "
        f"peak {meter.peak_mb:,.0f} MB (workers {workers_mb or '-'} MB), {size_mb:,.0f} MB on disk, "
        f"{len(balances)} balances within {balances['difference'].max():.1e}",
        flush=True,
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--buildings", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--analyses", nargs="+", default=["pv", "heat", "siting"])
    parser.add_argument("--executor", default="processes")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--roofs-per-tile", type=int, default=25_000)
    parser.add_argument("--compare", action="store_true", help="pool and Dask on the same tiles")
    parser.add_argument(
        "--scratch", type=Path, help="folder for the runs; the system's unless given"
    )
    given = parser.parse_args()
    keep_compiled()
    start = time.perf_counter()
    city = embedded_zibo("full" if max(given.buildings) > 50_000 else "sample")
    print(
        f"embedded Zibo: {len(city.buildings):,} buildings in {time.perf_counter() - start:.1f} s"
    )
    seconds = {}
    for count in given.buildings:
        part = part_of(city, count)
        if given.compare:
            compared(part, given)
        else:
            seconds[len(part.buildings)] = timed(
                part, given, executor=given.executor, workers=given.workers
            )
    sizes = sorted(seconds)
    for small, large in itertools.pairwise(sizes):
        power = math.log(seconds[large] / seconds[small]) / math.log(large / small)
        print(f"seconds grow with the power {power:.2f} from {small:,} to {large:,} buildings")


def compared(city: LayerSet, given: argparse.Namespace) -> None:
    """Work on the same city with every executor and print the ratios."""
    ways = (("serial", 1), ("processes", 2), ("dask", 1), ("dask", 2))
    took = {way: timed(city, given, executor=way[0], workers=way[1]) for way in ways}
    print(f"two Dask workers against one: {took['dask', 1] / took['dask', 2]:.2f} x")
    print(f"Dask with two against the pool of two: {took['dask', 2] / took['processes', 2]:.2f} x")
    print(f"the pool of two against one process: {took['serial', 1] / took['processes', 2]:.2f} x")


if __name__ == "__main__":
    main()
