"""The gap behind a row of modules on a level roof: no shade at winter solstice from 9 to 15 h solar time."""

__all__ = ["SOLSTICE_DECLINATION_DEG", "solstice_gap_ratio"]

from typing import Final

import numpy as np
import numpy.typing as npt

from rooftop_pv.roofs import row_spacing_ratio

SOLSTICE_DECLINATION_DEG: Final = -23.45


def solstice_gap_ratio(
    latitude_deg: npt.ArrayLike,
    azimuth_deg: npt.ArrayLike,
    *,
    method: str = "exact",
    declination_deg: float = SOLSTICE_DECLINATION_DEG,
    hour_angles_deg: tuple[float, ...] = (-45.0, 45.0),
) -> npt.NDArray[np.float64]:
    """Return D/H for rows that face any way.

    Parameters
    ----------
    latitude_deg, azimuth_deg : array_like
        Latitude, north positive, and the azimuth the modules face, clockwise from north [°].
    method : {"exact", "rule"}
        ``exact``: the largest cos(γ_sun − γ_modules)/tan(α) over the hours, with the sun's elevation α and
        azimuth γ; between the hours it is smaller. ``rule``: the designers' formula
        0.707 / tan(arcsin(0.648 cos φ − 0.399 sin φ)), whatever the azimuth.
    declination_deg : float
        Of the sun, as in the northern winter [°].
    hour_angles_deg : tuple of float
        Hours to keep free of shade, from solar noon [°].

    Returns
    -------
    ndarray
        D/H [1]: gap between rows per height of the upper edge over the next row's lower edge; infinite
        where the sun is below the horizon at one of the hours, 0 where rows do not face it.

    Examples
    --------
    The designers' worked check: 22° N, 9 h, modules 30° east of south.

    >>> ratio = solstice_gap_ratio(22.0, 150.0, declination_deg=-23.4053, hour_angles_deg=(-45.0,))
    >>> float(ratio.round(4))
    1.8857
    >>> solstice_gap_ratio([36.8], 180.0).round(2).tolist()
    [2.52]
    """
    latitude, azimuth = np.broadcast_arrays(
        np.asarray(latitude_deg, dtype=np.float64), np.asarray(azimuth_deg, dtype=np.float64)
    )
    if method == "rule":
        return row_spacing_ratio(latitude, method="rule")
    phi, delta = np.radians(np.abs(latitude)), np.radians(declination_deg)
    # Turn from the equator, positive to the west (north of it), as the hour angle is.
    turned = np.radians(np.where(latitude < 0.0, -azimuth, azimuth - 180.0))
    worst = np.zeros(latitude.shape)
    for hour_angle in np.radians(hour_angles_deg):
        sine = np.sin(phi) * np.sin(delta) + np.cos(phi) * np.cos(delta) * np.cos(hour_angle)
        towards = np.sin(phi) * np.cos(delta) * np.cos(hour_angle) - np.cos(phi) * np.sin(delta)
        across = np.cos(delta) * np.sin(hour_angle)
        with np.errstate(divide="ignore"):
            ratio = (towards * np.cos(turned) + across * np.sin(turned)) / sine
        worst = np.maximum(worst, np.where(sine > 1e-9, ratio, np.inf))
    return worst
