"""CPU-seconds for the layout of many roof planes, by the number of planes."""

import argparse
import resource
import time

import numpy as np
from rooftop_pv_yields import city

from rooftop_pv import RooftopPvAssumptions, roof_planes
from rooftop_pv.layout import layout, module_rows
from rooftop_pv.layout_assumptions import LayoutAssumptions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planes", type=int, default=1_000_000)
    parser.add_argument("--rows-of", type=int, default=10_000, help="planes to draw the rows of")
    chosen = parser.parse_args()
    rules = LayoutAssumptions()
    layout(roof_planes(city(50), RooftopPvAssumptions()), rules)  # compiles
    # Seven of ten buildings are gables of two planes, one of which may be refused.
    planes = roof_planes(city(chosen.planes), RooftopPvAssumptions())
    planes = planes[planes["refused"].isna()].iloc[: chosen.planes]
    seconds = {}
    for count in (len(planes) // 100, len(planes)):
        start = time.process_time()
        made = layout(planes.iloc[:count], rules)
        seconds[count] = time.process_time() - start
        print(
            f"layout: {count:,} planes in {seconds[count]:.2f} CPU-s, {count / seconds[count]:,.0f} planes per CPU-s, "  # noqa: E501
            f"{int(made['modules'].sum()):,} modules, {made['capacity_kwp'].sum() / 1e3:,.1f} MWp, "
            f"cover {made['module_m2'].sum() / planes['plane_m2'].iloc[:count].sum():.3f}"
        )
    (few, first), (many, last) = seconds.items()
    print(f"growth exponent: {np.log(last / first) / np.log(many / few):.3f}")
    start = time.process_time()
    rows = module_rows(planes.iloc[: chosen.rows_of], rules)
    print(
        f"rows as polygons: {len(rows):,} of {chosen.rows_of:,} planes in {time.process_time() - start:.2f} CPU-s"  # noqa: E501
    )
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB at most")


if __name__ == "__main__":
    main()
