"""Weather years for the tests of rooftop PV: lawful, seeded, and the same on every machine."""

import numpy as np
import pandas as pd

from layers.weather import Weather, nominal_hours, sun_at


def clouded_year(
    latitude_deg: float = 36.8, longitude_deg: float = 118.0, *, seed: int = 1
) -> Weather:
    """A year whose hours run from overcast to clear and close exactly: GHI = DHI + DNI · cos z."""
    time_zone = f"Etc/GMT{-round(longitude_deg / 15.0):+d}"
    times = nominal_hours(time_zone)
    sun = sun_at(
        times + pd.Timedelta(minutes=30), latitude_deg=latitude_deg, longitude_deg=longitude_deg
    )
    rng = np.random.default_rng(seed)
    clearness = rng.uniform(0.1, 0.75, len(times))
    cosine = np.maximum(sun.cosine, 0.0)
    dni = np.where(cosine > 0.05, sun.extra_w_m2 * np.maximum(clearness - 0.2, 0.0) * 1.2, 0.0)
    dhi = sun.extra_w_m2 * cosine * (0.08 + 0.2 * clearness)
    season = -np.cos(2 * np.pi * (times.day_of_year - 20) / 365.0) * np.sign(latitude_deg)
    hours = pd.DataFrame(
        {
            "ghi_w_m2": dhi + dni * cosine,
            "dhi_w_m2": dhi,
            "dni_w_m2": dni,
            "temperature_c": 14.0 + 14.0 * season + 4.0 * cosine,
            "wind_m_s": rng.uniform(0.5, 5.0, len(times)),
        },
        index=times,
    )
    return Weather(
        hours=hours,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        elevation_m=60.0,
        source="synthetic",
        synthetic=True,
    )
