"""Forms of buildings in the embedded Zibo: sizes, storeys, roofs and the room each takes.

Every figure here is a plausible form, not a measurement: all are unverified. They aim at a city of
4.7 million people with about one million buildings: some 690,000 farmhouses at 3 people each,
150,000 sheds, 23,000 blocks of flats at about 43 m² of gross floor per resident of a flat, 28,000
halls, workshops and warehouses on 30 km², and about 125 km² of roofs in all, or 27 m² a head.
"""

__all__ = ["BUILDING_TYPES", "ROOF_SHAPES", "BuildingType"]

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ROOF_SHAPES = ("flat", "gable", "hip", "shed", "hall")


@dataclass(frozen=True, kw_only=True)
class BuildingType:
    """One form of building and the lattice it stands on.

    Attributes
    ----------
    use : str
        Word of ``BUILDING_USES``.
    pitch_m : (float, float)
        Room along and across the row [m]; the second keeps the winter sun where people live.
    width_m, depth_m : (float, float)
        Bounds of the footprint along and across the row [m].
    storeys : (int, int)
        Bounds of the storeys; `tall` skews between them.
    storey_m : float
        Height of a storey [m].
    roofs : tuple of float
        Weights of the roof shapes, in the order of ``ROOF_SHAPES``.
    tall : float
        Exponent of the draw of storeys: above 1 few are tall.
    keep : float
        Share of the places that are built upon.
    wing : float
        Share that has a side wing along the court.
    seat : {"middle", "north", "corner"}
        Where in its place the building stands; farmhouses stand north of their court.
    """

    use: str
    pitch_m: tuple[float, float]
    width_m: tuple[float, float]
    depth_m: tuple[float, float]
    storeys: tuple[int, int]
    storey_m: float
    roofs: tuple[float, float, float, float, float]
    tall: float = 1.0
    keep: float = 0.95
    wing: float = 0.0
    seat: str = "middle"


_FLAT = (1.0, 0.0, 0.0, 0.0, 0.0)
_MOSTLY_FLAT = (0.85, 0.12, 0.03, 0.0, 0.0)
_HALL = (0.12, 0.0, 0.0, 0.0, 0.88)
_WORKSHOP = (0.2, 0.3, 0.0, 0.0, 0.5)
_type = BuildingType

BUILDING_TYPES: Final = MappingProxyType(
    {
        # Northern courtyard: main house along the north side, facing south; a third flat-roofed.
        "court": _type(use="rural_home", pitch_m=(16.4, 17.4), width_m=(11.0, 14.5), depth_m=(5.6, 7.6),
                       storeys=(1, 2), storey_m=3.2, roofs=(0.36, 0.60, 0.04, 0.0, 0.0), tall=5.0,
                       keep=0.9, wing=0.3, seat="north"),
        "shed": _type(use="utility", pitch_m=(16.4, 17.4), width_m=(2.8, 4.5), depth_m=(2.8, 4.8),
                      storeys=(1, 1), storey_m=2.5, roofs=(0.5, 0.0, 0.0, 0.5, 0.0), keep=0.2, seat="corner"),
        # Slabs of five to seven storeys; some got a pitched roof on top of the old flat one.
        "slab": _type(use="apartment", pitch_m=(64.0, 27.5), width_m=(40.0, 58.0), depth_m=(11.0, 13.5),
                      storeys=(5, 7), storey_m=2.9, roofs=(0.8, 0.15, 0.05, 0.0, 0.0)),
        "mid_slab": _type(use="apartment", pitch_m=(60.0, 42.0), width_m=(36.0, 52.0), depth_m=(13.0, 16.0),
                          storeys=(9, 11), storey_m=2.9, roofs=_FLAT),
        "tower": _type(use="apartment", pitch_m=(50.0, 56.0), width_m=(26.0, 38.0), depth_m=(15.0, 19.0),
                       storeys=(15, 33), storey_m=2.9, roofs=_FLAT, tall=1.6),
        "street_shop": _type(use="shop", pitch_m=(14.0, 15.0), width_m=(9.0, 13.0), depth_m=(9.0, 13.0),
                             storeys=(1, 3), storey_m=3.6, roofs=_MOSTLY_FLAT, tall=1.4, keep=0.9),
        "mall": _type(use="shop", pitch_m=(62.0, 56.0), width_m=(34.0, 56.0), depth_m=(28.0, 46.0),
                      storeys=(2, 6), storey_m=4.8, roofs=_FLAT, tall=1.6, keep=0.9),
        "office": _type(use="office", pitch_m=(56.0, 58.0), width_m=(26.0, 48.0), depth_m=(14.0, 22.0),
                        storeys=(3, 22), storey_m=3.7, roofs=_FLAT, tall=2.2),
        "hotel": _type(use="hotel", pitch_m=(56.0, 56.0), width_m=(28.0, 46.0), depth_m=(14.0, 19.0),
                       storeys=(4, 18), storey_m=3.4, roofs=_FLAT, tall=2.0),
        # Campuses always stand: each makes a constraint of its own.
        "government": _type(use="government", pitch_m=(72.0, 52.0), width_m=(36.0, 62.0),
                            depth_m=(14.0, 20.0),
                            storeys=(3, 9), storey_m=3.6, roofs=_MOSTLY_FLAT, tall=1.8, keep=1.0),
        "school": _type(use="school", pitch_m=(68.0, 36.0), width_m=(42.0, 60.0), depth_m=(10.0, 16.0),
                        storeys=(3, 5), storey_m=3.6, roofs=_MOSTLY_FLAT, keep=1.0),
        "hospital": _type(use="hospital", pitch_m=(66.0, 52.0), width_m=(38.0, 58.0), depth_m=(16.0, 24.0),
                          storeys=(4, 16), storey_m=3.8, roofs=_FLAT, tall=2.0, keep=1.0),
        "clinic": _type(use="hospital", pitch_m=(26.0, 26.0), width_m=(12.0, 18.0), depth_m=(7.5, 11.0),
                        storeys=(1, 2), storey_m=3.3, roofs=(0.6, 0.4, 0.0, 0.0, 0.0), tall=3.0, keep=1.0),
        "kindergarten": _type(use="kindergarten", pitch_m=(42.0, 38.0), width_m=(24.0, 38.0),
                              depth_m=(12.0, 19.0),
                              storeys=(2, 3), storey_m=3.5, roofs=_MOSTLY_FLAT, keep=1.0),
        "civic": _type(use="public", pitch_m=(76.0, 66.0), width_m=(36.0, 66.0), depth_m=(24.0, 46.0),
                       storeys=(2, 4), storey_m=5.0, roofs=(0.8, 0.0, 0.05, 0.0, 0.15), tall=1.5),
        "committee": _type(use="public", pitch_m=(40.0, 30.0), width_m=(18.0, 30.0), depth_m=(8.0, 11.5),
                           storeys=(1, 2), storey_m=3.4, roofs=(0.6, 0.4, 0.0, 0.0, 0.0), tall=1.5),
        "large_hall": _type(use="industrial", pitch_m=(84.0, 150.0), width_m=(46.0, 74.0),
                            depth_m=(90.0, 138.0),
                            storeys=(1, 1), storey_m=12.0, roofs=_HALL, keep=0.92),
        "hall": _type(use="industrial", pitch_m=(54.0, 86.0), width_m=(30.0, 48.0), depth_m=(48.0, 78.0),
                      storeys=(1, 1), storey_m=9.5, roofs=_HALL, keep=0.9),
        "workshop": _type(use="industrial", pitch_m=(38.0, 29.0), width_m=(16.0, 33.0), depth_m=(10.0, 22.0),
                          storeys=(1, 1), storey_m=6.2, roofs=_WORKSHOP, keep=0.85),
        "warehouse": _type(use="warehouse", pitch_m=(62.0, 46.0), width_m=(34.0, 54.0), depth_m=(20.0, 36.0),
                           storeys=(1, 1), storey_m=8.5, roofs=_HALL, keep=0.9),
        "barn": _type(use="agricultural", pitch_m=(38.0, 15.0), width_m=(18.0, 34.0), depth_m=(7.0, 11.0),
                      storeys=(1, 1), storey_m=3.6, roofs=(0.1, 0.9, 0.0, 0.0, 0.0), keep=0.85),
        "greenhouse": _type(use="agricultural", pitch_m=(57.0, 14.5), width_m=(44.0, 54.0),
                            depth_m=(8.0, 10.5),
                            storeys=(1, 1), storey_m=3.2, roofs=(0.0, 0.0, 0.0, 0.4, 0.6), keep=0.95),
        "plant_house": _type(use="utility", pitch_m=(40.0, 40.0), width_m=(12.0, 26.0), depth_m=(10.0, 20.0),
                             storeys=(1, 2), storey_m=5.0, roofs=_FLAT, keep=0.8),
        "pavilion": _type(use="other", pitch_m=(44.0, 44.0), width_m=(8.0, 16.0), depth_m=(8.0, 14.0),
                          storeys=(1, 1), storey_m=4.0, roofs=(0.4, 0.0, 0.6, 0.0, 0.0), keep=0.35),
    }
)  # fmt: skip
