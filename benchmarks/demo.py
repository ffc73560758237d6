"""Seconds, memory and sums of the embedded Zibo, in both sizes.

Each size runs in a process of its own, so that the memory is its own. The sums are those of a
generated city: they say whether it is believable, never anything about Zibo.
"""

import argparse
import resource
import subprocess
import sys
import time

SIZES = ("sample", "full")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=(*SIZES, "both"), default="both")
    parser.add_argument("--seed", type=int, default=370300)
    arguments = parser.parse_args()
    if arguments.size == "both":
        for size in SIZES:
            command = [sys.executable, __file__, "--size", size, "--seed", str(arguments.seed)]
            subprocess.run(command, check=True)
        return
    measure(arguments.size, arguments.seed)


def measure(size: str, seed: int) -> None:
    start = time.process_time()
    from layers.demo import embedded_zibo

    ready = time.process_time()
    layers = embedded_zibo(size, seed=seed)
    seconds = time.process_time() - ready
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    buildings, streets = layers.buildings, layers.streets
    floor = buildings["footprint_m2"] * buildings["storeys"].astype(float)
    print(f"== {size}: {len(buildings):,} buildings, {len(streets):,} street segments")
    print(
        f"imports {ready - start:.1f} CPU-s, generation {seconds:.1f} CPU-s, peak {memory:.0f} MB"
    )
    table = (
        buildings.assign(floor=floor, count=1)
        .groupby("use", observed=True)[["count", "footprint_m2", "floor"]]
        .sum()
    )
    print(f"{'use':14}{'count':>10}{'roofs km²':>12}{'floor km²':>12}")
    for use, row in table.iterrows():
        print(
            f"{use:14}{row['count']:10,.0f}{row['footprint_m2'] / 1e6:12.2f}{row['floor'] / 1e6:12.2f}"
        )
    whole = table.sum()
    print(
        f"{'all':14}{whole['count']:10,.0f}{whole['footprint_m2'] / 1e6:12.2f}{whole['floor'] / 1e6:12.2f}"
    )
    lengths = streets.groupby("street_class", observed=True)["length_m"].agg(["size", "sum"])
    for name, row in lengths.iterrows():
        print(f"{name:14}{row['size']:10,.0f} segments{row['sum'] / 1e3:10,.0f} km")
    for name in ("stations", "substations", "constraints", "parks", "heat_sources"):
        print(f"{name:14}{len(getattr(layers, name)):10,}")


if __name__ == "__main__":
    main()
