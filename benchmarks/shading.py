"""Shading: error against hour-by-hour ray marching, points per CPU-second, and a city beside PySAM."""

import argparse
import resource
import time
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rooftop_pv_yields import orientations, pysam_yields, year
from shading_oracle import hours_in_sun, skyline_deg, wall_grid

from rooftop_pv import RooftopPvAssumptions, roof_planes
from rooftop_pv.horizon import Horizons, horizon_profiles, plane_horizons
from rooftop_pv.obstacles import obstacles_of_planes
from rooftop_pv.points import stratified_points
from rooftop_pv.shading import shaded_energy, shaded_hours, shading_tables
from rooftop_pv.sun import orientation_classes, orientation_table

PITCH_M = 28.0
RADIUS_M = 300.0
CLASSES = pd.DataFrame(
    {"mounting": ["rack"] * 3, "tilt_deg": [15.0, 0.0, 30.0], "azimuth_deg": [180.0, 0.0, 135.0]}
)


def town(count: int) -> gpd.GeoDataFrame:
    """Return a dense town: 1,280 buildings per km², houses, blocks of flats, a few towers and sheds."""
    draw = np.random.default_rng(370300)
    side = int(np.ceil(np.sqrt(count)))
    cell = np.arange(count)
    centre = np.column_stack([cell // side, cell % side]) * PITCH_M + draw.uniform(
        -4, 4, (count, 2)
    )
    use = draw.choice(
        ["rural_home", "apartment", "office", "warehouse"], count, p=[0.7, 0.18, 0.06, 0.06]
    )
    height = np.select(
        [use == "rural_home", use == "apartment", use == "office"],
        [draw.choice([3.3, 6.3], count), draw.choice([12, 18, 33, 54.0], count, p=[0.25, 0.6, 0.12, 0.03]),
         draw.uniform(9, 24, count)],
        draw.uniform(6, 10, count),
    )  # fmt: skip
    half = np.column_stack([draw.uniform(5, 9, count), draw.uniform(4, 7, count)])
    turn = draw.normal(0.0, 0.15, count)
    corner = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[None] * half[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x = 590_000 + centre[:, :1] + corner[..., 0] * cos - corner[..., 1] * sin
    y = 4_070_000 + centre[:, 1:] + corner[..., 0] * sin + corner[..., 1] * cos
    outline = shapely.polygons(np.stack([x, y], axis=-1))
    return gpd.GeoDataFrame(
        {
            "use": use, "use_source": "own", "height_m": height, "height_source": "own",
            "footprint_m2": shapely.area(outline), "source": "benchmark",
            "county": np.array([f"3703{number:02d}" for number in range(2, 10)])[cell * 8 // count],
        },
        index=pd.Index([f"b{number}" for number in range(count)], dtype="str", name="building_id"),
        geometry=outline, crs="EPSG:4548",
    )  # fmt: skip


def sky_view(skyline: np.ndarray, tilt_deg: float, azimuth_deg: float) -> np.ndarray:
    """Integrate the sky of a tilted plane over 720 azimuths and 180 elevations."""
    middle = (np.arange(skyline.shape[1]) + 0.5) * (2 * np.pi / skyline.shape[1])
    tilt, up = np.radians(tilt_deg), np.radians(np.arange(0.25, 90.0, 0.5))
    facing = np.cos(middle - np.radians(azimuth_deg))[:, None]
    light = np.maximum(np.sin(tilt) * np.cos(up) * facing + np.cos(tilt) * np.sin(up), 0) * np.cos(
        up
    )
    below = np.concatenate([np.zeros((len(middle), 1)), np.cumsum(light, axis=1)], axis=1)
    place = np.minimum(skyline * 2.0, 179.999)
    low, share = place.astype(int), place % 1.0
    column = np.arange(len(middle))[None, :]
    lost = below[column, low] * (1 - share) + below[column, low + 1] * share
    return 1.0 - lost.sum(axis=1) / light.sum()


def error(name: str, ratio: np.ndarray) -> None:
    off = 100 * (ratio - 1)
    print(
        f"  {name}: RMSE {np.sqrt((off**2).mean()):.3f} %, bias {off.mean():+.3f} %, largest {abs(off).max():.1f} %"  # noqa: E501
    )


def accuracy(
    name: str,
    shapes: np.ndarray,
    top_m: np.ndarray,
    *,
    roofs: np.ndarray,
    weather: object,
    many: int = 16,
) -> None:
    """Compare points and roofs with the oracle; ``many`` points per roof stand for the whole roof."""
    assumptions = RooftopPvAssumptions()
    table = orientation_table(CLASSES, weather, assumptions)
    tables = shading_tables(table)
    flat = gpd.GeoDataFrame({"eave_m": top_m, "surface_tilt_deg": 0.0, "surface_azimuth_deg": 180.0},
                            geometry=shapes, crs="EPSG:32651")  # fmt: skip
    around = gpd.GeoDataFrame(
        {"top_m": top_m, "height_m": top_m}, geometry=shapes, crs="EPSG:32651"
    )
    grid = wall_grid(shapes, top_m)
    up = table.sun_elevation_deg > 0.0
    sun = {"azimuth_deg": table.sun_azimuth_deg[up], "elevation_deg": table.sun_elevation_deg[up]}

    def truth(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lit = np.zeros((len(points), len(up)))
        lit[:, up] = hours_in_sun(points, shapes, grid, **sun)
        return lit, skyline_deg(points, shapes, grid)

    print(f"{name}: {len(shapes):,} buildings, {len(roofs)} roofs")
    points, _ = stratified_points(flat.iloc[roofs])
    key = pd.RangeIndex(len(points))
    profiles = horizon_profiles(points, around).astype(np.float32)
    whole = plane_horizons(flat.iloc[roofs], around)
    lit, skyline = truth(points)
    dense, of = stratified_points(flat.iloc[roofs], points_per_plane=many)
    dense_lit, dense_skyline = truth(dense)
    for code, row in enumerate(CLASSES.itertuples()):
        label = f"tilt {row.tilt_deg:g}°, azimuth {row.azimuth_deg:g}°"
        codes = np.full(len(points), code)
        got = shaded_energy(Horizons(profiles, key), key, code=codes, tables=tables)
        view = sky_view(skyline, row.tilt_deg, row.azimuth_deg)
        true = (
            lit @ table.direct_w_m2[:, code]
            + view * table.sky_w_m2[:, code].sum()
            + table.ground_w_m2[:, code].sum()
        ) / 1e3
        error(f"annual irradiation per point, {label}", got.irradiation_kwh_m2 / true)
        ac = shaded_energy(
            whole, flat.index[roofs], code=np.full(len(roofs), code), tables=tables
        ).energy_kwh_kwp.sum(axis=1)
        view = sky_view(dense_skyline, row.tilt_deg, row.azimuth_deg)
        view = np.bincount(of, view) / many
        share = np.stack([dense_lit[of == roof].mean(axis=0) for roof in range(len(roofs))], axis=1)
        one = orientation_table(CLASSES.iloc[[code]].reset_index(drop=True), weather, assumptions)
        diffuse = view[None] * one.sky_effective_w_m2 + one.ground_effective_w_m2
        true = one.ac_per_kwp(share * one.direct_effective_w_m2, diffuse).sum(axis=0)
        error(f"annual AC per roof ({many} points), {label}", ac / true)


def suzhou(path: str, roofs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    frame = gpd.read_file(path).to_crs("EPSG:32651").explode(index_parts=False)
    shapes = np.asarray(frame.geometry.array)
    west, south, east, north = frame.total_bounds
    centre = shapely.get_coordinates(shapely.centroid(shapes))
    inner = (
        np.abs(centre - [(west + east) / 2, (south + north) / 2])
        < [(east - west) / 2 - 400, (north - south) / 2 - 400]
    ).all(axis=1)
    fit = np.flatnonzero(inner & (shapely.area(shapes) > 30.0))
    return shapes, frame["height"].to_numpy(dtype=float), fit[:: max(1, len(fit) // roofs)][:roofs]


def city(count: int, weather: object, chunk: int) -> float:
    """Run footprints to shaded energy in strips; return CPU-seconds."""
    buildings = town(count)
    assumptions = RooftopPvAssumptions()
    start = time.process_time()
    spent = dict.fromkeys(("planes", "horizons", "energy and hours"), 0.0)
    planes = roof_planes(buildings, assumptions)
    planes = planes.assign(height_m=buildings["height_m"].reindex(planes["building_id"]).to_numpy())
    classes, code = orientation_classes(planes, assumptions)
    tables = shading_tables(orientation_table(classes, weather, assumptions))
    group, names = pd.factorize(planes["county"], sort=True)
    spent["planes"] = time.process_time() - start
    obstacles = obstacles_of_planes(planes, RADIUS_M)
    spent["horizons"] = time.process_time() - start - spent["planes"]
    strip = np.arange(len(planes)) // chunk  # the town is numbered from west to east
    hours, months, free, points = 0.0, np.zeros(12), 0.0, 0
    carries = planes["capacity_kwp"].to_numpy() > 0.0
    for number in range(strip.max() + 1):
        began = time.process_time()
        mine = (strip == number) & carries
        part = planes[mine]
        horizons = plane_horizons(part, obstacles, radius_m=RADIUS_M)
        points += len(horizons.plane_id)
        middle = time.process_time()
        energy = shaded_energy(horizons, part.index, code=code[mine], tables=tables)
        capacity = part["capacity_kwp"].to_numpy()
        months += capacity @ energy.energy_kwh_kwp
        free += capacity @ energy.open_kwh_kwp.sum(axis=1)
        hours = hours + shaded_hours(
            horizons, part, code=code[mine], group=group[mine], groups=len(names), tables=tables
        )
        spent["horizons"] += middle - began
        spent["energy and hours"] += time.process_time() - middle
    seconds = time.process_time() - start
    print(f"city of {count:,} buildings, {len(planes):,} planes, {points:,} points: {seconds:.1f} CPU-s, "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB at most")  # fmt: skip
    print("  " + ", ".join(f"{name} {value:.1f}" for name, value in spent.items())
          + f" CPU-s; {points / spent['horizons']:,.0f} points per CPU-s")  # fmt: skip
    print(
        f"  shading takes {100 * (1 - months.sum() / free):.2f} %; hours less months {hours.sum() / months.sum() - 1:+.1e}"  # noqa: E501
    )
    return seconds


def main() -> None:
    warnings.simplefilter("error")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buildings", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--chunk", type=int, default=50_000, help="planes at a time")
    parser.add_argument(
        "--roofs", type=int, default=150, help="roofs compared with the oracle; 0 for none"
    )
    parser.add_argument("--suzhou", default=None, help="suzhou_floors.geojson, real towers")
    chosen = parser.parse_args()
    weather = year()
    if chosen.roofs:
        block = town(2_500)
        centre = np.hypot(*(shapely.get_coordinates(block.centroid) - [590_700, 4_070_700]).T)
        near = np.argsort(centre)[: chosen.roofs]
        accuracy(
            "town block",
            np.asarray(block.geometry.array),
            block["height_m"].to_numpy(),
            roofs=near,
            weather=weather,
        )
        if chosen.suzhou:
            shapes, top_m, roofs = suzhou(chosen.suzhou, chosen.roofs)
            accuracy("Suzhou", shapes, top_m, roofs=roofs, weather=weather)
    city(200, weather, chosen.chunk)  # compiles
    few = city(chosen.few, weather, chosen.chunk)
    many = city(chosen.buildings, weather, chosen.chunk)
    print(
        f"growth exponent {chosen.few:,} to {chosen.buildings:,}: {np.log(many / few) / np.log(chosen.buildings / chosen.few):.3f}"  # noqa: E501
    )
    systems = orientations(36)
    warnings.simplefilter("ignore")  # the rival's own
    start = time.process_time()
    pysam_yields(weather, systems, RooftopPvAssumptions())
    one = (time.process_time() - start) / len(systems)
    print(
        f"PySAM one by one, unshaded: {one:.4f} CPU-s per system-year; ratio {one * chosen.buildings / many:,.0f}x per building"  # noqa: E501
    )


if __name__ == "__main__":
    main()
