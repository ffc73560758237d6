"""Hubs: bundles by law, brute force on a small city, budget, counties and what blocks the others."""

from itertools import product

import numpy as np
import pytest
import siting_cases as cases

from layers.errors import InfeasibleError
from siting.candidates import site_candidates
from siting.hub_assumptions import HubAssumptions
from siting.hub_model import bundles_of, choose_bundles
from siting.hubs import HubPlan, hub_plan
from siting.legality import legal_equipment
from siting.setbacks import read_setbacks
from siting.sparse_costs import Cover
from siting.tables import SERVICES


def _plan(hospital_m: float = 49.9, **changed: object) -> HubPlan:
    layers = cases.layer_set(
        streets=cases.street_grid(),
        stations=cases.stations(
            [(2500, 2500), (7500, 7500), (12_500, 7500), (17_500, 12_500), (4500, 15_500)]
        ),
        constraints=[cases.constraint("hospital", cases.box(2500 + hospital_m, 2400, 50, 200))],
        buildings=cases.town(),
    )
    candidates = site_candidates(layers)
    legal = legal_equipment(candidates, layers, read_setbacks())
    given = HubAssumptions.from_mapping({"count": 4, "budget_mcny": 200.0, **changed})
    return hub_plan(candidates, legal, layers, assumptions=given)


@pytest.fixture(scope="module")
def plan() -> HubPlan:
    return _plan()


def test_every_hub_holds_legal_services_and_the_blocked_ones_name_object_and_metres(
    plan: HubPlan,
) -> None:
    assert plan.choice.status == "proven"
    assert int(plan.sites["chosen"].sum()) == 4
    for _, row in plan.sites[plan.sites["chosen"]].iterrows():
        held = set(row["bundle"].split("+"))
        assert held <= set(row["legal_services"].split("+"))
        assert len(held - {"petrol"}) >= 2
    blocked = plan.sites.loc["petrol_station-s0"]
    assert blocked["refused_services"] == "lng+hydrogen"
    assert (
        "hydrogen_storage_3 refused: important public k0 at 49.9 m, 50 m required"
        in blocked["binding_rule"]
    )
    assert blocked["binding_rule"] in blocked["why"]


def test_a_hospital_ten_centimetres_farther_frees_hydrogen_only() -> None:
    near, far = (
        set(_plan(metres).sites.loc["petrol_station-s0", "legal_services"].split("+"))
        for metres in (49.9, 50.1)
    )
    assert far - near == {"hydrogen"}
    assert near <= far


def test_costs_add_up_and_every_county_has_its_hub(plan: HubPlan) -> None:
    assert plan.sites["cost_mcny"].sum() == pytest.approx(plan.cost_mcny)
    assert plan.cost_mcny <= 200.0
    assert set(plan.sites[plan.sites["chosen"]]["county"]) == {"370301", "370302"}
    given = HubAssumptions()
    worth = sum(
        plan.services["covered"][name] * given.weight[name]
        for name in SERVICES
        if given.weight[name]
    )
    assert plan.choice.objective == pytest.approx(worth)


def test_the_choice_is_that_of_brute_force() -> None:
    draw = np.random.default_rng(5)
    legal = draw.random((4, len(SERVICES))) < 0.7
    legal[:, 0] = True
    legal[:, 1:3] = True
    given = HubAssumptions(count=2, budget_mcny=40.0, least_per_county=1)
    bundles = bundles_of(legal, legal[:, 0], np.zeros(4), given=given)
    covers = tuple(Cover.from_dense(draw.random((12, 4)) < 0.4) for _ in SERVICES)
    weight = draw.random((len(SERVICES), 12))
    county = np.array([0, 0, 1, 1])
    found = choose_bundles(
        bundles,
        covers,
        weight,
        county=county,
        required=np.zeros(0, dtype=np.int64),
        given=given,
        time_limit_s=20.0,
    )
    best = 0.0
    for one, two in product(range(bundles.site.size), repeat=2):
        sites = bundles.site[[one, two]]
        if (
            county[sites[0]] != 0
            or county[sites[1]] != 1
            or bundles.cost_mcny[[one, two]].sum() > 40.0
        ):
            continue
        value = 0.0
        for k, cover in enumerate(covers):
            row = np.repeat(np.arange(12), np.diff(cover.indptr))
            hit = np.zeros(12, dtype=bool)
            for b, s in zip((one, two), sites, strict=True):
                if bundles.holds[b, k]:
                    hit[row[cover.indices == s]] = True
            value += float(weight[k][hit].sum())
        best = max(best, value)
    assert found.choice.status == "proven"
    assert found.choice.objective == pytest.approx(best)


def test_the_grid_connection_is_paid_once() -> None:
    legal = np.ones((1, len(SERVICES)), dtype=bool)
    given = HubAssumptions(least_services=2, most_services=2)
    bundles = bundles_of(legal, legal[:, 0], np.array([100.0]), given=given)
    pair = bundles.holds[:, [SERVICES.index("charging"), SERVICES.index("hydrogen")]].all(axis=1)
    # works 1.5, canopy 100 kWp at 3.5 CNY/W, charging 2.5, hydrogen 13.5, the dearer connection 1.2
    assert bundles.cost_mcny[pair].tolist() == pytest.approx([1.5 + 0.35 + 2.5 + 13.5 + 1.2])
    assert bundles.saved_mcny[pair].tolist() == pytest.approx([0.8])


def test_too_many_hubs_and_too_small_a_budget_name_the_shortfall() -> None:
    with pytest.raises(
        InfeasibleError, match=r"500 hubs are asked for and \d+ candidates .* \d+ short"
    ):
        _plan(count=500)
    with pytest.raises(
        InfeasibleError,
        match=r"cheapest 4 hubs cost \d+ million CNY and the budget is 3: \d+ short",
    ):
        _plan(budget_mcny=3.0)
