"""Seconds and memory of the money of a million roofs: self-consumption, LCOE, NPV, IRR, payback."""

import argparse
import resource
import time

import numpy as np
import numpy_financial as npf
import pandas as pd
from rooftop_pv_yields import city, year

from rooftop_pv import RooftopPvAssumptions, roof_planes, roof_yields
from rooftop_pv.load_shapes import load_shapes
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import PROJECT_KINDS, RevenueAssumptions
from rooftop_pv.roof_totals import roof_totals


def plain_roof(
    made_kwh: np.ndarray, load_kwh: np.ndarray, price: np.ndarray, *, cost: float
) -> float:
    """One roof as a spreadsheet would: hourly minimum, then numpy_financial's IRR."""
    own = np.minimum(made_kwh, load_kwh)
    gain = (own * price).sum() + 0.225 * (made_kwh - own).sum()
    flow = np.concatenate([[-cost], gain * 0.995 ** np.arange(25) - 0.015 * cost])
    return float(npf.irr(flow))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--battery", action="store_true", help="1 kWh/kWp on every roof")
    options = parser.parse_args()
    assumptions, weather = RooftopPvAssumptions(), year()
    money_assumptions = RevenueAssumptions.from_mapping(
        {"battery_kwh_kwp": dict.fromkeys(PROJECT_KINDS, 1.0 if options.battery else 0.0)}
    )
    buildings = city(options.buildings)
    buildings["name"] = pd.Series(pd.NA, dtype="str", index=buildings.index)
    planes = roof_planes(buildings, assumptions)
    roofs = roof_totals(buildings, planes, roof_yields(planes, weather, assumptions))
    start = time.process_time()
    money = roof_revenue(
        roofs, planes, weather, assumptions=money_assumptions, pv_assumptions=assumptions
    )
    seconds = time.process_time() - start
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{len(roofs):,} roofs, {(money['capacity_kwp'] > 0).sum():,} with modules: {seconds:.1f} CPU-s, "
        f"{len(roofs) / seconds:,.0f} roofs per CPU-s; peak {peak_gb:.2f} GB of the whole run"
    )
    shape = load_shapes(pd.DatetimeIndex(weather.hours.index))["office"].to_numpy()
    made = np.maximum(np.sin(np.arange(8760) * np.pi / 12 - np.pi / 2), 0.0)
    start, count = time.process_time(), 300
    for number in range(count):
        plain_roof(made * (5 + number % 7), 9000.0 * shape, 0.5 + made, cost=30_000.0)
    each = (time.process_time() - start) / count
    print(f"one by one (hourly minimum, numpy_financial): {each * 1e3:.2f} CPU-ms per roof, "
          f"{each / (seconds / len(roofs)):.0f} times ours")  # fmt: skip


if __name__ == "__main__":
    main()
