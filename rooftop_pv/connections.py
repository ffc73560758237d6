"""Connections: which substation a roof belongs to, and which roofs it still takes, the best first.

A roof takes room at its substation and at every one above it, because the figures of a parent hold those of
its children. Roofs come in the given order; one that does not fit is refused and the next may still fit.
"""

__all__ = ["CONNECTION_REASONS", "FEEDERS", "PV_CONNECTIONS", "connect_roofs", "feeder_totals"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.units import KW_PER_MW
from rooftop_pv.hosting import COLOURS, parent_rows
from rooftop_pv.hosting_assumptions import HostingAssumptions

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
CONNECTION_REASONS = ("accepted", "no_modules", "no_substation", "red", "yellow", "full")
_ACCEPTED, _NO_MODULES, _NO_SUBSTATION, _IS_RED, _IS_YELLOW, _FULL = range(6)
_ROUNDING_MW = 1e-9

PV_CONNECTIONS = Table(
    "pv_connections",
    "building_id",
    "Where one roof connects to the grid, and whether the grid takes it.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("capacity_kwp", "number", "kWp", "DC capacity.", "装机容量", minimum=0.0),
        Column(
            "substation_id",
            "text",
            "-",
            "Substation it connects to; missing without modules or within reach of none.",
            "接入变电站",
            nullable=True,
        ),
        Column(
            "distance_m",
            "number",
            "m",
            "Distance to it as the crow flies.",
            "距离",
            nullable=True,
            minimum=0.0,
        ),
        Column(
            "colour",
            "category",
            "-",
            "Colour of that substation before any of these roofs.",
            "承载力颜色",
            nullable=True,
            allowed=COLOURS,
        ),
        Column("accepted", "flag", "-", "Whether the grid takes it.", "可接入"),
        Column(
            "reason",
            "category",
            "-",
            "Accepted, or why not: no modules, no substation within reach, a red or yellow substation, or "
            "the room is taken by better roofs.",
            "接入结论",
            allowed=CONNECTION_REASONS,
        ),
        Column(
            "limiting_id",
            "text",
            "-",
            "Substation that refuses it, itself or one above; missing where none does.",
            "限制变电站",
            nullable=True,
        ),
    ),
)

FEEDERS = Table(
    "pv_feeders",
    "substation_id",
    "What the roofs below one substation ask of it; parents hold their children.",
    (
        Column("roofs", "integer", "1", "Roofs with modules below it.", "屋顶数", minimum=0),
        Column("asked_mw", "number", "MW", "Power of these roofs.", "申请容量", minimum=0.0),
        Column("accepted_mw", "number", "MW", "Part that is accepted.", "可接入容量", minimum=0.0),
        Column("refused_mw", "number", "MW", "Part that is refused.", "拒绝容量", minimum=0.0),
        Column(
            "left_mw",
            "number",
            "MW",
            "Room left after the accepted roofs; below 0 where there was none before.",
            "剩余容量",
        ),
    ),
)


def connect_roofs(
    roofs: gpd.GeoDataFrame,
    hosting: gpd.GeoDataFrame,
    *,
    order: pd.Series,
    assumptions: HostingAssumptions,
    service: gpd.GeoDataFrame | None = None,
) -> pd.DataFrame:
    """Assign every roof to a substation and fill the substations, the best roofs first.

    Parameters
    ----------
    roofs : GeoDataFrame
        Table ``pv_roofs``; where roofs are built smaller than they are, with that ``capacity_kwp``:
        ``roofs.assign(capacity_kwp=money["capacity_kwp"])``.
    hosting : GeoDataFrame
        Table ``pv_hosting``.
    order : Series
        Number per building, the least first, such as the LCOE; a missing one comes last, and equals keep the
        order of the roofs.
    assumptions : HostingAssumptions
        Levels, reach and how the grid counts modules.
    service : GeoDataFrame, optional
        Polygons keyed by substation that hold the roofs it serves; roofs outside all take the nearest
        substation of their level, a roof in two takes the first.

    Returns
    -------
    DataFrame
        Table ``pv_connections``, same keys in the same order.

    Raises
    ------
    LayerError
        Roofs and substations are in different CRS, or a polygon names an unknown substation.

    Notes
    -----
    The level of a roof is the lowest in the layer that its size allows, or the highest there is.
    """
    if len(hosting) and roofs.crs != hosting.crs:
        raise LayerError(
            f"The roofs are in {roofs.crs} and the substations in {hosting.crs}; "
            "give both in the study's CRS."
        )
    capacity = roofs["capacity_kwp"].to_numpy(dtype=np.float64)
    point = shapely.get_coordinates(shapely.centroid(np.asarray(roofs.geometry.array)))
    at, distance = _nearest(point, capacity, hosting, assumptions=assumptions)
    if service is not None:
        _serve(at, distance, point=point, service=service, hosting=hosting)
    at[capacity <= 0.0] = -1
    power = capacity * assumptions.grid_kw_kwp / KW_PER_MW
    reason, limiting = _fill(
        at, power, hosting, order=order.reindex(roofs.index).to_numpy(dtype=float)
    )
    reason[capacity <= 0.0] = _NO_MODULES
    names = np.array([*hosting.index, None], dtype=object)
    colours = np.array([*hosting["colour"], None], dtype=object)
    frame = pd.DataFrame(
        {
            "county": roofs["county"].to_numpy(),
            "capacity_kwp": capacity,
            "substation_id": pd.Series(names[at], dtype="str").to_numpy(),
            "distance_m": np.where(at >= 0, distance, np.nan),
            "colour": pd.Categorical(colours[at], categories=list(COLOURS)),
            "accepted": reason == _ACCEPTED,
            "reason": pd.Categorical.from_codes(reason, list(CONNECTION_REASONS)),
            "limiting_id": pd.Series(names[limiting], dtype="str").to_numpy(),
        },
        index=roofs.index,
    )
    table: pd.DataFrame = PV_CONNECTIONS.validate(frame, where="The table made by connect_roofs")
    return table


def feeder_totals(
    connections: pd.DataFrame, hosting: pd.DataFrame, *, assumptions: HostingAssumptions
) -> pd.DataFrame:
    """Sum the roofs below every substation.

    Parameters
    ----------
    connections : DataFrame
        Table ``pv_connections``.
    hosting : DataFrame
        Table ``pv_hosting``.
    assumptions : HostingAssumptions
        How the grid counts modules.

    Returns
    -------
    DataFrame
        Table ``pv_feeders``, same keys as ``hosting`` in the same order.
    """
    row = hosting.index.get_indexer(pd.Index(connections["substation_id"]))
    known = (row >= 0) & connections["substation_id"].notna().to_numpy()
    power = connections["capacity_kwp"].to_numpy() * assumptions.grid_kw_kwp / KW_PER_MW
    taken = connections["accepted"].to_numpy()
    own = np.array(
        [
            np.bincount(row[known], weights=weight[known], minlength=len(hosting))
            for weight in (np.ones(len(row)), power, power * taken)
        ]
    )
    parent, level = parent_rows(hosting)
    for depth in range(int(level.max(initial=0)), 0, -1):
        rows = np.flatnonzero(level == depth)
        np.add.at(own.T, parent[rows], own.T[rows])
    frame = pd.DataFrame(
        {
            "roofs": own[0].astype(np.int64),
            "asked_mw": own[1],
            "accepted_mw": own[2],
            "refused_mw": np.maximum(own[1] - own[2], 0.0),
            "left_mw": hosting["room_mw"].to_numpy() - own[2],
        },
        index=hosting.index,
    )
    table: pd.DataFrame = FEEDERS.validate(frame, where="The table made by feeder_totals")
    return table


def _nearest(
    point: _Floats, capacity: _Floats, hosting: gpd.GeoDataFrame, *, assumptions: HostingAssumptions
) -> tuple[_Ints, _Floats]:
    """Row of the nearest substation of the roof's level within reach, and its distance [m]."""
    at = np.full(len(point), -1, dtype=np.int64)
    distance = np.full(len(point), np.nan)
    if not len(hosting):
        return at, distance
    voltage = hosting["voltage_kv"].to_numpy(dtype=np.float64)
    levels = np.unique(voltage)
    least = np.zeros(len(point))
    for name in ("medium", "high"):
        above = capacity > assumptions.level_from_kwp[name]
        least[above] = assumptions.level_kv[name]
    wanted = levels[np.minimum(np.searchsorted(levels, least - 1e-9), len(levels) - 1)]
    place = shapely.get_coordinates(np.asarray(hosting.geometry.array))
    for level in levels:
        rows, roofs = np.flatnonzero(voltage == level), np.flatnonzero(wanted == level)
        if not len(roofs):
            continue
        reach_m = assumptions.feeder_reach_m * np.sqrt(level / levels[0])
        away, found = cKDTree(place[rows]).query(point[roofs])
        near = away <= reach_m
        at[roofs[near]] = rows[found[near]]
        distance[roofs[near]] = away[near]
    return at, distance


def _serve(
    at: _Ints,
    distance: _Floats,
    *,
    point: _Floats,
    service: gpd.GeoDataFrame,
    hosting: gpd.GeoDataFrame,
) -> None:
    """Write the substation of the service polygon over the nearest one, in place."""
    if service.crs != hosting.crs:
        raise LayerError(
            f"The service polygons are in {service.crs} and the substations in {hosting.crs}; "
            "give both in the study's CRS."
        )
    row = hosting.index.get_indexer(service.index)
    if (row < 0).any():
        raise LayerError(
            f"{int((row < 0).sum())} service polygons name no substation of the layer, first "
            f"{service.index[np.argmax(row < 0)]}; key them by substation_id."
        )
    tree = shapely.STRtree(np.asarray(service.geometry.array))
    roof, polygon = tree.query(shapely.points(point), predicate="intersects")
    order = np.lexsort((polygon, roof))
    roof, first = np.unique(roof[order], return_index=True)
    at[roof] = row[polygon[order][first]]
    place = shapely.get_coordinates(np.asarray(hosting.geometry.array))
    distance[roof] = np.hypot(*(place[at[roof]] - point[roof]).T)


def _fill(
    at: _Ints, power_mw: _Floats, hosting: gpd.GeoDataFrame, *, order: _Floats
) -> tuple[_Ints, _Ints]:
    """Take roofs in order while their substation and all above have room; reason and limiting row."""
    reason = np.full(len(at), _NO_SUBSTATION, dtype=np.int64)
    limiting = np.full(len(at), -1, dtype=np.int64)
    parent, _ = parent_rows(hosting)
    above = parent.tolist()
    blocked, blocker = _blocked(hosting, parent)
    closed = (at >= 0) & (blocked[at] >= 0) if len(hosting) else np.zeros(len(at), dtype=bool)
    reason[closed], limiting[closed] = blocked[at[closed]], blocker[at[closed]]
    room = hosting["room_mw"].to_list()
    queue = np.argsort(order, kind="stable")  # missing numbers sort last
    queue = queue[(at[queue] >= 0) & ~closed[queue]]
    for roof, leaf, power in zip(
        queue.tolist(), at[queue].tolist(), power_mw[queue].tolist(), strict=True
    ):
        step = leaf
        while step >= 0 and room[step] + _ROUNDING_MW >= power:
            step = above[step]
        if step >= 0:
            reason[roof], limiting[roof] = _FULL, step
            continue
        reason[roof] = _ACCEPTED
        step = leaf
        while step >= 0:
            room[step] -= power
            step = above[step]
    return reason, limiting


def _blocked(hosting: pd.DataFrame, parent: _Ints) -> tuple[_Ints, _Ints]:
    """Reason why a substation takes nothing at all (−1 if it may), and the row that says so."""
    colour = hosting["colour"].astype("object").to_numpy()
    red_by = hosting.index.get_indexer(pd.Index(hosting["red_by"]))
    room = hosting["room_mw"].to_numpy()
    reason = np.full(len(hosting), -1, dtype=np.int64)
    by = np.full(len(hosting), -1, dtype=np.int64)
    at = np.arange(len(hosting))
    while (at >= 0).any():  # yellow here or above leaves no room, whatever the colour in force
        empty = (at >= 0) & (room[at] <= 0.0) & (reason < 0)
        reason[empty], by[empty] = _IS_YELLOW, at[empty]
        at = np.where(at >= 0, parent[at], -1)
    red_above = (by >= 0) & (colour[by] == "red")
    reason[red_above] = _IS_RED
    red = colour == "red"
    reason[red], by[red] = _IS_RED, red_by[red]
    return reason, by
