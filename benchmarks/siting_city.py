"""Time the three siting plans on the embedded Zibo: CPU-seconds of the first and of a repeated run."""

import argparse
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from layers.demo import embedded_zibo
from layers.layer_set import LayerSet
from siting.candidates import site_candidates
from siting.charging import charging_plan
from siting.hubs import hub_plan
from siting.hydrogen import hydrogen_plan
from siting.legality import legal_equipment
from siting.setbacks import read_setbacks
from siting.street_graph import street_graph


def _timed(name: str, work: Callable[[], Any]) -> Any:
    start = time.process_time()
    result = work()
    sys.stdout.write(f"{name:<12} {time.process_time() - start:7.2f} CPU-s\n")
    return result


def _run(layers: LayerSet) -> dict[str, Any]:
    candidates = _timed("candidates", lambda: site_candidates(layers))
    legal = _timed("legality", lambda: legal_equipment(candidates, layers, read_setbacks()))
    graph = _timed("graph", lambda: street_graph(layers.streets))
    return {
        "charging": _timed(
            "charging", lambda: charging_plan(candidates, legal, layers, graph=graph)
        ),
        "hubs": _timed("hubs", lambda: hub_plan(candidates, legal, layers, graph=graph)),
        "hydrogen": _timed("hydrogen", lambda: hydrogen_plan(candidates, legal, layers)),
    }


def main() -> None:
    """Run every room twice and write CPU-seconds, gap and status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=("sample", "full"), default="sample")
    parser.add_argument(
        "--runs", type=int, default=2, help="the first includes compiling the kernels"
    )
    options = parser.parse_args()
    layers = embedded_zibo(options.size)
    write = sys.stdout.write
    plans: dict[str, Any] = {}
    for run in range(options.runs):
        write(f"run {run + 1}\n")
        plans = _run(layers)
    for name, plan in plans.items():
        choice = plan.choice
        write(f"{name:<12} {choice.chosen.size} sites, gap {choice.gap:.3%}, {choice.status}\n")
    write(f"peak memory  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB\n")


if __name__ == "__main__":
    main()
