"""The hub model: one binary per site and bundle of services, coverage, count, counties and budget."""

__all__ = ["Bundles", "HubChoice", "bundles_of", "choose_bundles"]

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layers.errors import InfeasibleError
from siting.choice import Choice
from siting.hub_assumptions import HubAssumptions
from siting.restricted_core import Programme, solve_programme
from siting.sparse_costs import Cover, IntArray, NumberArray
from siting.tables import SERVICES

_LARGE = 200_000  # covers above which HiGHS needs minutes for the last of the proof
_LARGE_GAP = 2e-4
_EXTRA = tuple(name for name in SERVICES if name != "petrol")


@dataclass(frozen=True, kw_only=True)
class Bundles:
    """Every legal bundle of every site, one entry each.

    Attributes
    ----------
    site : ndarray of int
        Site of the bundle.
    holds : ndarray of bool, shape (bundles, services)
        Services of :data:`siting.tables.SERVICES` in it.
    cost_mcny, saved_mcny : ndarray of float
        Cost, and what the shared grid connection saves of it [million CNY].
    """

    site: IntArray
    holds: npt.NDArray[np.bool_]
    cost_mcny: NumberArray
    saved_mcny: NumberArray


@dataclass(frozen=True, kw_only=True)
class HubChoice:
    """The chosen bundle of each chosen site.

    Attributes
    ----------
    bundle : ndarray of int
        Entries of :class:`Bundles`.
    choice : Choice
        Chosen sites; objective and bound are weighted shares of demand covered.
    """

    bundle: IntArray
    choice: Choice


def bundles_of(
    legal: npt.NDArray[np.bool_],
    petrol: npt.NDArray[np.bool_],
    canopy_kwp: NumberArray,
    *,
    given: HubAssumptions,
) -> Bundles:
    """Return every legal bundle: what stands and at least `least_services` more.

    Parameters
    ----------
    legal : ndarray of bool, shape (sites, services)
        Which services may stand at each site.
    petrol : ndarray of bool, shape (sites,)
        Sites that sell petrol today and go on.
    canopy_kwp : ndarray of float, shape (sites,)
        PV canopy of the site [kWp]; part of every bundle.
    given : HubAssumptions
        Costs.

    Notes
    -----
    Cost = works (retrofit or new) + services + canopy + the dearest grid connection of the bundle once;
    saved is what the other connections would have cost.
    """
    service = np.array([given.service_mcny[name] for name in SERVICES])
    grid = np.array([given.grid_mcny[name] for name in SERVICES])
    works = np.where(petrol, given.retrofit_mcny, given.new_mcny)
    works = works + canopy_kwp * given.pv_cny_w / 1000.0
    sites, holds = [], []
    for size in range(given.least_services, max(given.most_services, given.least_services) + 1):
        for names in combinations(_EXTRA, size):
            mask = np.array([name in names for name in SERVICES])
            fits = np.flatnonzero(legal[:, mask].all(axis=1))
            held = np.broadcast_to(mask, (fits.size, mask.size)).copy()
            held[:, SERVICES.index("petrol")] = petrol[fits]
            sites.append(fits)
            holds.append(held)
    site = np.concatenate(sites).astype(np.int64)
    hold = np.concatenate(holds)
    alone = hold @ grid
    once = (hold * grid).max(axis=1, initial=0.0)
    return Bundles(
        site=site,
        holds=hold,
        cost_mcny=works[site] + hold @ service + once,
        saved_mcny=alone - once,
    )


def choose_bundles(
    bundles: Bundles,
    covers: tuple[Cover, ...],
    weight: NumberArray,
    *,
    county: IntArray,
    required: IntArray,
    given: HubAssumptions,
    time_limit_s: float,
) -> HubChoice:
    """Choose at most one bundle per site so that the weighted demand covered is greatest.

    Parameters
    ----------
    bundles : Bundles
        Legal bundles.
    covers : tuple of Cover, one per service
        Which sites cover each demand.
    weight : ndarray of float, shape (services, demand)
        Weight of each demand for each service.
    county : ndarray of int, shape (sites,)
        County of each site.
    required : ndarray of int
        Sites that become hubs whatever the model says; `bundles` holds what each of them may get.
    given : HubAssumptions
        Count, county minimum, budget.
    time_limit_s : float
        Wall time [s].

    Raises
    ------
    InfeasibleError
        Fewer legal sites than asked for, or a budget below the cheapest choice; with the shortfall.

    Notes
    -----
    Maximum coverage (Church and ReVelle 1974) per service over shared sites, as one integer programme
    for HiGHS; it starts from a greedy choice. Demands with the same sites in reach are merged.
    """
    legal_sites = np.unique(bundles.site)
    least = np.minimum(
        given.least_per_county, np.bincount(county[legal_sites], minlength=int(county.max()) + 1)
    )
    if least.sum() > given.count:
        raise InfeasibleError(
            f"At least {given.least_per_county} hubs in each county are {least.sum()} and {given.count} are "
            f"asked for: {least.sum() - given.count} short; raise the count or lower least_per_county."
        )
    if required.size > given.count:
        raise InfeasibleError(
            f"{required.size} hydrogen stations are to be hubs and {given.count} hubs are asked for: "
            f"{required.size - given.count} short; raise the count or ask for fewer stations."
        )
    if legal_sites.size < given.count:
        raise InfeasibleError(
            f"{given.count} hubs are asked for and {legal_sites.size} candidates may hold "
            f"{given.least_services} services besides petrol: {given.count - legal_sites.size} short; add "
            "candidates or lower the count."
        )
    cheapest = _cheapest(bundles, county=county, least=least, required=required, count=given.count)
    cost = float(bundles.cost_mcny[cheapest].sum())
    if cost > given.budget_mcny:
        raise InfeasibleError(
            f"The cheapest {given.count} hubs cost {cost:,.0f} million CNY and the budget is "
            f"{given.budget_mcny:,.0f}: {cost - given.budget_mcny:,.0f} short; raise it or lower the count."
        )
    programme, reach = _programme(
        bundles, covers, weight, county=county, least=least, required=required, given=given
    )
    picked = _greedy(
        bundles,
        reach,
        worth=-programme.cost[bundles.site.size :],
        county=county,
        least=least,
        required=required,
        given=given,
    )
    start = np.zeros(programme.cost.size)
    start[cheapest if picked is None else picked] = 1.0
    start[bundles.site.size :] = np.minimum(1.0, reach @ start[: bundles.site.size])
    solved = solve_programme(programme, time_limit_s=time_limit_s, start=start)
    x = start if solved.x is None else solved.x
    bundle = np.flatnonzero(x[: bundles.site.size] > 0.5)
    covered = np.minimum(
        1.0, reach @ np.isin(np.arange(bundles.site.size), bundle).astype(np.float64)
    )
    worth = -programme.cost[bundles.site.size :]
    bound = -solved.bound if np.isfinite(solved.bound) else float(worth.sum())
    sites = bundles.site[bundle]
    choice = Choice.judged(
        sites,
        np.zeros(0, dtype=np.int64),
        objective=float(worth @ covered),
        bound=bound,
        maximise=True,
    )
    return HubChoice(bundle=bundle[np.argsort(sites)], choice=choice)


def _cheapest(
    bundles: Bundles, *, county: IntArray, least: IntArray, required: IntArray, count: int
) -> IntArray:
    """Return the cheapest bundles at `count` sites that keep county minimums and required sites."""
    order = np.lexsort((np.arange(bundles.site.size), bundles.cost_mcny))
    first = order[np.unique(bundles.site[order], return_index=True)[1]]
    first = first[np.argsort(bundles.cost_mcny[first], kind="stable")]
    rank = np.zeros(first.size, dtype=np.int64)
    home = county[bundles.site[first]]
    for k in range(least.size):
        rank[home == k] = np.arange(int((home == k).sum()))
    must = (rank < least[home]) | np.isin(bundles.site[first], required)
    taken = np.concatenate([first[must], first[~must]])[: max(count, int(must.sum()))]
    return taken.astype(np.int64)


def _greedy(
    bundles: Bundles,
    reach: sparse.csr_array,
    *,
    worth: NumberArray,
    county: IntArray,
    least: IntArray,
    required: IntArray,
    given: HubAssumptions,
) -> IntArray | None:
    """Return bundles added one by one for the most new cover per cost, None where the rules break."""
    columns = sparse.csr_array(reach.T)
    free = np.ones(bundles.site.size, dtype=np.bool_)
    covered = np.zeros(reach.shape[0], dtype=np.bool_)
    open_need, left = least.copy(), given.budget_mcny
    home = county[bundles.site]
    picked: list[int] = []
    while len(picked) < given.count:
        rest = given.count - len(picked) - 1
        cheapest = np.sort(_per_site(bundles, free))[: rest + 1]
        spare = left - float(cheapest[:rest].sum())
        fits = free & (bundles.cost_mcny <= spare)
        waiting = np.setdiff1d(required, bundles.site[np.array(picked, dtype=np.int64)])
        if waiting.size:
            fits &= np.isin(bundles.site, waiting)
        elif rest + 1 <= open_need.sum():
            fits &= open_need[home] > 0
        if not fits.any():
            return None
        gain = columns @ (worth * ~covered)
        score = np.where(fits, (gain + 1e-9) / bundles.cost_mcny, -1.0)
        best = int(np.argmax(score))
        picked.append(best)
        left -= float(bundles.cost_mcny[best])
        open_need[home[best]] = max(0, open_need[home[best]] - 1)
        covered[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] = True
        free &= bundles.site != bundles.site[best]
    return np.array(picked, dtype=np.int64)


def _per_site(bundles: Bundles, free: npt.NDArray[np.bool_]) -> NumberArray:
    """Return the cheapest free bundle of each site that has one."""
    cost = np.full(int(bundles.site.max()) + 1, np.inf)
    np.minimum.at(cost, bundles.site[free], bundles.cost_mcny[free])
    found: NumberArray = cost[np.isfinite(cost)]
    return found


def _programme(
    bundles: Bundles,
    covers: tuple[Cover, ...],
    weight: NumberArray,
    *,
    county: IntArray,
    least: IntArray,
    required: IntArray,
    given: HubAssumptions,
) -> tuple[Programme, sparse.csr_array]:
    """Return the integer programme and the (demand, bundle) matrix of who covers what."""
    n = bundles.site.size
    blocks, worth = [], []
    for k, cover in enumerate(covers):
        if not weight[k].any():
            continue
        pattern = sparse.csr_array(
            (np.ones(cover.indices.size), cover.indices, cover.indptr), shape=cover.shape
        )
        pick = sparse.csr_array(
            (bundles.holds[:, k].astype(np.float64), (bundles.site, np.arange(n))),
            shape=(cover.site_count, n),
        )
        merged, gain = _merged(sparse.csr_array(pattern @ pick), weight[k])
        blocks.append(merged)
        worth.append(gain)
    reach = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    m = reach.shape[0]
    sites = sparse.csr_array((np.ones(n), (bundles.site, np.arange(n))), shape=(county.size, n))
    homes = sparse.csr_array(
        (np.ones(n), (county[bundles.site], np.arange(n))), shape=(least.size, n)
    )
    rows = [
        sparse.hstack([reach, -sparse.eye_array(m)]),
        sparse.hstack([sites, sparse.csr_array((county.size, m))]),
        sparse.hstack([homes, sparse.csr_array((least.size, m))]),
        sparse.hstack([sparse.csr_array(np.ones((1, n))), sparse.csr_array((1, m))]),
        sparse.hstack([sparse.csr_array(bundles.cost_mcny[None, :]), sparse.csr_array((1, m))]),
    ]
    infinite = np.inf
    programme = Programme(
        matrix=sparse.csr_array(sparse.vstack(rows, format="csr")),
        row_lower=np.concatenate(
            [np.zeros(m), np.isin(np.arange(county.size), required).astype(np.float64), least,
             [given.count], [-infinite]]
        ),
        row_upper=np.concatenate(
            [np.full(m, infinite), np.ones(county.size), np.full(least.size, infinite), [given.count],
             [given.budget_mcny]]
        ),
        cost=np.concatenate([np.zeros(n), -np.concatenate(worth)]),
        lower=np.zeros(n + m),
        upper=np.ones(n + m),
        integral=np.arange(n + m) < n,
        gap=_LARGE_GAP if reach.nnz > _LARGE else 0.0,
    )  # fmt: skip
    return programme, reach


def _merged(pattern: sparse.csr_array, weight: NumberArray) -> tuple[sparse.csr_array, NumberArray]:
    """Merge demands that the same bundles cover and drop those that none does."""
    pattern.sort_indices()
    seen: dict[bytes, int] = {}
    first: list[int] = []
    gain: list[float] = []
    for row in range(pattern.shape[0]):
        part = pattern.indices[pattern.indptr[row] : pattern.indptr[row + 1]]
        value = pattern.data[pattern.indptr[row] : pattern.indptr[row + 1]]
        key = part[value > 0.0].tobytes()
        if not key or weight[row] <= 0.0:
            continue
        if key in seen:
            gain[seen[key]] += float(weight[row])
        else:
            seen[key] = len(first)
            first.append(row)
            gain.append(float(weight[row]))
    kept = sparse.csr_array(pattern[np.array(first, dtype=np.int64)])
    kept.eliminate_zeros()
    return kept, np.array(gain, dtype=np.float64)
