"""P50 and P90 against the normal law, and a tornado whose bars can be reckoned."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pv_money_cases import PV, town

from layers.errors import AssumptionError, LayerError
from rooftop_pv import uncertainty
from rooftop_pv.revenue import roof_revenue
from rooftop_pv.revenue_assumptions import RevenueAssumptions
from rooftop_pv.uncertainty import energy_percentiles, read_ranges, tornado
from rooftop_pv.uncertainty_assumptions import UncertaintyAssumptions

BASE = UncertaintyAssumptions()
MONEY = RevenueAssumptions()
TOWN = town()
GWH = pd.Series({"370302": 100.0, "370303": 0.0})


def swing(outcome: str = "npv_cny", ranges: pd.DataFrame | None = None) -> pd.DataFrame:
    return tornado(
        TOWN.roofs, TOWN.planes, TOWN.weather, assumptions=MONEY, pv_assumptions=PV, ranges=ranges,
        outcome=outcome,
    )  # fmt: skip


def earn(assumptions: RevenueAssumptions = MONEY) -> pd.DataFrame:
    return roof_revenue(
        TOWN.roofs, TOWN.planes, TOWN.weather, assumptions=assumptions, pv_assumptions=PV
    )


def ranges_of(**rows: tuple[str, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["how", "low", "high"])
    frame.index = pd.Index(frame.index, dtype="str", name="key")
    return frame.assign(source="hand", confidence="unverified")


def test_percentiles_by_the_normal_law() -> None:
    row = energy_percentiles(GWH, assumptions=BASE).loc["370302"]
    lasting = np.sqrt(0.04**2 + 0.03**2 + 0.02**2)
    one, ten = np.hypot(0.035, lasting), np.hypot(0.035 / np.sqrt(10), lasting)
    assert row["p50_gwh"] == 100.0
    assert row["p90_gwh"] == pytest.approx(100.0 * (1 - 1.2815516 * one), abs=1e-6)
    assert row["p75_gwh"] == pytest.approx(100.0 * (1 - 0.6744898 * one), abs=1e-6)
    assert row["p99_gwh"] == pytest.approx(100.0 * (1 - 2.3263479 * one), abs=1e-6)
    assert row["p90_span_gwh"] == pytest.approx(100.0 * (1 - 1.2815516 * ten), abs=1e-6)


def test_percentiles_from_weather_years() -> None:
    draw = np.random.default_rng(5)
    years = pd.DataFrame({"370302": draw.normal(100.0, 4.0, 4000), "370303": 0.0})
    none = UncertaintyAssumptions.from_mapping(
        {"lasting_spread": {"resource": 0.0, "model": 0.0, "losses": 0.0}}
    )
    table = energy_percentiles(GWH, assumptions=none, weather_years=years)
    # nine of ten of these years lie above their P90
    assert (years["370302"] > table.loc["370302", "p90_gwh"]).mean() == pytest.approx(0.9, abs=0.01)
    assert table.loc["370303"].to_list()[:6] == [0.0] * 6
    assert table["basis"].to_list() == ["4000 weather years"] * 2
    with pytest.raises(LayerError, match="at least 5"):
        energy_percentiles(GWH, assumptions=BASE, weather_years=years.head(4))
    with pytest.raises(LayerError, match="lack the groups 370303"):
        energy_percentiles(GWH, assumptions=BASE, weather_years=years[["370302"]])


def test_a_bar_is_a_run_with_that_value() -> None:
    table = swing(
        ranges=ranges_of(discount_rate=("value", 0.03, 0.09), capex_cny_kwp=("scale", 0.5, 1.0))
    )
    base = earn()["npv_cny"].sum()
    for end, rate in (("low_outcome", 0.03), ("high_outcome", 0.09)):
        run = earn(RevenueAssumptions.from_mapping({"discount_rate": rate}))
        assert table.loc["discount_rate", end] == pytest.approx(run["npv_cny"].sum())
    # half the price of all modules, with nothing else changed, is half the investment more
    bar = table.loc["capex_cny_kwp"]
    assert bar["low_outcome"] - base == pytest.approx(0.5 * earn()["capex_cny"].sum())
    assert bar["high_outcome"] == pytest.approx(base) == bar["base_outcome"]
    assert bar["swing"] == pytest.approx(bar["low_outcome"] - base)
    assert table["rank"].to_list() == [1, 2]
    assert table["swing"].is_monotonic_decreasing


def test_outcomes_and_inputs() -> None:
    lcoe = swing(
        "lcoe_cny_kwh",
        ranges_of(degradation=("value", 0.0, 0.02), retail_price=("scale", 0.5, 2.0)),
    )
    money = earn()
    used = money["self_kwh"] + money["export_kwh"]
    weighted = (money["lcoe_cny_kwh"].fillna(0.0) * used).sum() / used.sum()
    assert lcoe["base_outcome"].to_list() == pytest.approx([weighted] * 2)
    assert lcoe.loc["retail_price", "swing"] == pytest.approx(0.0, abs=1e-12)  # no part of the cost
    assert (
        lcoe.loc["degradation", "low_outcome"] < weighted < lcoe.loc["degradation", "high_outcome"]
    )
    mw = swing(
        "economic_mw", ranges_of(retail_price=("scale", 0.0, 3.0), capacity=("scale", 0.5, 1.0))
    )
    assert mw.loc["capacity", "high_outcome"] == mw.loc["capacity", "base_outcome"]
    assert mw.loc["retail_price", "low_outcome"] == 0.0
    assert mw.loc["retail_price", "high_outcome"] > mw.loc["retail_price", "base_outcome"]


def test_the_ten_largest_of_the_stated_ranges() -> None:
    table = tornado(
        TOWN.roofs.iloc[:15], TOWN.planes, TOWN.weather, assumptions=MONEY, pv_assumptions=PV
    )
    assert len(table) == 10 < len(read_ranges())
    assert table["rank"].to_list() == list(range(1, 11))
    assert (table["swing"] >= 0).all()
    assert table["swing"].iloc[0] > 0


def test_a_sample_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    ranges = ranges_of(capex_cny_kwp=("scale", 0.8, 1.2))
    whole = swing(ranges=ranges)
    monkeypatch.setattr(uncertainty, "_SAMPLE", 50)
    part = swing(ranges=ranges)
    assert part["swing"].item() != whole["swing"].item()
    assert part["swing"].item() == pytest.approx(whole["swing"].item(), rel=0.05)


def test_faults_are_named(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match=r"'capex'.* capex_cny_kwp"):
        swing(ranges=ranges_of(capex=("scale", 0.5, 1.0)))
    with pytest.raises(AssumptionError, match="value per class"):
        swing(ranges=ranges_of(capex_cny_kwp=("value", 0.5, 1.0)))
    with pytest.raises(AssumptionError, match="as factors"):
        swing(ranges=ranges_of(**{"yield": ("value", 0.5, 1.0)}))
    with pytest.raises(AssumptionError, match="discount_rate"):
        swing(ranges=ranges_of(discount_rate=("value", 0.01, 0.9)))
    with pytest.raises(LayerError, match="'npv' is unknown; did you mean npv_cny"):
        swing("npv", ranges_of(discount_rate=("value", 0.01, 0.1)))
    path = tmp_path / "r.csv"
    ranges_of(degradation=("value", 0.02, 0.01)).to_csv(path)
    with pytest.raises(LayerError, match=r"degradation in r\.csv has its low end above"):
        read_ranges(path)
    with pytest.raises(LayerError, match="No roof carries"):
        tornado(
            TOWN.roofs.assign(capacity_kwp=0.0), TOWN.planes, TOWN.weather, assumptions=MONEY,
            pv_assumptions=PV,
        )  # fmt: skip
