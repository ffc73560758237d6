"""Rows behind rows: the geometry by hand, and only racks are touched."""

import numpy as np
import pandas as pd
from pv_years import clouded_year

from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.roofs import ground_cover_ratio
from rooftop_pv.row_shading import row_shaded_table
from rooftop_pv.sun import orientation_table

CLASSES = pd.DataFrame(
    {
        "mounting": ["rack", "rack", "parallel"],
        "tilt_deg": [20.0, 0.0, 20.0],
        "azimuth_deg": [180.0, 180.0, 180.0],
    }
)
WEATHER = clouded_year(36.8, 118.0)


def test_only_tilted_racks_lose_and_by_a_believable_share() -> None:
    assumptions = RooftopPvAssumptions()
    alone = orientation_table(CLASSES, WEATHER, assumptions)
    rows = row_shaded_table(CLASSES, WEATHER, assumptions)
    for name in ("direct_w_m2", "sky_w_m2", "direct_effective_w_m2", "sky_effective_w_m2"):
        before, after = getattr(alone, name), getattr(rows, name)
        np.testing.assert_array_equal(after[:, 1:], before[:, 1:])
        assert (after[:, 0] <= before[:, 0] + 1e-12).all()
    loss = 1.0 - rows.irradiance_w_m2[:, 0].sum() / alone.irradiance_w_m2[:, 0].sum()
    assert 0.002 < loss < 0.05  # rows that are clear of each other at solstice noon lose little


def test_direct_light_follows_the_geometry_by_hand() -> None:
    """In a north-south section the shadow of a row ends where sin(a + b) / sin(a) says."""
    assumptions = RooftopPvAssumptions()
    table = orientation_table(CLASSES.iloc[:1], WEATHER, assumptions)
    rows = row_shaded_table(CLASSES.iloc[:1], WEATHER, assumptions)
    cover = float(ground_cover_ratio(36.8, 20.0, assumptions))
    azimuth, elevation = np.radians(table.sun_azimuth_deg), np.radians(table.sun_elevation_deg)
    towards_south = np.cos(azimuth - np.pi)
    lit = table.direct_w_m2[:, 0] > 1.0
    ahead = lit & (towards_south > 0.05)
    projected = np.arctan2(np.tan(elevation[ahead]), towards_south[ahead])
    # Length along the row that the sun sees of one pitch, over the row's own width.
    seen = np.sin(projected) / np.sin(projected + np.radians(20.0)) / cover
    expected = np.clip(seen, 0.0, 1.0)
    share = rows.direct_w_m2[ahead, 0] / table.direct_w_m2[ahead, 0]
    np.testing.assert_allclose(share, expected, atol=1e-9)


def test_the_switch_leaves_rows_out() -> None:
    off = RooftopPvAssumptions.from_mapping({"row_shading": False})
    np.testing.assert_array_equal(
        row_shaded_table(CLASSES, WEATHER, off).direct_w_m2,
        orientation_table(CLASSES, WEATHER, off).direct_w_m2,
    )
