"""Ground-mounted bases: hand-made land with known answers, balances, windows that change nothing."""

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely
from pv_years import clouded_year

from layers import tables
from layers.area import StudyArea
from layers.demo import embedded_zibo
from layers.errors import AssumptionError, DatumError, LayerError
from layers.landcover import CoverClass, LandCover, open_land_cover
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.ground import GroundBases, GroundExclusion, ground_bases
from rooftop_pv.ground_assumptions import GroundAssumptions
from rooftop_pv.sun import tracker_table
from rooftop_pv.yields import hourly_yield

CRS = pyproj.CRS(4548)
WEST, NORTH = 590000.0, 4080000.0
WEATHER = clouded_year()
MODULES = RooftopPvAssumptions()
GRASS, CROP, WATER = 30, 40, 80


def study(
    columns: int = 40, rows: int = 30, *, split: int | None = None, **layers: Any
) -> LayerSet:
    """A rectangle of cells of 10 m, cut into two counties after `split` columns, else empty layers."""
    edges = [0, columns] if split is None else [0, split, columns]
    boxes = [
        shapely.box(WEST + 10 * a, NORTH - 10 * rows, WEST + 10 * b, NORTH)
        for a, b in itertools.pairwise(edges)
    ]
    keys = ["370321", "370322"][: len(boxes)]
    counties = gpd.GeoDataFrame(
        {"name": keys, "area_km2": [box.area / 1e6 for box in boxes], "source": "drawn"},
        index=pd.Index(keys, dtype="str", name="county"), geometry=boxes, crs=CRS,
    )  # fmt: skip
    area = StudyArea(
        name="drawn", adcode="370300", counties=counties, crs=CRS, time_zone="Asia/Shanghai"
    )
    names = ("buildings", "parks", "streets", "stations", "heat_sources", "substations", "constraints",
             "townships")  # fmt: skip
    empty = {name: getattr(tables, name.upper()).empty(CRS) for name in names}
    given = {"terrain": None, "weather": WEATHER, "account": tables.ACCOUNT.empty()}
    return LayerSet(area=area, **{**empty, **given, **layers})


def box(west: float, north: float, east: float, south: float) -> Any:
    """A box in cells from the north-western corner."""
    return shapely.box(WEST + 10 * west, NORTH - 10 * south, WEST + 10 * east, NORTH - 10 * north)


def constraints(**shapes: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"kind": list(shapes), "source": "drawn"},
        index=pd.Index([f"c{n}" for n in range(len(shapes))], dtype="str", name="constraint_id"),
        geometry=list(shapes.values()), crs=CRS,
    )  # fmt: skip


def streets(line: Any, street_class: str = "tertiary") -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"u": [1], "v": [2], "street_class": street_class, "oneway": False, "speed_kmh": 40.0,
         "length_m": line.length, "bridge": False, "tunnel": False, "source": "drawn"},
        index=pd.Index(["s1"], dtype="str", name="street_id"), geometry=[line], crs=CRS,
    )  # fmt: skip


def substations(*points: tuple[float, float], voltage_kv: float = 35.0) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"voltage_kv": voltage_kv, "capacity_mva": 40.0, "transformers": 2, "load_mw": 1.0, "connected_mw": 0.0,
         "registered_mw": 0.0, "county": "370321", "source": "drawn"},
        index=pd.Index([f"t{n}" for n in range(len(points))], dtype="str", name="substation_id"),
        geometry=[shapely.Point(WEST + x, NORTH - y) for x, y in points], crs=CRS,
    )  # fmt: skip


def plane(rise_east: float, rise_north: float = 0.0, *, cell: float = 30.0) -> Terrain:
    """Ground that rises evenly, with ten cells of margin."""
    column, row = np.meshgrid(np.arange(40), np.arange(40))
    return Terrain(
        elevation_m=100.0 + cell * (rise_east * column - rise_north * row),
        west_m=WEST - 10 * cell, north_m=NORTH + 10 * cell, cell_m=cell, crs=CRS, source="drawn",
    )  # fmt: skip


def raster(path: Path, values: np.ndarray) -> Path:
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="uint8",
        crs=CRS.to_wkt(), transform=rasterio.Affine(10.0, 0.0, WEST, 0.0, -10.0, NORTH), nodata=0,
    ) as tile:  # fmt: skip
        tile.write(values.astype(np.uint8), 1)
    return path


def bases(layers: LayerSet, *, land_cover: Any = None, exclusions: Any = (), window: int = 2048,
          **values: Any) -> GroundBases:  # fmt: skip
    values = {"minimum_site_ha": 0.01, **values}
    return ground_bases(
        layers, GroundAssumptions.from_mapping(values), MODULES,
        land_cover=land_cover, exclusions=exclusions, window=window,
    )  # fmt: skip


def removed(found: GroundBases) -> dict[str, int]:
    cells = found.exclusions.groupby("reason", sort=False)["cells"].sum()
    return {reason: int(count) for reason, count in cells.items() if count}


def test_open_land_is_one_site_per_county_with_capacity_and_yield_by_the_formulas() -> None:
    found = bases(study(40, 30, split=10))
    sites = found.sites
    assert list(sites.index) == ["ground-370321-0001", "ground-370322-0001"]
    assert sites["area_ha"].tolist() == [3.0, 9.0]
    assert sites["capacity_mw"].tolist() == [3.0 * 0.75, 9.0 * 0.75]
    year = hourly_yield(WEATHER, tilt_deg=30.0, azimuth_deg=180.0, assumptions=MODULES).sum()
    assert sites["specific_yield_kwh_kwp"].tolist() == pytest.approx([0.97 * year] * 2)
    assert sites["yield_gwh"].tolist() == pytest.approx(
        [2.25 * 0.97e-3 * year, 6.75 * 0.97e-3 * year]
    )
    assert sites[["slope_deg", "street_distance_m", "substation_distance_m"]].isna().all(axis=None)
    assert sites.geometry.iloc[0].equals(box(0, 0, 10, 30))
    said = " ".join(found.account["reason"])
    for words in ("no land cover raster", "no forest among", "no terrain", "no streets", "no substation",
                  "no protected areas", "no buildings"):  # fmt: skip
        assert words in said


def test_a_cell_counts_for_the_first_test_that_it_fails(tmp_path: Path) -> None:
    codes = np.full((30, 40), GRASS)
    codes[:10] = CROP  # 400 cells
    codes[10, :5] = 0  # 5 unknown
    layers = study(
        constraints=constraints(forest=box(0, 5, 20, 12), water=box(0, 11, 40, 13)),
    )
    own = GroundExclusion(name="red_line", place=gpd.GeoSeries([box(0, 0, 40, 20)], crs=CRS))
    found = bases(
        layers, land_cover=raster(tmp_path / "cover.tif", codes), exclusions=[own],
        setback_m={"forest": 0.0, "water": 0.0},
    )  # fmt: skip
    assert removed(found) == {
        "cover_unknown": 5,
        "cover_cropland": 400,
        "forest": 35,  # 2 rows of 20 less the 5 unknown
        "water": 20 + 40,  # the eastern half of its upper row, its lower row whole
        "red_line": 20 + 7 * 40,  # row 10 east of the forest, rows 13 to 19
        "site": 400,
    }
    order = found.exclusions["reason"].tolist()
    assert order.index("cover_cropland") < order.index("forest") < order.index("red_line")
    assert order[-2:] == ["minimum_area", "site"]
    assert found.exclusions["cells"].sum() == 1200
    assert "no land cover" not in " ".join(found.account["reason"])


def test_without_a_raster_the_vector_land_uses_stand_in() -> None:
    shapes = constraints(
        farmland=box(0, 0, 40, 10), forest=box(0, 10, 40, 20), water=box(0, 20, 40, 25)
    )
    found = bases(study(constraints=shapes), setback_m={"forest": 0.0, "water": 0.0})
    assert removed(found) == {"farmland": 400, "forest": 400, "water": 200, "site": 200}
    assert found.sites["source"].tolist() == ["constraints"]
    synthetic = dataclasses.replace(study(constraints=shapes), synthetic=frozenset({"constraints"}))
    assert bases(synthetic).sites["source"].tolist() == ["synthetic"]


def test_setbacks_of_buildings_streets_and_lines_have_their_width() -> None:
    house = gpd.GeoDataFrame(
        {"use": "rural_home", "use_source": "own", "height_m": 6.0, "height_source": "own",
         "footprint_m2": 100.0, "county": "370321", "source": "drawn"},
        index=pd.Index(["b1"], dtype="str", name="building_id"), geometry=[box(5, 5, 6, 6)], crs=CRS,
    )  # fmt: skip
    north_south = shapely.LineString([(WEST + 200, NORTH + 50), (WEST + 200, NORTH - 400)])
    found = bases(
        study(buildings=house, streets=streets(north_south)),
        building_setback_m=20.0, street_setback_m={"tertiary": 14.0}, street_limit_m=5000.0,
    )  # fmt: skip
    # Centres within 20 m of a house of one cell: 5 x 5 cells less the corners, which are 21 m away.
    # Centres within 14 m of the street: one column to each side, at 5 m.
    assert removed(found)["buildings"] == 21
    assert removed(found)["streets"] == 2 * 30
    assert found.sites["street_distance_m"].tolist() == pytest.approx([10.0, 10.0], abs=10.0)
    tunnel = streets(north_south).assign(tunnel=True)
    assert "streets" not in removed(bases(study(streets=tunnel)))


@pytest.mark.parametrize("limit_deg", [9.9, 10.1])
def test_the_slope_of_an_inclined_plane(limit_deg: float) -> None:
    rise = np.tan(np.radians(10.0)) / np.sqrt(2.0)
    found = bases(study(terrain=plane(rise, rise)), slope_limit_deg=limit_deg)
    if limit_deg < 10.0:
        assert removed(found) == {"slope": 1200}
        assert len(found.sites) == 0
        assert found.sites.crs == CRS
    else:
        assert removed(found) == {"site": 1200}
        assert found.sites["slope_deg"].tolist() == pytest.approx([10.0], abs=1e-3)


def test_ground_without_elevation_is_no_site() -> None:
    level = plane(0.0)
    elevation = level.elevation_m.copy()
    elevation[12, 12] = (
        np.nan
    )  # its neighbours lose their differences; its own value does not count
    found = bases(study(terrain=dataclasses.replace(level, elevation_m=elevation)))
    assert removed(found)["slope_unknown"] == 4 * 9
    east = dataclasses.replace(level, west_m=WEST + 200.0)
    assert removed(bases(study(terrain=east))) == {"slope_unknown": 600, "site": 600}


def test_distances_to_streets_and_substations() -> None:
    line = shapely.LineString([(WEST - 100, NORTH - 155), (WEST + 1000, NORTH - 155)])  # in row 15
    found = bases(study(streets=streets(line, "primary")), street_limit_m=100.0,
                  street_setback_m={"primary": 0.0})  # fmt: skip
    assert removed(found) == {"streets": 40, "street_distance": 9 * 40, "site": 20 * 40}
    assert found.sites["street_distance_m"].tolist() == pytest.approx([5.0, 5.0])
    assert (
        "street_distance"
        not in bases(study(streets=streets(line, "track"))).exclusions["reason"].tolist()
    )

    layers = study(substations=substations((205.0, 155.0), (5.0, 5000.0)))
    near = bases(layers, substation_limit_m=100.0)
    x, y = np.meshgrid(np.arange(40) * 10 + 5.0, np.arange(30) * 10 + 5.0)
    inside = (
        int((np.hypot(x - 205, y - 155) < 99.0).sum()),
        int((np.hypot(x - 205, y - 155) <= 100.0).sum()),
    )
    assert inside[0] <= removed(near)["site"] <= inside[1]
    assert near.sites["substation_id"].tolist() == ["t0"]
    assert near.sites["substation_distance_m"].tolist() == [0.0]
    away = bases(study(substations=substations((205.0, 400.0))), substation_limit_m=5000.0)
    assert away.sites["substation_distance_m"].tolist() == pytest.approx([100.0])
    weak = bases(study(substations=substations((205.0, 155.0), voltage_kv=10.0)))
    assert weak.sites["substation_id"].isna().all()


@pytest.mark.parametrize("window", [7, 16, 64])
def test_the_minimum_area_holds_across_the_border_of_windows(window: int) -> None:
    # A strip of 12 cells from column 2 to 13 and one of 9 cells, in farmland otherwise.
    farmland = box(0, 0, 40, 30).difference(box(2, 15, 14, 16)).difference(box(20, 3, 29, 4))
    layers = study(constraints=constraints(farmland=farmland))
    found = bases(layers, window=window, minimum_site_ha=0.1)
    assert removed(found) == {"farmland": 1200 - 21, "minimum_area": 9, "site": 12}
    assert found.sites.geometry.iloc[0].equals(box(2, 15, 14, 16))
    assert (
        len(found.sites.geometry.iloc[0].exterior.coords) == 5
    )  # straight edges carry no vertices
    exact = bases(layers, window=window, minimum_site_ha=0.12)
    assert removed(exact)["site"] == 12
    assert "site" not in removed(bases(layers, window=window, minimum_site_ha=0.1201))


def test_corners_do_not_join_and_counties_part() -> None:
    open_ = shapely.union_all([box(5, 5, 10, 10), box(10, 10, 15, 15)])
    layers = study(split=7, constraints=constraints(farmland=box(0, 0, 40, 30).difference(open_)))
    found = bases(layers)
    assert found.sites["area_ha"].tolist() == [0.1, 0.25, 0.15]
    assert found.sites["county"].tolist() == ["370321", "370322", "370322"]
    assert found.exclusions.groupby("county")["cells"].sum().tolist() == [7 * 30, 33 * 30]
    assert found.exclusions.groupby("county")["share"].sum().tolist() == pytest.approx([1.0, 1.0])


def random_study(tmp_path: Path) -> tuple[LayerSet, Path, list[GroundExclusion]]:
    draw = np.random.default_rng(7)
    patches = draw.choice([GRASS, GRASS, 60, CROP, WATER, 10, 0], size=(20, 25))
    codes = np.kron(patches, np.ones((5, 5)))
    points = shapely.points(WEST + draw.uniform(0, 1250, 8), NORTH - draw.uniform(0, 1000, 8))
    shapes = constraints(
        school=points[0],
        water=shapely.buffer(points[1], 60.0),
        railway=shapely.LineString(points[2:4]),
    )
    heights = draw.normal(0.0, 3.0, (60, 60)).cumsum(axis=0).astype(np.float32)
    terrain = Terrain(elevation_m=heights, west_m=WEST - 137.0, north_m=NORTH + 211.0, cell_m=30.0,
                      crs=CRS, source="drawn")  # fmt: skip
    mark = (draw.random((100, 125)) < 0.02).astype(np.uint8)
    red = open_land_cover(
        raster(tmp_path / "red.tif", mark),
        study(125, 100).area,
        classes={1: CoverClass(1, "red", "红线")},
    )
    layers = study(
        125, 100, split=61, constraints=shapes, terrain=terrain, streets=streets(shapely.LineString(points[4:7])),
        substations=substations((600.0, 500.0)),
    )  # fmt: skip
    return (
        layers,
        raster(tmp_path / "cover.tif", codes),
        [GroundExclusion(name="red_line", place=red)],
    )


def test_no_result_depends_on_the_windows(tmp_path: Path) -> None:
    layers, cover, own = random_study(tmp_path)
    values = {"street_limit_m": 300.0, "substation_limit_m": 600.0, "minimum_site_ha": 0.3}
    whole = bases(layers, land_cover=cover, exclusions=own, **values)
    assert len(whole.sites) > 5
    assert all(removed(whole).get(reason) for reason in (
        "cover_unknown", "cover_cropland", "water", "red_line", "streets", "slope", "street_distance",
        "substation_distance", "minimum_area", "site"))  # fmt: skip
    for window in (13, 50):
        parts = bases(layers, land_cover=cover, exclusions=own, window=window, **values)
        pd.testing.assert_frame_equal(parts.exclusions, whole.exclusions)
        pd.testing.assert_frame_equal(
            pd.DataFrame(parts.sites.drop(columns="geometry")),
            pd.DataFrame(whole.sites.drop(columns="geometry")),
        )
        assert parts.sites.geometry.geom_equals(whole.sites.geometry).all()
        pd.testing.assert_frame_equal(parts.account, whole.account)


def test_rows_sum_to_the_area_and_sites_to_their_row(tmp_path: Path) -> None:
    layers, cover, own = random_study(tmp_path)
    found = bases(layers, land_cover=cover, exclusions=own, minimum_site_ha=0.1)
    assert found.exclusions["cells"].sum() == 125 * 100
    assert found.exclusions["area_ha"].sum() == pytest.approx(125.0)
    left = found.exclusions[found.exclusions["reason"] == "site"].set_index("county")["area_ha"]
    by_county = found.sites.groupby("county")["area_ha"].sum()
    assert by_county.to_dict() == pytest.approx(left.to_dict())
    assert (found.sites.geometry.area / 1e4).tolist() == pytest.approx(
        found.sites["area_ha"].tolist()
    )
    assert found.sites.geometry.is_valid.all()


def test_a_tracker_beats_fixed_tilt_and_loses_by_its_limits() -> None:
    def year(max_angle_deg: float, gcr: float) -> float:
        table = tracker_table(WEATHER, MODULES, max_angle_deg=max_angle_deg, gcr=gcr)
        return float(table.unshaded_ac_per_kwp().sum())

    level = hourly_yield(WEATHER, tilt_deg=0.0, azimuth_deg=180.0, assumptions=MODULES).sum()
    assert year(60.0, 0.4) > year(60.0, 0.6) > level
    assert year(60.0, 0.001) > year(30.0, 0.001) > level
    assert year(0.0, 0.4) == pytest.approx(level, rel=1e-9)
    found = bases(study(), structure="single_axis").sites
    assert found["specific_yield_kwh_kwp"].tolist() == pytest.approx([0.98 * year(60.0, 0.4)])
    assert found["capacity_mw"].tolist() == pytest.approx([12.0 * 0.63])


def test_the_embedded_zibo_has_no_land_cover_and_says_so() -> None:
    zibo = embedded_zibo()
    found = bases(zibo, cell_m=200.0, minimum_site_ha=20.0)
    cells = removed(found)
    assert sum(cells.values()) * 4.0 == pytest.approx(zibo.area.boundary.area / 1e4, rel=1e-3)
    assert list(dict.fromkeys(found.exclusions["county"])) == list(zibo.area.counties.index)
    # A third of the city is farmland, and what is mapped as farmland or forest is no site.
    farmland = zibo.constraints[zibo.constraints["kind"] == "farmland"].geometry.area.sum() / 4e4
    assert cells["farmland"] == pytest.approx(farmland, rel=0.01)
    assert set(found.sites["source"]) == {"synthetic"}
    assert found.sites["area_ha"].min() >= 20.0
    said = " ".join(found.account["reason"])
    assert "no land cover raster" in said
    assert "red lines" in said
    assert found.sites["slope_deg"].between(0.0, 15.0).all()
    assert found.sites["substation_distance_m"].max() <= 15_000.0


def test_an_empty_exclusion_still_has_its_row() -> None:
    nothing = GroundExclusion(name="red_line", place=gpd.GeoSeries([], crs=CRS))
    found = bases(study(), exclusions=[nothing])
    assert found.exclusions.set_index("reason")["cells"].to_dict()["red_line"] == 0
    assert "red lines" not in " ".join(found.account["reason"])


def test_bad_input_is_a_sentence(tmp_path: Path) -> None:
    south = dataclasses.replace(WEATHER, latitude_deg=-36.8)
    with pytest.raises(LayerError, match="other hemisphere"):
        bases(study(weather=south))
    cover = raster(tmp_path / "cover.tif", np.full((30, 40), GRASS))
    with pytest.raises(AssumptionError, match=r"'gras'.*did you mean grassland"):
        bases(study(), land_cover=cover, open_cover=("gras",))
    with pytest.raises(LayerError, match=r"uncovered.*add the missing tiles"):
        bases(study(60, 30), land_cover=cover)
    shape = gpd.GeoSeries([box(0, 0, 1, 1)], crs=CRS)
    with pytest.raises(LayerError, match=r"'water'.*name of its own"):
        bases(
            study(constraints=constraints(water=box(0, 0, 1, 1))),
            exclusions=[GroundExclusion(name="water", place=shape)],
        )
    with pytest.raises(LayerError, match="'site'"):
        bases(study(), exclusions=[GroundExclusion(name="site", place=shape)])
    with pytest.raises(DatumError, match=r"red_line is in WGS 84.*project"):
        bases(study(), exclusions=[GroundExclusion(name="red_line", place=shape.to_crs(4326))])
    with pytest.raises(DatumError, match="terrain is in"):
        bases(study(terrain=dataclasses.replace(plane(0.0), crs=pyproj.CRS(4549))))
    with pytest.raises(LayerError, match="no name"):
        GroundExclusion(name=" ", place=shape)
    with pytest.raises(LayerError, match="buffer_m = -1"):
        GroundExclusion(name="a", place=shape, buffer_m=-1.0)
    with pytest.raises(LayerError, match=r"raster.*polygons"):
        GroundExclusion(
            name="a", place=LandCover(paths=(cover,), classes={}, source="a"), buffer_m=5.0
        )
    with pytest.raises(AssumptionError, match=r"slope_limit_deg.*between 0.0 and 60.0"):
        bases(study(), slope_limit_deg=90.0)
