"""Quotas: the roof area that must carry PV, per county and kind of roof, and what already does.

Shares are of area, never of count. Existing PV comes from a layer (power per building), from figures per
county, or from both, and then the layer's part is taken out of the county's figure, so that nothing is
counted twice. What is not located is spread over the kinds by their technical potential.
"""

__all__ = ["PV_QUOTAS", "counted_area", "existing_by_roof", "quota_needs"]

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.units import KW_PER_MW, KWH_PER_GWH
from rooftop_pv.county_assumptions import CountyAssumptions
from rooftop_pv.running_sums import group_codes
from rooftop_pv.tables import PILOT_KINDS

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


def _sum(name: str, unit: str, meaning: str, *, zh: str) -> Column:
    return Column(name, "number", unit, meaning, zh, minimum=0.0)


PV_QUOTAS = Table(
    "pv_quotas",
    "group",
    "The roofs of one kind in one county, and how much of their area must carry PV.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column(
            "pilot_kind",
            "category",
            "-",
            "Kind of roof of the national pilots; 'other' is none of the four.",
            "屋顶类别",
            allowed=PILOT_KINDS,
        ),
        Column("buildings", "integer", "1", "Buildings.", "建筑数", minimum=0),
        Column(
            "pv_buildings", "integer", "1", "Buildings that carry modules.", "可装建筑数", minimum=0
        ),
        _sum("roof_m2", "m²", "True surface of all roofs.", zh="屋面面积"),
        _sum("counted_m2", "m²", "Area that counts if every roof is built.", zh="可计面积"),
        _sum("technical_mw", "MW", "Technical potential.", zh="技术潜力"),
        _sum("technical_gwh", "GWh", "Energy of the technical potential.", zh="技术潜力电量"),
        _sum("existing_mw", "MW", "PV that exists.", zh="已建容量"),
        _sum("unlocated_mw", "MW", "Part of it whose buildings are not known.", zh="未定位容量"),
        _sum("remaining_mw", "MW", "Technical potential less what exists.", zh="剩余潜力"),
        Column(
            "quota_share",
            "number",
            "1",
            "Least share of the roof area.",
            "最低比例",
            minimum=0.0,
            maximum=1.0,
        ),
        _sum("required_m2", "m²", "That share of the roof area.", zh="应装面积"),
        _sum("existing_m2", "m²", "Area that counts of what exists.", zh="已装面积"),
        _sum("need_m2", "m²", "Area that must still be built.", zh="尚需面积"),
    ),
)


def counted_area(
    roofs: pd.DataFrame,
    planes: pd.DataFrame,
    assumptions: CountyAssumptions,
    *,
    money: pd.DataFrame | None = None,
) -> pd.Series:
    """Return the area of each roof that counts for the minimum shares once it is built [m²].

    By ``quota_measure`` the whole roof or its usable part; 0 without modules. Of a roof that the table
    ``pv_money`` builds smaller than it is, the usable part shrinks alike.
    """
    built = roofs["capacity_kwp"].to_numpy() > 0.0
    area = roofs["roof_m2"].to_numpy(dtype=np.float64)
    if assumptions.quota_measure == "usable":
        on = planes[planes["capacity_kwp"].to_numpy() > 0.0]
        area = (
            on.groupby("building_id")["usable_m2"].sum().reindex(roofs.index).fillna(0.0).to_numpy()
        )
        if money is not None:
            size = roofs["capacity_kwp"].where(built, 1.0).to_numpy()
            area = area * money["capacity_kwp"].reindex(roofs.index).to_numpy() / size
    return pd.Series(np.where(built, area, 0.0), index=roofs.index, name="counted_m2")


def quota_needs(
    money: pd.DataFrame,
    roofs: pd.DataFrame,
    *,
    counted_m2: pd.Series,
    counties: Iterable[str],
    assumptions: CountyAssumptions,
    existing_kwp: pd.Series | None = None,
    existing_mw: pd.Series | None = None,
) -> pd.DataFrame:
    """Return per county and kind what exists and what must be built.

    Parameters
    ----------
    money : DataFrame
        Table ``pv_money``: county and kind of every roof.
    roofs : DataFrame
        Table ``pv_roofs`` of the same roofs: area and technical potential.
    counted_m2 : Series
        From :func:`counted_area`.
    counties : iterable of str
        Keys of all counties.
    assumptions : CountyAssumptions
        Minimum shares and how area counts.
    existing_kwp : Series, optional
        PV that exists, keyed by building [kWp]; none unless given.
    existing_mw : Series, optional
        PV on roofs that exists, keyed by county [MW], the located part included; none unless given.

    Returns
    -------
    DataFrame
        Table ``pv_quotas``, one row per county and kind, also where there is no roof.

    Raises
    ------
    LayerError
        Existing PV is negative or stands on an unknown building or in an unknown county.
    """
    counties = list(counties)
    code = group_codes(money["county"], money["pilot_kind"], counties)
    size = len(counties) * len(PILOT_KINDS)
    located = existing_by_roof(money.index, existing_kwp)
    capacity = roofs["capacity_kwp"].reindex(money.index).to_numpy(dtype=np.float64)
    energy = roofs["yield_kwh"].reindex(money.index).to_numpy(dtype=np.float64)
    area = counted_m2.reindex(money.index).to_numpy(dtype=np.float64)
    roof_m2 = roofs["roof_m2"].reindex(money.index).to_numpy(dtype=np.float64)

    def total(values: npt.NDArray[np.generic]) -> _Floats:
        sums = np.bincount(code, weights=values.astype(np.float64), minlength=size)
        return sums.astype(np.float64)

    technical_mw, counted = total(capacity) / KW_PER_MW, total(area)
    located_mw = total(located) / KW_PER_MW
    unlocated = _unlocated(
        existing_mw,
        counties,
        located_mw=located_mw,
        free_mw=np.maximum(technical_mw - located_mw, 0.0),
    )
    per_mw = np.divide(counted, technical_mw, out=np.zeros(size), where=technical_mw > 0.0)
    if assumptions.quota_measure == "roof":
        there_m2 = total(np.where(located > 0.0, roof_m2, 0.0))
    else:
        there_m2 = located_mw * per_mw
    there_m2 = there_m2 + unlocated * per_mw
    share = np.tile([assumptions.quota_share[kind] for kind in PILOT_KINDS], len(counties))
    required = share * total(roof_m2)
    frame = pd.DataFrame(
        {
            "county": np.repeat(counties, len(PILOT_KINDS)),
            "pilot_kind": pd.Categorical(list(PILOT_KINDS) * len(counties), list(PILOT_KINDS)),
            "buildings": total(np.ones(len(code))).astype(np.int64),
            "pv_buildings": total(capacity > 0.0).astype(np.int64),
            "roof_m2": total(roof_m2),
            "counted_m2": counted,
            "technical_mw": technical_mw,
            "technical_gwh": total(energy) / KWH_PER_GWH,
            "existing_mw": located_mw + unlocated,
            "unlocated_mw": unlocated,
            "remaining_mw": np.maximum(technical_mw - located_mw - unlocated, 0.0),
            "quota_share": share,
            "required_m2": required,
            "existing_m2": there_m2,
            "need_m2": np.maximum(required - there_m2, 0.0),
        }
    )
    frame.index = pd.Index(
        frame["county"] + "/" + frame["pilot_kind"].astype("str"), dtype="str", name="group"
    )
    quotas: pd.DataFrame = PV_QUOTAS.validate(frame, where="The table made by quota_needs")
    return quotas


def existing_by_roof(roofs: pd.Index, existing_kwp: pd.Series | None) -> _Floats:
    """Return the PV that exists on each roof, shape (n,) [kWp]."""
    if existing_kwp is None:
        return np.zeros(len(roofs))
    row = roofs.get_indexer(existing_kwp.index)
    if (row < 0).any():
        raise LayerError(
            f"Existing PV stands on {int((row < 0).sum())} buildings that are not among the roofs, first "
            f"{existing_kwp.index[np.argmax(row < 0)]}; leave them out or give them as a county's figure."
        )
    values = existing_kwp.to_numpy(dtype=np.float64)
    bad = ~(values >= 0.0)
    if bad.any():
        raise LayerError(
            f"Existing PV is {values[np.argmax(bad)]} kWp on {existing_kwp.index[np.argmax(bad)]}; "
            "give numbers of at least 0."
        )
    return np.bincount(row, weights=values, minlength=len(roofs)).astype(np.float64)


def _unlocated(
    existing_mw: pd.Series | None, counties: list[str], *, located_mw: _Floats, free_mw: _Floats
) -> _Floats:
    """Spread the counties' figures less what is located over the kinds by what they have free."""
    if existing_mw is None:
        return np.zeros(len(located_mw))
    unknown = [str(name) for name in existing_mw.index if name not in counties]
    if unknown:
        raise LayerError(
            f"Existing PV is given for {', '.join(unknown)}, which is no county here; "
            f"counties are {', '.join(counties)}."
        )
    figure = existing_mw.reindex(counties).fillna(0.0).to_numpy(dtype=np.float64)
    if (figure < 0.0).any():
        raise LayerError(
            f"Existing PV of {counties[int(np.argmax(figure < 0.0))]} is negative; give MW of at least 0."
        )
    kinds = len(PILOT_KINDS)
    rest = np.maximum(figure - located_mw.reshape(-1, kinds).sum(axis=1), 0.0)
    free = free_mw.reshape(-1, kinds)
    whole = free.sum(axis=1, keepdims=True)
    part = np.divide(free, whole, out=np.zeros_like(free), where=whole > 0.0)
    part[whole[:, 0] <= 0.0, kinds - 1] = 1.0  # nowhere to put it: it stays with 'other'
    spread: _Floats = (part * rest[:, None]).ravel()
    return spread
