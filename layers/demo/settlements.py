"""Settlements of the embedded Zibo: towns and villages scattered by rules, all generated."""

__all__ = ["settlements"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.demo.districts import UNIT_COLUMNS
from layers.demo.draws import between, normal, uniform
from layers.demo.facts import county_facts
from layers.demo.relief import slope_deg
from layers.terrain import Terrain

# 88 townships and street offices exist (read); the eight seats stand for the city tiles.
TOWNS = 80
# About 3,000 villages and 3.2 people per rural home (unverified).
VILLAGES = 3000
PEOPLE_PER_HOME = 3.2
# A block of a village: 7 courts by 5 rows, of which about 24 carry a home, works and fields counted in.
BLOCK_HOMES = 24.5
BLOCK_X_M, BLOCK_Y_M = 122.0, 94.0
# Spread of village sizes (log-normal) and their bounds [homes], unverified.
_SPREAD, _SMALLEST, _LARGEST = 0.55, 40.0, 900.0
_TOWN_HOMES = (620.0, 1500.0)
_TRIES = 45


def settlements(
    counties: gpd.GeoDataFrame,
    terrain: Terrain,
    taken: npt.NDArray[np.object_],
    *,
    avoid: shapely.Geometry,
    seed: int,
) -> pd.DataFrame:
    """Scatter towns and villages over every county.

    Parameters
    ----------
    counties : GeoDataFrame
        County polygons.
    terrain : Terrain
        Settlements keep to gentle ground.
    taken : array of Polygon
        Ground that is already built upon (tiles).
    avoid : Geometry
        Corridors that no settlement's centre may touch.
    seed : int
        Seed.

    Returns
    -------
    DataFrame
        Unit rows of kind ``town`` and ``village``; their rectangles do not overlap.
    """
    facts = county_facts().loc[counties.index]
    rural = facts["population"] * (1.0 - facts["flat_share"])
    villages = (VILLAGES * rural / rural.sum()).round().astype(int)
    # Towns follow half the area, half the rural people.
    share = 0.5 * rural / rural.sum() + 0.5 * facts["area_km2"] / facts["area_km2"].sum()
    towns = (TOWNS * share).round().astype(int).clip(lower=1)
    frames = []
    for number, county in enumerate(counties.index):
        sizes = _sizes(
            int(villages[county]),
            int(towns[county]),
            people=rural[county],
            number=number,
            seed=seed,
        )
        placed = _placed(
            sizes, counties.geometry[county], terrain, taken=taken, avoid=avoid,
            seed=seed, number=number,
        )  # fmt: skip
        frames.append(placed.assign(county=county))
    units = pd.concat(frames, ignore_index=True)
    steep = np.clip(slope_deg(terrain, units["x"].to_numpy(), units["y"].to_numpy()) / 5.0, 1, 2.5)
    turn = normal(uniform(seed, "village angle", np.arange(len(units)))) * 4.0 * steep
    return units.assign(
        angle=np.radians(np.clip(turn, -24.0, 24.0)), place="", pitch_x=BLOCK_X_M,
        pitch_y=BLOCK_Y_M, group=1000 + np.arange(len(units)), first_i=0, first_j=0,
    )[list(UNIT_COLUMNS)]  # fmt: skip


def _sizes(villages: int, towns: int, *, people: float, number: int, seed: int) -> pd.DataFrame:
    """Draw homes and block rectangles; the rural people live in them all together."""
    town_homes = between(
        uniform(seed, "town size", number, np.arange(towns)), _TOWN_HOMES[0], _TOWN_HOMES[1]
    )
    draw = np.exp(_SPREAD * normal(uniform(seed, "village size", number, np.arange(villages))))
    left = people / PEOPLE_PER_HOME - 0.55 * town_homes.sum()
    village_homes = np.clip(draw * left / draw.sum(), _SMALLEST, _LARGEST)
    frame = pd.DataFrame(
        {"kind": ["town"] * towns + ["village"] * villages,
         "homes": np.concatenate([town_homes, village_homes])}
    )  # fmt: skip
    blocks = np.maximum(1.0, frame["homes"] / BLOCK_HOMES)
    aspect = between(uniform(seed, "village aspect", number, np.arange(len(frame))), 0.7, 1.7)
    across = np.maximum(1.0, np.round(np.sqrt(blocks * aspect * BLOCK_Y_M / BLOCK_X_M)))
    frame["blocks_x"] = across.astype(int)
    frame["blocks_y"] = np.maximum(1.0, np.round(blocks / across)).astype(int)
    frame["rank"] = np.concatenate([np.arange(towns), np.arange(villages)])
    # Large ones choose their place first.
    order = np.lexsort((-frame["homes"].to_numpy(), (frame["kind"] == "village").to_numpy()))
    return frame.iloc[order].reset_index(drop=True)


def _placed(
    sizes: pd.DataFrame,
    polygon: shapely.Geometry,
    terrain: Terrain,
    *,
    taken: npt.NDArray[np.object_],
    avoid: shapely.Geometry,
    seed: int,
    number: int,
) -> pd.DataFrame:
    """Place one county's settlements one after the other where there is room."""
    x, y, room = _candidates(polygon, terrain, taken, avoid=avoid, seed=seed, number=number,
                             count=_TRIES * len(sizes))  # fmt: skip
    radius = 0.5 * np.hypot(sizes["blocks_x"] * BLOCK_X_M, sizes["blocks_y"] * BLOCK_Y_M)
    reach = radius.to_numpy() + 45.0
    is_town = (sizes["kind"] == "town").to_numpy()
    free = np.ones(len(x), dtype=bool)
    found = np.full(len(sizes), -1, dtype=np.int64)
    own = np.full(len(x), np.inf)
    for row in range(len(sizes)):
        fits = free & (room > reach[row]) & (own > reach[row])
        if is_town[row]:
            fits &= own > 3500.0
        place = int(np.argmax(fits))
        if not fits[place]:
            continue
        found[row] = place
        away = np.hypot(x - x[place], y - y[place])
        np.minimum(own, away - reach[row], out=own)
        free[place] = False
    kept = sizes[found >= 0].copy()
    kept["x"], kept["y"] = x[found[found >= 0]], y[found[found >= 0]]
    return kept


def _candidates(
    polygon: shapely.Geometry,
    terrain: Terrain,
    taken: npt.NDArray[np.object_],
    *,
    avoid: shapely.Geometry,
    seed: int,
    number: int,
    count: int,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw places on gentle ground, with the distance to the border and to built ground [m]."""
    west, south, east, north = polygon.bounds
    numbers = np.arange(count)
    x = between(uniform(seed, "place x", number, numbers), west, east)
    y = between(uniform(seed, "place y", number, numbers), south, north)
    shapely.prepare(polygon)
    inside = shapely.contains_xy(polygon, x, y)
    x, y, numbers = x[inside], y[inside], numbers[inside]
    gentle = np.exp(-((slope_deg(terrain, x, y) / 5.0) ** 2))
    keep = uniform(seed, "place slope", number, numbers) < gentle
    x, y = x[keep], y[keep]
    points = shapely.points(x, y)
    room = shapely.distance(polygon.boundary, points)
    tree = shapely.STRtree(taken)
    pairs, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
    built = np.full(len(points), np.inf)
    built[pairs[0]] = distance
    clear = ~shapely.intersects(avoid, points)
    return x[clear], y[clear], np.minimum(room, built)[clear]
