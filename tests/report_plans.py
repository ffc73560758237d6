"""Small plans that the tests of reports look at: a few hundred roofs, none, and hostile names."""

import dataclasses

import pandas as pd
from atlas_plans import small_plan

from layers.tables import BUILDINGS
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


def plan_of_few_roofs() -> Plan:
    """Return a plan with 120 roofs in two of eight counties."""
    return small_plan(120)


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
