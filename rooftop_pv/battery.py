"""A battery behind the meter with one simple, stated dispatch.

Every day stands for itself. Until ``discharge_from_h`` the battery takes surplus up to its power; from
then to midnight it gives to the building, the dearest hours first (prices are known a day ahead), up to
its power and up to what was stored. No more is stored than the evening can take, nothing is bought from
the grid to be stored, and nothing is carried over midnight. The round trip loses its share on the way in.
"""

__all__ = ["Battery", "battery_gain"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.errors import AssumptionError

_Floats = npt.NDArray[np.float64]
_DAY_H = 24


@dataclass(frozen=True, kw_only=True)
class Battery:
    """A battery by its size and its dispatch.

    Attributes
    ----------
    energy_kwh : float
        Usable energy [kWh].
    power_kw : float
        Largest charge or discharge [kW].
    efficiency : float
        Energy given per energy taken in.
    discharge_from_h : int
        Hour of the day at which the evening begins.
    """

    energy_kwh: float
    power_kw: float
    efficiency: float
    discharge_from_h: int

    def __post_init__(self) -> None:
        if self.energy_kwh < 0.0 or self.power_kw < 0.0 or not 0.0 < self.efficiency <= 1.0:
            raise AssumptionError(
                f"The battery has {self.energy_kwh} kWh, {self.power_kw} kW and efficiency "
                f"{self.efficiency}; give at least 0 and an efficiency above 0 and up to 1."
            )
        if not 0 < self.discharge_from_h < _DAY_H:
            raise AssumptionError(
                f"discharge_from_h is {self.discharge_from_h}; give an hour between 1 and 23."
            )


def battery_gain(
    made_kwh: _Floats, used_kwh: _Floats, *, price_cny_kwh: _Floats, battery: Battery
) -> tuple[float, float]:
    """Return what the battery adds to self-consumption in a year.

    Parameters
    ----------
    made_kwh, used_kwh : ndarray, shape (24 d,)
        Production and use of every hour from a midnight on [kWh].
    price_cny_kwh : ndarray, shape (24 d,)
        Price of electricity from the grid [CNY/kWh].
    battery : Battery
        Size and dispatch.

    Returns
    -------
    given_kwh, saved_cny : float
        Energy the battery gives to the building [kWh] and its worth at the hour's price [CNY]. It takes
        ``given_kwh / efficiency`` out of the surplus.
    """
    start = battery.discharge_from_h
    net = (made_kwh - used_kwh).reshape(-1, _DAY_H)
    surplus = np.clip(net[:, :start], 0.0, battery.power_kw).sum(axis=1)
    stored = np.minimum(surplus, battery.energy_kwh / battery.efficiency) * battery.efficiency
    price = price_cny_kwh.reshape(-1, _DAY_H)[:, start:]
    order = np.argsort(-price, axis=1, kind="stable")
    price = np.take_along_axis(price, order, axis=1)
    lack = np.take_along_axis(np.clip(-net[:, start:], 0.0, battery.power_kw), order, axis=1)
    given = np.minimum(np.cumsum(lack, axis=1), stored[:, None])
    given = np.diff(given, axis=1, prepend=0.0)
    return float(given.sum()), float((given * price).sum())
