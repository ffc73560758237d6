"""Seconds of reading an EPW file, of the synthetic climate year, and of the sun of one year."""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pvlib

from layers.climate import climate_year
from layers.weather import read_weather, sun_at

DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def seconds(task: Callable[[], object], repeats: int) -> float:
    """CPU-seconds of the quickest of several runs."""
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        task()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epw", type=Path, default=DATA / "weather" / "shanghai_hongqiao.epw")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    place = {"latitude_deg": 36.817, "longitude_deg": 117.933, "elevation_m": 34.0}
    # Half of what reaches the top of the atmosphere, half of that diffuse.
    hours = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="Asia/Shanghai")
    sun = sun_at(hours, **place)
    outside = (
        pd.Series(sun.extra_w_m2 * sun.cosine.clip(0.0) / 1e3).groupby(hours.month.to_numpy()).sum()
    )
    monthly = pd.DataFrame(
        {
            "ghi_kwh_m2": 0.5 * outside,
            "dhi_kwh_m2": 0.25 * outside,
            "temperature_c": 14.0,
            "temperature_max_c": 20.0,
        }
    )
    year = seconds(
        lambda: climate_year(
            monthly, **place, time_zone="Asia/Shanghai", seed=1, source="benchmark"
        ),
        given.repeats,
    )
    print(f"climate year of 8,760 h: {year:.2f} CPU-s")
    print(f"sun of 8,760 h: {seconds(lambda: sun_at(hours, **place), given.repeats):.3f} CPU-s")
    if given.epw.is_file():
        ours = seconds(
            lambda: read_weather(given.epw, format="epw", time_zone="Asia/Shanghai"), given.repeats
        )
        theirs = seconds(lambda: pvlib.iotools.read_epw(given.epw), given.repeats)
        print(
            f"EPW read and checked: {ours:.2f} CPU-s, of which pvlib's parser {theirs:.2f} "
            f"(ratio {ours / theirs:.2f})"
        )
    else:
        print(f"EPW: {given.epw.name} is not on this machine; name one by --epw")


if __name__ == "__main__":
    main()
