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
    pareto_frame,
    phase_frame,
    served_cells,
    site_loads,
)
from siting.charging_points import feeders, site_points
from siting.choice import Choice
from siting.explain import charging_reasons, site_worth
from siting.location import max_coverage
from siting.phases import Phase, nested_phases, pareto
from siting.site_rules import Quotas
from siting.sparse_costs import IntArray, NumberArray, SparseCost
from siting.street_graph import StreetGraph, street_graph
from siting.tables import SITING_CHARGING, SITING_COUNTIES

_CUTOFF_MIN = 30.0
_ROUNDING = 1e-6


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
    phases, pareto : DataFrame
        Valid by ``siting_phases`` and ``siting_pareto``.
    choice : Choice
        The location model's answer for the last year; objective and bound in kWh·s/d.
    notes : tuple of str
        What a reader of the plan must know, one sentence each.
    """

    sites: gpd.GeoDataFrame
    counties: pd.DataFrame
    cells: gpd.GeoDataFrame
    unreachable: pd.DataFrame
    phases: pd.DataFrame
    pareto: pd.DataFrame
    choice: Choice
    notes: tuple[str, ...]


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


def charging_plan(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    graph: StreetGraph | None = None,
    assumptions: ChargingAssumptions | None = None,
    access: AccessAssumptions | None = None,
    quotas: pd.DataFrame | None = None,
    time_limit_s: float = 20.0,
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
        Vehicles, points, waiting, feeders; cutoff (30 minutes unless given) and reach on the streets.
    quotas : DataFrame, optional
        Indexed by county; any of `points` (public points of the county), `least_sites`, `most_sites`.
        Counties without a row, or with a missing value, are shared out by demand.
    time_limit_s : float
        Wall time per model solved [s].

    Raises
    ------
    InfeasibleError
        More sites, points or bays asked for than there are; the county and the shortfall are named.
    LayerError
        No demand, an unknown county in `quotas`.

    Notes
    -----
    Sites minimise energy times time to the nearest site (p-median), the last year first and the years
    before as subsets. Points are then shared out exactly: asked total, private and public, counties,
    sites; never below what Erlang C asks for in the peak hour where the county's points allow it.
    """
    given = ChargingAssumptions() if assumptions is None else assumptions
    reach = AccessAssumptions(cutoff_min=_CUTOFF_MIN) if access is None else access
    model = _model(candidates, legal, layers, graph=graph, given=given, reach=reach, quotas=quotas)
    years = np.arange(given.first_year, given.last_year + 1)
    counts = _counts(model, years.size, given)
    phases = nested_phases(
        model.cost,
        model.weight,
        counts,
        fixed=model.fixed,
        quotas=model.rules,
        time_limit_s=time_limit_s,
    )
    choice = phases[-1].choice
    sites, counties = _sited(model, phases, layers, given=given, quotas=quotas)
    cells = served_cells(model.cells, model.near, choice.assigned_to)
    inside = (
        cells["people"]
        .where(cells["time_min"] <= given.reach_min, 0.0)
        .groupby(cells["county"])
        .sum()
    )
    people = cells["people"].groupby(cells["county"]).sum()
    share = (inside / people.where(people > 0.0)).reindex(counties.index).fillna(0.0)
    return ChargingPlan(
        sites=sites,
        counties=SITING_COUNTIES.validate(
            counties.assign(within_share=share), where="The counties"
        ),
        cells=cells,
        unreachable=model.near.unreachable.join(model.cells["demand_kwh_d"]),
        phases=phase_frame(phases, years, sites),
        pareto=_trade(model, choice, limit_s=given.reach_min * 60.0, time_limit_s=time_limit_s),
        choice=choice,
        notes=_notes(sites, model, count=counts[-1], given=given),
    )


def _model(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    graph: StreetGraph | None,
    given: ChargingAssumptions,
    reach: AccessAssumptions,
    quotas: pd.DataFrame | None,
) -> _Model:
    if given.last_year < given.first_year:
        raise LayerError(
            f"The plan runs from {given.first_year} to {given.last_year}; the last year must not come first."
        )
    cells = charging_demand(layers, assumptions=given)
    fit = legal.loc[(legal["equipment"].astype("str") == "charging") & legal["legal"], "site_id"]
    sites = candidates[candidates.index.isin(fit)]
    if sites.empty:
        raise InfeasibleError("No candidate may hold charging points; add candidates.")
    graph = street_graph(layers.streets) if graph is None else graph
    near = site_access(graph, cells, sites, assumptions=reach)
    return _Model(
        sites=sites,
        cells=cells,
        near=near,
        cost=near.time_cost(overflow_s=reach.cutoff_min * 60.0),
        weight=cells["demand_kwh_d"].to_numpy(dtype=np.float64),
        rules=county_quotas(sites, layers, quotas),
        fixed=np.flatnonzero((sites["kind"].astype("str") == "charging_station").to_numpy()),
    )


def _counts(model: _Model, years: int, given: ChargingAssumptions) -> list[int]:
    """Return the sites open in each year: even steps from what stands to what is asked."""
    useful = np.union1d(_nearest(model.near), model.fixed).size
    last = max(min(given.sites, useful), model.fixed.size, int(model.rules.minimum.sum()), 1)
    last = min(last, len(model.sites))  # a quota above the candidates is then named with its county
    steps = np.linspace(model.fixed.size, last, years + 1)[1:]
    return [int(max(1, round(step))) for step in steps]


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
    frame = site_loads(chosen, model.cells, choice, given=given)
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


def _trade(model: _Model, choice: Choice, *, limit_s: float, time_limit_s: float) -> pd.DataFrame:
    """Trade mean minutes against the share within the target, from the plan's share to the greatest."""
    count = choice.chosen.size
    total = float(model.weight.sum())
    best = max_coverage(
        model.cost.within(limit_s), model.weight, count, fixed=model.fixed, quotas=model.rules,
        time_limit_s=time_limit_s,
    )  # fmt: skip
    most = best.objective / total
    shares = [0.0, max(0.0, most - 0.02 * most), most - _ROUNDING]
    points = pareto(
        model.cost, model.weight, count, limit=limit_s, shares=[max(0.0, share) for share in shares],
        fixed=model.fixed, quotas=model.rules, time_limit_s=time_limit_s,
    )  # fmt: skip
    return pareto_frame(points, weight=total)


def _notes(
    sites: pd.DataFrame, model: _Model, *, count: int, given: ChargingAssumptions
) -> tuple[str, ...]:
    fast = sites["points"] - sites["points_7_kw"]
    thin = int((fast < sites["points_for_waiting"]).sum())
    short = sites["feeder_short_kw"] > 0.0
    lost = model.near.unreachable.join(model.cells["demand_kwh_d"])
    over = f"{sites['feeder_short_kw'].sum():,.0f} kW more than their feeders have left"
    missed = f"{lost['demand_kwh_d'].sum():,.0f} kWh/d"
    near = f"{count} already bring every cell to its nearest candidate"
    said = (
        (count < given.sites, f"{given.sites} sites were asked for; {near}."),
        (thin > 0, f"{thin} sites have fewer fast points than the waiting targets ask for."),
        (bool(short.any()), f"{int(short.sum())} sites draw {over}."),
        (len(lost) > 0, f"{len(lost)} demand cells with {missed} reach no candidate."),
        (bool(sites["headroom_kw"].isna().any()), "Without substations no feeder was tested."),
    )
    return tuple(sentence for holds, sentence in said if holds)
