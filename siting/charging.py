"""Charging: which sites, how many points of which power, from when on, and why there."""

__all__ = ["ChargingPlan", "charging_plan"]

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import InfeasibleError, LayerError
from layers.layer_set import LayerSet
from siting.access import Access, AccessAssumptions, site_access
from siting.charging_assumptions import ChargingAssumptions
from siting.charging_demand import charging_demand
from siting.charging_frames import (
    county_points,
    county_quotas,
    measured_sites,
    phase_frame,
    served_cells,
    site_loads,
)
from siting.charging_points import feeders, site_points
from siting.charging_trade import outages, trades
from siting.choice import Choice
from siting.explain import charging_reasons, site_worth
from siting.phases import Phase, nested_phases
from siting.requests import ChargingRequests, fixed_places, open_counts
from siting.site_rules import Quotas
from siting.sparse_costs import IntArray, NumberArray, SparseCost
from siting.street_graph import StreetGraph, street_graph
from siting.tables import SITING_CHARGING, SITING_COUNTIES


@dataclass(frozen=True, kw_only=True)
class ChargingPlan:
    """A plan of public charging.

    Attributes
    ----------
    sites : GeoDataFrame
        Valid by ``siting_charging``.
    counties : DataFrame
        Valid by ``siting_counties``; its columns add up to what was asked.
    cells : GeoDataFrame
        Valid by ``siting_access``: every demand cell with the site that serves it.
    unreachable : DataFrame, index cell_id
        Demand cells that no candidate reaches: `reason`, `distance_m`, `demand_kwh_d`.
    phases, pareto, outages : DataFrame
        Valid by ``siting_phases``, ``siting_pareto`` and ``siting_outages``.
    choice : Choice
        The location model's answer for the last year; objective and bound in kWh·s/d.
    notes : tuple of (str, str)
        What a reader of the plan must know, one sentence each, in English and Chinese.
    """

    sites: gpd.GeoDataFrame
    counties: pd.DataFrame
    cells: gpd.GeoDataFrame
    unreachable: pd.DataFrame
    phases: pd.DataFrame
    pareto: pd.DataFrame
    outages: pd.DataFrame
    choice: Choice
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class _Model:
    """The location model: legal sites, cells, times and rules."""

    sites: gpd.GeoDataFrame
    cells: gpd.GeoDataFrame
    near: Access
    cost: SparseCost
    weight: NumberArray
    rules: Quotas
    fixed: IntArray
    swappable: npt.NDArray[np.bool_]


def charging_plan(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    graph: StreetGraph | None = None,
    assumptions: ChargingAssumptions | None = None,
    access: AccessAssumptions | None = None,
    requests: ChargingRequests | None = None,
    time_limit_s: float = 120.0,
) -> ChargingPlan:
    """Plan the charging points of a city by county, site, power class and year.

    Parameters
    ----------
    candidates, legal : DataFrame
        As :func:`siting.candidates.site_candidates` and
        :func:`siting.legality.legal_equipment` return them.
    layers : LayerSet
        Buildings, constraints, streets, substations and counties are read.
    graph : StreetGraph, optional
        The streets as a graph where it is at hand; made from ``layers.streets`` otherwise.
    assumptions, access : optional
        Vehicles, points, waiting, feeders; cutoff and reach on the streets.
    requests : ChargingRequests, optional
        Quotas per county, settled sites, sites per year.
    time_limit_s : float
        Wall time per model solved [s].

    Raises
    ------
    InfeasibleError
        More sites, points or bays asked for than there are; the county and the shortfall are named.
    LayerError
        No demand; a county, a settled site or a year that is not in the study.

    Notes
    -----
    Sites minimise energy times time to the nearest site (p-median), the last year first and the years
    before as subsets. Points are then shared out exactly: asked total, private and public, counties,
    sites; never below what Erlang C asks for in the peak hour where the county's points allow it.
    """
    given = ChargingAssumptions() if assumptions is None else assumptions
    reach = AccessAssumptions() if access is None else access
    asked = ChargingRequests() if requests is None else requests
    model = _model(candidates, legal, layers, graph=graph, given=given, reach=reach, asked=asked)
    years = np.arange(given.first_year, given.last_year + 1)
    counts = open_counts(
        years,
        standing=model.fixed.size,
        last=_last_count(model, given, asked),
        phases=asked.phases,
    )
    phases = nested_phases(
        model.cost,
        model.weight,
        counts,
        fixed=model.fixed,
        quotas=model.rules,
        time_limit_s=time_limit_s,
    )
    choice = phases[-1].choice
    sites, counties = _sited(model, phases, layers, given=given, quotas=asked.quotas)
    cells = served_cells(model.cells, model.near, choice.assigned_to)
    return ChargingPlan(
        sites=sites,
        counties=_with_access(counties, cells, sites, reach_min=given.reach_min),
        cells=cells,
        unreachable=model.near.unreachable.join(model.cells["demand_kwh_d"]),
        phases=phase_frame(phases, years, sites),
        pareto=trades(
            model.cost, model.weight, phases, limit_s=given.reach_min * 60.0, fixed=model.fixed,
            quotas=model.rules, time_limit_s=time_limit_s,
        ),
        outages=outages(sites, model.cells, model.near, chosen=choice.chosen, given=given),
        choice=choice,
        notes=_notes(sites, model, count=counts[-1], given=given),
    )  # fmt: skip


def _with_access(
    counties: pd.DataFrame, cells: pd.DataFrame, sites: pd.DataFrame, *, reach_min: float
) -> pd.DataFrame:
    """Return the counties with the people in time, the mean minutes and what feeders lack."""
    rows = pd.DataFrame(
        {
            "people": cells["people"],
            "inside": cells["people"].where(cells["time_min"] <= reach_min, 0.0),
            "energy": cells["demand_kwh_d"].where(cells["time_min"].notna(), 0.0),
            "minutes": (cells["demand_kwh_d"] * cells["time_min"]).fillna(0.0),
        }
    )
    sums = rows.groupby(cells["county"]).sum().reindex(counties.index).fillna(0.0)
    short = sites["feeder_short_kw"].groupby(sites["county"]).sum().reindex(counties.index)
    made = counties.assign(
        within_share=(sums["inside"] / sums["people"].where(sums["people"] > 0.0)).fillna(0.0),
        mean_min=sums["minutes"] / sums["energy"].where(sums["energy"] > 0.0),
        feeder_short_kw=short.fillna(0.0),
    )
    return SITING_COUNTIES.validate(made, where="The counties")[list(SITING_COUNTIES.column_names)]


def _model(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    graph: StreetGraph | None,
    given: ChargingAssumptions,
    reach: AccessAssumptions,
    asked: ChargingRequests,
) -> _Model:
    if given.last_year < given.first_year:
        raise LayerError(
            f"The plan runs from {given.first_year} to {given.last_year}; the last year must not come first."
        )
    cells = charging_demand(layers, assumptions=given)
    sites = candidates[_legal(candidates, legal, "charging")]
    if sites.empty:
        raise InfeasibleError("No candidate may hold charging points; add candidates.")
    graph = street_graph(layers.streets) if graph is None else graph
    near = site_access(graph, cells, sites, assumptions=reach)
    return _Model(
        sites=sites,
        cells=cells,
        near=near,
        cost=near.time_cost(overflow_s=reach.cutoff_min * 60.0).ascending(),
        weight=cells["demand_kwh_d"].to_numpy(dtype=np.float64),
        rules=county_quotas(sites, layers, asked.quotas),
        fixed=fixed_places(sites, candidates, asked),
        swappable=_legal(sites, legal, "swap"),
    )


def _legal(
    candidates: gpd.GeoDataFrame, legal: pd.DataFrame, equipment: str
) -> npt.NDArray[np.bool_]:
    fit = legal.loc[(legal["equipment"].astype("str") == equipment) & legal["legal"], "site_id"]
    flags: npt.NDArray[np.bool_] = candidates.index.isin(fit)
    return flags


def _last_count(model: _Model, given: ChargingAssumptions, asked: ChargingRequests) -> int:
    """Return the sites of the last year: as asked, but not more than bring something."""
    if given.last_year in asked.phases:
        return asked.phases[given.last_year]
    useful = np.union1d(_nearest(model.near), model.fixed).size
    must = max([model.fixed.size, int(model.rules.minimum.sum()), 1, *asked.phases.values()])
    last = max(min(given.sites, useful), must)
    return min(last, len(model.sites))  # a quota above the candidates is then named with its county


def _nearest(near: Access) -> IntArray:
    """Return the sites that are the nearest of some demand: with all of them nothing can improve."""
    row = np.repeat(np.arange(near.demand_id.size), np.diff(near.indptr))
    order = np.lexsort((near.indices, near.time_s, row))
    first = order[np.unique(row[order], return_index=True)[1]]
    return np.unique(near.indices[first]).astype(np.int64)


def _sited(
    model: _Model,
    phases: Sequence[Phase],
    layers: LayerSet,
    *,
    given: ChargingAssumptions,
    quotas: pd.DataFrame | None,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the chosen sites with points, waiting and reasons, and the counties with their totals."""
    choice = phases[-1].choice
    chosen = model.sites.iloc[choice.chosen]
    frame = site_loads(
        chosen, model.cells, choice, swappable=model.swappable[choice.chosen], given=given
    )
    fed = feeders(chosen, layers.substations, frame["demand_kwh_d"].to_numpy(), given=given)
    frame = frame.assign(
        county_name=chosen["county"].map(layers.area.counties["name"]).astype("str"),
        year=_years(choice.chosen, phases, given.first_year),
        substation_id=fed["substation_id"],
        headroom_kw=fed["headroom_kw"].astype("float64"),
    )
    counties, totals = county_points(layers, model.cells, frame, given=given, quotas=quotas)
    empty = [
        name for name, points in totals.items() if points.sum() and name not in set(frame["county"])
    ]
    if empty:
        raise InfeasibleError(
            f"{counties.loc[empty[0], 'name']} is to have {totals[empty[0]].sum()} public points and has no "
            "site; add candidates there or lower its quota."
        )
    parts = [
        site_points(rows, totals[str(key)], given=given) for key, rows in frame.groupby("county")
    ]
    frame = measured_sites(frame.join(pd.concat(parts)), given)
    worth = site_worth(
        model.cost,
        model.weight,
        choice.chosen,
        keys=model.sites.index,
        within=model.cost.within(given.reach_min * 60.0),
        quotas=model.rules,
    )
    frame = frame.assign(
        loss_if_removed=np.maximum(worth.loss, 0.0) / 60.0,
        best_replacement=worth.replacement,
        replaced_loss=worth.replaced_loss / 60.0,
        cells_gained=worth.gained,
    )
    english, chinese = charging_reasons(frame)
    frame = SITING_CHARGING.validate(
        frame.assign(why=english, why_zh=chinese), where="The charging sites"
    )
    return frame[list(SITING_CHARGING.column_names)], counties


def _years(chosen: IntArray, phases: Sequence[Phase], first_year: int) -> npt.NDArray[np.int64]:
    """Return the year in which each chosen site opens."""
    year = np.full(chosen.size, first_year + len(phases) - 1, dtype=np.int64)
    for k in reversed(range(len(phases))):
        year[np.isin(chosen, phases[k].choice.chosen)] = first_year + k
    return year


def _notes(
    sites: pd.DataFrame, model: _Model, *, count: int, given: ChargingAssumptions
) -> tuple[tuple[str, str], ...]:
    fast = sites["points"] - sites["points_7_kw"]
    thin = int((fast < sites["points_for_waiting"]).sum())
    need, have = int(sites["points_for_waiting"].sum()), int(fast.sum())
    short = sites["feeder_short_kw"] > 0.0
    lost = model.near.unreachable.join(model.cells["demand_kwh_d"])["demand_kwh_d"]
    lack, gone = sites["feeder_short_kw"].sum(), lost.sum()
    swaps, carried = model.cells["swaps_d"].sum(), sites["swaps_d"].sum()
    said = (
        (count < given.sites,
         f"{given.sites} sites were asked for; {count} already bring every cell to its nearest candidate.",
         f"要求 {given.sites} 座站；{count} 座已使每个需求单元到达最近候选站址。"),
        (True, f"The waiting targets alone would need {need:,} fast points; the plan's total gives {have:,}.",
         f"仅按等待目标需快充枪 {need:,} 个；按规划总量配置 {have:,} 个。"),
        (thin > 0, f"{thin} sites have fewer fast points than the waiting targets ask for.",
         f"{thin} 座站的快充枪少于等待目标所需。"),
        (bool(short.any()),
         f"{int(short.sum())} sites draw {lack:,.0f} kW more than their feeders have left.",
         f"{int(short.sum())} 座站共超出馈线余量 {lack:,.0f} kW。"),
        (len(lost) > 0, f"{len(lost)} demand cells with {gone:,.0f} kWh/d reach no candidate.",
         f"{len(lost)} 个需求单元（{gone:,.0f} kWh/d）到不了任何候选站址。"),
        (bool(sites["headroom_kw"].isna().any()), "Without substations no feeder was tested.",
         "无变电站数据，未校核馈线。"),
        (carried < swaps - 0.5, f"{swaps - carried:,.0f} of {swaps:,.0f} swaps a day find no legal station.",
         f"每日 {swaps:,.0f} 次换电中有 {swaps - carried:,.0f} 次无合规换电站。"),
    )  # fmt: skip
    return tuple((english, chinese) for holds, english, chinese in said if holds)
