"""Small plans that the tests of reports look at: a few hundred roofs, none, and hostile names."""

import dataclasses
from functools import cache
from types import MappingProxyType

import pandas as pd

from layers.demo import embedded_zibo
from layers.tables import BUILDINGS
from rooftop_pv.shading_assumptions import ShadingAssumptions
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.pv_workflow import plan_rooftop_pv

HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "#N/A",
    "a\x00b\x0bc",
    "长" * 40_000,
)


@cache  # nothing in a plan is changed, so that one does for all files of a worker
def plan_of_few_roofs() -> Plan:
    """Return a plan with 120 unshaded roofs in two of eight counties."""
    whole = embedded_zibo("sample")
    rows = [whole.buildings[whole.buildings["county"] == key][:60] for key in ("370303", "370305")]
    layers = dataclasses.replace(whole, buildings=pd.concat(rows))
    case = load_case()
    open_sky = ShadingAssumptions.from_mapping({"shaded": False})
    assumptions = MappingProxyType({**case.assumptions, "shading": open_sky})
    case = dataclasses.replace(case, assumptions=assumptions)
    return Plan(case=case, layers=layers, pv=plan_rooftop_pv(layers, case))


def plan_without_roofs(plan: Plan) -> Plan:
    """Return the plan of an area where no building was read."""
    layers = dataclasses.replace(plan.layers, buildings=BUILDINGS.empty(plan.layers.area.crs))
    return Plan(case=plan.case, layers=layers, pv=plan_rooftop_pv(layers, plan.case))


def plan_with_hostile_names(plan: Plan) -> Plan:
    """Return the plan with hostile names on roofs, substations, counties and the case itself."""
    assert plan.pv is not None
    roofs = plan.pv.roofs.copy()
    order = plan.pv.supply_curve.sort_values("county_rank").index
    names = pd.Series([HOSTILE[place % len(HOSTILE)] for place in range(len(order))], index=order)
    roofs["name"] = names.reindex(roofs.index).astype("str")
    counties = plan.layers.area.counties.copy()
    counties["name"] = [HOSTILE[place % 7] for place in range(len(counties))]
    substations = plan.layers.substations.copy()
    substations["name"] = HOSTILE[5]
    area = dataclasses.replace(plan.layers.area, counties=counties)
    layers = dataclasses.replace(plan.layers, area=area, substations=substations)
    return dataclasses.replace(
        plan,
        case=dataclasses.replace(plan.case, title=HOSTILE[6]),
        layers=layers,
        pv=dataclasses.replace(plan.pv, roofs=roofs),
    )
