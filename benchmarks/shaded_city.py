"""Footprints to shaded annual, monthly and county-hourly AC through the doors the plan uses.

PySAM's seconds per system, before and after, say how fast the machine is just now.
"""

import argparse
import math
import resource
import time
import warnings

from rooftop_pv_yields import orientations, pysam_yields, year
from shading import town

from rooftop_pv import RooftopPvAssumptions, roof_planes
from rooftop_pv.shaded_city import shaded_city
from rooftop_pv.shading_assumptions import ShadingAssumptions


def run(count: int) -> float:
    """Run one size and print its figures; return CPU-seconds."""
    buildings = town(count)
    assumptions = RooftopPvAssumptions()
    start = time.process_time()
    planes = roof_planes(buildings, assumptions)
    cut = time.process_time()
    city = shaded_city(
        planes, buildings, year(), assumptions=assumptions, shading=ShadingAssumptions()
    )
    end = time.process_time()
    loss = 1.0 - city.yields["yield_kwh"].sum() / (
        (city.yields["yield_kwh"] / (1.0 - city.yields["shading_loss"])).sum()
    )
    print(
        f"{count:,} buildings, {len(planes):,} planes: {end - start:.1f} CPU-s (planes {cut - start:.1f}, "
        f"shaded year {end - cut:.1f}), {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB "
        f"at most, shade takes {100 * loss:.2f} %"
    )
    return end - start


def calibration(count: int = 24) -> None:
    """Print how long PySAM takes for one system without shade."""
    systems, weather = orientations(count), year()
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the rival's own
        pysam_yields(weather, systems, RooftopPvAssumptions())
    seconds = (time.process_time() - start) / len(systems)
    print(f"PySAM, unshaded: {seconds:.4f} CPU-s per system")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    chosen = parser.parse_args()
    run(200)  # compiles
    calibration()
    few, many = run(chosen.few), run(chosen.buildings)
    calibration()
    growth = math.log(many / few) / math.log(chosen.buildings / chosen.few)
    print(f"growth exponent {chosen.few:,} to {chosen.buildings:,}: {growth:.3f}")


if __name__ == "__main__":
    main()
