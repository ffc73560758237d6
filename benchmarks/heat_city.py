"""Time heat at city scale: from 100,000 buildings and 50,000 street edges to a costed network.

    python benchmarks/heat_city.py
    python benchmarks/heat_city.py --buildings 10000 --edges 8000 --runs 2

Buildings and streets are those of the embedded Zibo that lie nearest to its middle, village homes last.
Every stage is printed with its CPU-seconds and the memory it peaked at.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from layers.compilation import keep_compiled
from layers.demo import embedded_zibo
from layers.layer_set import LayerSet
from zibo_geo.case import load_case
from zibo_geo.heat_workflow import plan_heat


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class _Stages:
    """Prints the CPU-seconds of every stage, and the most memory the process has held so far."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        del total
        start = time.process_time()
        yield lambda _: None
        sys.stdout.write(
            f"  {name:<28}{time.process_time() - start:8.2f} CPU-s {_peak_mb():8,.0f} MB\n"
        )
        sys.stdout.flush()


def _subset(layers: LayerSet, *, buildings: int, edges: int) -> LayerSet:
    """Return the so many buildings and streets nearest to the middle, village homes last."""
    middle = layers.buildings.geometry.centroid
    centre = float(np.median(middle.x)), float(np.median(middle.y))

    def away(shapes: Any) -> Any:
        return np.hypot(shapes.x.to_numpy() - centre[0], shapes.y.to_numpy() - centre[1])

    homes = (layers.buildings["use"].astype("str") == "rural_home").to_numpy()
    nearest = np.sort(np.lexsort((away(middle), homes))[:buildings])
    streets = np.sort(np.argsort(away(layers.streets.geometry.centroid))[:edges])
    return replace(
        layers, buildings=layers.buildings.iloc[nearest], streets=layers.streets.iloc[streets]
    )


def main() -> None:
    """Plan heat and write CPU-seconds, memory, costs and gaps."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=("sample", "full"), default="full")
    parser.add_argument("--buildings", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    keep_compiled()  # as the command line does: kernels are compiled once for all runs
    write = sys.stdout.write
    layers = _subset(embedded_zibo(options.size), buildings=options.buildings, edges=options.edges)
    write(f"{len(layers.buildings):,} buildings, {len(layers.streets):,} street edges\n")
    before = _peak_mb()
    for run in range(options.runs):
        start = time.process_time()
        heat = plan_heat(layers, load_case(), progress=_Stages())
        write(f"run {run + 1}: demand to costed network {time.process_time() - start:.1f} CPU-s\n")
    asks = heat.connections["heat_gj"] > 0.0
    whole = heat.schemes.loc["all"]
    write(
        f"{int(asks.sum()):,} buildings ask, {int(heat.connections['connected'].sum()):,} connected, "
        f"{whole['heat_gj'] / 1e6:.2f} PJ, {whole['length_m'] / 1e3:,.0f} km, "
        f"{whole['lcoh_cny_gj']:.1f} CNY/GJ, {whole['density_mwh_m']:.2f} MWh/(m a), "
        f"balance {heat.balance:.1e}\n"
    )
    for reason, count in heat.connections["reason"].value_counts().items():
        if count:
            write(f"  {reason!s:<20} {count:>8,}\n")
    for name, row in heat.networks.iterrows():
        write(f"  {name:<20} {row['connected']:>6} of {row['asked']:>6}, gap {row['gap']:.3%}\n")
    write(f"peak memory {_peak_mb():,.0f} MB, of which {before:,.0f} MB to read the layers\n")


if __name__ == "__main__":
    main()
