"""Rows of racks shading each other, by pvlib's models, taken from the irradiance of every rack class.

The solstice rule keeps rows clear of each other from 9 to 15 h on the shortest day; what they take from
each other earlier, later and from the sky is deducted here:

* direct light: times one less the shaded fraction of the row (``pvlib.shading.shaded_fraction1d``, after
  K. Anderson and A. Jensen, 2024), so linear in the shaded area, as for half-cut modules in landscape;
* sky light: times one less the loss of the mean masking angle (``masking_angle_passias`` and
  ``sky_diffuse_passias``, after J. Passias and B. Källbäck, 1984).

Every row counts as one behind another, also the front one, so the deduction is on the safe side on
small roofs. Rows stand at the ground cover ratio of the spacing rule at the latitude of the weather.
"""

__all__ = ["row_shaded_table"]

from dataclasses import replace

import numpy as np
import pandas as pd
import pvlib

from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.roofs import ground_cover_ratio
from rooftop_pv.sun import OrientationTable, orientation_table


def row_shaded_table(
    classes: pd.DataFrame, weather: Weather, assumptions: RooftopPvAssumptions
) -> OrientationTable:
    """Return the irradiance of every class, racks behind racks.

    Parameters
    ----------
    classes : DataFrame
        ``mounting``, ``tilt_deg`` and ``azimuth_deg`` per class.
    weather : Weather
        One hourly year; its latitude spaces the rows.
    assumptions : RooftopPvAssumptions
        ``row_shading`` false leaves the rows out; everything else as for
        :func:`rooftop_pv.sun.orientation_table`.

    Returns
    -------
    OrientationTable
        Classes that are no racks, or lie flat, as they were.
    """
    table = orientation_table(classes, weather, assumptions)
    racks = (classes["mounting"] == "rack").to_numpy() & (classes["tilt_deg"] > 0.0).to_numpy()
    if not assumptions.row_shading or not racks.any():
        return table
    lit = np.ones_like(table.direct_w_m2)
    open_sky = np.ones(len(classes))
    for number in np.flatnonzero(racks):
        tilt_deg = float(classes["tilt_deg"].iloc[number])
        cover = float(ground_cover_ratio(weather.latitude_deg, tilt_deg, assumptions))
        lit[:, number] = 1.0 - pvlib.shading.shaded_fraction1d(
            90.0 - table.sun_elevation_deg,
            table.sun_azimuth_deg,
            axis_azimuth=float(classes["azimuth_deg"].iloc[number]) - 90.0,
            shaded_row_rotation=tilt_deg,
            collector_width=cover,
            pitch=1.0,
        )
        masking_deg = pvlib.shading.masking_angle_passias(tilt_deg, cover)
        open_sky[number] = 1.0 - pvlib.shading.sky_diffuse_passias(masking_deg)
    return replace(
        table,
        direct_w_m2=table.direct_w_m2 * lit,
        direct_effective_w_m2=table.direct_effective_w_m2 * lit,
        sky_w_m2=table.sky_w_m2 * open_sky,
        sky_effective_w_m2=table.sky_effective_w_m2 * open_sky,
    )
