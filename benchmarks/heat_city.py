"""Time heat at city scale: from 100,000 buildings and 50,000 street edges to a costed network.

Buildings and streets come from the whole embedded Zibo: counties are added, the densest first, until enough
buildings ask for heat or the city is used up; the figures of what was taken are printed first.
"""

import argparse
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from layers.demo import embedded_zibo
from layers.layer_set import LayerSet
from zibo_geo.case import load_case
from zibo_geo.heat_workflow import plan_heat


class _Stages:
    """Prints the CPU-seconds of every stage."""

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        del total
        start = time.process_time()
        yield lambda _: None
        sys.stdout.write(f"  {name:<28}{time.process_time() - start:8.2f} CPU-s\n")


def _subset(layers: LayerSet, *, buildings: int, edges: int) -> LayerSet:
    """Return the first so many buildings, those of dense kinds first, and the streets nearest to them."""
    dense = layers.buildings["use"].astype("str") != "rural_home"
    order = dense.sort_values(ascending=False, kind="stable").index[:buildings]
    kept = layers.buildings.loc[layers.buildings.index.isin(order)]
    streets = layers.streets
    if len(streets) > edges:
        rank = streets["street_class"].astype("str").isin(["residential", "tertiary", "secondary"])
        streets = streets.loc[
            rank.sort_values(ascending=False, kind="stable").index[:edges]
        ].sort_index()
    return replace(layers, buildings=kept, streets=streets)


def main() -> None:
    """Plan heat and write CPU-seconds, memory, costs and gaps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("sample", "full"), default="full")
    parser.add_argument("--buildings", type=int, default=100_000)
    parser.add_argument("--edges", type=int, default=50_000)
    parser.add_argument(
        "--runs", type=int, default=1, help="the first includes compiling the kernels"
    )
    options = parser.parse_args()
    write = sys.stdout.write
    layers = _subset(embedded_zibo(options.size), buildings=options.buildings, edges=options.edges)
    write(f"{len(layers.buildings):,} buildings, {len(layers.streets):,} street edges\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for run in range(options.runs):
        start = time.process_time()
        heat = plan_heat(layers, load_case(), progress=_Stages())
        write(f"run {run + 1}: demand to costed network {time.process_time() - start:.1f} CPU-s\n")
    asks = heat.connections["heat_gj"] > 0.0
    whole = heat.schemes.loc["all"]
    write(
        f"{int(asks.sum()):,} buildings ask, {int(heat.connections['connected'].sum()):,} connected, "
        f"{whole['length_m'] / 1e3:,.0f} km, {whole['lcoh_cny_gj']:.1f} CNY/GJ, "
        f"{whole['density_mwh_m']:.2f} MWh/(m a), balance {heat.balance:.1e}\n"
    )
    for name, row in heat.networks.iterrows():
        write(f"  {name:<20} {row['connected']:>6} of {row['asked']:>6}, gap {row['gap']:.3%}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    write(f"peak memory {peak:,.0f} MB, of which {before:,.0f} MB to read the layers\n")


if __name__ == "__main__":
    main()
