"""The sizes of pre-insulated pipe that can be bought: steel, jacket, and what a metre of trench costs."""

__all__ = ["capacity_kg_s", "read_pipe_catalogue", "trench_cost_cny_m"]

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.friction import Water, flow_at_friction
from heat_network.pipe_tables import PIPE_CATALOGUE
from layers.errors import LayerError

_Floats = npt.NDArray[np.float64]


def read_pipe_catalogue(path: Path | None = None) -> pd.DataFrame:
    """Read a catalogue of pipes.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns of ``PIPE_CATALOGUE``; the catalogue of the package unless given.

    Returns
    -------
    DataFrame
        Table ``pipe_catalogue``, smallest size first.

    Raises
    ------
    LayerError
        A column is missing or a larger size is not larger in bore, jacket and price.

    Examples
    --------
    >>> read_pipe_catalogue().loc["DN200", ["outer_mm", "wall_mm", "inner_mm"]].tolist()
    [219.1, 4.5, 210.1]
    """
    file = path or Path(__file__).with_name("pipes.csv")
    frame = pd.read_csv(file, encoding="utf-8", dtype={"size": "str"}).set_index("size")
    frame = PIPE_CATALOGUE.validate(frame, where=f"The pipe catalogue {file.name}")
    frame = frame.sort_values("dn_mm", kind="stable")
    for name in (
        "dn_mm",
        "inner_mm",
        "casing_mm",
        "casing_reinforced_mm",
        "cost_low_cny_m",
        "cost_high_cny_m",
    ):
        step = np.diff(frame[name].to_numpy(np.float64))
        if (step < 0).any() or (name in {"dn_mm", "inner_mm"} and (step == 0).any()):
            row = frame.index[1:][step <= 0][0]
            raise LayerError(
                f"The pipe catalogue {file.name} has {name} of {row} not above that of the next smaller "
                "size; every larger size must be larger in bore and no cheaper."
            )
    steel = frame["outer_mm"] - 2.0 * frame["wall_mm"] - frame["inner_mm"]
    thin = (frame["cost_high_cny_m"] < frame["cost_low_cny_m"]) | (steel.abs() > 0.11)
    for jacket in ("casing", "casing_reinforced"):
        thin |= frame[f"{jacket}_mm"] - 2.0 * frame[f"{jacket}_wall_mm"] <= frame["outer_mm"]
    if thin.any():
        raise LayerError(
            f"The pipe catalogue {file.name} contradicts itself at {frame.index[thin][0]}: inner = outer - "
            "2 walls, the jacket must hold the pipe, and the high price must not be below the low one."
        )
    return frame


def trench_cost_cny_m(catalogue: pd.DataFrame, *, position: float) -> _Floats:
    """Return the price of a metre of pair of every size [CNY/m], `position` 0 low to 1 high, shape (s,)."""
    low = catalogue["cost_low_cny_m"].to_numpy(np.float64)
    high = catalogue["cost_high_cny_m"].to_numpy(np.float64)
    price: _Floats = low + position * (high - low)
    return price


def capacity_kg_s(
    catalogue: pd.DataFrame,
    friction_pa_m: npt.ArrayLike,
    *,
    velocity_m_s: float,
    roughness_mm: float,
    water: Water,
) -> _Floats:
    """Return the largest flow of every size under a friction and a velocity limit.

    Parameters
    ----------
    catalogue : DataFrame
        Table ``pipe_catalogue`` with s rows.
    friction_pa_m : array_like, shape (...)
        Largest friction [Pa/m].
    velocity_m_s : float
        Largest velocity [m/s].
    roughness_mm : float
        Roughness of the wall [mm].
    water : Water
        Properties at mean temperature.

    Returns
    -------
    ndarray, shape (..., s)
        Flow [kg/s].
    """
    inner = catalogue["inner_mm"].to_numpy(np.float64) / 1e3
    limit = np.asarray(friction_pa_m, dtype=np.float64)[..., None]
    by_friction = flow_at_friction(limit, inner_m=inner, roughness_mm=roughness_mm, water=water)
    by_velocity = velocity_m_s * water.density_kg_m3 * np.pi / 4.0 * inner**2
    carried: _Floats = np.minimum(by_friction, by_velocity)
    return carried
