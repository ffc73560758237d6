"""CO2 that vehicles on electricity and on by-product hydrogen avoid beside petrol and diesel.

Electric: energy charged a year x (CO2 of the fuel it replaces per kWh charged - CO2 of grid electricity
over the charger's efficiency). Hydrogen: kilograms dispensed a year x (CO2 of the diesel they replace - CO2
of what replaces the hydrogen where it was burnt before, and of compressing it). Making vehicles and stations
is not counted, nor does the grid become cleaner over the years. A negative figure means that more is emitted.
"""

__all__ = ["charging_avoided_t", "hydrogen_avoided_t"]

from siting.charging_assumptions import ChargingAssumptions
from siting.hydrogen_assumptions import HydrogenAssumptions

_DAYS = 365.0
_KG_PER_T = 1e3


def charging_avoided_t(vehicles: float, assumptions: ChargingAssumptions) -> float:
    """Return what a stock of electric vehicles avoids in a year [t/a].

    Parameters
    ----------
    vehicles : float
        Stock, in the mix of ``vehicle_share``.
    assumptions : ChargingAssumptions

    Examples
    --------
    One car that charges 7 kWh a day, with a grid of 0.6191 kg/kWh and 0.9 kWh stored per kWh drawn:

    >>> from siting.charging_assumptions import ChargingAssumptions
    >>> car = ChargingAssumptions(vehicle_share={"car": 1.0, "taxi": 0.0, "bus": 0.0, "truck": 0.0})
    >>> round(charging_avoided_t(1, car), 3)  # 7 x 365 x (1.07 - 0.6191 / 0.9) / 1000
    0.976
    """
    drawn = assumptions.grid_kg_kwh / assumptions.charger_efficiency
    per_vehicle = sum(
        share * assumptions.use_kwh_d[name] * (assumptions.replaced_kg_kwh[name] - drawn)
        for name, share in assumptions.vehicle_share.items()
    )
    return vehicles * per_vehicle * _DAYS / _KG_PER_T


def hydrogen_avoided_t(sold_kg_d: float, assumptions: HydrogenAssumptions) -> float:
    """Return what hydrogen dispensed to vehicles avoids in a year [t/a].

    Parameters
    ----------
    sold_kg_d : float
        Dispensed [kg/d].
    assumptions : HydrogenAssumptions
    """
    saved = assumptions.replaced_kg_kg - assumptions.own_kg_kg
    return sold_kg_d * saved * _DAYS / _KG_PER_T
