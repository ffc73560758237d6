"""A zone whose sources' trees are linked: pressures solved with open links, outages that others bear."""

import sys
from dataclasses import replace

import pytest

from layers.demo import embedded_zibo
from zibo_geo.case import load_case
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.heat_workflow import plan_heat

_SOUTH = ("370302", "370304")  # two counties of one zone, each with a source of its own


def _plan(*, joined: bool) -> HeatPlan:
    layers = embedded_zibo("sample")
    rows = {
        name: frame[frame["county"].isin(_SOUTH)]
        for name, frame in (("buildings", layers.buildings), ("heat_sources", layers.heat_sources))
    }
    case = load_case()
    district = replace(case.assumed("heat_districts"), joined=joined)
    assumptions = {**case.assumptions, "heat_districts": district}
    return plan_heat(replace(layers, **rows), replace(case, assumptions=assumptions))


@pytest.fixture(scope="module")
def apart() -> HeatPlan:
    return _plan(joined=False)


@pytest.fixture(scope="module")
def joined() -> HeatPlan:
    return _plan(joined=True)


def test_links_join_the_trees_and_are_paid(apart: HeatPlan, joined: HeatPlan) -> None:
    links = joined.pipes[joined.pipes["role"] == "link"]
    assert len(links)
    assert links["source_id"].isna().all()
    assert not (apart.pipes["role"] == "link").any()
    known = set(joined.nodes.index)
    assert set(links["u"]) <= known
    assert set(links["v"]) <= known
    dearer = joined.schemes.loc["all", "pipes_cny"] - apart.schemes.loc["all", "pipes_cny"]
    assert dearer > 0.0
    assert joined.balance < 1e-6


def test_open_links_are_solved_or_the_reason_is_given(
    joined: HeatPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wntr")
    assert "EPANET" in joined.notes["en"]
    assert "EPANET" in joined.notes["zh"]
    monkeypatch.setitem(sys.modules, "wntr", None)
    assert "pip install 'zibo-geo[networks]'" in _plan(joined=True).notes["en"]


def test_other_sources_bear_part_of_an_outage(apart: HeatPlan, joined: HeatPlan) -> None:
    def lost_gj(heat: HeatPlan) -> float:
        out = heat.outages["source_id"] == "baiyanghe-coal-chp-operating"
        return float(heat.outages.loc[out, "unserved_gj"].sum())

    own = apart.outages.loc["baiyanghe-coal-chp-operating>baiyanghe-coal-chp-operating"]
    assert own["unserved_share"] == pytest.approx(1.0)
    assert lost_gj(joined) < 0.5 * lost_gj(apart)
