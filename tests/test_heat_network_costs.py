"""Costs against hand calculations: levelised cost, worth, sharing, alternatives, break-even, tornado."""

import geopandas as gpd
import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest
from heat_trees import line, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.alternatives import heat_alternatives
from heat_network.attachments import attach
from heat_network.break_even import break_even
from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.costs import consumer_costs, cost_basis, heat_costs, levelised_cost
from heat_network.graph import street_graph
from heat_network.pipe_catalogue import read_pipe_catalogue
from heat_network.routing import route
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.tornado import tornado
from layers.errors import AssumptionError, LayerError

_PRICES = CostAssumptions()
_SIZING = SizingAssumptions()
_MONEY = [
    "pipes_cny",
    "substations_cny",
    "pumps_cny",
    "connection_cny",
    "source_heat_cny",
    "pumping_cny",
    "upkeep_cny",
]


def _one_pipe(**columns):
    nodes, pipes = line([1000.0], [10000.0])
    return size_network(nodes, pipes.assign(**columns), assumptions=_SIZING)


def test_one_pipe_by_hand():
    sized = _one_pipe()
    plant = sized.plants.iloc[0]
    row = heat_costs(sized, assumptions=_PRICES).loc["all"]
    # DN250: 2,720 to 3,970 CNY per metre of pair, middle 3,345
    assert sized.pipes["dn_mm"].tolist() == [250]
    assert row["pipes_cny"] == pytest.approx(1000.0 * 3345.0)
    assert row["substations_cny"] == pytest.approx(150.0 * 10000.0)
    assert row["pumps_cny"] == pytest.approx(3000.0 * plant["pump_kw"])
    assert row["connection_cny"] == pytest.approx(150.0 * plant["heat_in_kw"])
    heat = 10000.0 * 1950.0 * 0.0036
    assert row["heat_gj"] == pytest.approx(heat)
    assert row["source_heat_cny"] == pytest.approx(25.0 * (heat + plant["loss_gj"]))
    assert row["pumping_cny"] == pytest.approx(plant["pump_kw"] * 2000.0 * 0.65)
    kept = (
        0.01 * row["pipes_cny"]
        + 0.02 * (row["substations_cny"] + row["connection_cny"])
        + 0.03 * row["pumps_cny"]
    )
    assert row["upkeep_cny"] == pytest.approx(kept + 3.0 * heat)
    assert row["co2_t"] == pytest.approx(plant["pump_kw"] * 2000.0 * 0.6191 / 1000.0)
    yearly = (
        row["pipes_cny"] * 0.06 / (1 - 1.06**-30)
        + (row["substations_cny"] + row["connection_cny"]) * 0.06 / (1 - 1.06**-20)
        + row["pumps_cny"] * 0.06 / (1 - 1.06**-15)
    )
    assert row["lcoh_cny_gj"] == pytest.approx((yearly + row["opex_cny"]) / heat)
    assert row["density_mwh_m"] == pytest.approx(10000.0 * 1950.0 / 1000.0 / 1000.0)


def test_worth_by_hand():
    sized = _one_pipe()
    row = heat_costs(sized, assumptions=_PRICES).loc["all"]
    yearly = 87.0 * row["heat_gj"] - row["opex_cny"]
    flows = np.full(31, yearly)
    flows[0] = -row["capex_cny"]
    flows[15] -= row["pumps_cny"]
    flows[20] -= row["substations_cny"] + row["connection_cny"]
    flows[30] += 0.5 * (row["substations_cny"] + row["connection_cny"])
    assert row["npv_cny"] == pytest.approx(npf.npv(0.06, flows))
    assert row["irr"] == pytest.approx(npf.irr(flows))
    assert npf.npv(row["irr"], flows) == pytest.approx(0.0, abs=1e-3 * row["capex_cny"])


def test_selling_at_the_levelised_cost_is_worth_nothing():
    sized = _one_pipe()
    a = CostAssumptions.from_mapping(
        {"life_years": dict.fromkeys(("pipes", "substations", "pumps", "connection"), 30.0)}
    )
    cost = heat_costs(sized, assumptions=a).loc["all", "lcoh_cny_gj"]
    even = CostAssumptions.from_mapping(
        {"life_years": dict(a.life_years), "selling_cny_gj": float(cost)}
    )
    row = heat_costs(sized, assumptions=even).loc["all"]
    assert row["npv_cny"] == pytest.approx(0.0, abs=1e-6 * row["capex_cny"])
    assert row["irr"] == pytest.approx(0.06)
    given_away = CostAssumptions.from_mapping({"selling_cny_gj": 0.0})
    assert np.isnan(heat_costs(sized, assumptions=given_away).loc["all", "irr"])


def test_surfaces_crossings_and_sources_count():
    plain = heat_costs(_one_pipe(), assumptions=_PRICES).loc["all"]
    green = heat_costs(_one_pipe(surface="green"), assumptions=_PRICES).loc["all"]
    crossing = heat_costs(_one_pipe(extra_m=100.0), assumptions=_PRICES).loc["all"]
    assert green["pipes_cny"] == pytest.approx(0.8 * plain["pipes_cny"])
    assert crossing["pipes_cny"] == pytest.approx(1.1 * plain["pipes_cny"])
    dear = pd.DataFrame(
        {"cost_cny_gj": [40.0], "co2_kg_gj": [50.0]}, index=pd.Index(["plant"], name="source_id")
    )
    bought = heat_costs(_one_pipe(), assumptions=_PRICES, sources=dear).loc["all"]
    assert bought["source_heat_cny"] == pytest.approx(plain["source_heat_cny"] * 40.0 / 25.0)
    assert bought["co2_t"] - plain["co2_t"] == pytest.approx(
        50.0 * (plain["heat_gj"] + plain["loss_gj"]) / 1000.0
    )
    taxed = heat_costs(_one_pipe(), assumptions=CostAssumptions(co2_cny_t=100.0), sources=dear).loc[
        "all"
    ]
    assert taxed["opex_cny"] - bought["opex_cny"] == pytest.approx(100.0 * bought["co2_t"])
    with pytest.raises(LayerError, match="'sand'; allowed are road, green, rural"):
        heat_costs(_one_pipe(surface="sand"), assumptions=_PRICES)


@settings(max_examples=10, deadline=None)
@given(st.integers(3, 40), st.integers(0, 10**6))
def test_the_parts_sum_to_the_whole(count, seed):
    nodes, pipes = random_tree(count, seed, peak_kw=2000.0, step_m=300.0)
    sized = size_network(nodes, pipes, assumptions=_SIZING, on_infeasible="report")
    clusters = pd.Series([f"c{i % 3}" for i in range(count)], index=nodes.index)
    table = heat_costs(sized, assumptions=_PRICES, clusters=clusters)
    whole = table.loc["all"]
    for level in ("source", "cluster"):
        parts = table[table["level"] == level]
        for column in (
            "heat_gj",
            "loss_gj",
            "length_m",
            "capex_cny",
            "opex_cny",
            "npv_cny",
            "co2_t",
            *_MONEY,
        ):
            assert parts[column].sum() == pytest.approx(whole[column], rel=1e-9, abs=1e-6)
    price = (
        read_pipe_catalogue().set_index("dn_mm")[["cost_low_cny_m", "cost_high_cny_m"]].mean(axis=1)
    )
    paid = (
        price.loc[sized.pipes["dn_mm"]].to_numpy()
        * sized.pipes["length_m"].to_numpy()
        * sized.pipes["pairs"].to_numpy(float)
    )
    assert whole["pipes_cny"] == pytest.approx(paid.sum())
    assert whole["loss_gj"] == pytest.approx(sized.pipes["loss_gj"].sum())
    assert whole["length_m"] == pytest.approx(sized.pipes["length_m"].sum())
    assert levelised_cost(cost_basis(sized), assumptions=_PRICES) == pytest.approx(
        whole["lcoh_cny_gj"]
    )


def test_who_is_far_pays_more():
    nodes, pipes = line([500.0, 500.0, 2000.0], [1000.0, 1000.0, 1000.0])
    sized = size_network(nodes, pipes, assumptions=_SIZING)
    parts = consumer_costs(cost_basis(sized), assumptions=_PRICES)
    assert parts["lcoh_cny_gj"].is_monotonic_increasing
    first = sized.pipes.iloc[0]
    price = (
        read_pipe_catalogue().set_index("dn_mm")[["cost_low_cny_m", "cost_high_cny_m"]].mean(axis=1)
    )
    # a third of the first pipe is all that the first consumer uses
    assert parts["pipes_cny"].iloc[0] == pytest.approx(price[first["dn_mm"]] * 500.0 / 3.0)


def test_alternatives_by_hand():
    demand = pd.DataFrame(
        {"peak_kw": [100.0, 0.0], "heat_gj": [702.0, 0.0]}, index=["home", "barn"]
    )
    network = pd.Series({"home": 55.0})
    table = heat_alternatives(demand, assumptions=_PRICES, network_cny_gj=network)
    home = table.loc["home"]
    assert (home["coal_boiler_cny_gj"], home["gas_boiler_cny_gj"], home["network_cny_gj"]) == (
        40.0,
        100.0,
        55.0,
    )
    capital = 1800.0 * 100.0 * (0.06 / (1 - 1.06**-15) + 0.025)
    assert home["air_source_cny_gj"] == pytest.approx(capital / 702.0 + 0.55 / 0.0036 / 2.4)
    assert home["direct_electric_kg_gj"] == pytest.approx(0.6191 / 0.0036 / 0.98)
    assert home["coal_boiler_kg_gj"] == 114.0
    # coal is cheapest but not allowed
    assert home["cheapest"] == "ground_source"
    left = (home["cheapest_cny_gj"] - 25.0 - 3.0) * 702.0 - 150.0 * 100.0 * (
        annuity(0.06, 20.0) + 0.02
    )
    assert home["prize_cny"] == pytest.approx(left / (annuity(0.06, 30.0) + 0.01))
    barn = table.loc["barn"]
    assert barn[["gas_boiler_cny_gj", "cheapest_cny_gj", "network_cny_gj"]].isna().all()
    assert barn["prize_cny"] == 0.0
    coal = heat_alternatives(demand, assumptions=CostAssumptions(allowed=("coal_boiler",)))
    assert coal["cheapest"].iloc[0] == "coal_boiler"
    with pytest.raises(LayerError, match="building 'home' must be at least 0"):
        heat_alternatives(demand.assign(heat_gj=[-1.0, 0.0]), assumptions=_PRICES)
    with pytest.raises(AssumptionError, match="name at least one of"):
        CostAssumptions(allowed=("wood",))


def test_break_even_distance_by_hand():
    sources = pd.DataFrame(
        {"heat_mw": [120.0, 0.0, 600.0], "cost_cny_gj": [25.0, 25.0, 95.0]},
        index=["a", "idle", "dear"],
    )
    table = break_even(sources, assumptions=_PRICES, sizing=_SIZING)
    assert table.index.tolist() == ["a", "dear"]
    assert table.loc["dear", "break_even_km"] == 0.0
    row = table.loc["a"]
    assert row["break_even_km"] == pytest.approx(row["margin_cny_gj"] / row["carry_cny_gj_km"])
    # a kilometre of DN600 costs 10.595 M CNY x (0.07265 + 0.01) a year for 842,400 GJ, before loss and pumping
    assert row["dn_mm"] == 600
    assert row["carry_cny_gj_km"] == pytest.approx(10595e3 * 0.08265 / 842400.0, rel=0.2)
    assert row["carry_cny_gj_km"] > 10595e3 * 0.08265 / 842400.0
    nearer = break_even(sources, assumptions=_PRICES, sizing=_SIZING, distribution_cny_gj=20.0)
    gain = row["break_even_km"] - nearer.loc["a", "break_even_km"]
    assert gain == pytest.approx(20.0 / row["carry_cny_gj_km"])


def test_tornado_finds_the_strongest():
    basis = cost_basis(_one_pipe())

    def cost(a):
        return levelised_cost(basis, assumptions=a)

    table = tornado(cost, _PRICES)
    assert len(table) == 10
    assert table["span"].is_monotonic_decreasing
    assert table.index[0] == "source_heat_cny_gj"
    heat = table.loc["source_heat_cny_gj"]
    assert (heat["low"], heat["high"]) == (15.0, 35.0)
    lost = basis.sized.plants["loss_gj"].iloc[0] / basis.sized.plants["heat_gj"].iloc[0]
    assert heat["span"] == pytest.approx(20.0 * (1.0 + lost))
    assert heat["result_base"] == pytest.approx(cost(_PRICES))
    assert "selling_cny_gj" not in tornado(cost, _PRICES, count=99).index
    own = tornado(cost, _PRICES, ranges={"staff_cny_gj": (0.0, 60.0)}, count=1)
    assert own.index.tolist() == ["staff_cny_gj"]
    assert own["span"].iloc[0] == pytest.approx(60.0)
    with pytest.raises(AssumptionError, match="did you mean staff_cny_gj"):
        tornado(cost, _PRICES, ranges={"staff_cny_j": (0.0, 1.0)})


def test_a_real_district_from_streets_to_cost(shared_data):
    folder = shared_data / "heat"
    roads, sinks, plant = (
        gpd.read_file(folder / f"{name}.gpkg") for name in ("roads", "sinks", "source")
    )
    places = gpd.GeoDataFrame(
        geometry=[*sinks.geometry, *plant.geometry],
        index=[*(f"sink{i}" for i in sinks.index), "plant"],
        crs=roads.crs,
    )
    rule = RoutingAssumptions()
    graph, attached = attach(
        street_graph(roads, snap_m=1.0, assumptions=rule), places, assumptions=rule
    )
    consumers = pd.DataFrame(
        {"node": attached["node"].iloc[:-1].to_numpy(), "peak_kw": sinks["ts_0"].to_numpy()},
        index=places.index[:-1],
    )
    sources = pd.DataFrame({"node": attached["node"].iloc[-1:].to_numpy()}, index=["plant"])
    routed = route(graph, consumers, sources, cost=rule)
    warm = SizingAssumptions(supply_c=80.0, return_c=50.0)
    sized = size_network(routed.nodes, routed.pipes, assumptions=warm)
    assert sized.status == "accepted"
    assert abs(sized.plants.loc["plant", "balance"]) < 1e-6
    assert sized.plants.loc["plant", "delivered_kw"] == pytest.approx(sinks["ts_0"].sum())
    assert sized.pipes.index.tolist() == routed.pipes.index.tolist()
    assert (sized.pipes.geometry.length - routed.pipes.geometry.length).abs().max() == 0.0
    assert sized.pipes["consumers"].tolist() == routed.pipes["consumers"].tolist()
    assert sized.pipes["sum_kw"].to_numpy() == pytest.approx(routed.pipes["sum_kw"].to_numpy())
    assert (sized.nodes["return_kpa"] >= 50.0 - 1e-6).all()
    whole = heat_costs(sized, assumptions=_PRICES).loc["all"]
    assert whole["length_m"] == pytest.approx(routed.pipes["length_m"].sum())
    assert whole["consumers"] == 200
    parts = consumer_costs(cost_basis(sized), assumptions=_PRICES)
    assert parts["capex_cny"].sum() == pytest.approx(whole["capex_cny"])
