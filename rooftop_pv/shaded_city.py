"""The shaded year of a whole city: planes in spatial parts, each with the neighbours it can see.

Parts bound the memory; what a plane sees does not depend on the part it falls into, because all obstacles
are made ready once and asked by every part.
"""

__all__ = ["ShadedCity", "shaded_city"]

import math
from collections.abc import Callable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.terrain import Terrain
from layers.units import W_PER_KW
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.horizon import plane_horizons
from rooftop_pv.obstacles import obstacles_of_planes
from rooftop_pv.row_shading import row_shaded_table
from rooftop_pv.shading import ShadingTables, shaded_energy, shaded_hours, shading_tables
from rooftop_pv.shading_assumptions import ShadingAssumptions
from rooftop_pv.sun import orientation_classes
from rooftop_pv.yields import check_planes, yields_frame

_Floats = npt.NDArray[np.float64]
_SEEN = ("eave_m", "surface_tilt_deg", "surface_azimuth_deg", "capacity_kwp")


class ShadedCity(NamedTuple):
    """The year behind all horizons.

    Attributes
    ----------
    yields : DataFrame
        Table ``yields``, keys and order of the planes.
    hours : DataFrame
        AC energy [kWh], one row per hour, one column per county.
    """

    yields: pd.DataFrame
    hours: pd.DataFrame


class _Sums(NamedTuple):
    irradiation: _Floats
    months: _Floats
    hours: _Floats


def shaded_city(
    planes: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    weather: Weather,
    *,
    assumptions: RooftopPvAssumptions,
    shading: ShadingAssumptions,
    terrain: Terrain | None = None,
    advance: Callable[[int], None] | None = None,
) -> ShadedCity:
    """Return yields and county hours of all planes behind their horizons.

    Parameters
    ----------
    planes : GeoDataFrame
        Table ``planes`` of all roofs: those that carry modules are asked, all of them stand in the way.
    buildings : GeoDataFrame
        Table ``buildings`` of the same roofs, for their heights.
    weather : Weather
        One hourly year of the same hemisphere.
    assumptions, shading : RooftopPvAssumptions, ShadingAssumptions
        Modules and losses; sectors, points and radius.
    terrain : Terrain, optional
        Far relief; used only where every plane's ground elevation is known.
    advance : callable, optional
        Called with the number of planes done after each part.

    Returns
    -------
    ShadedCity
        Hours sum to months, months to years.

    Raises
    ------
    LayerError
        A building of the planes is missing, or a table is broken.
    """
    check_planes(planes, weather)
    height = buildings["height_m"].reindex(planes["building_id"]).to_numpy(dtype=np.float64)
    if np.isnan(height).any():
        first = planes["building_id"].to_numpy()[int(np.argmax(np.isnan(height)))]
        raise LayerError(
            f"Building {first!r} of the planes is not in the table of buildings; give the buildings that "
            "the planes were cut from."
        )
    classes, code = orientation_classes(planes, assumptions)
    table = row_shaded_table(classes, weather, assumptions)
    tables = shading_tables(table, sectors=shading.sectors)
    counties = pd.Index(sorted(planes["county"].unique()), dtype="str", name="county")
    group = counties.get_indexer(planes["county"]).astype(np.int64)
    capacity = planes["capacity_kwp"].to_numpy(dtype=np.float64)
    sums = _Sums(
        irradiation=(table.irradiance_w_m2.sum(axis=0) / W_PER_KW)[code],
        months=tables.open_energy[code, -1],
        hours=np.zeros((len(weather.hours), len(counties))),
    )
    _fill_parts(
        planes[[*_SEEN, planes.geometry.name]].assign(height_m=height),
        sums,
        code=code,
        group=group,
        tables=tables,
        shading=shading,
        terrain=terrain,
        advance=advance,
    )
    months_kwh = np.multiply(sums.months, capacity[:, None], out=sums.months)
    yields = yields_frame(
        planes["capacity_kwp"],
        irradiation_kwh_m2=sums.irradiation,
        months_kwh=months_kwh,
        unshaded_kwh=tables.open_energy[:, -1].sum(axis=1)[code] * capacity,
        assumptions=assumptions,
    )
    return ShadedCity(yields, pd.DataFrame(sums.hours, index=weather.hours.index, columns=counties))


def _fill_parts(
    planes: gpd.GeoDataFrame,
    sums: _Sums,
    *,
    code: npt.NDArray[np.int64],
    group: npt.NDArray[np.int64],
    tables: ShadingTables,
    shading: ShadingAssumptions,
    terrain: Terrain | None,
    advance: Callable[[int], None] | None,
) -> None:
    """Add what every spatial part of the planes gives."""
    obstacles = obstacles_of_planes(planes, shading.radius_m)
    for rows in _parts(planes, shading.planes_at_once):
        # Numbers for keys: strings would be looked up point by point.
        part = planes.iloc[rows].set_axis(pd.RangeIndex(len(rows)))
        horizons = plane_horizons(
            part,
            obstacles,
            points_per_plane=shading.points_per_plane,
            sectors=shading.sectors,
            radius_m=shading.radius_m,
            terrain=terrain,
        )
        energy = shaded_energy(horizons, part.index, code=code[rows], tables=tables)
        sums.irradiation[rows] = energy.irradiation_kwh_m2
        sums.months[rows] = energy.energy_kwh_kwp
        sums.hours[:] += shaded_hours(
            horizons,
            part[["capacity_kwp"]],
            code=code[rows],
            group=group[rows],
            groups=sums.hours.shape[1],
            tables=tables,
        )
        if advance is not None:
            advance(len(rows))


def _parts(planes: gpd.GeoDataFrame, size: int) -> list[npt.NDArray[np.intp]]:
    """Return the rows that carry modules, along a Hilbert curve, in parts of about one size."""
    rows = np.flatnonzero(planes["capacity_kwp"].to_numpy() > 0.0)
    if not len(rows):
        return []
    curve = planes.geometry.iloc[rows].hilbert_distance().to_numpy()
    return list(np.array_split(rows[np.argsort(curve, kind="stable")], math.ceil(len(rows) / size)))
