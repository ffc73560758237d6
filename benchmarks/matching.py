"""CPU-seconds and memory of the heat matching: build, solve, tables, outages, compromises.

``python benchmarks/matching.py --sources 8 --clusters 1 --hours 2904 --outages --pareto 3``
"""

import argparse
import resource
import time

import numpy as np
import pandas as pd

from heat_network.matching import match, pareto
from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.matching_inputs import matching_inputs
from heat_network.matching_model import matching_model
from heat_network.outage import outage

SEASON_H = 2904


def season(hours: int, clusters: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return demand [MW] of a winter with daily weather: 600 MW at the design temperature in all."""
    year = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai")
    # 1 January to 15 March and 15 November to 31 December.
    index = year[np.r_[0 : 74 * 24, 318 * 24 : 365 * 24]][:hours]
    yearly = 6.0 * np.cos(2 * np.pi * (index.day_of_year.to_numpy() - 15) / 365)
    daily = rng.normal(0.0, 2.0, len(index) // 24 + 1).repeat(24)[: len(index)]
    clock = 4.0 * np.cos(2 * np.pi * (index.hour.to_numpy() - 15) / 24)
    fraction = np.clip((18.0 - (4.0 - yearly - daily + clock)) / 25.4, 0.0, 1.0)
    return pd.DataFrame(
        {f"c{i}": 600.0 / clusters * fraction for i in range(clusters)}, index=index
    )


def plants(sources: int) -> pd.DataFrame:
    """Return sources of eight sorts: cascaded, steam, lukewarm, coal, data centre, sewage."""
    sorts = pd.DataFrame(
        {
            "heat_mw": [110, 60, 80, 100, 40, 30, 120, 20.0],
            "direct_mw": [85, 60, 20, 100, 0, 0, 120, 20.0],
            "direct_reach": [1, 1, 0.25, 1, 0, 0, 1, 0.4],
            "heat_pump_mw": [36, 0, 80, 0, 60, 44, 0, 0.0],
            "heat_pump_reach": [0.5, 0, 0.5, 0, 0.5, 0.5, 0, 0],
            "cop": [3.4, np.nan, 3.6, np.nan, 2.9, 2.9, np.nan, np.nan],
            "cost_cny_gj": [25, 25, 20, 40, 15, 15, 42, 25.0],
            "co2_kg_gj": [0, 0, 0, 110, 0, 0, 110, 0.0],
        }
    )
    table = sorts.iloc[np.arange(sources) % len(sorts)].reset_index(drop=True)
    power = ["heat_mw", "direct_mw", "heat_pump_mw"]
    table[power] = table[power] * len(sorts) / sources
    table.index = pd.Index([f"s{i}" for i in range(sources)], name="source_id")
    return table.assign(usable=True, availability=0.9)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=8)
    parser.add_argument("--clusters", type=int, default=1)
    parser.add_argument("--hours", type=int, default=SEASON_H)
    parser.add_argument("--distances", action="store_true", help="pipes that cost and lose")
    parser.add_argument("--steady", action="store_true", help="sources of constant availability")
    parser.add_argument("--zones", action="store_true", help="each source serves one cluster only")
    parser.add_argument("--outages", action="store_true")
    parser.add_argument("--pareto", type=int, default=0, help="points")
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    hours, supply = season(given.hours, given.clusters, rng), plants(given.sources)
    share = pd.DataFrame(
        np.clip(0.95 - 0.3 * rng.random((len(hours), given.sources)), 0.0, 1.0),
        index=hours.index, columns=supply.index,
    )  # fmt: skip
    pairs = (given.sources, given.clusters)
    far = pd.DataFrame(rng.uniform(1, 15, pairs), index=supply.index, columns=hours.columns)
    own = np.arange(given.sources)[:, None] % given.clusters == np.arange(given.clusters)[None, :]
    allowed = pd.DataFrame(own | (not given.zones), index=supply.index, columns=hours.columns)
    distance, available = far if given.distances else None, None if given.steady else share
    assumptions = HeatMatchingAssumptions()

    start = time.process_time()
    inputs = matching_inputs(
        supply, hours, allowed=allowed, distance_km=distance, availability=available, assumptions=assumptions
    )  # fmt: skip
    model = matching_model(inputs, assumptions)
    print(
        f"build             {time.process_time() - start:8.2f} CPU-s   "
        f"{model.matrix.shape[1]:,} columns, {model.matrix.shape[0]:,} rows, {model.matrix.nnz:,} entries"
    )
    start = time.process_time()
    found = match(supply, hours, allowed=allowed, distance_km=distance, availability=available)
    print(f"match, all in     {time.process_time() - start:8.2f} CPU-s   {found.status}")
    print(
        f"cost              {found.cost_cny / 1e6:8.2f} million CNY/a, {found.co2_kg / 1e6:,.1f} kt CO2/a"
    )
    print(f"balance           {found.balance:8.1e}")
    if given.outages:
        start = time.process_time()
        out = outage(found)
        spent = time.process_time() - start
        print(
            f"outages           {spent:8.2f} CPU-s   {out['source_id'].nunique()} sources, one at a time"
        )
    if given.pareto:
        start = time.process_time()
        pareto(supply, hours, points=given.pareto, allowed=allowed, distance_km=distance,
               availability=available)  # fmt: skip
        print(f"compromises       {time.process_time() - start:8.2f} CPU-s   {given.pareto} points")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory            {memory:8.0f} MB")


if __name__ == "__main__":
    main()
