"""Buildings of the embedded Zibo: plots filled with rows of believable footprints."""

__all__ = ["building_stock"]

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from layers.demo.building_types import BUILDING_TYPES, ROOF_SHAPES, BuildingType
from layers.demo.districts import local_to_map
from layers.demo.draws import between, normal, pick, uniform
from layers.tables import BUILDING_USES, BUILDINGS
from layers.terrain import Terrain

# Least gap between neighbours [m], and how far turning may swing a corner into it.
_GAP_M, _SWING_M = 2.4, 0.5
_TURN_DEG, _WING_M = 1.2, 3.4
_TYPES = tuple(BUILDING_TYPES)


@dataclass(frozen=True, kw_only=True)
class _Places:
    """The places of one building type: their plot row, number in the plot, centre and room."""

    plot: npt.NDArray[np.int64]
    slot: npt.NDArray[np.int64]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    room_x: npt.NDArray[np.float64]
    room_y: npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class _Forms:
    """The buildings of one type in their units' own grids: centre, size, turn [rad] and wing [m]."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    width: npt.NDArray[np.float64]
    depth: npt.NDArray[np.float64]
    turn: npt.NDArray[np.float64]
    wing: npt.NDArray[np.float64]


def building_stock(
    units: pd.DataFrame,
    plots: pd.DataFrame,
    terrain: Terrain,
    *,
    clearings: npt.NDArray[np.object_],
    crs: CRS,
    seed: int,
) -> gpd.GeoDataFrame:
    """Build every plot.

    Parameters
    ----------
    units : DataFrame
        All units by number; plots name theirs.
    plots : DataFrame
        As ``plot_table`` returns them.
    terrain : Terrain
        Ground elevation.
    clearings : array of Polygon
        Ground that stays free: roads and corridors with their verges.
    crs : pyproj.CRS
        Metric CRS.
    seed : int
        Seed of sizes, storeys and turns.

    Returns
    -------
    GeoDataFrame
        A valid building layer, in the order of units, plots and places.
    """
    parts = []
    for code, name in enumerate(_TYPES):
        own = np.flatnonzero((plots["type"] == name).to_numpy())
        if len(own):
            parts.append(_built(units, plots, own, code=code, seed=seed))
    frame = pd.concat([part for part, _ in parts], ignore_index=True)
    geometry = np.concatenate([shapes for _, shapes in parts])
    order = np.lexsort((frame["slot"], frame["cut"], frame["block"], frame["unit"]))
    frame, geometry = frame.iloc[order], geometry[order]
    if len(clearings):
        tree = shapely.STRtree(clearings)
        blocked = np.unique(tree.query(geometry, predicate="intersects")[0])
        free = np.ones(len(frame), dtype=bool)
        free[blocked] = False
        frame, geometry = frame[free], geometry[free]
    return _as_layer(units, frame, geometry, terrain=terrain, crs=crs)


def _built(
    units: pd.DataFrame,
    plots: pd.DataFrame,
    own: npt.NDArray[np.int64],
    *,
    code: int,
    seed: int,
) -> tuple[pd.DataFrame, npt.NDArray[np.object_]]:
    kind = BUILDING_TYPES[_TYPES[code]]
    places = _places(plots, own, kind)
    unit = plots["unit"].to_numpy()[places.plot]
    block, cut = plots["block"].to_numpy()[places.plot], plots["cut"].to_numpy()[places.plot]
    keys = (unit, block * 64 + cut, places.slot)

    def draw(purpose: str) -> npt.NDArray[np.float64]:
        return uniform(seed, purpose, code, *keys)

    forms = _forms(places, kind, draw)
    keep = draw("keep") < kind.keep * _fringe(units.loc[unit], places, kind)
    keep &= (forms.width > 0.7 * kind.width_m[0]) & (forms.depth > 0.7 * kind.depth_m[0])
    low, high = kind.storeys
    storeys = low + np.floor(draw("storeys") ** kind.tall * (high - low + 1)).astype(np.int64)
    storeys = np.minimum(storeys, high)
    frame = pd.DataFrame(
        {
            "unit": unit, "block": block, "cut": cut, "slot": places.slot,
            "use": BUILDING_USES.index(kind.use), "storeys": storeys,
            "height_m": np.round(storeys * kind.storey_m + between(draw("parapet"), 0.0, 0.6), 1),
            # A house with a wing is of the flat-roofed kind.
            "roof": np.where(forms.wing > 0.0, 0, pick(draw("roof"), kind.roofs)),
        }
    )  # fmt: skip
    return frame[keep], _footprints(units.loc[unit], forms, keep)


def _forms(
    places: _Places, kind: BuildingType, draw: Callable[[str], npt.NDArray[np.float64]]
) -> _Forms:
    """Draw size, seat, turn and wing of each building within the room of its place."""
    width = np.minimum(between(draw("width"), *kind.width_m), places.room_x - _GAP_M)
    depth = np.minimum(between(draw("depth"), *kind.depth_m), places.room_y - _GAP_M)
    spare_x = np.maximum(0.0, places.room_x - _GAP_M - width)
    spare_y = np.maximum(0.0, places.room_y - _GAP_M - depth)
    if kind.seat == "north":
        # The house closes the north side of the court; rows stay straight to half a metre.
        x = places.x + (draw("shift x") - 0.5) * spare_x * 0.5
        y = places.y + (places.room_y - _GAP_M - depth) / 2 - 0.5 * draw("shift y")
    elif kind.seat == "corner":
        x = places.x + (places.room_x - _GAP_M - width) / 2
        y = places.y - (places.room_y - _GAP_M - depth) / 2
    else:
        x = places.x + (draw("shift x") - 0.5) * spare_x * 0.5
        y = places.y + (draw("shift y") - 0.5) * spare_y * 0.4
    # A turn swings the corners by at most half a metre to each side.
    limit = np.minimum(_TURN_DEG, np.degrees(2 * _SWING_M / np.maximum(width, depth)))
    turn = np.radians(np.clip(normal(draw("turn")) * 0.5, -limit, limit))
    wing = np.where(draw("wing") < kind.wing, between(draw("wing length"), 3.0, 5.0), 0.0)
    return _Forms(x=x, y=y, width=width, depth=depth, turn=turn, wing=wing)


def _places(plots: pd.DataFrame, own: npt.NDArray[np.int64], kind: BuildingType) -> _Places:
    """Lay the lattice of a type over its plots."""
    size_x, size_y = plots["size_x"].to_numpy()[own], plots["size_y"].to_numpy()[own]
    across = np.maximum(1, np.floor(size_x / kind.pitch_m[0] + 1e-9)).astype(np.int64)
    count = across * np.maximum(1, np.floor(size_y / kind.pitch_m[1] + 1e-9)).astype(np.int64)
    row = np.repeat(np.arange(len(own)), count)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    room_x = (size_x / across)[row]
    room_y = (size_y * across / count)[row]
    i, j = slot % across[row], slot // across[row]
    return _Places(
        plot=own[row],
        slot=slot,
        x=plots["x"].to_numpy()[own][row] - size_x[row] / 2 + (i + 0.5) * room_x,
        y=plots["y"].to_numpy()[own][row] - size_y[row] / 2 + (j + 0.5) * room_y,
        room_x=room_x,
        room_y=room_y,
    )


def _fringe(units: pd.DataFrame, places: _Places, kind: BuildingType) -> npt.NDArray[np.float64]:
    """Share of places kept: villages thin out towards their corners, so none is a rectangle."""
    if kind.use not in {"rural_home", "utility"}:
        return np.ones(len(places.x))
    half_x = (units["blocks_x"] * units["pitch_x"]).to_numpy() / 2
    half_y = (units["blocks_y"] * units["pitch_y"]).to_numpy() / 2
    far = np.abs(places.x / half_x) ** 3 + np.abs(places.y / half_y) ** 3
    rural = units["kind"].isin(["village", "town"]).to_numpy()
    return np.where(rural, np.clip(1.62 - 0.85 * far, 0.0, 1.0), 1.0)


def _footprints(
    units: pd.DataFrame, forms: _Forms, keep: npt.NDArray[np.bool_]
) -> npt.NDArray[np.object_]:
    """Rectangles, or L shapes with a wing on the west side towards the south, turned to the map."""
    west, east = -forms.width / 2, forms.width / 2
    south, north = -forms.depth / 2, forms.depth / 2
    inner, end = west + _WING_M, south - forms.wing
    plain = ((west, south), (east, south), (east, north), (west, north))
    winged = (
        (west, end),
        (inner, end),
        (inner, south),
        (east, south),
        (east, north),
        (west, north),
    )
    shapes = np.empty(len(forms.x), dtype=object)
    for mask, ring in ((keep & (forms.wing == 0.0), plain), (keep & (forms.wing > 0.0), winged)):
        if not mask.any():
            continue
        px = np.stack([x[mask] for x, _ in ring], axis=1)
        py = np.stack([y[mask] for _, y in ring], axis=1)
        cos, sin = np.cos(forms.turn[mask])[:, None], np.sin(forms.turn[mask])[:, None]
        map_x, map_y = local_to_map(
            units[mask],
            forms.x[mask, None] + px * cos - py * sin,
            forms.y[mask, None] + px * sin + py * cos,
        )
        # Millimetres are finer than any survey and keep the bytes short.
        shapes[mask] = shapely.polygons(np.round(np.stack([map_x, map_y], axis=2), 3))
    return shapes[keep]


def _as_layer(
    units: pd.DataFrame,
    frame: pd.DataFrame,
    geometry: npt.NDArray[np.object_],
    *,
    terrain: Terrain,
    crs: CRS,
) -> gpd.GeoDataFrame:
    unit = frame["unit"].to_numpy()
    first = np.flatnonzero(np.diff(unit, prepend=-1))
    number = np.arange(len(unit)) - np.repeat(first, np.diff(first, append=len(unit)))
    county = units["county"].to_numpy(dtype=object)[unit]
    place = units["place"].to_numpy(dtype=object)[unit]
    index = pd.Index(
        [f"{c}-{u:04d}-{n:04d}" for c, u, n in zip(county, unit, number, strict=True)],
        dtype="str", name=BUILDINGS.key,
    )  # fmt: skip
    centre = shapely.centroid(geometry)
    count = len(frame)
    layer = gpd.GeoDataFrame(
        {
            "use": _category(frame["use"].to_numpy(), BUILDING_USES),
            "use_source": _category(np.zeros(count, dtype=np.int64), ("own",)),
            "height_m": frame["height_m"].to_numpy(),
            "height_source": _category(np.zeros(count, dtype=np.int64), ("own",)),
            "storeys": frame["storeys"].to_numpy(),
            "roof_shape": _category(frame["roof"].to_numpy(), ROOF_SHAPES),
            "ground_m": np.round(terrain.sample(shapely.get_x(centre), shapely.get_y(centre)), 1),
            "footprint_m2": shapely.area(geometry),
            "park_id": pd.array(np.where(place == "", None, place), dtype="str"),
            "county": pd.array(county, dtype="str"),
            "source": pd.array(np.full(count, "synthetic", dtype=object), dtype="str"),
        },
        geometry=geometry, index=index, crs=crs,
    )  # fmt: skip
    return BUILDINGS.validate(layer, where="The buildings of the embedded Zibo")


def _category(codes: npt.NDArray[np.int64], words: tuple[str, ...]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=list(words))
