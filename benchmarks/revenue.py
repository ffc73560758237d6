"""Seconds and memory of a million roofs: their money, the grid, the ledger, the curve and the phases."""

import argparse
import resource
import time

import geopandas as gpd
import numpy as np
import numpy_financial as npf
import pandas as pd
from rooftop_pv_yields import city, year

from rooftop_pv import RooftopPvAssumptions, roof_planes, roof_yields
from rooftop_pv.connections import connect_roofs
from rooftop_pv.county import county_ledger
from rooftop_pv.county_assumptions import CountyAssumptions
from rooftop_pv.county_targets import county_targets
from rooftop_pv.hosting import hosting_capacity
from rooftop_pv.hosting_assumptions import HostingAssumptions
from rooftop_pv.load_shapes import load_shapes
from rooftop_pv.phasing import build_limits, phasing
from rooftop_pv.quotas import counted_area, quota_needs
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import PROJECT_KINDS, RevenueAssumptions
from rooftop_pv.roof_totals import roof_totals
from rooftop_pv.supply_curve import merit_order, supply_curve


def plain_roof(
    made_kwh: np.ndarray, load_kwh: np.ndarray, price: np.ndarray, *, cost: float
) -> float:
    """One roof as a spreadsheet would: hourly minimum, then numpy_financial's IRR."""
    own = np.minimum(made_kwh, load_kwh)
    gain = (own * price).sum() + 0.225 * (made_kwh - own).sum()
    flow = np.concatenate([[-cost], gain * 0.995 ** np.arange(25) - 0.015 * cost])
    return float(npf.irr(flow))


def planning(roofs: gpd.GeoDataFrame, planes: gpd.GeoDataFrame, money: pd.DataFrame) -> None:
    """Print the seconds of grid, quotas, curve, ledger and phases."""
    county, grid = CountyAssumptions(), HostingAssumptions()
    place = roofs.geometry.iloc[:: max(len(roofs) // 5000, 1)].centroid
    layer = gpd.GeoDataFrame(
        {
            "voltage_kv": 10.0, "capacity_mva": 2.0, "transformers": 1, "load_mw": 0.4,
            "connected_mw": 0.3, "registered_mw": 0.1, "county": "370302", "source": "benchmark",
        },
        index=pd.Index([f"s{n}" for n in range(len(place))], dtype="str", name="substation_id"),
        geometry=place.to_numpy(), crs=roofs.crs,
    )  # fmt: skip
    start = time.process_time()
    hosting = hosting_capacity(layer, grid)
    links = connect_roofs(roofs, hosting, order=merit_order(money), assumptions=grid)
    middle = time.process_time()
    counted = counted_area(roofs, planes, county)
    quotas = quota_needs(
        money, roofs, counted_m2=counted, counties=sorted(set(roofs["county"])), assumptions=county
    )
    targets = county_targets(quotas, assumptions=county)
    curve = supply_curve(
        money,
        counted_m2=counted,
        quotas=quotas,
        assumptions=county,
        targets=targets,
        connections=links,
    )
    county_ledger(money, curve, quotas=quotas)
    phasing(curve, limits_mw=build_limits(targets, assumptions=county), assumptions=county)
    end = time.process_time()
    print(
        f"connecting {len(roofs):,} roofs to {len(layer):,} substations: {middle - start:.1f} CPU-s; quotas, "
        f"curve, ledger and phases: {end - middle:.1f} CPU-s"
    )


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
    planning(roofs, planes, money)
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
