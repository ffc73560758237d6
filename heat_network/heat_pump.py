"""Heat pumps: coefficient of performance by Lorenz, and output within the installed power."""

__all__ = ["heat_pump_output_mw", "log_mean_k", "lorenz_cop"]

import numpy as np
import numpy.typing as npt

from layers.errors import LayerError
from layers.units import KELVIN_AT_0_C

_Floats = npt.NDArray[np.float64]


def log_mean_k(from_c: npt.ArrayLike, to_c: npt.ArrayLike) -> _Floats:
    """Return the entropic mean temperature of a stream that changes from one temperature to another.

    Parameters
    ----------
    from_c, to_c : array_like
        Temperatures of the stream [°C].

    Returns
    -------
    ndarray
        (T1 − T2) / ln(T1 / T2) [K]; the temperature itself where both are equal.

    Examples
    --------
    >>> float(log_mean_k(26.85, 26.85))
    300.0
    """
    first = np.asarray(from_c, dtype=np.float64) + KELVIN_AT_0_C
    last = np.asarray(to_c, dtype=np.float64) + KELVIN_AT_0_C
    if (first <= 0.0).any() or (last <= 0.0).any():
        raise LayerError("A temperature is at or below absolute zero; give degrees Celsius.")
    ratio = first / last
    same = np.abs(ratio - 1.0) < 1e-9
    mean: _Floats = np.where(same, first, (first - last) / np.log(np.where(same, 2.0, ratio)))
    return mean


def lorenz_cop(
    source_k: npt.ArrayLike, sink_k: npt.ArrayLike, *, efficiency: float, maximum: float
) -> _Floats:
    """Return the heat a heat pump gives per electricity it takes.

    Parameters
    ----------
    source_k, sink_k : array_like
        Entropic mean temperatures of the source and of the heated water, see :func:`log_mean_k` [K].
    efficiency : float
        Share of the ideal Lorenz process, 0.45 to 0.6.
    maximum : float
        Largest value believed; small lifts would give any.

    Returns
    -------
    ndarray
        efficiency · T_sink / (T_sink − T_source), between 1 and ``maximum``.

    Examples
    --------
    >>> float(lorenz_cop(300.0, 350.0, efficiency=0.5, maximum=8.0))
    3.5
    """
    sink = np.asarray(sink_k, dtype=np.float64)
    lift = sink - np.asarray(source_k, dtype=np.float64)
    least = efficiency * sink / maximum
    cop: _Floats = np.maximum(efficiency * sink / np.maximum(lift, least), 1.0)
    return cop


def heat_pump_output_mw(
    source_mw: npt.ArrayLike, cop: npt.ArrayLike, *, installed_mw: npt.ArrayLike
) -> _Floats:
    """Return the heat given when all the source's heat is lifted, within the installed thermal power.

    Parameters
    ----------
    source_mw : array_like
        Heat that the source offers [MW].
    cop : array_like
        Heat given per electricity taken, above 1.
    installed_mw : array_like
        Thermal power of the heat pump [MW]; the output is never above it.

    Returns
    -------
    ndarray
        min(source · COP / (COP − 1), installed) [MW]: output = source heat + electricity.

    Examples
    --------
    >>> heat_pump_output_mw(30.0, 4.0, installed_mw=[35.0, 100.0]).tolist()
    [35.0, 40.0]
    """
    ratio = np.asarray(cop, dtype=np.float64)
    if (ratio <= 1.0).any():
        raise LayerError(
            "A coefficient of performance is not above 1; such a heat pump lifts no heat."
        )
    whole = np.asarray(source_mw, dtype=np.float64) * ratio / (ratio - 1.0)
    output: _Floats = np.minimum(whole, np.asarray(installed_mw, dtype=np.float64))
    return output
