"""Time the plan of the embedded Zibo at several sizes: seconds, CPU-seconds and memory per stage.

Every plan runs in a process of its own, which finds the layers in its run folder as a second run would.

    python benchmarks/city.py --buildings 10000 100000 1000000
    python benchmarks/city.py --buildings 100000 --analyses pv --compare

The smaller cities are the buildings nearest the middle of the full one, so that they are as dense. The map
is not written; its tiles have a benchmark of their own (``atlas.py``). ``--compare`` works on the same
tiles with one process, a pool of two, and Dask clusters of one and two workers.
"""

import argparse
import itertools
import math
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

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

T = TypeVar("T")

MB = 1e6
WARM = 1_000
TILES = "roofs: planes, modules, shading, yields"
QUESTIONS = ("charging", "hydrogen", "hubs")
WRITTEN = ("tables", "geopackage", "summaries", "report")
PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def family(process: int) -> list[int]:
    """Return a process and all below it, whichever of its threads started them."""
    found = [process]
    for number in found:
        for children in Path(f"/proc/{number}/task").glob("*/children"):
            with suppress(OSError):
                found += [int(word) for word in children.read_text(encoding="ascii").split()]
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


def run_of(folder: Path, given: argparse.Namespace) -> RunFolder:
    """Return the run folder of a city."""
    return run_folder(
        load_case(),
        folder / ".run",
        analyses=given.analyses,
        roofs_per_tile=given.roofs_per_tile,
    )


def stored(scratch: Path, given: argparse.Namespace) -> list[int]:
    """Put a run folder with the layers of each city below a folder, a very small one first; return sizes."""
    start = time.perf_counter()
    city = embedded_zibo("full" if max(given.buildings) > 50_000 else "sample")
    print(
        f"embedded Zibo: {len(city.buildings):,} buildings in {time.perf_counter() - start:.1f} s",
        flush=True,
    )
    counts = []
    for wanted in (WARM, *given.buildings):
        part = part_of(city, wanted)
        counts.append(len(part.buildings))
        run_of(scratch / str(counts[-1]), given).store(LAYERS, part, needs=LAYERS.needs)
    return counts


@dataclass
class Timed:
    """What one plan took, and its stages."""

    seconds: float
    cpu_s: float
    peak_mb: float
    stages: list[Spent]


def timed(folder: Path, given: argparse.Namespace, way: tuple[str, int]) -> Timed:
    """Run one plan on a copy of a city's folder; print its stages and what it took."""
    executor, workers = way
    case, count = load_case(), int(folder.name)
    own = Path(tempfile.mkdtemp(prefix="plan-", dir=folder.parent))
    shutil.copytree(folder, own, dirs_exist_ok=True)
    run = run_of(own, given)
    print(f"{count:,} buildings, {executor} x {workers}", flush=True)
    meter, start, spent = Meter(), time.perf_counter(), cpu_s()
    try:
        with make_executor(executor, workers=workers, progress=meter) as staff:
            plan = run_plan(case, analyses=given.analyses, progress=meter, run=run, executor=staff)
        balances = checked_balances(plan, questions=QUESTIONS)
        write_plan(plan, own, progress=meter, balances=balances, outputs=WRITTEN)
        seconds, used = time.perf_counter() - start, cpu_s() - spent
        size_mb = sum(file.stat().st_size for file in own.rglob("*") if file.is_file()) / MB
    finally:
        meter.stop()
        shutil.rmtree(own)
    workers_mb = ", ".join(f"{value:,.0f}" for value in staff.worker_mb.values())
    print(
        f"{count:>10,} buildings: {seconds:,.1f} s, {used:,.1f} CPU-s, peak {meter.peak_mb:,.0f} MB in all "
        f"(workers {workers_mb or '-'} MB), {size_mb:,.0f} MB on disk, "
        f"{len(balances)} balances within {balances['difference'].max():.1e}",
        flush=True,
    )
    return Timed(seconds, used, meter.peak_mb, meter.rows)


def cpu_s() -> float:
    """Return the CPU-seconds of this process and of its ended workers."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def apart(task: Callable[..., T], *arguments: Any) -> T:
    """Do a task in a process of its own, whose memory goes with it."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
        return pool.submit(task, *arguments).result()


def growth(found: dict[int, Timed]) -> None:
    """Print CPU-seconds by stage and size, and the powers that they grow with."""
    sizes = sorted(found)
    if len(sizes) < 2:
        return
    titles = list(dict.fromkeys(spent.title for size in sizes for spent in found[size].stages))
    rows = {
        title: [
            sum(spent.cpu_s for spent in found[size].stages if spent.title == title)
            for size in sizes
        ]
        for title in titles
    }
    rows["all, CPU-s"] = [found[size].cpu_s for size in sizes]
    rows["all, s"] = [found[size].seconds for size in sizes]
    rows["most memory, MB"] = [found[size].peak_mb for size in sizes]
    print(f"{'CPU-s':<44}" + "".join(f"{size:>12,}" for size in sizes) + "   powers")
    for title, values in rows.items():
        powers = [
            f"{math.log(large / small) / math.log(sizes[k + 1] / sizes[k]):.2f}"
            if small > 0.0 and large > 0.0
            else "-"
            for k, (small, large) in enumerate(itertools.pairwise(values))
        ]
        print(
            f"{title:<44}"
            + "".join(f"{value:>12,.1f}" for value in values)
            + f"   {', '.join(powers)}"
        )


def compared(folder: Path, given: argparse.Namespace) -> None:
    """Work on the same city with every executor and print the ratios."""
    ways = (("serial", 1), ("processes", 2), ("dask", 1), ("dask", 2))
    took = {way: apart(timed, folder, given, way) for way in ways}
    tiles = {
        way: sum(spent.seconds for spent in plan.stages if spent.title == TILES)
        for way, plan in took.items()
    }
    whole = {way: plan.seconds for way, plan in took.items()}
    used = {way: plan.cpu_s for way, plan in took.items()}
    parts = (("seconds of the tiles", tiles), ("seconds of the plan", whole), ("CPU-seconds", used))
    for what, of in parts:
        print(
            f"{what}: one Dask worker against two {of['dask', 1] / of['dask', 2]:.2f}, one process against "
            f"the pool of two {of['serial', 1] / of['processes', 2]:.2f}, Dask with two against the pool of "
            f"two {of['dask', 2] / of['processes', 2]:.2f}"
        )


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
    with tempfile.TemporaryDirectory(prefix="zibo-geo-city-", dir=given.scratch) as place:
        found = {}
        warm, *counts = apart(stored, Path(place), given)
        print("A first plan compiles what is not compiled yet, and does not count:")
        apart(timed, Path(place) / str(warm), given, ("serial", 1))
        for count in counts:
            if given.compare:
                compared(Path(place) / str(count), given)
            else:
                way = (given.executor, given.workers)
                found[count] = apart(timed, Path(place) / str(count), given, way)
        growth(found)


if __name__ == "__main__":
    main()
