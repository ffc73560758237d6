"""What a reader of streets assumes where a source says nothing."""

__all__ = ["StreetAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.tables import STREET_CLASSES


@dataclass(frozen=True, kw_only=True)
class StreetAssumptions(Assumptions):
    """Speed and class where the data has none.

    Examples
    --------
    >>> StreetAssumptions().speed_kmh["motorway"]
    100.0
    """

    speed_kmh: Mapping[str, float] = assumed(
        {
            "motorway": 100.0, "trunk": 70.0, "primary": 50.0, "secondary": 40.0,
            "tertiary": 35.0, "unclassified": 30.0, "residential": 25.0, "service": 15.0,
            "track": 15.0, "footway": 5.0,
        },
        unit="km/h", source="usual free-flow speeds of Chinese road classes; no source seen",
        confidence="unverified", minimum=1.0, maximum=200.0,
    )  # fmt: skip
    default_class: str = assumed(
        "unclassified",
        unit="-",
        source="a line of a road file without a class is taken as a local road",
        confidence="unverified",
        choices=STREET_CLASSES,
    )
