"""CO2 avoided by vehicles: hand sums, scaling, and signs that may turn."""

import pytest

from siting.avoided_co2 import charging_avoided_t, hydrogen_avoided_t
from siting.charging_assumptions import ChargingAssumptions
from siting.hydrogen_assumptions import HydrogenAssumptions


def test_the_stock_in_its_mix_by_hand() -> None:
    given = ChargingAssumptions(
        vehicle_share={"car": 0.5, "taxi": 0.0, "bus": 0.5, "truck": 0.0},
        use_kwh_d={"car": 10.0, "taxi": 50.0, "bus": 100.0, "truck": 250.0},
        replaced_kg_kwh={"car": 1.0, "taxi": 1.0, "bus": 0.8, "truck": 0.6},
        grid_kg_kwh=0.45,
        charger_efficiency=0.9,
    )
    # 2 cars: 20 kWh/d x 0.5 kg, 2 buses: 200 kWh/d x 0.3 kg = 70 kg/d
    assert charging_avoided_t(4, given) == pytest.approx(70.0 * 365 / 1000)
    assert charging_avoided_t(400, given) == pytest.approx(100 * charging_avoided_t(4, given))


def test_a_dirty_grid_turns_the_sign() -> None:
    clean, dirty = ChargingAssumptions(grid_kg_kwh=0.0), ChargingAssumptions(grid_kg_kwh=1.5)
    assert charging_avoided_t(1000, clean) > 0.0 > charging_avoided_t(1000, dirty)


def test_hydrogen_counts_what_replaces_it_where_it_was_burnt() -> None:
    burnt = HydrogenAssumptions(replaced_kg_kg=8.8, own_kg_kg=8.6)
    vented = HydrogenAssumptions(replaced_kg_kg=8.8, own_kg_kg=1.9)
    assert hydrogen_avoided_t(1000.0, burnt) == pytest.approx(73.0)
    assert hydrogen_avoided_t(1000.0, vented) == pytest.approx(6.9 * 365)
