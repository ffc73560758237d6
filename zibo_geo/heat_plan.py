"""What the heat network gives."""

__all__ = ["HeatPlan"]

from dataclasses import dataclass

import pandas as pd

from zibo_geo.results import result


@dataclass(frozen=True, kw_only=True)
class HeatPlan:
    """What the heat network gives; every frame is valid by the table named.

    Attributes
    ----------
    buildings : DataFrame
        ``heat_buildings``: design load and heat of the season per building.
    """

    buildings: pd.DataFrame = result("heat_buildings")
