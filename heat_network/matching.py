"""Matching: which source heats which cluster in which hour, with what plant, at least cost or CO2."""

__all__ = ["Matching", "Objective", "match", "match_built", "pareto", "zone_matrix"]

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.matching_frames import (
    balance_residual,
    cluster_frame,
    cost_frame,
    hours_frame,
    link_frame,
    source_frame,
)
from heat_network.matching_inputs import MatchingInputs, matching_inputs
from heat_network.matching_model import MatchingModel, matching_model
from heat_network.matching_solver import MatchingSolver, Solution
from heat_network.matching_tables import HEAT_PARETO
from layers.errors import InfeasibleError, LayerError

Objective = Literal["cost", "co2"]
_KG_PER_T = 1e3
# A least value is held to within this share while the other is minimised.
_SLACK = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Matching:
    """An optimal matching.

    Attributes
    ----------
    hours : DataFrame
        Table ``heat_hours``: every hour of every cluster.
    sources : DataFrame
        Table ``heat_sources_use``: use, sizes, cost, CO2 and marginal value of every usable source.
    clusters : DataFrame
        Table ``heat_clusters``: heat, boilers, storage, losses and unmet demand.
    links : DataFrame
        Table ``heat_links``: who heats whom.
    costs : DataFrame
        Table ``heat_costs``.
    cost_cny, co2_kg, unmet_gj : float
        Of the year; the cost without the price of unmet demand.
    objective : {"cost", "co2"}
        What was minimised. Prices and marginal values are of cost; under least CO2 or a limit of CO2 they
        hold the worth of the CO2 too, and then may be very large.
    balance : float
        |heat in − heat out − losses − storage change| over heat in.
    status : str
        ``optimal``, or ``optimal, with unmet demand``.
    inputs, model, x, assumptions
        What an outage is reckoned from.
    """

    hours: pd.DataFrame
    sources: pd.DataFrame
    clusters: pd.DataFrame
    links: pd.DataFrame
    costs: pd.DataFrame
    cost_cny: float
    co2_kg: float
    unmet_gj: float
    objective: Objective
    balance: float
    status: str
    inputs: MatchingInputs
    model: MatchingModel
    x: npt.NDArray[np.float64]
    assumptions: HeatMatchingAssumptions


def match(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    assumptions: HeatMatchingAssumptions | None = None,
    allowed: pd.DataFrame | None = None,
    distance_km: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
    objective: Objective = "cost",
    co2_limit_kg: float | None = None,
) -> Matching:
    """Match sources and clusters over the hours.

    Parameters
    ----------
    supply : DataFrame
        Table ``heat_supply``; rows that are not usable are left out.
    hours : DataFrame, shape (hours, clusters)
        Demand at the buildings [MW], as :func:`heat_network.demand.demand_hours` makes it. The hours are a
        ring: a storage ends as it began.
    assumptions : HeatMatchingAssumptions, optional
        Prices, plant, losses.
    allowed : DataFrame of bool, optional
        Sources by clusters; by default every source may heat every cluster.
    distance_km : DataFrame, optional
        Sources by clusters [km]; beyond ``reach_km`` nothing connects, below it connections cost and lose.
    availability : DataFrame, optional
        Share by hour and source, as :func:`heat_network.supply.availability_hours` makes it; by default
        the constant share of the supply.
    objective : {"cost", "co2"}
        Least yearly cost, or least CO2 and among those the cheapest.
    co2_limit_kg : float, optional
        Least cost within this much CO2 a year.

    Returns
    -------
    Matching
        Tables, totals and the balance.

    Raises
    ------
    LayerError
        A frame lacks a row, a column or an hour, or holds impossible values.
    InfeasibleError
        The CO2 limit is below the least possible, which is named; or the time limit was reached.

    Notes
    -----
    Unmet demand is a variable with a price, so the programme always has a solution and says what it
    leaves cold. Grades: heat that only reaches the share r of the rise from return to supply is at most
    r of all heat put into the network in that hour (exchangers, heat pumps and boilers in series).
    """
    if objective not in get_args(Objective):
        raise LayerError(
            f"objective is {objective!r}; allowed are {', '.join(get_args(Objective))}."
        )
    assumptions = assumptions or HeatMatchingAssumptions()
    inputs = matching_inputs(
        supply, hours, allowed=allowed, distance_km=distance_km, availability=availability,
        assumptions=assumptions,
    )  # fmt: skip
    model = matching_model(inputs, assumptions)
    solver = MatchingSolver(model, time_limit_s=assumptions.time_limit_s)
    if objective == "co2":
        solver.limit_co2(_least_co2_t(solver, model) * (1.0 + _SLACK) + _SLACK)
    elif co2_limit_kg is not None:
        solver.limit_co2(co2_limit_kg / _KG_PER_T)
    solution = solver.solve()
    if solution is None:
        solver.limit_co2(np.inf)
        least_t = _least_co2_t(solver, model)
        limit_t = (co2_limit_kg or 0.0) / _KG_PER_T
        raise InfeasibleError(
            f"The heat cannot be had with {limit_t:,.0f} t of CO2 a year; with every demand met as far "
            f"as it can be, the least is {least_t:,.0f} t: raise the limit or add sources."
        )
    return _matching(inputs, model, solution, assumptions=assumptions, objective=objective)


def match_built(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    built: pd.DataFrame,
    distance_km: pd.DataFrame,
    availability: pd.DataFrame | None = None,
    assumptions: HeatMatchingAssumptions | None = None,
    objective: Objective = "cost",
) -> Matching:
    """Match sources and clusters over the pipes that are built.

    Parameters
    ----------
    supply, hours, distance_km, availability, assumptions, objective
        As for :func:`match`.
    built : DataFrame of bool
        Sources by clusters. The other pairs within reach give nothing, but
        :func:`heat_network.outage.outage` may fall back on them.

    Returns
    -------
    Matching
        Tables, totals and the balance.
    """
    assumptions = assumptions or HeatMatchingAssumptions()
    inputs = matching_inputs(
        supply, hours, allowed=None, distance_km=distance_km, availability=availability,
        assumptions=assumptions,
    )  # fmt: skip
    model = matching_model(inputs, assumptions)
    solver = MatchingSolver(model, time_limit_s=assumptions.time_limit_s)
    unbuilt = _unbuilt(inputs, model, built)
    solver.bound(unbuilt, np.zeros(len(unbuilt)), np.zeros(len(unbuilt)))
    if objective == "co2":
        solver.limit_co2(_least_co2_t(solver, model) * (1.0 + _SLACK) + _SLACK)
    solution = _solved(solver)
    return _matching(inputs, model, solution, assumptions=assumptions, objective=objective)


def pareto(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    points: int = 5,
    assumptions: HeatMatchingAssumptions | None = None,
    allowed: pd.DataFrame | None = None,
    distance_km: pd.DataFrame | None = None,
    availability: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return compromises between least cost and least CO2 by the ε-constraint method.

    Parameters
    ----------
    supply, hours, assumptions, allowed, distance_km, availability
        As for :func:`match`.
    points : int
        How many, both ends included, at equal steps of CO2.

    Returns
    -------
    DataFrame
        Table ``heat_pareto`` from the cheapest to the cleanest; cost never falls, CO2 never rises.
    """
    if points < 2:
        raise LayerError(
            f"points is {points}, but must be at least 2: the cheapest and the cleanest."
        )
    assumptions = assumptions or HeatMatchingAssumptions()
    inputs = matching_inputs(
        supply, hours, allowed=allowed, distance_km=distance_km, availability=availability,
        assumptions=assumptions,
    )  # fmt: skip
    model = matching_model(inputs, assumptions)
    solver = MatchingSolver(model, time_limit_s=assumptions.time_limit_s)
    cheapest = _solved(solver)
    most_t = float(model.co2 @ cheapest.x)
    least_t = _least_co2_t(solver, model) * (1.0 + _SLACK) + _SLACK
    rows = [_point(model, cheapest, limit_t=most_t, assumptions=assumptions)]
    for limit_t in np.linspace(most_t, min(least_t, most_t), points)[1:]:
        solver.limit_co2(float(limit_t))
        rows.append(_point(model, _solved(solver), limit_t=float(limit_t), assumptions=assumptions))
    frame = pd.DataFrame(rows)
    frame.index = pd.Index([str(number) for number in range(points)], dtype="str", name="point")
    return HEAT_PARETO.validate(frame, where="The compromises of the matching")


def zone_matrix(source_zone: pd.Series, clusters: pd.Index) -> pd.DataFrame:
    """Return which source may heat which cluster when each heat zone is a network of its own.

    Parameters
    ----------
    source_zone : Series
        Heat zone keyed by source.
    clusters : Index
        Names of the clusters, which are heat zones.

    Examples
    --------
    >>> zone_matrix(pd.Series({"a": "north", "b": "south"}), pd.Index(["south"]))["south"].tolist()
    [False, True]
    """
    zones = source_zone.astype("str").to_numpy()[:, None]
    return pd.DataFrame(
        zones == clusters.astype("str").to_numpy()[None, :],
        index=source_zone.index,
        columns=clusters,
    )


def _unbuilt(
    inputs: MatchingInputs, model: MatchingModel, built: pd.DataFrame
) -> npt.NDArray[np.int64]:
    """Return the columns of the sizes of pairs that are not built."""
    grid = built.reindex(index=list(inputs.sources), columns=list(inputs.clusters)).to_numpy()
    waits = ~(grid == True)[inputs.pair_source, inputs.pair_cluster]  # noqa: E712 - missing is not built
    blocks = model.blocks
    found = [
        blocks.start(name) + np.flatnonzero(waits[pairs])
        for name, pairs in (("exchanger", blocks.direct_pairs), ("heat_pump", blocks.pump_pairs))
    ]
    return np.concatenate(found).astype(np.int64)


def _matching(
    inputs: MatchingInputs,
    model: MatchingModel,
    solution: Solution,
    *,
    assumptions: HeatMatchingAssumptions,
    objective: Objective,
) -> Matching:
    hours = hours_frame(inputs, model, solution, assumptions=assumptions)
    sources = source_frame(inputs, model, solution, assumptions=assumptions)
    clusters = cluster_frame(inputs, model, solution, hours=hours)
    costs = cost_frame(inputs, model, solution.x, sources=sources, assumptions=assumptions)
    unmet_gj = float(clusters["unmet_gj"].sum())
    return Matching(
        hours=hours,
        sources=sources,
        clusters=clusters,
        links=link_frame(inputs, model, solution),
        costs=costs,
        cost_cny=float(costs["cny"].drop("unmet").sum()),
        co2_kg=float(costs["co2_kg"].sum()),
        unmet_gj=unmet_gj,
        objective=objective,
        balance=balance_residual(hours),
        status="optimal, with unmet demand" if unmet_gj > 0.0 else "optimal",
        inputs=inputs,
        model=model,
        x=solution.x,
        assumptions=assumptions,
    )


def _solved(solver: MatchingSolver) -> Solution:
    solution = solver.solve()
    if solution is None:
        raise InfeasibleError(
            "The matching has no solution; check the demand hours for huge numbers."
        )
    return solution


def _least_co2_t(solver: MatchingSolver, model: MatchingModel) -> float:
    solver.minimise(model.co2)
    least_t = _solved(solver).objective
    solver.minimise(model.cost)
    return least_t


def _point(
    model: MatchingModel,
    solution: Solution,
    *,
    limit_t: float,
    assumptions: HeatMatchingAssumptions,
) -> dict[str, float]:
    unmet = np.zeros(model.blocks.columns)
    model.blocks.hourly(unmet, "unmet")[:] = model.blocks.hourly(solution.x, "unmet")
    cost, co2 = (float(price @ (solution.x - unmet)) for price in (model.cost, model.co2))
    priced = float(model.cost @ unmet) / assumptions.unmet_cny_gj
    return {
        "cost_cny": cost * 1e3,
        "co2_kg": max(co2, 0.0) * _KG_PER_T,
        "unmet_gj": max(priced, 0.0) * 1e3,
        "co2_limit_kg": max(limit_t, 0.0) * _KG_PER_T,
    }
