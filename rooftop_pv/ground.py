"""Ground-mounted bases: open land that no rule forbids, in patches large enough, with capacity and yield.

Land is tested cell by cell in windows (:mod:`rooftop_pv.ground_land`), what is left is gathered to patches
of one county (:mod:`rooftop_pv.ground_patches`), and a patch of at least the minimum area is a site:

- capacity [MW] = area [ha] x density [MW/ha], all DC;
- specific yield [kWh/kWp] = AC energy of one orientation in the weather year (:mod:`rooftop_pv.sun`), fixed
  tilt towards the equator or single-axis tracking, times (1 − row loss);
- yield [GWh] = capacity [MW] x specific yield [kWh/kWp] / 1000.
"""

__all__ = ["GroundBases", "GroundExclusion", "ground_bases"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.account import Ledger
from layers.area import StudyArea
from layers.errors import LayerError
from layers.grid import Grid, Window, grid_of_area
from layers.landcover import LandCover, cells_covered, open_land_cover
from layers.layer_set import LayerSet
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.ground_assumptions import GroundAssumptions
from rooftop_pv.ground_land import (
    GroundExclusion,
    LandTest,
    View,
    access_streets,
    feeding_substations,
    land_tests,
    slope_of,
)
from rooftop_pv.ground_patches import Patches, PatchFinder
from rooftop_pv.ground_tables import GROUND_EXCLUSIONS, GROUND_SITES
from rooftop_pv.sun import tracker_table
from rooftop_pv.yields import hourly_yield

_M2_PER_HA: Final = 1e4
_MW_KWH_PER_GWH: Final = 1e3  # MW x kWh/kWp is MWh
_NEAR_EQUATOR_DEG: Final = 2.0
_DECIDING: Final = ("buildings", "constraints", "streets", "substations", "terrain")
_STAND_INS: Final = ("farmland", "forest", "water")
_MOST_COUNTIES: Final = 32_000


@dataclass(frozen=True, kw_only=True, eq=False)
class GroundBases:
    """What :func:`ground_bases` returns.

    Attributes
    ----------
    sites : GeoDataFrame
        Table ``ground_sites``, in each county from the largest to the smallest.
    exclusions : DataFrame
        Table ``ground_exclusions``: per county what each test removed, in their order, then
        ``minimum_area`` and ``site``.
    account : DataFrame
        Table ``account``: what was counted, what stood in for missing layers.
    """

    sites: gpd.GeoDataFrame
    exclusions: pd.DataFrame
    account: pd.DataFrame


def ground_bases(
    layers: LayerSet,
    assumptions: GroundAssumptions,
    modules: RooftopPvAssumptions,
    *,
    land_cover: Path | LandCover | None = None,
    exclusions: Sequence[GroundExclusion] = (),
    window: int = 2048,
) -> GroundBases:
    """Find the land of an area that may carry ground-mounted bases.

    Parameters
    ----------
    layers : LayerSet
        Area, constraints, buildings, streets, substations, terrain and weather. An empty layer or missing
        terrain is not tested, which the account says.
    assumptions : GroundAssumptions
        Open classes, setbacks, limits, minimum area, density and structure.
    modules : RooftopPvAssumptions
        Modules, losses and inverters.
    land_cover : Path or LandCover, optional
        ESA WorldCover tiles (a file or a folder), or an opened raster of other classes. Without it the
        constraints forest, farmland and water stand in, and land that they do not show counts as open.
    exclusions : sequence of GroundExclusion
        Further land to keep free, as shapes or rasters.
    window : int
        Largest side of a window [cells]; no result depends on it.

    Returns
    -------
    GroundBases
        Sites, the table of what each test removed, and the account.

    Raises
    ------
    LayerError
        The weather is of the other hemisphere, a raster does not cover the area or knows other classes, or
        two exclusions bear one name.
    AssumptionError
        An open class that the land cover does not have.
    DatumError
        A layer in another CRS than the study's.

    Notes
    -----
    A cell belongs to the county that holds its centre, so the cells of a county differ from its polygon by
    less than its outline times a cell; the account states both.
    """
    area = layers.area
    _check(area, layers.weather)
    cover = open_land_cover(land_cover, area) if isinstance(land_cover, Path) else land_cover
    tests = land_tests(layers, assumptions, cover=cover, exclusions=exclusions)
    grid = grid_of_area(area, cell_m=assumptions.cell_m)
    cell_ha = grid.cell_m**2 / _M2_PER_HA
    finder = PatchFinder(
        grid,
        owners=len(area.counties),
        minimum_cells=max(int(np.ceil(assumptions.minimum_site_ha / cell_ha - 1e-9)), 1),
    )
    removed = np.zeros((len(area.counties), len(tests)), dtype=np.int64)
    for view in _views(layers, grid, cover=cover, exclusions=exclusions, size=window):
        owner = _owners(view.window, area)
        _sift(view, owner, tests=tests, removed=removed)
        finder.add(view.window, owner, view.slope_deg)
    patches = finder.patches()
    left = np.zeros(len(area.counties), dtype=np.int64)
    np.add.at(left, patches.owner, patches.cells)
    cells = np.column_stack([removed, patches.dropped, left])
    reasons = [*(test.name for test in tests), "minimum_area", "site"]
    sites = _sites(patches, layers, assumptions, modules=modules, source=_source(layers, cover))
    return GroundBases(
        sites=sites,
        exclusions=_exclusions(cells, reasons, area=area, cell_ha=cell_ha),
        account=_account(
            cells,
            reasons,
            layers,
            cover=cover,
            cell_ha=cell_ha,
            sites=len(sites),
            own=len(exclusions),
        ),
    )


def _check(area: StudyArea, weather: Weather) -> None:
    _, south, _, north = area.bounds_wgs84
    middle = (south + north) / 2
    if min(abs(middle), abs(weather.latitude_deg)) >= _NEAR_EQUATOR_DEG and (middle < 0.0) != (
        weather.latitude_deg < 0.0
    ):
        raise LayerError(
            f"The weather ({weather.source}) is of latitude {weather.latitude_deg:.1f}°, but {area.name} "
            f"lies at {middle:.1f}°, in the other hemisphere; give weather of its own region."
        )
    if len(area.counties) > _MOST_COUNTIES:
        raise LayerError(
            f"{area.name} has {len(area.counties)} counties, more than {_MOST_COUNTIES}; merge them."
        )


def _views(
    layers: LayerSet,
    grid: Grid,
    *,
    cover: LandCover | None,
    exclusions: Sequence[GroundExclusion],
    size: int,
) -> Iterator[View]:
    """Yield window after window with all rasters read."""
    rasters = {
        each.name: each.place.windows(grid, size=size)
        for each in exclusions
        if isinstance(each.place, LandCover)
    }
    classes = None if cover is None else cover.windows(grid, size=size)
    for window in grid.windows(size):
        yield View(
            window=window,
            codes=None if classes is None else next(classes)[1],
            marks={name: next(codes)[1] for name, codes in rasters.items()},
            slope_deg=slope_of(layers.terrain, window),
        )


def _owners(window: Window, area: StudyArea) -> npt.NDArray[np.int16]:
    """Return the position of the county of each cell, -1 outside; on a shared edge the first counts."""
    owner = np.full((window.rows, window.columns), -1, dtype=np.int16)
    shapes = area.counties.geometry
    for position in range(len(shapes)):
        mine = cells_covered(window, shapes.iloc[[position]])
        owner[mine & (owner < 0)] = position
    return owner


def _sift(
    view: View,
    owner: npt.NDArray[np.int16],
    *,
    tests: Sequence[LandTest],
    removed: npt.NDArray[np.int64],
) -> None:
    """Count the cells that each test removes and mark them in `owner` with -1."""
    for number, test in enumerate(tests):
        if not (owner >= 0).any():
            return
        failed = test.failed(view) & (owner >= 0)
        removed[:, number] += np.bincount(owner[failed], minlength=len(removed))
        owner[failed] = -1


def _sites(
    patches: Patches,
    layers: LayerSet,
    assumptions: GroundAssumptions,
    *,
    modules: RooftopPvAssumptions,
    source: str,
) -> gpd.GeoDataFrame:
    counties = layers.area.counties.index.to_numpy(dtype=object)[patches.owner]
    outline = gpd.GeoSeries(patches.outline, crs=layers.area.crs)
    area_ha = patches.cells * assumptions.cell_m**2 / _M2_PER_HA
    capacity_mw = area_ha * assumptions.density_mw_ha[assumptions.structure]
    specific = _specific_yield(layers.weather, assumptions, modules)
    stations = feeding_substations(layers, assumptions)
    station, station_m = _nearest(outline, stations)
    frame = gpd.GeoDataFrame(
        {
            "county": pd.array(counties, dtype="str"),
            "structure": assumptions.structure,
            "area_ha": area_ha,
            "slope_deg": patches.value,
            "street_distance_m": _nearest(outline, access_streets(layers, assumptions))[1],
            "substation_distance_m": station_m,
            "substation_id": pd.array(station, dtype="str"),
            "capacity_mw": capacity_mw,
            "yield_gwh": capacity_mw * specific / _MW_KWH_PER_GWH,
            "specific_yield_kwh_kwp": specific,
            "source": source,
        },
        geometry=outline,
    )
    frame = frame.sort_values("county", kind="stable")
    number = frame.groupby("county").cumcount() + 1
    keys = "ground-" + frame["county"] + "-" + number.astype("str").str.zfill(4)
    frame.index = pd.Index(keys, dtype="str", name=GROUND_SITES.key)
    valid: gpd.GeoDataFrame = GROUND_SITES.validate(frame, where="The sites made by ground_bases")
    return valid


def _specific_yield(
    weather: Weather, assumptions: GroundAssumptions, modules: RooftopPvAssumptions
) -> float:
    """Return the AC energy of the year per capacity, after the loss of rows [kWh/kWp]."""
    if assumptions.structure == "fixed":
        azimuth_deg = 180.0 if weather.latitude_deg >= 0.0 else 0.0
        year = hourly_yield(
            weather,
            tilt_deg=assumptions.fixed_tilt_deg,
            azimuth_deg=azimuth_deg,
            assumptions=modules,
        ).sum()
    else:
        table = tracker_table(
            weather,
            modules,
            max_angle_deg=assumptions.tracker_limit_deg,
            gcr=assumptions.tracker_gcr,
        )
        year = table.unshaded_ac_per_kwp().sum()
    return float(year) * (1.0 - assumptions.row_loss[assumptions.structure])


def _nearest(
    outline: gpd.GeoSeries, targets: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Return the key of the nearest target of each outline and its distance [m]; none without targets."""
    key = np.full(len(outline), None, dtype=object)
    distance_m = np.full(len(outline), np.nan)
    if len(targets) and len(outline):
        (place, target), found = targets.sindex.nearest(
            outline.to_numpy(), return_all=False, return_distance=True
        )
        key[place] = targets.index.to_numpy(dtype=object)[target]
        distance_m[place] = found
    return key, distance_m


def _source(layers: LayerSet, cover: LandCover | None) -> str:
    if layers.synthetic & set(_DECIDING):
        return "synthetic"
    return "constraints" if cover is None else cover.source


def _exclusions(
    cells: npt.NDArray[np.int64], reasons: Sequence[str], *, area: StudyArea, cell_ha: float
) -> pd.DataFrame:
    counties, steps = cells.shape
    total = np.maximum(cells.sum(axis=1, keepdims=True), 1)
    county = np.repeat(area.counties.index.to_numpy(dtype=object), steps)
    frame = pd.DataFrame(
        {
            "county": pd.array(county, dtype="str"),
            "step": np.tile(np.arange(1, steps + 1), counties),
            "reason": pd.array(np.tile(np.array(reasons, dtype=object), counties), dtype="str"),
            "cells": cells.ravel(),
            "area_ha": cells.ravel() * cell_ha,
            "share": (cells / total).ravel(),
        }
    )
    frame.index = pd.Index(
        frame["county"] + "/" + frame["reason"], dtype="str", name=GROUND_EXCLUSIONS.key
    )
    valid: pd.DataFrame = GROUND_EXCLUSIONS.validate(frame, where="The land of ground_bases")
    return valid


def _account(
    cells: npt.NDArray[np.int64],
    reasons: Sequence[str],
    layers: LayerSet,
    *,
    cover: LandCover | None,
    cell_ha: float,
    sites: int,
    own: int,
) -> pd.DataFrame:
    """Say what was counted and what was not tested, each line over all cells."""
    ledger = Ledger("ground_sites", None if cover is None else cover.source)
    total = int(cells.sum())
    polygons_ha = layers.area.counties.geometry.area.sum() / _M2_PER_HA
    ledger.add(
        "read",
        f"cells of {cell_ha:g} ha with their centre in a county, {total * cell_ha:,.1f} ha together "
        f"({polygons_ha:,.1f} ha by the polygons)",
        total,
    )
    if cover is None:
        ledger.add(
            "defaulted",
            "no land cover raster: the constraints farmland, forest and water stand in, and land that they "
            "do not show counts as open",
            total,
        )
        for kind in _STAND_INS:
            if kind not in reasons:
                ledger.add(
                    "defaulted", f"no {kind} among the constraints: none is kept free", total
                )
    if own == 0:
        ledger.add(
            "defaulted",
            "no further land to keep free was given: the official red lines of farmland and ecology are "
            "not tested",
            total,
        )
    absent = {
        "protected": "no protected areas among the constraints: none are kept free",
        "buildings": "no buildings: none are kept free",
        "streets": "no streets: none are kept free",
        "slope": "no terrain: the slope is not tested",
        "street_distance": "no streets that give access: the distance to them is not tested",
        "substation_distance": "no substation of enough voltage: the distance to one is not tested",
    }
    for reason, words in absent.items():
        if reason not in reasons:
            ledger.add("defaulted", words, total)
    for number, reason in enumerate(reasons[:-1]):
        ledger.add("dropped", f"{number + 1}. {reason}", int(cells[:, number].sum()))
    ledger.add("kept", f"cells in {sites} sites", int(cells[:, -1].sum()))
    return ledger.frame()
