"""Hosting capacity of substations by DL/T 2041-2025: green, yellow and red, with parents.

Formula (read): S_d = (P − P_G + β · S · cos θ + P_ESS + ΔP_ESS) / τ_max with the load P at the hour of the
greatest back-feed, other generation P_G, rated capacity S, load factor β (0.80 for one transformer or a
split bus, else (n − 1)/n), charging storage and the greatest simultaneous output τ_max of distributed
generation. C1 = S_d − connected, C2 = C1 − registered. Green: C2 > 0; yellow: C2 ≤ 0 < C1; red: C1 ≤ 0.
The figures of a parent hold those of its children. That a red parent makes its children red was read in
public code, not in the standard. The standard's checks of short circuit and voltage need data of the
network; where they were made, a column ``limit_mw`` holds their hosting capacity and the lower one counts.
"""

__all__ = ["COLOURS", "HOSTING", "hosting_capacity", "parent_rows"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.tables import SUBSTATIONS
from rooftop_pv.hosting_assumptions import HostingAssumptions

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
COLOURS = ("green", "yellow", "red")
_GREEN, _YELLOW, _RED = range(3)

HOSTING = Table(
    "pv_hosting",
    "substation_id",
    "How much distributed generation one substation can take.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("voltage_kv", "number", "kV", "Voltage of the high side.", "电压"),
        Column("parent_id", "text", "-", "Substation above.", "上级变电站", nullable=True),
        Column("load_factor", "number", "1", "β of the standard.", "负载率", minimum=0.0),
        Column("hosting_mw", "number", "MW", "Hosting capacity S_d.", "承载力", minimum=0.0),
        Column(
            "room_mw", "number", "MW", "C2: left after what is connected and registered.", "剩余"
        ),
        Column(
            "room_connected_mw", "number", "MW", "C1: left after what is connected.", "扣并网剩余"
        ),
        Column("own_colour", "category", "-", "Colour by itself.", "本级颜色", allowed=COLOURS),
        Column("colour", "category", "-", "Colour in force.", "颜色", allowed=COLOURS),
        Column(
            "red_by",
            "text",
            "-",
            "Substation that makes it red: itself or the nearest red one above; missing where it is not red.",
            "致红变电站",
            nullable=True,
        ),
        Column(
            "level",
            "integer",
            "1",
            "Steps below the top of its grid.",
            "层级",
            minimum=0,
        ),
    ),
    "Point",
)


def hosting_capacity(
    substations: gpd.GeoDataFrame, assumptions: HostingAssumptions
) -> gpd.GeoDataFrame:
    """Return colour and room of every substation.

    Parameters
    ----------
    substations : GeoDataFrame
        Table ``substations``. Further columns ``split_bus`` (true or false), ``other_generation_mw``,
        ``storage_mw`` and ``limit_mw`` are used where given.
    assumptions : HostingAssumptions
        Factors of the formula.

    Returns
    -------
    GeoDataFrame
        Table ``pv_hosting``, same keys in the same order. A capacity below 0 counts as 0.

    Raises
    ------
    LayerError
        The substations break their schema, a parent does not exist, or parents run in a circle.

    Examples
    --------
    Two transformers of 50 MVA in parallel, 20 MW of load: (20 + 0.5 · 100 · 0.95) / 0.8 = 84.375 MW.
    """
    table = SUBSTATIONS.validate(substations, where="The substations given to hosting_capacity")
    parent, level = parent_rows(table)
    count = table["transformers"].astype("float64").to_numpy()
    split = np.full(len(table), assumptions.split_bus)
    if "split_bus" in table.columns:
        split = (
            table["split_bus"].astype("boolean").fillna(assumptions.split_bus).to_numpy(dtype=bool)
        )
    beta = np.where((count <= 1) | split, assumptions.single_load_factor, (count - 1.0) / count)
    back_feed = beta * table["capacity_mva"].to_numpy() * assumptions.power_factor
    power = (
        table["load_mw"].to_numpy()
        - _own(table, "other_generation_mw", assumptions.other_generation_mw)
        + back_feed
        + _own(table, "storage_mw", assumptions.storage_mw)
    )
    hosting = np.maximum(power / assumptions.peak_share, 0.0)
    hosting = np.minimum(hosting, _own(table, "limit_mw", np.inf))
    first = hosting - table["connected_mw"].to_numpy()
    second = first - table["registered_mw"].to_numpy()
    own = np.where(first <= 0.0, _RED, np.where(second <= 0.0, _YELLOW, _GREEN))
    red_by = _red_by(own == _RED, parent, level, inherit=assumptions.red_children)
    key = np.array([*table.index, None], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "county": table["county"],
            "voltage_kv": table["voltage_kv"],
            "parent_id": table["parent_id"],
            "load_factor": beta,
            "hosting_mw": hosting,
            "room_mw": second,
            "room_connected_mw": first,
            "own_colour": np.array(COLOURS, dtype=object)[own],
            "colour": np.array(COLOURS, dtype=object)[np.where(red_by >= 0, _RED, own)],
            "red_by": pd.Series(key[red_by], index=table.index, dtype="str"),
            "level": level,
        },
        index=table.index,
        geometry=table.geometry,
    )
    hosted: gpd.GeoDataFrame = HOSTING.validate(frame, where="The table made by hosting_capacity")
    return hosted


def parent_rows(substations: pd.DataFrame) -> tuple[_Ints, _Ints]:
    """Return the row of each parent (−1 without) and the steps below the top, each of shape (n,).

    Raises
    ------
    LayerError
        A parent is not in the layer, or parents run in a circle; both are named.
    """
    given = substations["parent_id"]
    parent = substations.index.get_indexer(pd.Index(given.fillna("")))
    lost = (parent < 0) & given.notna().to_numpy() & (given.fillna("") != "").to_numpy()
    if lost.any():
        row = int(np.argmax(lost))
        raise LayerError(
            f"{int(lost.sum())} substations name a parent that is not in the layer, first "
            f"{substations.index[row]} with parent_id {given.iloc[row]!r}; add it or leave parent_id empty."
        )
    names = _circle(substations.index, parent)
    if names:
        raise LayerError(
            f"The parents of the substations run in a circle: {names}; a substation cannot lie above itself, "
            "so mend one parent_id."
        )
    level = np.zeros(len(parent), dtype=np.int64)
    at = parent.copy()
    while (at >= 0).any():
        level += at >= 0
        at = np.where(at >= 0, parent[at], -1)
    return parent.astype(np.int64), level


def _circle(index: pd.Index, parent: npt.NDArray[np.integer]) -> str:
    """Name a circle of parents, or nothing if there is none."""
    done = np.zeros(len(parent), dtype=bool)
    for start in range(len(parent)):
        path: dict[int, int] = {}
        at = start
        while at >= 0 and not done[at] and at not in path:
            path[at] = len(path)
            at = int(parent[at])
        if at in path:
            ring = [row for row, place in path.items() if place >= path[at]]
            return " > ".join(str(index[row]) for row in [*ring, at])
        done[list(path)] = True
    return ""


def _own(table: pd.DataFrame, name: str, default: float) -> _Floats:
    if name not in table.columns:
        return np.full(len(table), default)
    values: _Floats = table[name].astype("float64").fillna(default).to_numpy()
    return values


def _red_by(red: npt.NDArray[np.bool_], parent: _Ints, level: _Ints, *, inherit: bool) -> _Ints:
    """Row of the substation that makes each red, −1 where none does."""
    by = np.where(red, np.arange(len(red)), -1)
    if inherit:
        for depth in range(1, int(level.max(initial=0)) + 1):
            rows = np.flatnonzero((level == depth) & ~red)
            by[rows] = by[parent[rows]]
    return by
