"""Rooftop PV, readable as prose: what fits, what it yields, what it earns, what the grid takes, when."""

__all__ = ["plan_rooftop_pv"]

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import pandas as pd

from layers.errors import CaseError, near_matches
from layers.layer_set import LayerSet
from layers.vectors import read_vectors
from rooftop_pv.connections import connect_roofs, feeder_totals
from rooftop_pv.county import county_ledger
from rooftop_pv.county_targets import county_targets, target_years
from rooftop_pv.county_totals import county_totals
from rooftop_pv.ground import GroundExclusion, ground_bases
from rooftop_pv.hosting import hosting_capacity
from rooftop_pv.hosting_assumptions import HostingAssumptions
from rooftop_pv.phasing import build_limits, phase_totals, phasing
from rooftop_pv.quotas import counted_area, quota_needs
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.supply_curve import merit_order, supply_curve
from rooftop_pv.tariffs import read_tariffs
from rooftop_pv.uncertainty import PV_TORNADO, energy_percentiles, read_ranges, tornado
from zibo_geo.case import Case
from zibo_geo.executors import Executor, InProcess
from zibo_geo.plan import RooftopPvPlan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.pv_roofs import ROOFS, roofs_of_city
from zibo_geo.pv_tiles import TileResult
from zibo_geo.run_folder import MemoryRun, RunFolder, Stage
from zibo_geo.siting_scale import scaled_assumptions

_CODE = ("code.layers", "code.rooftop_pv", "code.workflow.pv", "libraries")


ECONOMY = Stage(name="pv/economy", needs=(*ROOFS.needs, *_CODE))
GROUND = Stage(name="pv/ground", needs=_CODE)


def plan_rooftop_pv(
    layers: LayerSet,
    case: Case,
    *,
    progress: Progress | None = None,
    run: MemoryRun | RunFolder | None = None,
    executor: Executor | None = None,
) -> RooftopPvPlan:
    """Ask what every roof can carry, yield, earn and feed in, and how the county meets its quota.

    Parameters
    ----------
    layers, case
        The study.
    progress : Progress, optional
        Shows the stages.
    run : MemoryRun or RunFolder, optional
        Keeps what is finished; nothing is kept unless given.
    executor : Executor, optional
        Works on the tiles of a run folder; this process does unless given.
    """
    shown, kept = progress or SilentProgress(), run or MemoryRun()
    roofs = roofs_of_city(
        layers, case, run=kept, executor=executor or InProcess(shown), shown=shown
    )
    found = kept.asked(
        ECONOMY,
        lambda *given: _economy(*given, physics=roofs, shown=shown),
        layers=layers,
        case=case,
    )
    ground = kept.asked(
        GROUND, lambda *given: _ground(*given, shown=shown), layers=layers, case=case
    )
    physics = {item.name: getattr(roofs, item.name) for item in fields(roofs)}
    return RooftopPvPlan(**physics, **found, **ground)


def _ground(layers: LayerSet, case: Case, *, shown: Progress) -> dict[str, Any]:
    """Seek land for ground-mounted bases, where the case names a land cover."""
    if case.land_cover is None:
        return {"ground_sites": None, "ground_exclusions": None}
    with shown.stage("ground-mounted bases"):
        ground = ground_bases(
            layers,
            case.assumed("ground"),
            case.assumed("rooftop_pv"),
            land_cover=case.land_cover,
            exclusions=_exclusions(layers, case),
        )
    return {"ground_sites": ground.sites, "ground_exclusions": ground.exclusions}


def _exclusions(layers: LayerSet, case: Case) -> list[GroundExclusion]:
    """Open the case's own exclusions, such as red lines."""
    opened = []
    for name, exclusion in case.ground_exclusions.items():
        frame, _ = read_vectors(
            exclusion.source, name=name, geometry="Any", area=layers.area, crs=layers.area.crs
        )
        opened.append(GroundExclusion(name=name, place=frame.geometry, buffer_m=exclusion.buffer_m))
    return opened


def _economy(
    layers: LayerSet, case: Case, *, physics: TileResult, shown: Progress
) -> dict[str, Any]:
    pv = case.assumed("rooftop_pv")
    county, scaled = scaled_assumptions(layers, case, "county")
    revenue, grid = case.assumed("revenue"), case.assumed("hosting")
    planes = physics.planes
    counties = layers.area.counties
    totals = county_totals(physics.uses, counties.index)
    roofs = physics.roofs.join(layers.buildings[["storeys"]])
    with shown.stage("money"):
        prices = None if case.pv.tariffs is None else read_tariffs(case.pv.tariffs)
        money = roof_revenue(
            roofs,
            planes,
            layers.weather,
            assumptions=revenue,
            pv_assumptions=pv,
            tariffs=prices,
        )
    with shown.stage("grid"):
        connected = _connected(roofs, money, layers, grid)
    with shown.stage("quotas, order and years"):
        counted = counted_area(roofs, planes, county, money=money)
        quotas = quota_needs(
            money,
            roofs,
            counted_m2=counted,
            counties=counties.index,
            assumptions=county,
            existing_mw=_by_county(case.pv.existing_mw, layers, what="pv.existing_mw"),
        )
        population = counties["population"] if counties["population"].notna().all() else None
        shares = _by_county(case.pv.shares, layers, what="pv.shares")
        if not quotas["technical_mw"].sum() > 0.0:
            # Nothing to split a promise by: an area without usable roofs gets equal, empty shares.
            county = replace(county, split_rule="custom")
            shares = pd.Series(1.0 / len(counties), index=counties.index)
        targets = county_targets(quotas, assumptions=county, population=population, shares=shares)
        path = target_years(targets, assumptions=county)
        curve = supply_curve(
            money,
            counted_m2=counted,
            quotas=quotas,
            assumptions=county,
            targets=targets,
            connections=connected["connections"] if len(connected["hosting"]) else None,
        )
        limits = build_limits(targets, assumptions=county)
        phases = phasing(curve, limits_mw=limits, assumptions=county)
    with shown.stage("uncertainty"):
        bars = _tornado(roofs, planes, layers, case=case, tariffs=prices)
    return {
        "counties": totals,
        "money": money,
        **connected,
        "quotas": quotas,
        "ledger": county_ledger(money, curve, quotas=quotas),
        "supply_curve": curve,
        "targets": targets,
        "target_years": path,
        "phases": phases,
        "phase_totals": phase_totals(phases, curve, path=path, limits_mw=limits),
        "percentiles": energy_percentiles(
            totals["yield_gwh"], assumptions=case.assumed("uncertainty")
        ),
        "tornado": bars,
        "notes": {"en": " ".join(en for en, _ in scaled), "zh": "".join(zh for _, zh in scaled)},
    }


def _connected(  # noqa: PLR0917 - two tables, the layers and what is assumed
    roofs: pd.DataFrame, money: pd.DataFrame, layers: LayerSet, grid: HostingAssumptions
) -> dict[str, pd.DataFrame]:
    """Ask which roofs the substations take, the best first."""
    built = roofs.assign(capacity_kwp=money["capacity_kwp"])
    hosting = hosting_capacity(layers.substations, grid)
    connections = connect_roofs(built, hosting, order=merit_order(money), assumptions=grid)
    feeders = feeder_totals(connections, hosting, assumptions=grid)
    return {"hosting": hosting, "feeders": feeders, "connections": connections}


def _tornado(
    roofs: pd.DataFrame,
    planes: pd.DataFrame,
    layers: LayerSet,
    *,
    case: Case,
    tariffs: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return the strongest assumptions; none where no roof carries modules."""
    if not planes["capacity_kwp"].sum() > 0.0:
        return PV_TORNADO.empty()
    return tornado(
        roofs,
        planes,
        layers.weather,
        assumptions=case.assumed("revenue"),
        pv_assumptions=case.assumed("rooftop_pv"),
        ranges=None if case.pv.ranges is None else read_ranges(case.pv.ranges),
        tariffs=tariffs,
    )


def _by_county(values: Mapping[str, float], layers: LayerSet, *, what: str) -> pd.Series | None:
    """Return figures of the case by county, 0 where a county is not named; nothing if none is."""
    counties = layers.area.counties.index
    unknown = [name for name in values if name not in counties]
    if unknown:
        raise CaseError(
            f"{what} names the county {unknown[0]!r}, which the area does not have"
            + near_matches(unknown[0], list(counties))
        )
    if not values:
        return None
    return pd.Series([values.get(name, 0.0) for name in counties], index=counties, dtype="float64")
