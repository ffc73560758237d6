"""Hydrogen supply: which source feeds which station by trailer, and the modules each station needs."""

__all__ = ["Supply", "annuity", "supply_stations"]

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.restricted_core import Programme, solve_programme
from siting.sparse_costs import IntArray, NumberArray

_UNSERVED_CNY_KG = 1000.0  # far above any cost, so that hydrogen is left out only where it must be


@dataclass(frozen=True, kw_only=True)
class Supply:
    """The balance of hydrogen.

    Attributes
    ----------
    sold_kg_d : ndarray of float, shape (flows, stations)
        What each flow takes at each station [kg/d].
    hauled_kg_d : ndarray of float, shape (sources, stations)
        What each source sends to each station [kg/d].
    modules : ndarray of int, shape (stations, 2)
        Modules of 500 and of 1,000 kg/d.
    unserved_kg_d : ndarray of float, shape (flows,)
        What neither sources nor stations can give [kg/d].
    gap : float
        Distance of cost and bound [share].
    """

    sold_kg_d: NumberArray
    hauled_kg_d: NumberArray
    modules: IntArray
    unserved_kg_d: NumberArray
    gap: float


def annuity(interest: float, years: int) -> float:
    """Return the yearly payment per unit invested.

    Examples
    --------
    >>> round(annuity(0.06, 15), 5), annuity(0.0, 10)
    (0.10296, 0.1)
    """
    return 1.0 / years if interest == 0.0 else interest / (1.0 - (1.0 + interest) ** -years)


def supply_stations(
    demand_kg_d: NumberArray,
    stops: tuple[tuple[int, ...], ...],
    haul_km: NumberArray,
    *,
    source_kg_d: NumberArray,
    capacity_kg_d: NumberArray,
    given: HydrogenAssumptions,
    time_limit_s: float,
) -> Supply:
    """Share flows out to the stations on their trips and haul the hydrogen at least yearly cost.

    Parameters
    ----------
    demand_kg_d : ndarray of float, shape (flows,)
        Hydrogen each refuelled flow needs [kg/d].
    stops : tuple of tuple of int, one per flow
        Open stations on its trip.
    haul_km : ndarray of float, shape (sources, stations)
        Road distance one way [km], infinite where there is no road.
    source_kg_d : ndarray of float, shape (sources,)
        Hydrogen of each source [kg/d].
    capacity_kg_d : ndarray of float, shape (stations,)
        Greatest sales that the legal storage allows [kg/d].
    given : HydrogenAssumptions
        Costs and modules.
    time_limit_s : float
        Wall time [s].

    Notes
    -----
    min Σ annuity of modules + Σ trailer and source cost, subject to: sales of a flow over its stations
    plus what is unserved = its demand; sales of a station = deliveries; sales ≤ 500·n₁ + 1000·n₂ and
    ≤ storage; deliveries of a source ≤ its hydrogen. A trailer drives there and back per load.
    """
    flows, (sources, stations) = demand_kg_d.size, haul_km.shape
    flow = np.repeat(np.arange(flows), [len(one) for one in stops]).astype(np.int64)
    at = np.array([j for one in stops for j in one], dtype=np.int64)
    open_haul = np.isfinite(haul_km) & (haul_km <= given.haul_limit_km)
    src, dst = np.nonzero(open_haul)
    a, t = at.size, src.size
    haul_cny = (
        2.0 * haul_km[src, dst] * given.trailer_cny_km / given.trailer_kg + given.source_cny_kg
    )
    yearly = annuity(given.interest, given.lifetime_years) + given.operation_share
    module = np.array([given.module_mcny["500"], given.module_mcny["1000"]]) * 1e6 * yearly / 365.0
    columns = a + t + 2 * stations + flows
    modules = a + t + np.arange(2 * stations)
    slack = a + t + 2 * stations + np.arange(flows)
    each = np.arange(stations)
    one_a, one_t = np.ones(a), np.ones(t)

    def rows(entries: list[tuple[NumberArray, IntArray, IntArray]], count: int) -> sparse.csr_array:
        value, row, column = (np.concatenate(part) for part in zip(*entries, strict=True))
        return sparse.csr_array((value, (row, column)), shape=(count, columns))

    sold = (one_a, at, np.arange(a))
    matrix = sparse.vstack([
        rows([(one_a, flow, np.arange(a)), (np.ones(flows), np.arange(flows), slack)], flows),
        rows([sold, (-one_t, dst, a + np.arange(t))], stations),
        rows([sold, (np.full(stations, -500.0), each, modules[:stations]),
              (np.full(stations, -1000.0), each, modules[stations:])], stations),
        rows([sold], stations),
        rows([(one_t, src, a + np.arange(t))], sources),
    ], format="csr")  # fmt: skip
    none = np.full(2 * stations + sources, -np.inf)
    solved = solve_programme(
        Programme(
            matrix=sparse.csr_array(matrix),
            row_lower=np.concatenate([demand_kg_d, np.zeros(stations), none]),
            row_upper=np.concatenate(
                [demand_kg_d, np.zeros(stations), np.zeros(stations), capacity_kg_d, source_kg_d]
            ),
            cost=np.concatenate([
                np.zeros(a), haul_cny, np.repeat(module, stations), np.full(flows, _UNSERVED_CNY_KG)
            ]),
            lower=np.zeros(columns),
            upper=np.full(columns, np.inf),
            integral=np.isin(np.arange(columns), modules),
        ),
        time_limit_s=time_limit_s,
    )  # fmt: skip
    x = np.zeros(columns) if solved.x is None else solved.x
    if solved.x is None:
        x[slack] = demand_kg_d
    taken, hauled = np.zeros((flows, stations)), np.zeros((sources, stations))
    taken[flow, at] = x[:a]
    hauled[src, dst] = x[a : a + t]
    gap = (
        0.0
        if solved.complete
        else abs(solved.objective - solved.bound) / max(1e-9, abs(solved.objective))
    )
    return Supply(
        sold_kg_d=taken,
        hauled_kg_d=hauled,
        modules=np.rint(x[modules]).astype(np.int64).reshape(2, stations).T,
        unserved_kg_d=x[slack],
        gap=float(gap),
    )
