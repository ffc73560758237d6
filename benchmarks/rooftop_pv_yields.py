"""Seconds and memory from footprints to unshaded yields, beside PySAM and pvlib one by one."""

import argparse
import resource
import time
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pvlib
import PySAM.Pvwattsv8
import shapely

from layers.climate import climate_year
from layers.tables import BUILDING_USES
from layers.weather import Weather
from rooftop_pv import (
    RooftopPvAssumptions,
    county_summary,
    hourly_by_group,
    hourly_yield,
    roof_planes,
    roof_yields,
)

_GHI = [66.2, 80.2, 120.3, 149.3, 173.5, 160.6, 143.2, 136.5, 117.8, 99.3, 70.8, 60.6]
_DHI = [33.5, 38.7, 56.7, 67.7, 77.9, 83.3, 83.4, 74.4, 58.8, 45.6, 33.2, 30.6]
_MEAN_C = [-1.5, 1.9, 8.6, 15.2, 21.3, 25.6, 27.2, 25.8, 21.4, 15.0, 7.2, 0.4]
_HIGH_C = [3.9, 7.9, 15.1, 21.8, 27.6, 31.8, 32.5, 31.0, 27.6, 21.5, 13.2, 5.7]
_CORNERS = np.array([[1, 1], [-1, 1], [-1, 0.2], [0.1, 0.2], [0.1, -1], [1, -1]]) / 2  # an L


def city(count: int) -> gpd.GeoDataFrame:
    """Return turned rectangles and L shapes, seven of ten of them village houses."""
    draw = np.random.default_rng(370300)
    centre = draw.uniform(0.0, 6e4, (count, 2)) + np.array([560_000.0, 4_020_000.0])
    turn = draw.normal(0.0, 0.4, count)
    size = np.column_stack([draw.uniform(10.0, 25.0, count), draw.uniform(6.0, 12.0, count)])
    use = draw.choice(BUILDING_USES, count, p=[0.7, 0.1, *[0.2 / 13] * 13])
    size[use == "industrial"] *= 4.0
    local = _CORNERS[None] * size[:, None]
    square = draw.uniform(size=count) < 0.8
    box = np.array([[1, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]]) / 2
    local[square] = (box[None] * size[:, None])[square]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x = local[..., 0] * cos - local[..., 1] * sin + centre[:, :1]
    y = local[..., 0] * sin + local[..., 1] * cos + centre[:, 1:]
    outline = shapely.polygons(np.stack([x, y], axis=-1))
    return gpd.GeoDataFrame(
        {
            "use": use,
            "use_source": "own",
            "height_m": draw.uniform(3.0, 8.0, count),
            "height_source": "own",
            "footprint_m2": shapely.area(outline),
            "county": draw.choice([f"3703{number:02d}" for number in range(2, 10)], count),
            "source": "benchmark",
        },
        index=pd.Index([f"b{number}" for number in range(count)], dtype="str", name="building_id"),
        geometry=outline,
        crs=4548,
    )


def year() -> Weather:
    months = {
        "month": range(1, 13), "ghi_kwh_m2": _GHI, "dhi_kwh_m2": _DHI, "temperature_c": _MEAN_C,
        "temperature_max_c": _HIGH_C,
    }  # fmt: skip
    return climate_year(
        pd.DataFrame(months), latitude_deg=36.817, longitude_deg=117.933, elevation_m=34.0,
        time_zone="Asia/Shanghai", seed=1, source="synthetic",
    )  # fmt: skip


def run(count: int, weather: Weather, assumptions: RooftopPvAssumptions) -> float:
    """Print the seconds of each step and return their sum."""
    buildings = city(count)
    marks = [time.process_time()]
    planes = roof_planes(buildings, assumptions)
    marks.append(time.process_time())
    yields = roof_yields(planes, weather, assumptions)
    marks.append(time.process_time())
    hourly_by_group(planes, weather, assumptions)
    marks.append(time.process_time())
    county_summary(planes, yields, assumptions)
    marks.append(time.process_time())
    steps = np.diff(marks)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{count:>9,} buildings, {len(planes):>9,} planes: planes {steps[0]:6.2f}, yields "
        f"{steps[1]:6.2f}, county hours {steps[2]:5.2f}, summary {steps[3]:5.2f}, "
        f"all {steps.sum():6.2f} CPU-s; peak {peak_gb:.2f} GB"
    )
    return float(steps.sum())


def orientations(count: int) -> list[tuple[float, float]]:
    draw = np.random.default_rng(2)
    pairs = zip(draw.uniform(5.0, 35.0, count), draw.uniform(90.0, 270.0, count), strict=True)
    return [(float(tilt), float(azimuth)) for tilt, azimuth in pairs]


def pysam_yields(
    weather: Weather, systems: list[tuple[float, float]], assumptions: RooftopPvAssumptions
) -> list[float]:
    """Return kWh per kWp of each system by PVWatts 8, roof mounted, with the same losses."""
    hours, mid = weather.hours, weather.mid_interval
    resource_data = {
        "lat": weather.latitude_deg, "lon": weather.longitude_deg, "tz": 8.0, "elev": weather.elevation_m,
        "year": [2023] * len(mid), "month": mid.month.tolist(), "day": mid.day.tolist(),
        "hour": mid.hour.tolist(), "minute": [30] * len(mid), "gh": hours["ghi_w_m2"].tolist(),
        "df": hours["dhi_w_m2"].tolist(), "dn": hours["dni_w_m2"].tolist(),
        "tdry": hours["temperature_c"].tolist(), "wspd": hours["wind_m_s"].tolist(),
    }  # fmt: skip
    losses = [*assumptions.dc_loss.values(), *assumptions.ac_loss.values()]
    yields = []
    for tilt_deg, azimuth_deg in systems:
        model = PySAM.Pvwattsv8.new()
        model.assign(
            {
                "SolarResource": {"solar_resource_data": resource_data},
                "SystemDesign": {
                    "system_capacity": 1.0, "module_type": 1, "array_type": 1, "gcr": 0.01,
                    "tilt": tilt_deg, "azimuth": azimuth_deg, "dc_ac_ratio": assumptions.dc_ac_ratio,
                    "inv_eff": 100.0 * assumptions.inverter_efficiency, "bifaciality": 0.0,
                    "losses": 100.0 * (1.0 - float(np.prod([1.0 - loss for loss in losses]))),
                },
            }
        )  # fmt: skip
        model.execute()
        yields.append(model.Outputs.annual_energy)
    return yields


def pvlib_yields(weather: Weather, systems: list[tuple[float, float]]) -> list[float]:
    """Return kWh per kWp of each system by pvlib's ModelChain with its PVWatts defaults."""
    columns = {"ghi_w_m2": "ghi", "dhi_w_m2": "dhi", "dni_w_m2": "dni", "temperature_c": "temp_air",
               "wind_m_s": "wind_speed"}  # fmt: skip
    frame = weather.hours.rename(columns=columns).set_axis(weather.mid_interval)
    place = pvlib.location.Location(
        weather.latitude_deg, weather.longitude_deg, altitude=weather.elevation_m
    )
    thermal = pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["close_mount_glass_glass"]
    yields = []
    for tilt_deg, azimuth_deg in systems:
        system = pvlib.pvsystem.PVSystem(
            surface_tilt=tilt_deg, surface_azimuth=azimuth_deg, temperature_model_parameters=thermal,
            module_parameters={"pdc0": 1.0, "gamma_pdc": -0.003}, inverter_parameters={"pdc0": 1.0},
        )  # fmt: skip
        chain = pvlib.modelchain.ModelChain.with_pvwatts(system, place)
        chain.run_model(frame)
        yields.append(float(chain.results.ac.sum()))
    return yields


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--systems", type=int, default=36, help="systems given to the rivals")
    options = parser.parse_args()
    assumptions, weather = RooftopPvAssumptions(), year()
    counts = sorted({10_000, 100_000, options.buildings})
    seconds = [run(count, weather, assumptions) for count in counts]
    growth = np.log(seconds[-1] / seconds[0]) / np.log(counts[-1] / counts[0])
    print(f"growth exponent {counts[0]:,} to {counts[-1]:,}: {growth:.2f}")
    per_roof = seconds[-1] / counts[-1]

    systems = orientations(options.systems)
    exact = [
        hourly_yield(
            weather,
            tilt_deg=tilt,
            azimuth_deg=azimuth,
            assumptions=assumptions,
            mounting="parallel",
        ).sum()
        for tilt, azimuth in systems
    ]
    warnings.simplefilter("ignore")  # the rivals' own
    for name, rival in (
        ("PySAM Pvwattsv8", lambda: pysam_yields(weather, systems, assumptions)),
        ("pvlib ModelChain", lambda: pvlib_yields(weather, systems)),
    ):
        start = time.process_time()
        theirs = np.array(rival())
        each = (time.process_time() - start) / len(systems)
        gap = theirs / np.array(exact) - 1.0
        print(
            f"{name}: {each * 1e3:.1f} CPU-ms per system, {each / per_roof:,.0f} times ours per building; "
            f"its yield beside ours {100 * gap.mean():+.1f} % on average, {100 * gap.min():+.1f} to "
            f"{100 * gap.max():+.1f} %"
        )


if __name__ == "__main__":
    main()
