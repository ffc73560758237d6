"""Friction against hand calculations, the Moody chart's formulas and a published pipe table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heat_network.friction import (
    flow_at_friction,
    friction_factor,
    friction_pa_m,
    vapour_pressure_kpa,
    water_at,
)
from heat_network.pipe_catalogue import capacity_kg_s, read_pipe_catalogue, trench_cost_cny_m
from layers.errors import AssumptionError, LayerError

# isoplus, design catalogue, rigid compound pipes, page 9: flow [kg/s] by bore [mm] at 60-80 Pa/m, mean 70
_PUBLISHED = {
    41.9: 0.763889, 53.9: 1.416667, 69.7: 2.819444, 82.5: 4.305556, 107.1: 8.541667, 132.5: 15.0, 160.3: 24.583333,
    210.1: 50.0, 263.0: 90.0, 312.7: 141.527778, 344.4: 182.638889, 393.8: 258.611111, 444.6: 354.166667,
    495.4: 470.833333, 595.8: 755.555556, 695.0: 1130.555556,
}  # fmt: skip


def test_water_agrees_with_the_steam_tables():
    # t, density, viscosity [mPa s], heat capacity: saturated water, standard steam tables
    for t, rho, mu, cp in (
        (20.0, 998.2, 1.002, 4.182), (50.0, 988.0, 0.547, 4.181), (80.0, 971.8, 0.3544, 4.197),
        (100.0, 958.4, 0.2818, 4.217), (120.0, 943.1, 0.2321, 4.245), (140.0, 926.1, 0.1966, 4.285),
    ):  # fmt: skip
        water = water_at(t)
        assert water.density_kg_m3 == pytest.approx(rho, rel=5e-4)
        assert water.viscosity_pa_s * 1e3 == pytest.approx(mu, rel=6e-3)
        assert water.heat_kj_kg_k == pytest.approx(cp, rel=2e-3)
    assert vapour_pressure_kpa(130.0) == pytest.approx(270.3, rel=1e-2)
    with pytest.raises(AssumptionError, match="0-150"):
        water_at(180.0)


def test_colebrook_holds_where_it_is_solved():
    re = np.geomspace(4000.0, 1e8, 200)[:, None]
    rough = np.array([0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.05])[None, :]
    factor = friction_factor(re, rough)
    x = 1.0 / np.sqrt(factor)
    assert np.abs(x + 2.0 * np.log10(rough / 3.7 + 2.51 * x / re)).max() < 1e-12
    haaland = (-1.8 * np.log10((rough / 3.7) ** 1.11 + 6.9 / re)) ** -2
    assert np.abs(haaland / factor - 1.0).max() < 0.03
    # the Moody chart: Re 1e5 and k/d 0.001 gives 0.0222; fully rough k/d 0.01 gives 0.0379
    assert friction_factor(1e5, 1e-3) == pytest.approx(0.0222, abs=1e-4)
    assert friction_factor(1e8, 1e-2) == pytest.approx(0.0379, abs=1e-4)


def test_friction_by_hand():
    # DN200, 50 kg/s at 90 °C: A = 0.034669 m2, v = 1.4942 m/s, Re = 9.6e5, k/d = 0.5/210.1 -> f = 0.02480
    water = water_at(90.0)
    velocity = 50.0 / (water.density_kg_m3 * 0.0346693)
    assert velocity == pytest.approx(1.494, abs=1e-3)
    drop = friction_pa_m(50.0, inner_m=0.2101, roughness_mm=0.5, water=water)
    assert drop == pytest.approx(
        0.02480 / 0.2101 * water.density_kg_m3 * velocity**2 / 2.0, rel=5e-3
    )
    # laminar: 32 mu v / d2
    slow = friction_pa_m(0.005, inner_m=0.05, roughness_mm=0.5, water=water)
    v = 0.005 / (water.density_kg_m3 * np.pi / 4 * 0.05**2)
    assert slow == pytest.approx(32.0 * water.viscosity_pa_s * v / 0.05**2)
    assert friction_pa_m(0.0, inner_m=0.05, roughness_mm=0.5, water=water) == 0.0


def test_friction_agrees_with_a_published_pipe_table():
    bore = np.array(list(_PUBLISHED)) / 1e3
    flow = np.array(list(_PUBLISHED.values()))
    drop = friction_pa_m(flow, inner_m=bore, roughness_mm=0.02, water=water_at(80.0))
    assert (drop[1:] > 60.0).all()
    assert (drop[1:] < 80.0).all()
    assert drop.mean() == pytest.approx(70.0, abs=2.0)


def test_rough_pipe_meets_nearly_twice_the_friction_of_smooth_pipe():
    water = water_at(90.0)
    bore = np.array([0.1071, 0.2101, 0.3127, 0.4954])
    flow = 1.5 * water.density_kg_m3 * np.pi / 4 * bore**2
    ratio = friction_pa_m(flow, inner_m=bore, roughness_mm=0.5, water=water) / friction_pa_m(
        flow, inner_m=bore, roughness_mm=0.02, water=water
    )
    assert ratio.mean() == pytest.approx(1.8, abs=0.05)
    assert ((ratio > 1.7) & (ratio < 2.0)).all()


@given(st.floats(0.02, 1.4), st.floats(10.0, 400.0), st.floats(0.005, 1.0), st.floats(20.0, 130.0))
def test_flow_at_friction_is_the_inverse_and_never_above(bore, limit, rough, temperature):
    water = water_at(temperature)
    flow = flow_at_friction(limit, inner_m=bore, roughness_mm=rough, water=water)
    back = friction_pa_m(flow, inner_m=bore, roughness_mm=rough, water=water)
    assert back <= limit * (1 + 1e-9)
    re = 4.0 * flow / (np.pi * bore * water.viscosity_pa_s)
    if re > 4000.0:
        assert back == pytest.approx(limit, rel=1e-9)


@given(st.floats(1e-3, 1e3), st.floats(1.0001, 3.0), st.floats(0.02, 1.4))
def test_more_flow_meets_more_friction(flow, more, bore):
    water = water_at(90.0)
    less = friction_pa_m(flow, inner_m=bore, roughness_mm=0.5, water=water)
    assert friction_pa_m(flow * more, inner_m=bore, roughness_mm=0.5, water=water) > less


def test_catalogue_rises_and_carries_the_facts():
    catalogue = read_pipe_catalogue()
    prices = {
        "DN200": (2000, 3000),
        "DN300": (3500, 5000),
        "DN500": (7000, 10000),
        "DN1400": (28000, 40000),
    }
    for size, (low, high) in prices.items():
        assert catalogue.loc[size, ["cost_low_cny_m", "cost_high_cny_m"]].tolist() == [low, high]
    assert (catalogue["cost_confidence"] == "unverified").all()
    assert trench_cost_cny_m(catalogue, position=0.5)[catalogue.index == "DN200"] == 2500.0
    carried = capacity_kg_s(
        catalogue, [70.0, 300.0], velocity_m_s=3.5, roughness_mm=0.5, water=water_at(90.0)
    )
    assert (np.diff(carried, axis=1) > 0).all()
    assert (carried[1] >= carried[0]).all()
    bore = catalogue["inner_mm"].to_numpy() / 1e3
    fastest = carried / (water_at(90.0).density_kg_m3 * np.pi / 4 * bore**2)
    assert fastest.max() == pytest.approx(3.5)


def test_a_catalogue_that_contradicts_itself_is_refused(tmp_path):
    good = read_pipe_catalogue().reset_index()
    narrow = good.assign(inner_mm=good["inner_mm"].where(good["size"] != "DN300", 200.0))
    narrow.to_csv(tmp_path / "narrow.csv", index=False)
    with pytest.raises(LayerError, match="inner_mm of DN300"):
        read_pipe_catalogue(tmp_path / "narrow.csv")
    thick = good.assign(wall_mm=good["wall_mm"].where(good["size"] != "DN300", 9.0))
    thick.to_csv(tmp_path / "thick.csv", index=False)
    with pytest.raises(LayerError, match="DN300"):
        read_pipe_catalogue(tmp_path / "thick.csv")
