"""Hubs: which stations become integrated energy hubs, with which services, and what blocks the others."""

__all__ = ["HubPlan", "hub_plan"]

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import InfeasibleError
from layers.layer_set import LayerSet
from siting.access import AccessAssumptions, site_access
from siting.charging_demand import demand_cells
from siting.choice import Choice
from siting.explain import hub_reasons
from siting.hub_assumptions import HubAssumptions
from siting.hub_model import Bundles, HubChoice, bundles_of, choose_bundles
from siting.legality import legal_services
from siting.site_services import FUEL_KINDS, joined, refused_rules
from siting.sparse_costs import Cover, IntArray, NumberArray
from siting.street_graph import StreetGraph, street_graph
from siting.tables import SERVICES, SITING_HUB_SERVICES, SITING_HUBS

_PETROL = SERVICES.index("petrol")


@dataclass(frozen=True, kw_only=True)
class HubPlan:
    """A plan of integrated energy hubs.

    Attributes
    ----------
    sites : GeoDataFrame
        Valid by ``siting_hubs``: every candidate, chosen or not, with its reason.
    services : DataFrame
        Valid by ``siting_hub_services``: where each service may stand, who offers it, what that covers.
    choice : Choice
        Objective and bound are weighted shares.
    cost_mcny : float
        Cost of the chosen bundles [million CNY].
    notes : tuple of (str, str)
        What a reader of the plan must know, in English and Chinese.
    """

    sites: gpd.GeoDataFrame
    services: pd.DataFrame
    choice: Choice
    cost_mcny: float
    notes: tuple[tuple[str, str], ...]


def hub_plan(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    graph: StreetGraph | None = None,
    assumptions: HubAssumptions | None = None,
    access: AccessAssumptions | None = None,
    hydrogen: Sequence[str] | None = None,
    time_limit_s: float = 60.0,
) -> HubPlan:
    """Choose hubs and their bundles of services out of the legal ones.

    Parameters
    ----------
    candidates, legal : DataFrame
        As :func:`siting.candidates.site_candidates` and
        :func:`siting.legality.legal_equipment` return them.
    layers : LayerSet
        Buildings, constraints, streets and counties are read.
    graph : StreetGraph, optional
        The streets as a graph where it is at hand.
    assumptions, access : optional
        Services, reach, cost, count, budget; reach on the streets (the cutoff is the greatest reach).
    hydrogen : sequence of str, optional
        Sites that a plan of hydrogen has chosen: those that may be hubs become hubs with hydrogen, and no
        other does, as nobody would supply it. Without such a plan hydrogen stands wherever it is legal.
    time_limit_s : float
        Wall time of the integer programme [s].

    Returns
    -------
    HubPlan
        Its status is ``limit`` where the time ran out before the gap fell under 1 %.

    Raises
    ------
    InfeasibleError
        Fewer legal candidates than hubs asked for, or too small a budget, with the shortfall.
    """
    given = HubAssumptions() if assumptions is None else assumptions
    sites = candidates[candidates["kind"].astype("str").isin(FUEL_KINDS)]
    if sites.empty:
        raise InfeasibleError(
            "No candidate is a station, service area, logistics park or roadside plot; give one."
        )
    services = legal_services(legal).reindex(sites.index)
    flags = services[list(SERVICES)].to_numpy(dtype=np.bool_)
    petrol = (sites["kind"].astype("str") == "petrol_station").to_numpy()
    canopy = sites["area_m2"].to_numpy() * given.canopy_share * given.pv_w_m2 / 1000.0
    usable = flags.copy()
    planned = sites.index.isin(list(hydrogen or ()))
    if hydrogen is not None:
        usable[:, SERVICES.index("hydrogen")] &= planned
    standing = (sites["kind"].astype("str") != "road").to_numpy()
    many = (usable[:, _PETROL + 1 :].sum(axis=1) >= given.least_services) & standing
    if not given.new_sites and many.sum() >= given.count:
        usable[~standing] = False
    bundles = bundles_of(usable, petrol, canopy, given=given)
    bundles, required = _with_hydrogen(bundles, np.flatnonzero(planned))
    cells = demand_cells(
        layers, cell_m=given.cell_m, home_m2=given.home_m2, persons_per_home=given.persons_per_home
    )
    graph = street_graph(layers.streets) if graph is None else graph
    reach = AccessAssumptions() if access is None else access
    reach = AccessAssumptions(
        cutoff_min=max(given.reach_min.values()), reach_m=reach.reach_m, leg_kmh=reach.leg_kmh
    )
    cost = site_access(graph, cells, sites, assumptions=reach).time_cost(overflow_s=1e9)
    covers = tuple(cost.within(given.reach_min[name] * 60.0) for name in SERVICES)
    weight = _weights(cells, given)
    home = layers.area.counties.index.get_indexer(sites["county"])
    found = choose_bundles(
        bundles,
        covers,
        weight,
        county=home.astype(np.int64),
        required=required,
        given=given,
        time_limit_s=time_limit_s,
    )
    frame, offered = _framed(
        sites,
        services,
        canopy=canopy,
        found=found,
        bundles=bundles,
        covers=covers,
        weight=weight,
        given=given,
    )
    return HubPlan(
        sites=frame, services=offered, choice=found.choice,
        cost_mcny=float(bundles.cost_mcny[found.bundle].sum()),
        notes=_notes(frame, given, hydrogen=hydrogen),
    )  # fmt: skip


def _with_hydrogen(bundles: Bundles, stations: IntArray) -> tuple[Bundles, IntArray]:
    """Leave only bundles with hydrogen at the sites of stations, and return which of these have any."""
    holds = bundles.holds[:, SERVICES.index("hydrogen")]
    required = np.intersect1d(stations, bundles.site[holds])
    kept = holds | ~np.isin(bundles.site, required)
    made = Bundles(
        site=bundles.site[kept],
        holds=bundles.holds[kept],
        cost_mcny=bundles.cost_mcny[kept],
        saved_mcny=bundles.saved_mcny[kept],
    )
    return made, required


def _notes(
    frame: pd.DataFrame, given: HubAssumptions, *, hydrogen: Sequence[str] | None
) -> tuple[tuple[str, str], ...]:
    chosen = frame[frame["chosen"]]
    asked = set(hydrogen or ())
    alone = asked - set(chosen.index)
    none = hydrogen is not None and not asked
    cost, new = float(chosen["cost_mcny"].sum()), int((~chosen["existing"]).sum())
    blocked = int(frame["refused_services"].str.contains("hydrogen").sum())
    said = (
        (True, f"The hubs cost {cost:,.0f} of {given.budget_mcny:,.0f} million CNY.",
         f"造价 {cost:,.0f} 百万元，预算 {given.budget_mcny:,.0f} 百万元。"),
        (len(asked) > 0,
         f"{len(asked) - len(alone)} of the {len(asked)} planned hydrogen stations are hubs.",
         f"{len(asked)} 座规划加氢站中 {len(asked) - len(alone)} 座设于能源港。"),
        (none, "No hub gets hydrogen, as its supply has no answer.", "氢源无解，能源港不设加氢。"),
        (new > 0, f"{new} of them stand on new plots.", f"其中新建 {new} 座。"),
        (blocked > 0, f"At {blocked} of {len(frame)} candidates a setback, plot or slope forbids hydrogen.",
         f"{len(frame)} 个候选站址中 {blocked} 个因间距、用地或坡度不可加氢。"),
    )  # fmt: skip
    return tuple((english, chinese) for holds, english, chinese in said if holds)


def _weights(cells: gpd.GeoDataFrame, given: HubAssumptions) -> NumberArray:
    """Return the weight of each cell for each service; the services' weights add up to one."""
    people, work = (
        cells["people"].to_numpy(),
        cells["work_m2"].to_numpy() + cells["truck_m2"].to_numpy(),
    )
    heavy = work if work.sum() > 0.0 else people
    light = people if people.sum() > 0.0 else heavy
    total = sum(given.weight.values())
    rows = []
    for name in SERVICES:
        amount = heavy if name in {"lng", "cng", "hydrogen"} else light
        rows.append(given.weight[name] / total * amount / amount.sum())
    return np.array(rows, dtype=np.float64)


def _covered(holds: npt.NDArray[np.bool_], covers: tuple[Cover, ...]) -> list[IntArray]:
    """Return how many hubs with the service reach each demand, per service."""
    found = []
    for k, cover in enumerate(covers):
        row = np.repeat(np.arange(cover.shape[0]), np.diff(cover.indptr))
        found.append(np.bincount(row[holds[cover.indices, k]], minlength=cover.shape[0]))
    return found


def _framed(
    sites: gpd.GeoDataFrame,
    services: pd.DataFrame,
    *,
    canopy: NumberArray,
    found: HubChoice,
    bundles: Bundles,
    covers: tuple[Cover, ...],
    weight: NumberArray,
    given: HubAssumptions,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return every candidate with its bundle, what it may not hold, and its worth."""
    n = len(sites)
    flags = services[list(SERVICES)].to_numpy(dtype=np.bool_)
    entry = np.full(n, -1)
    entry[bundles.site[found.bundle]] = found.bundle
    chosen = entry >= 0
    holds = np.zeros((n, len(SERVICES)), dtype=np.bool_)
    holds[chosen] = bundles.holds[entry[chosen]]
    times = _covered(holds, covers)
    loss, gain = np.zeros(n), np.zeros(n)
    for k, cover in enumerate(covers):
        row = np.repeat(np.arange(cover.shape[0]), np.diff(cover.indptr))
        once = weight[k][row] * ((times[k][row] == 1) & holds[cover.indices, k])
        fresh = weight[k][row] * ((times[k][row] == 0) & flags[cover.indices, k])
        loss += np.bincount(cover.indices, weights=once, minlength=n)
        gain += np.bincount(cover.indices, weights=fresh, minlength=n)
    best = _runner_up(sites.index, holds, covers, flags=flags, times=times, weight=weight)
    extra = np.arange(len(SERVICES)) != _PETROL
    few = flags[:, extra].sum(axis=1) < given.least_services
    refused = [
        _refused(g, few=bool(f), least=given.least_services) for f, g in zip(few, gain, strict=True)
    ]
    rules, rules_zh = refused_rules(services, flags)
    frame = sites[["kind", "existing", "name", "county", "geometry"]].assign(
        chosen=chosen,
        bundle=[joined(h) if c else None for h, c in zip(holds, chosen, strict=True)],
        legal_services=[joined(row) for row in flags],
        refused_services=[joined(~row) for row in flags],
        binding_rule=rules,
        binding_rule_zh=rules_zh,
        cost_mcny=np.where(chosen, bundles.cost_mcny[entry], np.nan),
        saved_mcny=np.where(chosen, bundles.saved_mcny[entry], np.nan),
        pv_canopy_kwp=np.where(chosen, canopy, np.nan),
        loss_if_removed=np.where(chosen, loss, np.nan),
        best_replacement=best,
    )
    english, chinese = hub_reasons(frame, refused=refused)
    frame = SITING_HUBS.validate(frame.assign(why=english, why_zh=chinese), where="The hubs")
    share = [
        float(weight[k][times[k] > 0].sum() / weight[k].sum()) if weight[k].any() else np.nan
        for k in range(len(SERVICES))
    ]
    offered = pd.DataFrame(
        {
            "legal_sites": flags.sum(axis=0),
            "hubs": holds.sum(axis=0),
            "covered": share,
            "reach_min": [given.reach_min[name] for name in SERVICES],
        },
        index=pd.Index(SERVICES, dtype="str", name=SITING_HUB_SERVICES.key),
    )
    return frame[list(SITING_HUBS.column_names)], SITING_HUB_SERVICES.validate(
        offered, where="The services of the hubs"
    )


def _runner_up(
    names: pd.Index,
    holds: npt.NDArray[np.bool_],
    covers: tuple[Cover, ...],
    *,
    flags: npt.NDArray[np.bool_],
    times: list[IntArray],
    weight: NumberArray,
) -> npt.NDArray[np.object_]:
    """Return for each hub the site that could cover most of what only the hub covers, or none."""
    chosen = holds.any(axis=1)
    best = np.full(len(names), None, dtype=object)
    overlap = np.zeros(len(names))
    for j in np.flatnonzero(chosen).tolist():
        overlap[:] = 0.0
        for k in np.flatnonzero(holds[j]).tolist():
            cover = covers[k]
            row = np.repeat(np.arange(cover.shape[0]), np.diff(cover.indptr))
            mine = np.zeros(cover.shape[0], dtype=np.bool_)
            mine[row[cover.indices == j]] = True
            lost = mine & (times[k] == 1)
            hit = lost[row] & flags[cover.indices, k]
            overlap += np.bincount(
                cover.indices[hit], weights=weight[k][row[hit]], minlength=len(names)
            )
        overlap[chosen] = 0.0
        if overlap.max(initial=0.0) > 0.0:
            best[j] = names[int(np.argmax(overlap))]
    return best


def _refused(gain: float, *, few: bool, least: int) -> tuple[str, str]:
    if few:
        return (
            f"fewer than {least} services besides petrol may stand there",
            f"除加油外可建服务不足 {least} 项",
        )
    return (
        f"legal; all its services would add {gain:.3%} of the weighted demand, others add more per cost",
        f"合规；其全部服务可新增覆盖 {gain:.3%} 加权需求，其他站址单位造价覆盖更多",
    )
