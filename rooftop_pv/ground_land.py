"""The tests that land must pass to carry a ground-mounted base, one window of cells at a time.

They run in this order; a cell counts for the first that it fails:

1. ``cover_…``: its class of land cover is not open, or unknown (only with a raster);
2. a kind of constraint, with its setback (``farmland``, ``forest``, ``water``, ``protected``, ``military``
   first, then the others as the layer's schema lists them);
3. the user's own exclusions, in the order given;
4. ``buildings`` and ``streets``, with their setbacks;
5. ``slope_unknown`` and ``slope``;
6. ``street_distance`` and ``substation_distance``: too far away.
"""

__all__ = ["GroundExclusion", "LandTest", "View", "land_tests", "open_codes"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import scipy.ndimage

from layers.errors import AssumptionError, DatumError, LayerError, near_matches
from layers.grid import Window
from layers.landcover import LandCover, cells_covered
from layers.layer_set import LayerSet
from layers.tables import CONSTRAINT_KINDS
from layers.terrain import Terrain
from rooftop_pv.ground_assumptions import GroundAssumptions

_LAND_FIRST: Final = ("farmland", "forest", "water", "protected", "military")

_Cells = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class GroundExclusion:
    """Land that the user keeps free, such as the red line of permanent basic farmland.

    Attributes
    ----------
    name : str
        Reason shown in the table, such as ``"farmland_red_line"``.
    place : GeoSeries or LandCover
        Points, lines or polygons in the study's CRS, or a raster each of whose classes excludes.
    buffer_m : float
        Distance kept around shapes [m]; a raster takes none.
    """

    name: str
    place: gpd.GeoSeries | LandCover
    buffer_m: float = 0.0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise LayerError("An exclusion of land has no name; give each one, such as 'red_line'.")
        if not 0.0 <= self.buffer_m < np.inf:
            raise LayerError(
                f"The exclusion {self.name} has buffer_m = {self.buffer_m!r}; give at least 0 m."
            )
        if isinstance(self.place, LandCover) and self.buffer_m > 0.0:
            raise LayerError(
                f"The exclusion {self.name} is a raster and cannot have buffer_m = {self.buffer_m:g}; "
                "widen the raster itself, or give polygons."
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """What is known of the cells of one window.

    Attributes
    ----------
    window : Window
        The cells.
    codes : ndarray of uint8 or None
        Class of land cover, 0 where unknown.
    marks : mapping of str to ndarray of uint8
        Codes of the rasters that exclude, by name.
    slope_deg : ndarray of float32
        Slope [°]; NaN where unknown.
    """

    window: Window
    codes: npt.NDArray[np.uint8] | None
    marks: Mapping[str, npt.NDArray[np.uint8]]
    slope_deg: npt.NDArray[np.float32]


class LandTest(Protocol):
    """One test: its name is the reason for which cells are removed."""

    @property
    def name(self) -> str:
        """Reason in the table."""

    def failed(self, view: View) -> _Cells:
        """Return the cells that fail."""


def open_codes(cover: LandCover, assumptions: GroundAssumptions) -> set[int]:
    """Return the codes of the classes that may carry modules.

    Raises
    ------
    AssumptionError
        A class that the product does not have.
    """
    codes = {each.name: each.code for each in cover.classes.values()}
    for name in assumptions.open_cover:
        if name not in codes:
            raise AssumptionError(
                f"GroundAssumptions: open_cover names the class {name!r}, which {cover.source} does not "
                f"have{near_matches(name, codes)}"
            )
    return {codes[name] for name in assumptions.open_cover}


def land_tests(
    layers: LayerSet,
    assumptions: GroundAssumptions,
    *,
    cover: LandCover | None,
    exclusions: Sequence[GroundExclusion],
) -> list[LandTest]:
    """Return the tests in their order; a test whose layer is missing or empty is left out.

    Parameters
    ----------
    layers : LayerSet
        Constraints, buildings, streets, substations and terrain.
    assumptions : GroundAssumptions
        Setbacks and limits.
    cover : LandCover or None
        The raster, where there is one.
    exclusions : sequence of GroundExclusion
        The user's own.

    Raises
    ------
    LayerError
        Two tests of one name.
    DatumError
        A layer in another CRS than the study's.
    """
    tests: list[LandTest] = []
    if cover is not None:
        open_ = open_codes(cover, assumptions)
        tests.append(_Cover("cover_unknown", 0))
        tests += [
            _Cover(f"cover_{each.name}", code)
            for code, each in cover.classes.items()
            if code not in open_
        ]
    kinds = (*_LAND_FIRST, *(kind for kind in CONSTRAINT_KINDS if kind not in _LAND_FIRST))
    for kind in kinds:
        shapes = layers.constraints.geometry[layers.constraints["kind"] == kind]
        tests.append(_Near(kind, ((shapes, assumptions.setback_m[kind]),)))
    for each in exclusions:
        if isinstance(each.place, LandCover):
            tests.append(_Marked(each.name))
        else:
            tests.append(_Near(each.name, ((each.place.geometry, each.buffer_m),)))
    tests.append(_Near("buildings", ((layers.buildings.geometry, assumptions.building_setback_m),)))
    tests.append(_Near("streets", _strips(layers.streets, assumptions)))
    if layers.terrain is not None:
        tests += [_SlopeUnknown("slope_unknown"), _Steep("slope", assumptions.slope_limit_deg)]
    access, stations = access_streets(layers, assumptions), feeding_substations(layers, assumptions)
    if len(access):
        tests.append(_FarFromLines("street_distance", access.geometry, assumptions.street_limit_m))
    if len(stations):
        tests.append(
            _FarFromPoints("substation_distance", stations.geometry, assumptions.substation_limit_m)
        )
    own = {each.name for each in exclusions}  # an empty one still shows that it was asked
    return _checked([test for test in tests if test.name in own or not _is_empty(test)], layers)


def access_streets(layers: LayerSet, assumptions: GroundAssumptions) -> gpd.GeoDataFrame:
    """Return the streets that give access to a site."""
    streets = layers.streets
    return streets[streets["street_class"].isin(assumptions.access_streets) & ~streets["tunnel"]]


def feeding_substations(layers: LayerSet, assumptions: GroundAssumptions) -> gpd.GeoDataFrame:
    """Return the substations that a base may connect to."""
    return layers.substations[layers.substations["voltage_kv"] >= assumptions.substation_minimum_kv]


def slope_of(terrain: Terrain | None, window: Window) -> npt.NDArray[np.float32]:
    """Return the slope of the terrain's cell that holds the centre of each cell, NaN where unknown [°]."""
    slope = np.full((window.rows, window.columns), np.nan, dtype=np.float32)
    if terrain is None:
        return slope
    x, y = window.centres()
    rows, columns = terrain.elevation_m.shape
    column = np.floor((x - terrain.west_m) / terrain.cell_m).astype(np.int64)
    row = np.floor((terrain.north_m - y) / terrain.cell_m).astype(np.int64)
    across, down = (column >= 0) & (column < columns), (row >= 0) & (row < rows)
    if not (across.any() and down.any()):
        return slope
    column, row = column[across], row[down]
    # One cell more on each side gives the same differences as the whole terrain would.
    first_row, first_column = max(row[0] - 1, 0), max(column[0] - 1, 0)
    part = Terrain(
        elevation_m=terrain.elevation_m[first_row : row[-1] + 2, first_column : column[-1] + 2],
        west_m=terrain.west_m,
        north_m=terrain.north_m,
        cell_m=terrain.cell_m,
        crs=terrain.crs,
        source=terrain.source,
    )
    found = part.slope_deg()[np.ix_(row - first_row, column - first_column)]
    slope[np.ix_(down, across)] = found
    return slope


@dataclass(frozen=True)
class _Cover:
    name: str
    code: int

    def failed(self, view: View) -> _Cells:
        codes = view.codes
        assert codes is not None  # noqa: S101 - only made with a raster
        failed: _Cells = codes == self.code
        return failed


@dataclass(frozen=True)
class _Marked:
    name: str

    def failed(self, view: View) -> _Cells:
        failed: _Cells = view.marks[self.name] > 0
        return failed


@dataclass(frozen=True, eq=False)
class _Near:
    name: str
    shapes_and_buffers_m: tuple[tuple[gpd.GeoSeries, float], ...]

    def failed(self, view: View) -> _Cells:
        failed = np.zeros((view.window.rows, view.window.columns), dtype=bool)
        for shapes, buffer_m in self.shapes_and_buffers_m:
            failed |= cells_covered(view.window, shapes, buffer_m=buffer_m)
        return failed


@dataclass(frozen=True)
class _SlopeUnknown:
    name: str

    def failed(self, view: View) -> _Cells:
        failed: _Cells = np.isnan(view.slope_deg)
        return failed


@dataclass(frozen=True)
class _Steep:
    name: str
    limit_deg: float

    def failed(self, view: View) -> _Cells:
        failed: _Cells = view.slope_deg > self.limit_deg
        return failed


@dataclass(frozen=True, eq=False)
class _FarFromLines:
    """Further than the limit from the centre of the nearest cell that a line touches."""

    name: str
    shapes: gpd.GeoSeries
    limit_m: float

    def failed(self, view: View) -> _Cells:
        window, cell = view.window, view.window.grid.cell_m
        halo = int(np.ceil(self.limit_m / cell)) + 1
        wide = Window(
            grid=window.grid,
            row=window.row - halo,
            column=window.column - halo,
            rows=window.rows + 2 * halo,
            columns=window.columns + 2 * halo,
        )
        lines = cells_covered(wide, self.shapes, touched=True)
        if not lines.any():
            return np.ones((window.rows, window.columns), dtype=bool)
        distance = scipy.ndimage.distance_transform_edt(~lines, sampling=cell)
        failed: _Cells = distance[halo:-halo, halo:-halo] > self.limit_m
        return failed


@dataclass(frozen=True, eq=False)
class _FarFromPoints:
    name: str
    shapes: gpd.GeoSeries
    limit_m: float

    def failed(self, view: View) -> _Cells:
        return ~cells_covered(view.window, self.shapes, buffer_m=self.limit_m)


def _strips(
    streets: gpd.GeoDataFrame, assumptions: GroundAssumptions
) -> tuple[tuple[gpd.GeoSeries, float], ...]:
    """Return the streets on the ground by their setback."""
    ground = streets[~streets["tunnel"]]
    setback = ground["street_class"].astype("str").map(dict(assumptions.street_setback_m))
    return tuple(
        (ground.geometry[setback == each], float(each)) for each in sorted(setback.unique())
    )


def _is_empty(test: LandTest) -> bool:
    return isinstance(test, _Near) and all(shapes.empty for shapes, _ in test.shapes_and_buffers_m)


def _checked(tests: list[LandTest], layers: LayerSet) -> list[LandTest]:
    names = [test.name for test in tests]
    twice = {name for name in names if names.count(name) > 1} | (
        {"minimum_area", "site"} & set(names)
    )
    if twice:
        raise LayerError(
            f"An exclusion of land is named {min(twice)!r}, which another test is named too; give it a name "
            "of its own."
        )
    crs = layers.area.crs
    for test in tests:
        for shapes, _ in test.shapes_and_buffers_m if isinstance(test, _Near) else ():
            if shapes.crs != crs:
                given = "no CRS" if shapes.crs is None else shapes.crs.name
                raise DatumError(
                    f"The land of {test.name} is in {given}, but the study is in {crs.name}; project it."
                )
    if layers.terrain is not None and layers.terrain.crs != crs:
        raise DatumError(
            f"The terrain is in {layers.terrain.crs.name}, but the study is in {crs.name}; read it for "
            "this area."
        )
    return tests
