"""Legality: which equipment may stand at which candidate, and the rule that binds."""

__all__ = ["equipment_of", "legal_equipment", "legal_services"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.errors import LayerError
from layers.layer_set import LayerSet
from siting.candidate_assumptions import CandidateAssumptions
from siting.candidates import CLOSED_LAND
from siting.refusals import refusal
from siting.setbacks import protected_objects
from siting.tables import EQUIPMENT, LEGAL_EQUIPMENT, SERVICES

_OWN_USES = ("shop", "utility", "other", "public")  # kiosk, canopy, or a building of unknown use
_WALL_SHARE, _WALL_M = 1.5, 25.0  # GB 50156: a solid wall within 1.5 times the distance and 25 m
# A service may stand where one of its sets of parts is legal; the smallest storage is the easiest.
PARTS = MappingProxyType({
    "petrol": ("petrol_tank_3", "petrol_dispenser"), "charging": ("charging",), "swap": ("swap",),
    "cng": ("cng",), "lng": ("lng_tank_3", "lng_dispenser"),
    "hydrogen": ("hydrogen_storage_3", "hydrogen_dispenser"),
})  # fmt: skip


def equipment_of(service: str) -> tuple[str, ...]:
    """Return the parts that must all be legal where a service stands, with its smallest storage."""
    return PARTS[service]


def legal_equipment(
    candidates: gpd.GeoDataFrame,
    layers: LayerSet,
    setbacks: pd.DataFrame,
    *,
    assumptions: CandidateAssumptions | None = None,
) -> pd.DataFrame:
    """Test every kind of equipment at every candidate.

    Parameters
    ----------
    candidates : GeoDataFrame
        As :func:`siting.candidates.site_candidates` returns them.
    layers : LayerSet
        Constraints, buildings and streets are read.
    setbacks : DataFrame
        As :func:`siting.setbacks.read_setbacks` returns it.
    assumptions : CandidateAssumptions, optional
        Least areas, greatest slope, widths of roads.

    Returns
    -------
    DataFrame
        Valid by :data:`siting.tables.LEGAL_EQUIPMENT`, keyed ``site_id|equipment``: each candidate
        times each equipment.

    Raises
    ------
    LayerError
        Candidates in another CRS than the layers.

    Notes
    -----
    Distances run from the candidate's point to the outline of a building, the kerb of a road or the
    centreline of a railway. Closed land, area and slope come before distances; among distances the
    one with the least room to spare binds. Standing stations are not tested for land and slope.
    """
    given = CandidateAssumptions() if assumptions is None else assumptions
    if candidates.crs != layers.area.crs:
        raise LayerError("The candidates and the layers are in different CRS; project them first.")
    near = _near(
        candidates, protected_objects(layers, assumptions=given), setbacks=setbacks, given=given
    )
    site = np.arange(len(candidates))
    frame = pd.DataFrame(
        {
            "site": np.repeat(site, len(EQUIPMENT)),
            "equipment": np.tile(np.array(EQUIPMENT, dtype=object), site.size),
        }
    )
    rules = near.merge(setbacks[["equipment", "protected", "metres"]].astype({"equipment": object}),
                       on="protected")  # fmt: skip
    rules["slack"] = rules["actual_m"] - rules["metres"]
    rules["wall"] = (
        (rules["slack"] >= 0.0)
        & (rules["actual_m"] <= _WALL_SHARE * rules["metres"])
        & (rules["actual_m"] <= _WALL_M)
        & rules["protected"].isin(["important_public", "class_1", "class_2", "class_3"])
    )
    rules["short"] = rules["slack"] < 0.0
    counted = rules.groupby(["site", "equipment"], as_index=False)[["wall", "short"]].sum()
    binding = rules.sort_values(["slack", "object_id"], kind="stable").drop_duplicates(
        ["site", "equipment"]
    )
    frame = frame.merge(counted, on=["site", "equipment"], how="left").merge(
        binding.drop(columns=["wall", "short"]), on=["site", "equipment"], how="left"
    )
    return _judged(frame, candidates, layers=layers, given=given)


def _near(
    candidates: gpd.GeoDataFrame,
    objects: gpd.GeoDataFrame,
    *,
    setbacks: pd.DataFrame,
    given: CandidateAssumptions,
) -> pd.DataFrame:
    """Return the nearest object of each class within reach of each candidate."""
    reach = _WALL_SHARE * float(setbacks["metres"].max()) + float(objects["offset_m"].max() or 0.0)
    points = candidates.geometry.to_numpy()
    site, row = shapely.STRtree(objects.geometry.to_numpy()).query(
        points, predicate="dwithin", distance=reach
    )
    away = shapely.distance(points[site], objects.geometry.to_numpy()[row])
    hit = objects.drop(columns="geometry").iloc[row].reset_index(drop=True)
    hit = hit.assign(site=site, actual_m=np.maximum(0.0, away - hit["offset_m"].to_numpy()))
    own = (
        (hit["layer"] == "buildings")
        & hit["use"].isin(_OWN_USES)
        & (away <= given.own_plot_m)
        & candidates["existing"].to_numpy()[site]
    )
    # A yard is not kept away from itself: a car park never is a protected class, its streets are.
    hit = hit[~own.to_numpy()]
    hit = hit.sort_values(["actual_m", "object_id"], kind="stable")
    return hit.drop_duplicates(["site", "protected"])


def _judged(
    frame: pd.DataFrame,
    candidates: gpd.GeoDataFrame,
    *,
    layers: LayerSet,
    given: CandidateAssumptions,
) -> pd.DataFrame:
    rows = candidates.iloc[frame["site"].to_numpy()]
    area, slope = rows["area_m2"].to_numpy(), rows["slope_deg"].to_numpy()
    new = ~rows["existing"].to_numpy()
    need = frame["equipment"].map(_least_area(given)).to_numpy(dtype=np.float64)
    land_id, land_kind = (part[frame["site"].to_numpy()] for part in _land(candidates, layers))
    on_land = new & (land_id != "")
    small = area < need
    steep = new & (slope > given.greatest_slope_deg)
    short = frame["short"].fillna(0).to_numpy(dtype=np.int64)
    broken = on_land.astype(np.int64) + small + steep + short
    first = np.select([on_land, small, steep], ["land", "area", "slope"], default="")
    rule = np.where(first != "", first, frame["protected"].fillna("").to_numpy(dtype=object))
    plain = first == ""
    object_id = np.where(plain, frame["object_id"].fillna("").to_numpy(dtype=object),
                         np.where(first == "land", land_id, ""))  # fmt: skip
    metres = frame["metres"].where(plain).to_numpy(dtype=np.float64)
    actual = frame["actual_m"].where(plain).to_numpy(dtype=np.float64)
    names = frame["name"].astype(object).where(frame["name"].notna(), "").to_numpy()
    ids = rows.index.to_numpy(dtype=object)
    said = [
        refusal(e, rule=r, object_id=o, name=nm, kind=lk, metres=(x, m), plot_m2=(a, n),
                slope_deg=(s, given.greatest_slope_deg)) if b else ("", "")
        for b, e, r, o, nm, lk, x, m, a, n, s in zip(
            broken, frame["equipment"], rule, object_id, names, land_kind, actual, metres, area, need, slope,
            strict=True,
        )
    ]  # fmt: skip
    result = pd.DataFrame(
        {
            "site_id": ids,
            "equipment": frame["equipment"].to_numpy(),
            "legal": broken == 0,
            "rule": _or_missing(rule),
            "object_id": _or_missing(object_id),
            "required_m": metres,
            "actual_m": actual,
            "broken": broken,
            "needs_wall": (broken == 0) & (frame["wall"].fillna(0).to_numpy(dtype=np.int64) > 0),
            "reason": [english for english, _ in said],
            "reason_zh": [chinese for _, chinese in said],
        },
        index=pd.Index(
            [f"{s}|{e}" for s, e in zip(ids, frame["equipment"], strict=True)],
            dtype="str",
            name=LEGAL_EQUIPMENT.key,
        ),
    )
    return LEGAL_EQUIPMENT.validate(result, where="Legal equipment")


def _or_missing(words: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    held = words.copy()
    held[words == ""] = None
    return held


def _least_area(given: CandidateAssumptions) -> dict[str, float]:
    found = {}
    for name in EQUIPMENT:
        service = next(s for s in SERVICES if name.startswith(s))
        found[name] = given.least_area_m2[service]
    return found


def _land(
    candidates: gpd.GeoDataFrame, layers: LayerSet
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return key and kind of the closed land under each candidate, empty where there is none."""
    closed = layers.constraints[layers.constraints["kind"].astype("str").isin(CLOSED_LAND)]
    key = np.full(len(candidates), "", dtype=object)
    kind = key.copy()
    if len(closed):
        site, row = closed.sindex.query(candidates.geometry.to_numpy(), predicate="intersects")
        key[site] = closed.index.to_numpy(dtype=object)[row]
        kind[site] = closed["kind"].astype("str").to_numpy(dtype=object)[row]
    return key, kind


def legal_services(legal: pd.DataFrame) -> pd.DataFrame:
    """Return which services may stand at each site, with the smallest storage of each.

    Parameters
    ----------
    legal : DataFrame
        As :func:`legal_equipment` returns it.

    Returns
    -------
    DataFrame, index site_id
        One flag per service of :data:`siting.tables.SERVICES`, and the texts ``<service>_reason`` and
        ``<service>_reason_zh``.
    """
    flags = legal.set_index(["site_id", legal["equipment"].astype("str")])[
        ["legal", "reason", "reason_zh"]
    ]
    flags = flags.unstack("equipment").reindex(pd.unique(legal["site_id"]))  # noqa: PD010 - of unique keys
    columns: dict[str, npt.NDArray[np.object_]] = {}
    row = np.arange(len(flags))
    for service in SERVICES:
        parts = list(PARTS[service])
        ok = flags["legal"][parts].to_numpy(dtype=bool)
        columns[service] = ok.all(axis=1)
        first = np.argmin(ok, axis=1)
        for text in ("reason", "reason_zh"):
            columns[f"{service}_{text}"] = flags[text][parts].to_numpy(dtype=object)[row, first]
    frame = pd.DataFrame(columns, index=flags.index)
    return frame.rename_axis("site_id")
