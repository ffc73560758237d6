"""Streets of the embedded Zibo: grids in districts and settlements, roads between, motorways over."""

__all__ = ["open_roads", "street_net"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layers.demo.crossings import noded
from layers.demo.districts import local_to_map
from layers.demo.draws import uniform
from layers.demo.road_plan import LEVELS, RoadPlan
from layers.tables import STREETS

# Free-flow speeds by class [km/h], usual design speeds of Chinese roads (unverified).
_SPEED_KMH = MappingProxyType(
    {
    "motorway": 110.0, "trunk": 80.0, "primary": 70.0, "secondary": 60.0, "tertiary": 50.0,
    "unclassified": 40.0, "residential": 30.0, "service": 20.0,
}
)  # fmt: skip
_BEND = 0.045
_COLUMNS = ["group_u", "i_u", "j_u", "group_v", "i_v", "j_v", "street_class"]


def open_roads(units: pd.DataFrame, plan: RoadPlan, *, seed: int) -> gpd.GeoDataFrame:
    """Draw the roads outside settlements, from gate to gate, gently bent.

    Parameters
    ----------
    units : DataFrame
        All units.
    plan : RoadPlan
        Which places are joined.
    seed : int
        Seed of the bends.

    Returns
    -------
    GeoDataFrame
        Lines with the grid nodes of both ends and ``street_class``; no CRS yet.
    """
    pairs, places = plan.roads[~plan.side], plan.places
    ends, xy = [], []
    for own, other in ((0, 1), (1, 0)):
        gate, point = _gates(units, places, own=pairs[:, own], other=pairs[:, other])
        ends.append(gate)
        xy.append(point)
    first, last = xy
    span = np.hypot(*(last - first).T)
    swing = (uniform(seed, "bend", pairs[:, 0], pairs[:, 1]) - 0.5) * 2 * _BEND * span
    swing[span < 350.0] = 0.0
    along = np.linspace(0.0, 1.0, 7)
    across = np.stack([-(last - first)[:, 1], (last - first)[:, 0]], axis=1) / span[:, None]
    course = first[:, None] + along[None, :, None] * (last - first)[:, None]
    course += (swing[:, None] * np.sin(np.pi * along) ** 2)[:, :, None] * across[:, None]
    course[:, 0], course[:, -1] = first, last
    data = {
        f"{name}_{end}": gate[name].to_numpy()
        for end, gate in zip("uv", ends, strict=True)
        for name in ("group", "i", "j")
    }
    frame = gpd.GeoDataFrame(data, geometry=shapely.linestrings(course))
    return frame.assign(street_class=np.array(LEVELS, dtype=object)[plan.level[~plan.side]])


def _gates(
    units: pd.DataFrame,
    places: pd.DataFrame,
    *,
    own: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Grid node where each road leaves its place: a corner of a tile or one of four gates."""
    gate = places.iloc[own][["group", "i", "j"]].reset_index(drop=True).copy()
    point = places[["x", "y"]].to_numpy()[own].copy()
    inner = np.flatnonzero(places["unit"].to_numpy()[own] >= 0)
    unit = units.loc[places["unit"].to_numpy()[own[inner]]]
    away = places[["x", "y"]].to_numpy()[other[inner]] - point[inner]
    cos, sin = np.cos(unit["angle"].to_numpy()), np.sin(unit["angle"].to_numpy())
    x, y = away[:, 0] * cos + away[:, 1] * sin, -away[:, 0] * sin + away[:, 1] * cos
    i, j = gate["i"].to_numpy()[inner], gate["j"].to_numpy()[inner]
    blocks_x, blocks_y = unit["blocks_x"].to_numpy(), unit["blocks_y"].to_numpy()
    reach_x = np.where(x > 0, blocks_x - i, i) * unit["pitch_x"].to_numpy()
    reach_y = np.where(y > 0, blocks_y - j, j) * unit["pitch_y"].to_numpy()
    level = np.abs(x) / np.maximum(reach_x, 1.0) >= np.abs(y) / np.maximum(reach_y, 1.0)
    new_i = np.where(level, np.where(x > 0, blocks_x, 0), i)
    new_j = np.where(level, j, np.where(y > 0, blocks_y, 0))
    gate.loc[inner, "i"], gate.loc[inner, "j"] = new_i, new_j
    point[inner] = np.column_stack(_node_xy(unit, new_i, new_j))
    return gate, point


def _node_xy(
    units: pd.DataFrame, i: npt.NDArray[np.int64], j: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Place of grid nodes, numbered from their district's or settlement's own corner."""
    x = (i - units["first_i"].to_numpy() - units["blocks_x"].to_numpy() / 2) * units["pitch_x"]
    y = (j - units["first_j"].to_numpy() - units["blocks_y"].to_numpy() / 2) * units["pitch_y"]
    return local_to_map(units, x.to_numpy(), y.to_numpy())


def street_net(
    units: pd.DataFrame,
    plan: RoadPlan,
    roads: gpd.GeoDataFrame,
    *,
    motorways: gpd.GeoDataFrame,
    detailed: npt.NDArray[np.bool_],
    crs: CRS,
) -> gpd.GeoDataFrame:
    """Assemble the street layer.

    Parameters
    ----------
    units : DataFrame
        All units.
    plan : RoadPlan
        Classes of tile sides and of the streets through settlements.
    roads : GeoDataFrame
        As :func:`open_roads` returns them.
    motorways : GeoDataFrame
        Their courses.
    detailed : bool array, one per unit
        Units that get their residential streets; the others only their through streets.
    crs : pyproj.CRS
        Metric CRS.

    Returns
    -------
    GeoDataFrame
        A valid street layer. Where lines cross they share a node, or the upper one is a bridge.
    """
    grid = pd.concat(
        [_district_streets(units, plan, detailed), _settlement_streets(units, roads, detailed)],
        ignore_index=True,
    )
    grid = gpd.GeoDataFrame(grid, geometry=_straight(units, grid))
    lines = gpd.GeoDataFrame(
        pd.concat([grid, roads[[*_COLUMNS, "geometry"]]], ignore_index=True), geometry="geometry"
    )
    net = noded(_numbered(lines), motorways, open_from=len(grid))
    net = _joined(net)
    # Order by place, so that neighbours in the file are neighbours on the ground.
    order = np.lexsort((net["v"], net["u"], net["street_class"].astype(str)))
    net = net.iloc[order].reset_index(drop=True)
    net["speed_kmh"] = net["street_class"].map(_SPEED_KMH).astype(float)
    net["length_m"] = net.length
    net = net.assign(oneway=False, tunnel=False, source="synthetic").set_crs(crs)
    net.index = pd.Index([f"w{number:06d}" for number in range(len(net))], dtype="str",
                         name=STREETS.key)  # fmt: skip
    return STREETS.validate(net, where="The streets of the embedded Zibo")


def _joined(net: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep what can be reached: the largest connected part, its nodes numbered anew."""
    ends = net[["u", "v"]].to_numpy()
    graph = csr_array((np.ones(len(net)), (ends[:, 0], ends[:, 1])), shape=(ends.max() + 1,) * 2)
    _, part = connected_components(graph, directed=False)
    kept = net[part[ends[:, 0]] == np.bincount(part).argmax()]
    _, node = np.unique(kept[["u", "v"]].to_numpy(), return_inverse=True)
    node = node.reshape(-1, 2)
    return kept.assign(u=node[:, 0], v=node[:, 1])


def _district_streets(
    units: pd.DataFrame, plan: RoadPlan, detailed: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Sides of tiles, cut at each block, and the streets inside the detailed ones."""
    tiles = units[units["group"] < 1000]
    edges = _grid_edges(tiles)
    blocks = units["blocks_x"].to_numpy()[edges["unit"]]
    line = np.where(edges["across"], edges["j_u"], edges["i_u"])
    side = line % blocks == 0
    edges = edges[side | detailed[edges["unit"]]].copy()
    blocks, side = blocks[edges.index], side[edges.index]
    # The class of a tile side is that of its whole length in the plan.
    places, sides = plan.places, plan.roads[plan.side]
    known = places.iloc[sides[:, 0]][["group", "i", "j"]].reset_index(drop=True)
    ends = places.iloc[sides[:, 1]][["i", "j"]].reset_index(drop=True)
    known["i"], known["j"] = np.minimum(known["i"], ends["i"]), np.minimum(known["j"], ends["j"])
    known["across"] = known["j"].to_numpy() == np.maximum(ends["j"], known["j"]).to_numpy()
    known["across"] = places["j"].to_numpy()[sides[:, 0]] == ends["j"].to_numpy()
    known["level"] = plan.level[plan.side]
    asked = pd.DataFrame(
        {"group": edges["group_u"], "across": edges["across"],
         "i": edges["i_u"] // blocks * blocks, "j": edges["j_u"] // blocks * blocks}
    )  # fmt: skip
    found = asked.merge(known, how="left", on=["group", "i", "j", "across"])["level"].to_numpy()
    kind = units["kind"].to_numpy(dtype=object)[edges["unit"]]
    inner = np.where(kind == "city", "residential", "unclassified")
    level = np.where(np.isnan(found), LEVELS.index("tertiary"), found).astype(int)
    edges["street_class"] = np.where(side, np.array(LEVELS, dtype=object)[level], inner)
    return edges.drop_duplicates(["group_u", "i_u", "j_u", "i_v", "j_v"])[_COLUMNS]


def _settlement_streets(
    units: pd.DataFrame, roads: gpd.GeoDataFrame, detailed: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Lay the through streets of every settlement and the residential ones of the detailed."""
    own = units[units["group"] >= 1000]
    edges = _grid_edges(own)
    unit = edges["unit"].to_numpy()
    blocks_x, blocks_y = units["blocks_x"].to_numpy()[unit], units["blocks_y"].to_numpy()[unit]
    line = np.where(edges["across"], edges["j_u"], edges["i_u"])
    last = np.where(edges["across"], blocks_y, blocks_x)
    through = line == last // 2
    inner = (line > 0) & (line < last)
    edges = edges[through | (inner & detailed[unit])].copy()
    through, unit = through[edges.index], unit[edges.index]
    # An arm of the through streets is of the best class that reaches its gate.
    code = {name: number for number, name in enumerate(LEVELS)}
    best = pd.concat(
        [
            pd.DataFrame(
                {"group": roads[f"group_{end}"], "i": roads[f"i_{end}"], "j": roads[f"j_{end}"],
                 "level": roads["street_class"].map(code)}
            )
            for end in "uv"
        ]
    ).groupby(["group", "i", "j"], as_index=False)["level"].min()  # fmt: skip
    blocks_x, blocks_y = units["blocks_x"].to_numpy()[unit], units["blocks_y"].to_numpy()[unit]
    across = edges["across"].to_numpy()
    far_i = np.where(edges["i_u"] >= blocks_x // 2, blocks_x, 0)
    far_j = np.where(edges["j_u"] >= blocks_y // 2, blocks_y, 0)
    gate = pd.DataFrame(
        {"group": edges["group_u"].to_numpy(),
         "i": np.where(across, far_i, blocks_x // 2), "j": np.where(across, blocks_y // 2, far_j)}
    )  # fmt: skip
    level = gate.merge(best, how="left", on=["group", "i", "j"])["level"]
    level = level.fillna(code["residential"]).to_numpy(dtype=int)
    names = np.array(LEVELS, dtype=object)
    edges["street_class"] = np.where(through, names[level], "residential")
    return edges[_COLUMNS]


def _grid_edges(units: pd.DataFrame) -> pd.DataFrame:
    """Every edge of every unit's block grid, in both directions of its axes."""
    parts = []
    for across in (True, False):
        step_i, step_j = (1, 0) if across else (0, 1)
        width = units["blocks_x"].to_numpy() + 1 - step_i
        count = width * (units["blocks_y"].to_numpy() + 1 - step_j)
        row = np.repeat(np.arange(len(units)), count)
        number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        i = units["first_i"].to_numpy()[row] + number % width[row]
        j = units["first_j"].to_numpy()[row] + number // width[row]
        group = units["group"].to_numpy()[row]
        parts.append(
            pd.DataFrame(
                {"unit": units.index.to_numpy()[row], "across": across, "group_u": group,
                 "i_u": i, "j_u": j, "group_v": group, "i_v": i + step_i, "j_v": j + step_j}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _straight(units: pd.DataFrame, edges: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Lines between grid nodes; a node shared by tiles is placed by the first of them."""
    first = units.drop_duplicates("group").set_index("group")
    own = first.loc[edges["group_u"].to_numpy()]
    ends = [
        np.column_stack(_node_xy(own, edges[f"i_{end}"].to_numpy(), edges[f"j_{end}"].to_numpy()))
        for end in "uv"
    ]
    return np.asarray(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)


def _numbered(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Replace grid nodes by node numbers, and snap line ends to their node's place."""
    keys = np.concatenate(
        [lines[[f"group_{end}", f"i_{end}", f"j_{end}"]].to_numpy(dtype=np.int64) for end in "uv"]
    )
    _, first, node = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    node = node.reshape(-1)  # NumPy 2.0.0 keeps the axis
    geometry = lines.geometry.to_numpy()
    xy = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(geometry, place)) for place in (0, -1)]
    )
    place = np.round(xy[first], 3)
    u, v = node[: len(lines)], node[len(lines) :]
    points, row = shapely.get_coordinates(geometry, return_index=True)
    start = np.flatnonzero(np.diff(row, prepend=-1))
    points = np.round(points, 3)
    points[start] = place[u]
    points[np.append(start[1:], len(row)) - 1] = place[v]
    snapped = shapely.linestrings(points, indices=row)
    frame = gpd.GeoDataFrame(
        {"u": u, "v": v, "street_class": lines["street_class"].to_numpy(), "bridge": False},
        geometry=snapped,
    )
    return frame[frame["u"] != frame["v"]].reset_index(drop=True)
