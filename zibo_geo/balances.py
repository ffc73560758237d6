"""The balances of a run: what went in equals what came out, to a millionth; a broken one ends the run."""

__all__ = [
    "BALANCES",
    "TOLERANCE",
    "account_lines",
    "balance_lines",
    "checked_balances",
    "plan_balances",
]

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from layers.errors import CaseError
from layers.schema import Column, Table
from layers.units import KW_PER_MW, KWH_PER_GWH
from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.siting_scale import scaled_assumptions

TOLERANCE = 1e-6
"""Largest difference of the two sides, relative to the larger."""

BALANCES = Table(
    "balances",
    "balance",
    "Sums of a run that must agree, and by how much they do.",
    (
        Column("analysis", "text", "-", "Analysis, or the layers.", "分析"),
        Column("left", "text", "-", "What is summed.", "左项"),
        Column("left_value", "number", "-", "Its sum.", "左值"),
        Column("right", "text", "-", "What it must equal.", "右项"),
        Column("right_value", "number", "-", "Its sum.", "右值"),
        Column("unit", "text", "-", "Unit of both.", "单位"),
        Column(
            "difference", "number", "1", "|left - right| over the larger.", "相对差", minimum=0.0
        ),
    ),
)


class _Balance(NamedTuple):
    name: str
    analysis: str
    left: str
    left_value: float
    right: str
    right_value: float
    unit: str


def plan_balances(plan: Plan, *, questions: Collection[str] = ()) -> pd.DataFrame:
    """Return the balances of a plan.

    Parameters
    ----------
    plan : Plan
        With whatever analyses were run.
    questions : collection of str
        What siting was asked.

    Returns
    -------
    DataFrame
        Table ``balances``.
    """
    found = list(_layers(plan))
    if plan.pv is not None:
        found += _pv(plan, plan.pv)
    if plan.heat is not None:
        found += _heat(plan, plan.heat)
    if plan.siting is not None:
        found += _siting(plan, plan.siting, questions)
    frame = pd.DataFrame(found, columns=_Balance._fields).set_index("name")
    frame.index = pd.Index(frame.index, dtype="str", name="balance")
    sides = frame[["left_value", "right_value"]].astype("float64").to_numpy()
    larger = np.abs(sides).max(axis=1)
    apart = np.abs(sides[:, 0] - sides[:, 1])
    difference = np.divide(apart, larger, out=np.zeros(len(frame)), where=larger > 0.0)
    table = frame.astype({"left_value": "float64", "right_value": "float64"})
    return BALANCES.validate(
        table.assign(difference=np.where(np.isfinite(sides).all(axis=1), difference, np.inf)),
        where="The balances",
    )


def checked_balances(plan: Plan, *, questions: Collection[str] = ()) -> pd.DataFrame:
    """Return the balances of a plan, all closed.

    Raises
    ------
    CaseError
        One does not close; the sentence names it.
    """
    table = plan_balances(plan, questions=questions)
    broken = table[~(table["difference"] <= TOLERANCE)]
    if len(broken):
        first = broken.iloc[0]
        raise CaseError(
            f"The balance {broken.index[0]!r} is broken: {first['left']} is {first['left_value']:,.6g} "
            f"{first['unit']}, but {first['right']} is {first['right_value']:,.6g} {first['unit']}; nothing "
            "was written. Please report it with the case."
        )
    return table


def balance_lines(table: pd.DataFrame) -> list[str]:
    """Return the balances in words, one line each."""
    return [
        f"{row.analysis}: {row.left} {row.left_value:,.6g} = {row.right} {row.right_value:,.6g}"
        + ("" if row.unit == "1" else f" {row.unit}")
        for row in table.itertuples()
    ]


def account_lines(account: pd.DataFrame) -> list[str]:
    """Return what readers repaired, defaulted and dropped, by layer and reason, the most first.

    Examples
    --------
    >>> account_lines(pd.DataFrame({"layer": ["roofs", "roofs"], "action": ["read", "dropped"],
    ...     "reason": ["rows in the file", "empty geometry"], "rows": [9, 2]}))
    ['roofs: 2 dropped, empty geometry']
    """
    changed = account[account["action"].astype("str").isin(["repaired", "defaulted", "dropped"])]
    keys = ["layer", "action", "reason"]
    sums = changed.astype(dict.fromkeys(keys, "str")).groupby(keys)["rows"].sum()
    ordered = sums.sort_values(ascending=False, kind="stable")
    return [
        f"{layer}: {rows:,} {action}, {reason}" for (layer, action, reason), rows in ordered.items()
    ]


def _layers(plan: Plan) -> Iterator[_Balance]:
    """Rows handed on by the readers are the rows of the layers."""
    account = plan.layers.account
    kept = account[account["action"].astype("str") == "kept"]
    names = {"streets": "street segments", "heat_sources": "heat sources"}
    for name in ("buildings", "streets", "stations", "substations", "heat_sources"):
        # What the reader of the layer kept; of what it was handed, much may be no such object.
        handed = kept[(kept["layer"] == name) & (kept["reason"] == names.get(name, name))]
        if len(handed):
            yield _Balance(
                f"rows of {name}", "layers", "rows handed on by the reader", handed["rows"].sum(),
                "rows of the layer", len(getattr(plan.layers, name)), "1",
            )  # fmt: skip


def _pv(plan: Plan, pv: RooftopPvPlan) -> Iterator[_Balance]:
    planes, roofs, counties, uses = pv.planes, pv.roofs, pv.counties, pv.uses
    used = planes.loc[planes["refused"].isna(), "plane_m2"].sum()
    kwp, kwh = planes["capacity_kwp"].sum(), pv.yields["yield_kwh"].sum()
    yield _Balance(
        "footprints", "pv", "footprints of the buildings", plan.layers.buildings.area.sum(),
        "planes seen from above", planes["projected_m2"].sum(), "m²",
    )  # fmt: skip
    yield _Balance(
        "roof area", "pv", "roof of the buildings", roofs["roof_m2"].sum(),
        "planes with modules and planes refused, by reason", used + pv.refusals["plane_m2"].sum(), "m²",
    )  # fmt: skip
    yield _Balance(
        "roof area by county", "pv", "planes", planes["plane_m2"].sum(), "counties",
        counties["roof_m2"].sum(), "m²",
    )  # fmt: skip
    for name, side in (("planes", kwp), ("uses", KW_PER_MW * uses["capacity_mw"].sum()),
                       ("counties", KW_PER_MW * counties["capacity_mw"].sum())):  # fmt: skip
        yield _Balance(
            f"capacity of {name}", "pv", "capacity of the buildings", roofs["capacity_kwp"].sum(),
            f"capacity of the {name}", side, "kWp",
        )  # fmt: skip
    for name, side in (("hours", pv.hours.to_numpy().sum()),
                       ("months", pv.yields[list(MONTH_COLUMNS)].to_numpy().sum()),
                       ("buildings", roofs["yield_kwh"].sum()),
                       ("counties", KWH_PER_GWH * counties["yield_gwh"].sum())):  # fmt: skip
        yield _Balance(
            f"energy of the {name}", "pv", "year of the planes", kwh, f"{name}", side, "kWh"
        )
    yield _Balance(
        "answers of the grid", "pv", "buildings", len(roofs), "buildings with an answer",
        len(pv.connections), "1",
    )  # fmt: skip


def _heat(plan: Plan, heat: HeatPlan) -> Iterator[_Balance]:
    """The networks' own balance is taken hour by hour where they are computed; here it must be nothing."""
    yield _Balance(
        "heat of the networks", "heat", "heat in over itself", 1.0,
        "heat out, losses and change of storage over heat in", 1.0 - heat.balance, "1",
    )  # fmt: skip
    yield _Balance(
        "answers of heat", "heat", "consumers",
        len(plan.layers.buildings if plan.case.heat.sinks is None else heat.buildings),
        "consumers with an answer", len(heat.connections), "1",
    )  # fmt: skip


def _siting(plan: Plan, siting: SitingPlan, questions: Collection[str]) -> Iterator[_Balance]:
    """What the case asks for is what the answers hold, site by site and county by county."""
    ways = {"charging": _charging, "hydrogen": _hydrogen, "hubs": _hubs}
    answered = siting.answers.index[siting.answers["answered"].astype(bool)]
    for name, way in ways.items():
        if name in questions and name in answered:
            yield from way(plan, siting, scaled_assumptions(plan.layers, plan.case, name)[0])


def _charging(plan: Plan, siting: SitingPlan, asked: Any) -> Iterator[_Balance]:
    sites, counties = _held(siting.charging), _held(siting.counties)
    yield _Balance(
        "charging points", "siting", "points asked", asked.points, "points of the counties",
        counties["points"].sum(), "1",
    )  # fmt: skip
    yield _Balance(
        "public charging points", "siting", "public points of the counties",
        counties["public_points"].sum(), "points of the sites", sites["points"].sum(), "1",
    )  # fmt: skip
    yield _of_counties("charging sites", plan, sites)


def _hydrogen(plan: Plan, siting: SitingPlan, asked: Any) -> Iterator[_Balance]:
    """Hydrogen of the sources is hauled, what is hauled is dispensed, and that with the gap is the need."""
    stations, flows = _held(siting.hydrogen), _held(siting.flows)
    sold, hauled = stations["sold_kg_d"].sum(), _held(siting.hauls)["kg_d"].sum()
    served = flows[flows["refuelled"].astype(bool)]
    yield _Balance(
        "hydrogen stations", "siting", "stations asked", asked.stations, "stations", len(stations), "1",
    )  # fmt: skip
    yield _of_counties("stations by county", plan, stations)
    yield _Balance(
        "hydrogen of the sources", "siting", "sent by the sources",
        _held(siting.sources)["sent_kg_d"].sum(), "hauled to the stations", hauled, "kg/d",
    )  # fmt: skip
    yield _Balance(
        "hydrogen dispensed", "siting", "hauled to the stations", hauled, "dispensed", sold, "kg/d",
    )  # fmt: skip
    yield _Balance(
        "need for hydrogen", "siting", "need of the trips that are refuelled",
        served["demand_kg_d"].sum(), "dispensed and lacking", sold + served["unserved_kg_d"].sum(), "kg/d",
    )  # fmt: skip
    yield _Balance(
        "trips refuelled", "siting", "trips of the answer",
        siting.answers.loc["hydrogen", "objective"], "trips refuelled", served["trips_d"].sum(), "1/d",
    )  # fmt: skip


def _hubs(plan: Plan, siting: SitingPlan, asked: Any) -> Iterator[_Balance]:
    hubs = _held(siting.hubs)
    chosen = hubs[hubs["chosen"].astype(bool)]
    yield _Balance("hubs", "siting", "hubs asked", asked.count, "hubs", len(chosen), "1")
    yield _of_counties("hubs by county", plan, chosen)
    yield _Balance(
        "services of hubs", "siting", "services in the bundles",
        chosen["bundle"].astype("str").str.split("+").str.len().sum(), "hubs by service",
        _held(siting.hub_services)["hubs"].sum(), "1",
    )  # fmt: skip


def _of_counties(name: str, plan: Plan, sites: pd.DataFrame) -> _Balance:
    """Every site lies in one county of the study."""
    known = sites["county"].astype("str").value_counts().reindex(plan.layers.area.counties.index)
    return _Balance(
        name, "siting", "sites", len(sites), "sites of the counties", known.fillna(0).sum(), "1"
    )


def _held(frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return a frame of a question that was answered."""
    if frame is None:
        raise CaseError("Siting says it was answered, but a table of the answer is missing.")
    return frame
