"""CPU-seconds of the datum shifts for many points, and what the exact inverse gains over one step."""

import argparse
import time

import numpy as np
import pyproj

from layers.coordinates import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000, help="number of points in China")
    count = parser.parse_args().points
    draw = np.random.default_rng(370300)
    lon, lat = draw.uniform(73.0, 135.0, count), draw.uniform(18.0, 54.0, count)
    geod = pyproj.Geod(ellps="WGS84")
    print(f"{count:,} points drawn evenly over 73-135° E, 18-54° N")
    for name, forward, inverse in (
        ("GCJ-02", wgs84_to_gcj02, gcj02_to_wgs84),
        ("BD-09", wgs84_to_bd09, bd09_to_wgs84),
    ):
        start = time.process_time()
        seen = forward(lon, lat)
        middle = time.process_time()
        back = inverse(*seen)
        end = time.process_time()
        error_m = geod.inv(lon, lat, *back)[2]
        twice = forward(*seen)
        crude_m = geod.inv(lon, lat, 2 * seen[0] - twice[0], 2 * seen[1] - twice[1])[2]
        print(
            f"{name}: WGS 84 to it {middle - start:.2f} CPU-s, back {end - middle:.2f} CPU-s "
            f"(limit 10); worst error {error_m.max():.1e} m, of a one-step inverse {crude_m.max():.2f} m"
        )


if __name__ == "__main__":
    main()
