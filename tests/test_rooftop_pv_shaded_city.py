"""The shaded year of a city does not depend on how it is cut into parts, and balances close."""

import dataclasses

import numpy as np
import pytest

from layers.demo import embedded_zibo
from layers.errors import LayerError
from layers.layer_set import LayerSet
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.horizon import plane_horizons
from rooftop_pv.points import roof_obstacles
from rooftop_pv.roofs import roof_planes
from rooftop_pv.shaded_city import shaded_city
from rooftop_pv.shading_assumptions import ShadingAssumptions
from rooftop_pv.tables import MONTH_COLUMNS
from rooftop_pv.yields import hourly_by_group, roof_yields


@pytest.fixture(scope="module")
def town() -> LayerSet:
    """The first six hundred buildings of two counties."""
    layers = embedded_zibo("sample")
    buildings = layers.buildings.groupby("county", sort=True).head(300)
    return dataclasses.replace(
        layers, buildings=buildings[buildings["county"].isin(["370302", "370303"])]
    )


def test_parts_change_nothing_and_equal_the_whole_at_once(town: LayerSet) -> None:
    assumptions = RooftopPvAssumptions()
    planes = roof_planes(town.buildings, assumptions)
    runs = [
        shaded_city(
            planes,
            town.buildings,
            town.weather,
            assumptions=assumptions,
            shading=ShadingAssumptions.from_mapping({"planes_at_once": size}),
            terrain=town.terrain,
        )
        for size in (100, 10_000)
    ]
    for name in ("yield_kwh", "irradiation_kwh_m2", "shading_loss"):
        np.testing.assert_allclose(runs[0].yields[name], runs[1].yields[name], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(runs[0].hours, runs[1].hours, rtol=1e-9, atol=1e-6)

    tall = planes.assign(height_m=town.buildings["height_m"].loc[planes["building_id"]].to_numpy())
    active = planes[planes["capacity_kwp"] > 0.0]
    horizons = plane_horizons(active, roof_obstacles(tall), terrain=town.terrain)
    whole = roof_yields(planes, town.weather, assumptions, horizons=horizons)
    np.testing.assert_allclose(runs[1].yields["yield_kwh"], whole["yield_kwh"], rtol=1e-6)


def test_shade_takes_some_and_the_balances_close(town: LayerSet) -> None:
    assumptions = RooftopPvAssumptions()
    planes = roof_planes(town.buildings, assumptions)
    done: list[int] = []
    city = shaded_city(
        planes,
        town.buildings,
        town.weather,
        assumptions=assumptions,
        shading=ShadingAssumptions(),
        terrain=town.terrain,
        advance=done.append,
    )
    free = roof_yields(planes, town.weather, assumptions)
    assert (city.yields["yield_kwh"] <= free["yield_kwh"] * (1 + 1e-9)).all()
    loss = 1.0 - city.yields["yield_kwh"].sum() / free["yield_kwh"].sum()
    assert 0.0 < loss < 0.3
    months = city.yields[list(MONTH_COLUMNS)].sum(axis=1)
    np.testing.assert_allclose(months, city.yields["yield_kwh"], rtol=1e-9, atol=1e-9)
    by_county = city.yields["yield_kwh"].groupby(planes["county"].to_numpy()).sum()
    np.testing.assert_allclose(city.hours.sum(), by_county[city.hours.columns], rtol=1e-6)
    free_hours = hourly_by_group(planes, town.weather, assumptions)
    assert (city.hours <= free_hours[city.hours.columns] + 1e-6).all(axis=None)
    assert sum(done) == int((planes["capacity_kwp"] > 0.0).sum())


def test_planes_of_other_buildings_are_refused(town: LayerSet) -> None:
    planes = roof_planes(town.buildings, RooftopPvAssumptions())
    with pytest.raises(LayerError, match="not in the table of buildings"):
        shaded_city(
            planes,
            town.buildings.iloc[5:],
            town.weather,
            assumptions=RooftopPvAssumptions(),
            shading=ShadingAssumptions(),
        )
