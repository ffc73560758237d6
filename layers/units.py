"""Conversion constants and the conventions of the whole project, stated once.

Azimuth
    Degrees clockwise from north: 0 north, 90 east, 180 south, 270 west.
Tilt
    Degrees from the horizontal: 0 flat, 90 a wall.
Elevation and horizon angles
    Degrees above the horizontal.
Time
    A label is the *start* of its interval, in the study's time zone; the sun is taken at mid-interval.
    Hourly power-like columns (``_w_m2``, ``_kw``, ``_mw``) are means over the interval, energy-like
    columns (``_kwh``, ``_gj``) sums.
Energy
    Electricity in kWh and kWp, heat in GJ and MW thermal.
Money
    CNY of the stated price year.
Space
    Metres in the study's metric CRS; square metres of horizontal projection unless the column name
    says ``plane`` (true surface of a tilted plane).
Shares
    A bare number without unit suffix is a share between 0 and 1.
"""

from typing import Final

__all__ = [
    "GJ_PER_KWH",
    "GJ_PER_MWH",
    "HOURS_PER_YEAR",
    "J_PER_KWH",
    "KELVIN_AT_0_C",
    "KWH_PER_GJ",
    "KWH_PER_GWH",
    "KWH_PER_MWH",
    "KW_PER_GW",
    "KW_PER_MW",
    "M2_PER_KM2",
    "SECONDS_PER_HOUR",
    "T_PER_KT",
    "W_PER_KW",
]

SECONDS_PER_HOUR: Final = 3600.0
HOURS_PER_YEAR: Final = 8760
W_PER_KW: Final = 1e3
KW_PER_MW: Final = 1e3
KW_PER_GW: Final = 1e6
KWH_PER_MWH: Final = 1e3
KWH_PER_GWH: Final = 1e6
J_PER_KWH: Final = 3.6e6
GJ_PER_KWH: Final = 3.6e-3
GJ_PER_MWH: Final = 3.6
KWH_PER_GJ: Final = 1.0 / GJ_PER_KWH
KELVIN_AT_0_C: Final = 273.15
M2_PER_KM2: Final = 1e6
T_PER_KT: Final = 1e3
