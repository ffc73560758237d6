"""The plan, readable as prose: read the layers, ask each analysis its question, keep the answers."""

__all__ = ["plan_rooftop_pv", "run_plan"]

from layers.layer_set import LayerSet
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.county_totals import county_totals
from rooftop_pv.layout import layout, with_layout
from rooftop_pv.roof_totals import roof_totals
from rooftop_pv.roofs import roof_planes
from rooftop_pv.shaded_city import shaded_city
from rooftop_pv.shading_assumptions import ShadingAssumptions
from rooftop_pv.summary import county_summary
from rooftop_pv.yields import hourly_by_group, roof_yields
from zibo_geo.case import Case
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.reading import read_layers


def run_plan(case: Case, *, progress: Progress | None = None) -> Plan:
    """Run the whole plan of a case.

    Parameters
    ----------
    case : Case
        From :func:`zibo_geo.case.load_case`.
    progress : Progress, optional
        Shows the stages; silent unless given.

    Returns
    -------
    Plan
        Layers and results; nothing is written.
    """
    shown = progress or SilentProgress()
    layers = read_layers(case, progress=shown)
    pv = plan_rooftop_pv(layers, case, progress=shown)
    return Plan(case=case, layers=layers, pv=pv)


def plan_rooftop_pv(
    layers: LayerSet, case: Case, *, progress: Progress | None = None
) -> RooftopPvPlan:
    """Ask what every roof can carry and yield behind its neighbours, and sum it up to the counties."""
    shown = progress or SilentProgress()
    assumptions: RooftopPvAssumptions = case.assumed("rooftop_pv")
    shading: ShadingAssumptions = case.assumed("shading")
    with shown.stage("roof planes"):
        planes = roof_planes(layers.buildings, assumptions)
    with shown.stage("modules on roofs"):
        layouts = layout(planes, case.assumed("layout"))
        planes = with_layout(planes, layouts)
    with shown.stage("shading and yields", max(len(planes), 1)) as advance:
        if shading.shaded and len(planes):
            yields, hours = shaded_city(
                planes,
                layers.buildings,
                layers.weather,
                assumptions=assumptions,
                shading=shading,
                terrain=layers.terrain,
                advance=advance,
            )
        else:
            yields = roof_yields(planes, layers.weather, assumptions)
            hours = hourly_by_group(planes, layers.weather, assumptions, by="county")
    with shown.stage("roofs and counties"):
        roofs = roof_totals(layers.buildings, planes, yields)
        uses = county_summary(planes, yields, assumptions)
        counties = county_totals(uses, layers.area.counties.index)
    return RooftopPvPlan(
        planes=planes,
        layouts=layouts,
        yields=yields,
        roofs=roofs,
        counties=counties,
        uses=uses,
        hours=hours,
    )
