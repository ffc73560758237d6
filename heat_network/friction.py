"""Water in pipes: its properties and the friction it meets, by Darcy-Weisbach and Colebrook-White.

Sources
-------
Density: Kell, J. Chem. Eng. Data 20 (1975) 97, at 1 atm (to 150 °C; the pressure of a network changes
it by less than 0.1 %). Viscosity: Kestin, Sokolov, Wakeham, J. Phys. Chem. Ref. Data 7 (1978) 941. Heat
capacity: saturated water of the steam tables (as tabulated by Incropera, Fundamentals of Heat and Mass
Transfer). Vapour pressure: Antoine's equation with the usual constants of water above 99 °C and below
100 °C. Friction: Colebrook, J. Inst. Civ. Eng. 11 (1939) 133; Hagen-Poiseuille below Re 2,300; between
2,300 and 4,000 the factor runs linearly in Re from one to the other so that more flow always means more
friction.
"""

__all__ = [
    "GRAVITY_M_S2",
    "Water",
    "flow_at_friction",
    "friction_factor",
    "friction_pa_m",
    "vapour_pressure_kpa",
    "water_at",
]

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layers.errors import AssumptionError

_Floats = npt.NDArray[np.float64]

GRAVITY_M_S2: Final = 9.80665
_LAMINAR = 2300.0
_TURBULENT = 4000.0
_CP_AT_C = (0.0, 16.85, 26.85, 46.85, 66.85, 86.85, 100.0, 116.85, 126.85, 146.85, 166.85)
_CP_KJ_KG_K = (4.217, 4.184, 4.179, 4.180, 4.188, 4.203, 4.217, 4.239, 4.256, 4.302, 4.360)


@dataclass(frozen=True, kw_only=True)
class Water:
    """Properties of water at one temperature.

    Attributes
    ----------
    temperature_c : float
    density_kg_m3 : float
    viscosity_pa_s : float
        Dynamic viscosity [Pa·s].
    heat_kj_kg_k : float
        Specific heat capacity [kJ/(kg·K)].
    """

    temperature_c: float
    density_kg_m3: float
    viscosity_pa_s: float
    heat_kj_kg_k: float

    @property
    def pascal_per_m(self) -> float:
        """Pressure of a metre of head [Pa/m]."""
        return self.density_kg_m3 * GRAVITY_M_S2


def water_at(temperature_c: float) -> Water:
    """Return the properties of liquid water.

    Parameters
    ----------
    temperature_c : float
        0 to 150 °C.

    Raises
    ------
    AssumptionError
        The temperature is outside the range of the formulas.

    Examples
    --------
    >>> water = water_at(20.0)
    >>> round(water.density_kg_m3, 1), round(water.viscosity_pa_s * 1e3, 3), round(water.heat_kj_kg_k, 2)
    (998.2, 1.002, 4.18)
    """
    t = float(temperature_c)
    if not 0.0 <= t <= 150.0:
        raise AssumptionError(
            f"Water at {t:g} °C is outside the 0-150 °C of the formulas; check supply_c and return_c."
        )
    density = (
        999.83952
        + t
        * (
            16.945176
            + t * (-7.9870401e-3 + t * (-46.170461e-6 + t * (105.56302e-9 - t * 280.54253e-12)))
        )
    ) / (1.0 + 16.879850e-3 * t)
    below = 20.0 - t
    viscosity = 1.002e-3 * 10.0 ** (
        below / (t + 96.0) * (1.2378 + below * (-1.303e-3 + below * (3.06e-6 + below * 2.55e-8)))
    )
    return Water(
        temperature_c=t,
        density_kg_m3=density,
        viscosity_pa_s=viscosity,
        heat_kj_kg_k=float(np.interp(t, _CP_AT_C, _CP_KJ_KG_K)),
    )


def vapour_pressure_kpa(temperature_c: float) -> float:
    """Return the absolute vapour pressure of water [kPa] by Antoine's equation.

    Examples
    --------
    >>> round(vapour_pressure_kpa(100.0), 1), round(vapour_pressure_kpa(120.0))
    (101.3, 198)
    """
    a, b, c = (8.14019, 1810.94, 244.485) if temperature_c > 100.0 else (8.07131, 1730.63, 233.426)
    return float(10.0 ** (a - b / (c + temperature_c)) * 101.325 / 760.0)


def friction_factor(reynolds: npt.ArrayLike, relative_roughness: npt.ArrayLike) -> _Floats:
    """Return Darcy's friction factor.

    Colebrook-White is solved by Newton's method in x = 1/√f from Haaland's formula, to rounding.

    Parameters
    ----------
    reynolds : array_like, shape (...)
        Reynolds number, above 0.
    relative_roughness : array_like, shape (...)
        Roughness over inner diameter.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> friction_factor([1000.0, 1e5], [0.0, 1e-3]).round(5).tolist()
    [0.064, 0.02217]
    """
    re, rough = np.broadcast_arrays(
        np.asarray(reynolds, dtype=np.float64), np.asarray(relative_roughness, dtype=np.float64)
    )
    laminar = 64.0 / np.maximum(re, 1e-12)
    turbulent = _colebrook(np.maximum(re, _TURBULENT), rough)
    at_start = 64.0 / _LAMINAR
    share = np.clip((re - _LAMINAR) / (_TURBULENT - _LAMINAR), 0.0, 1.0)
    between = at_start + share * (_colebrook(np.full_like(re, _TURBULENT), rough) - at_start)
    factor: _Floats = np.where(
        re <= _LAMINAR, laminar, np.where(re < _TURBULENT, between, turbulent)
    )
    return factor


def _colebrook(re: _Floats, rough: _Floats) -> _Floats:
    a = rough / 3.7
    b = 2.51 / re
    x = -1.8 * np.log10(a**1.11 + 6.9 / re)
    for _ in range(4):
        inside = a + b * x
        x = x - (x + 2.0 * np.log10(inside)) / (1.0 + 2.0 * b / (np.log(10.0) * inside))
    return 1.0 / x**2


def friction_pa_m(
    flow_kg_s: npt.ArrayLike, *, inner_m: npt.ArrayLike, roughness_mm: float, water: Water
) -> _Floats:
    """Return the friction per metre of pipe, without fittings.

    Parameters
    ----------
    flow_kg_s : array_like, shape (...)
        Flow [kg/s], at least 0.
    inner_m : array_like, shape (...)
        Inner diameter [m].
    roughness_mm : float
        Roughness of the wall [mm].
    water : Water
        Properties at mean temperature.

    Returns
    -------
    ndarray, shape (...)
        f/d · ρ v²/2 [Pa/m], 0 without flow.
    """
    d = np.asarray(inner_m, dtype=np.float64)
    flow = np.asarray(flow_kg_s, dtype=np.float64)
    velocity = flow / (water.density_kg_m3 * np.pi / 4.0 * d**2)
    re = water.density_kg_m3 * velocity * d / water.viscosity_pa_s
    factor = friction_factor(re, roughness_mm / 1e3 / d)
    drop: _Floats = factor / d * water.density_kg_m3 * velocity**2 / 2.0
    return drop


def flow_at_friction(
    limit_pa_m: npt.ArrayLike, *, inner_m: npt.ArrayLike, roughness_mm: float, water: Water
) -> _Floats:
    """Return the flow that meets a given friction, the inverse of :func:`friction_pa_m`.

    Re √f depends on the friction alone, so Colebrook-White needs no iteration here. Where the flow would not
    be turbulent, the lesser of the laminar flow at that friction and the flow at Re 2,300 is returned; it is
    below the true one.

    Parameters
    ----------
    limit_pa_m, inner_m : array_like, shape (...)
        Friction [Pa/m] and inner diameter [m].
    roughness_mm : float
        Roughness of the wall [mm].
    water : Water

    Returns
    -------
    ndarray, shape (...)
        Flow [kg/s].
    """
    d = np.asarray(inner_m, dtype=np.float64)
    limit = np.asarray(limit_pa_m, dtype=np.float64)
    rho, mu = water.density_kg_m3, water.viscosity_pa_s
    root = np.sqrt(2.0 * limit * d / rho)  # v √f
    re_root = rho * root * d / mu
    inverse = -2.0 * np.log10(roughness_mm / 1e3 / d / 3.7 + 2.51 / re_root)
    velocity = root * inverse
    re = rho * velocity * d / mu
    laminar = np.minimum(limit * d**2 / (32.0 * mu), _LAMINAR * mu / (rho * d))
    flow: _Floats = np.where(re >= _TURBULENT, velocity, laminar) * rho * np.pi / 4.0 * d**2
    return flow
