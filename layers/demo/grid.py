"""Grid of the embedded Zibo: generated 110 kV and 35 kV substations and 10 kV transformers."""

__all__ = ["substations"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.spatial import cKDTree

from layers.demo.draws import between, normal, pick, uniform
from layers.tables import SUBSTATIONS

# Usual sizes of distribution transformers [MVA], the next above 2.2 kVA per home (unverified).
_SIZES_MVA = np.array([0.2, 0.315, 0.4, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0])
_KVA_PER_HOME = 2.2
# Load at spring noon per transformer capacity, and its spread (unverified).
_NOON_LOAD = (0.12, 0.32)
# Connected generation per capacity is log-normal; facts: over a third of Shandong's counties were
# red in 2024, so the median is set to leave some transformers without room (unverified).
_CONNECTED_MEDIAN, _CONNECTED_SPREAD, _REGISTERED = 0.45, 0.75, 0.22
# 10 kV transformer groups per unit.
_SETS_PER_UNIT = MappingProxyType({"village": 1, "town": 2, "city": 4, "park": 4, "resort": 1})


def substations(units: pd.DataFrame, *, crs: CRS, seed: int) -> gpd.GeoDataFrame:
    """Hang every settlement and tile on a transformer, these on 35 kV and those on 110 kV.

    Parameters
    ----------
    units : DataFrame
        All units: a 10 kV transformer group per village, two per town, four per tile.
    crs : pyproj.CRS
        Metric CRS.
    seed : int
        Seed.

    Returns
    -------
    GeoDataFrame
        A valid substation layer; load and generation of a parent hold those of its children.
    """
    low = _transformers(units, seed)
    middle = _frame(units[units["kind"] == "town"], "m", 35.0)
    high_places = units[
        ((units["kind"] == "city") & (units["rank"] % 9 == 0))
        | ((units["kind"] == "park") & (units["rank"] == 0))
        | ((units["kind"] == "town") & (units["rank"] % 3 == 0))
    ]
    # Tiles hang on 110 kV directly; villages on the nearest 35 kV of any county.
    rural = low["rural"].to_numpy(dtype=bool)
    low.loc[rural, "parent_id"] = _nearest(low[rural], middle)
    high = _frame(high_places, "h", 110.0)
    middle = _summed(middle, low[rural])
    middle["parent_id"] = _nearest(middle, high)
    low.loc[~rural, "parent_id"] = _nearest(low[~rural], high)
    high = _summed(high, pd.concat([middle, low[~rural]]))
    high["parent_id"] = None
    middle = _sized(middle, (6.3, 8.0, 10.0, 16.0, 20.0, 31.5), seed=seed)
    high = _sized(high, (31.5, 40.0, 50.0, 63.0, 80.0, 100.0), seed=seed)
    frame = pd.concat([high, middle, low])
    layer = gpd.GeoDataFrame(
        frame[["voltage_kv", "capacity_mva", "transformers", "parent_id", "load_mw", "connected_mw",
               "registered_mw", "county"]].assign(source="synthetic"),
        geometry=shapely.points(np.round(frame[["x", "y"]].to_numpy(dtype=float), 2)), crs=crs,
    )  # fmt: skip
    layer.index = pd.Index(layer.index, dtype="str", name=SUBSTATIONS.key)
    layer["parent_id"] = layer["parent_id"].astype("str")
    return SUBSTATIONS.validate(layer, where="The substations of the embedded Zibo")


def _frame(units: pd.DataFrame, prefix: str, voltage: float) -> pd.DataFrame:
    frame = units[["x", "y", "county"]].copy()
    frame.index = pd.Index([f"{prefix}{number:04d}" for number in units.index])
    # The yard stands at the edge of its unit, clear of the buildings.
    reach = (units["blocks_y"] * units["pitch_y"]).to_numpy() / 2 + 40.0
    frame["y"] = frame["y"].to_numpy() + np.where(voltage > 20.0, reach, 0.0)
    return frame.assign(voltage_kv=voltage)


def _transformers(units: pd.DataFrame, seed: int) -> pd.DataFrame:
    count = units["kind"].map(_SETS_PER_UNIT).to_numpy(dtype=np.int64)
    row = np.repeat(np.arange(len(units)), count)
    part = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    own = units.iloc[row]
    number = own.index.to_numpy()
    homes = own["homes"].to_numpy(dtype=float) / count[row]
    rural = own["kind"].isin(["village", "town"]).to_numpy()
    need = np.where(rural, homes * _KVA_PER_HOME / 1e3, 4.0)
    size = _SIZES_MVA[np.minimum(np.searchsorted(_SIZES_MVA, need), len(_SIZES_MVA) - 1)]
    sets = np.maximum(1, np.ceil(need / size)).astype(int)
    draw = uniform(seed, "connected", number, part)
    capacity = size * sets
    connected = capacity * _CONNECTED_MEDIAN * np.exp(_CONNECTED_SPREAD * normal(draw))
    # Cities and parks carry less PV for their transformers than villages do.
    connected *= np.where(rural, 1.0, 0.35)
    waiting = uniform(seed, "registered", number, part) ** 2 * _REGISTERED * 2
    load = capacity * between(uniform(seed, "load", number, part), *_NOON_LOAD)
    shift = (part - (count[row] - 1) / 2) * 150.0
    return pd.DataFrame(
        {
            "x": own["x"].to_numpy() + shift, "y": own["y"].to_numpy(),
            "county": own["county"].to_numpy(), "voltage_kv": 10.0, "capacity_mva": capacity,
            "transformers": sets, "load_mw": np.round(load * np.where(rural, 1.0, 1.8), 4),
            "connected_mw": np.round(np.minimum(connected, 1.6 * capacity), 4),
            "registered_mw": np.round(np.minimum(capacity * waiting, capacity), 4),
            "rural": rural, "parent_id": None,
        },
        index=[f"t{unit:04d}-{piece}" for unit, piece in zip(number, part, strict=True)],
    )  # fmt: skip


def _nearest(frame: pd.DataFrame, parents: pd.DataFrame) -> npt.NDArray[np.object_]:
    _, row = cKDTree(parents[["x", "y"]].to_numpy()).query(frame[["x", "y"]].to_numpy())
    return np.asarray(parents.index.to_numpy(dtype=object)[row], dtype=object)


def _summed(parents: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    sums = children.groupby("parent_id")[["load_mw", "connected_mw", "registered_mw"]].sum()
    return parents.assign(**sums.reindex(parents.index).fillna(0.0).round(3))


def _sized(frame: pd.DataFrame, sizes: tuple[float, ...], *, seed: int) -> pd.DataFrame:
    """Give each substation two or three transformers for its evening peak, built over years."""
    number = np.arange(len(frame))
    sets = 2 + pick(uniform(seed, f"sets {sizes[0]}", number), (0.8, 0.2))
    # The evening peak is about 2.5 times the noon load; some were built larger than others, none
    # for the generation that came later (unverified).
    reserve = np.exp(0.5 * normal(uniform(seed, f"reserve {sizes[0]}", number)))
    need = frame["load_mw"].to_numpy() * 2.5 * reserve / sets
    ladder = np.array(sizes)
    place = np.searchsorted(ladder, need)
    return frame.assign(
        transformers=sets, capacity_mva=ladder[np.minimum(place, len(ladder) - 1)] * sets
    )
