"""Plots of the embedded Zibo: what each block of a village, town, district or park is made of."""

__all__ = ["CAMPUSES", "RECIPES", "block_table", "plot_table"]

from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.demo.draws import pick, uniform
from layers.demo.facts import park_facts

# Street and setback that each block gives up on either side [m], by kind of unit.
_SETBACK_M = MappingProxyType(
    {"village": 3.3, "town": 5.0, "city": 13.0, "park": 17.0, "resort": 17.0}
)

# A block is cut into plots, each of one type: type, west, south, east, north as shares of the block.
# The first name is the recipe.
Cut = tuple[str, float, float, float, float]
RECIPES: Final = MappingProxyType(
    {
        "courts": (("court", 0.0, 0.0, 1.0, 1.0), ("shed", 0.0, 0.0, 1.0, 1.0)),
        "village_centre": (
            ("committee", 0.0, 0.0, 0.34, 0.38), ("clinic", 0.36, 0.0, 0.58, 0.36),
            ("street_shop", 0.6, 0.0, 1.0, 0.19), ("court", 0.0, 0.40, 1.0, 1.0),
            ("shed", 0.0, 0.40, 1.0, 1.0),
        ),
        "village_school": (
            ("kindergarten", 0.0, 0.0, 0.36, 0.45), ("school", 0.4, 0.1, 1.0, 0.5),
            ("court", 0.0, 0.58, 1.0, 1.0),
        ),
        "workshops": (("workshop", 0.0, 0.0, 1.0, 1.0),),
        "stores": (("warehouse", 0.0, 0.0, 1.0, 0.55), ("workshop", 0.0, 0.62, 1.0, 1.0)),
        "barns": (("barn", 0.0, 0.0, 1.0, 1.0),),
        "greenhouses": (("greenhouse", 0.0, 0.0, 1.0, 1.0),),
        "town_centre": (
            ("government", 0.0, 0.55, 0.62, 1.0), ("office", 0.64, 0.5, 1.0, 1.0),
            ("street_shop", 0.0, 0.0, 0.56, 0.17), ("hotel", 0.6, 0.0, 1.0, 0.4),
            ("committee", 0.0, 0.2, 0.56, 0.5),
        ),
        "town_school": (("school", 0.0, 0.35, 1.0, 1.0), ("kindergarten", 0.0, 0.0, 0.4, 0.32)),
        "town_hospital": (("hospital", 0.0, 0.3, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.19)),
        "town_flats": (("slab", 0.0, 0.25, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.19)),
        "town_market": (("street_shop", 0.0, 0.0, 1.0, 0.4), ("mall", 0.0, 0.48, 1.0, 1.0)),
        "slabs": (("slab", 0.0, 0.15, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.095)),
        "slabs_with_kindergarten": (
            ("slab", 0.0, 0.36, 1.0, 1.0), ("slab", 0.0, 0.13, 0.66, 0.34),
            ("kindergarten", 0.72, 0.12, 1.0, 0.33), ("street_shop", 0.0, 0.0, 1.0, 0.09),
        ),
        "mid_slabs": (("mid_slab", 0.0, 0.16, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.095)),
        "towers": (("tower", 0.0, 0.16, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.095)),
        "commerce": (
            ("mall", 0.0, 0.0, 1.0, 0.58), ("office", 0.0, 0.62, 0.6, 1.0),
            ("hotel", 0.64, 0.62, 1.0, 1.0),
        ),
        "offices": (("office", 0.0, 0.2, 1.0, 1.0), ("street_shop", 0.0, 0.0, 1.0, 0.095)),
        "government": (
            ("government", 0.0, 0.5, 1.0, 1.0), ("office", 0.0, 0.08, 0.5, 0.44),
            ("civic", 0.54, 0.0, 1.0, 0.45),
        ),
        "city_school": (("school", 0.0, 0.36, 1.0, 1.0), ("civic", 0.0, 0.0, 0.42, 0.3)),
        "city_hospital": (("hospital", 0.0, 0.08, 1.0, 1.0),),
        "green": (("pavilion", 0.1, 0.1, 0.9, 0.9),),
        "heavy_works": (
            ("large_hall", 0.0, 0.16, 0.62, 1.0), ("hall", 0.66, 0.16, 1.0, 0.75),
            ("plant_house", 0.66, 0.79, 1.0, 1.0), ("office", 0.0, 0.0, 0.32, 0.13),
            ("warehouse", 0.38, 0.0, 1.0, 0.13),
        ),
        "light_works": (
            ("hall", 0.0, 0.3, 1.0, 1.0), ("workshop", 0.0, 0.16, 1.0, 0.28),
            ("office", 0.0, 0.0, 0.3, 0.13), ("warehouse", 0.36, 0.0, 1.0, 0.13),
        ),
        "small_works": (("workshop", 0.0, 0.0, 1.0, 0.6), ("hall", 0.0, 0.64, 1.0, 1.0)),
        "depots": (("warehouse", 0.0, 0.2, 1.0, 1.0), ("office", 0.0, 0.0, 0.3, 0.16)),
        "process_units": (
            ("plant_house", 0.0, 0.4, 0.7, 1.0), ("hall", 0.74, 0.3, 1.0, 1.0),
            ("office", 0.0, 0.0, 0.3, 0.13),
        ),
        "resort": (("hotel", 0.1, 0.3, 0.9, 0.6), ("pavilion", 0.0, 0.65, 1.0, 1.0)),
    }
)  # fmt: skip
# Types whose plots are campuses that keep others at a distance, and the constraint they make.
CAMPUSES: Final = MappingProxyType(
    {"school": "school", "kindergarten": "kindergarten", "hospital": "hospital",
     "clinic": "hospital", "government": "government"}
)  # fmt: skip
_NAMES = tuple(RECIPES)


def block_table(units: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """List the blocks of units with their recipe.

    Parameters
    ----------
    units : DataFrame
        Units by number.
    seed : int
        Seed.

    Returns
    -------
    DataFrame
        ``unit``, ``block`` (number in the unit), centre ``x``, ``y`` and net ``size_x``, ``size_y``
        in the unit's own grid [m], ``recipe``.
    """
    across, count = units["blocks_x"].to_numpy(), (units["blocks_x"] * units["blocks_y"]).to_numpy()
    row = np.repeat(np.arange(len(units)), count)
    block = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    i, j = block % across[row], block // across[row]
    own = units.iloc[row]
    setback = own["kind"].map(_SETBACK_M).to_numpy(dtype=float)
    pitch_x, pitch_y = own["pitch_x"].to_numpy(), own["pitch_y"].to_numpy()
    frame = pd.DataFrame(
        {
            "unit": own.index.to_numpy(), "block": block, "i": i, "j": j,
            "x": (i + 0.5 - own["blocks_x"].to_numpy() / 2) * pitch_x,
            "y": (j + 0.5 - own["blocks_y"].to_numpy() / 2) * pitch_y,
            "size_x": pitch_x - 2 * setback, "size_y": pitch_y - 2 * setback,
        }
    )  # fmt: skip
    recipe = np.zeros(len(frame), dtype=np.int64)
    kind = own["kind"].to_numpy(dtype=object)
    for name, choose in (
        ("village", _village_recipes), ("town", _town_recipes), ("city", _city_recipes),
        ("park", _park_recipes),
    ):  # fmt: skip
        mask = kind == name
        if mask.any():
            recipe[mask] = choose(frame[mask], own[mask], seed)
    recipe[kind == "resort"] = _NAMES.index("resort")
    return frame.assign(recipe=recipe)


def _codes(names: list[str]) -> npt.NDArray[np.int64]:
    return np.array([_NAMES.index(name) for name in names], dtype=np.int64)


def _order_in_unit(blocks: pd.DataFrame, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Rank of each block in its unit by rising weight."""
    order = pd.Series(weight, index=blocks.index).groupby(blocks["unit"]).rank(method="first")
    return np.asarray(order.to_numpy(dtype=np.int64) - 1)


def _centrality(blocks: pd.DataFrame, own: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Distance from the unit's centre as a share of its half sides, by maximum."""
    half_x = (own["blocks_x"] * own["pitch_x"]).to_numpy() / 2
    half_y = (own["blocks_y"] * own["pitch_y"]).to_numpy() / 2
    x, y = np.abs(blocks["x"].to_numpy() / half_x), np.abs(blocks["y"].to_numpy() / half_y)
    return np.asarray(np.maximum(x, y), dtype=np.float64)


def _village_recipes(blocks: pd.DataFrame, own: pd.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    draw = uniform(seed, "village block", blocks["unit"].to_numpy(), blocks["block"].to_numpy())
    count = (own["blocks_x"] * own["blocks_y"]).to_numpy()
    order = _order_in_unit(blocks, _centrality(blocks, own) + 0.01 * draw)
    # From the middle outwards: committee, in every fourth larger village a school, then courts;
    # workshops, barns and greenhouses on the last blocks of villages with four blocks or more.
    recipe = np.full(len(blocks), _NAMES.index("courts"))
    recipe[order == 0] = _NAMES.index("village_centre")
    has_school = uniform(seed, "village school", blocks["unit"].to_numpy()) < 0.3
    recipe[(order == 1) & has_school & (count >= 5)] = _NAMES.index("village_school")
    fringe = (count >= 4) & (order >= np.ceil(count * 0.7)) & (draw < 0.7)
    other = _codes(["workshops", "barns", "greenhouses", "stores"])
    recipe[fringe] = other[pick(draw[fringe] / 0.7, (0.52, 0.15, 0.26, 0.07))]
    return recipe


def _town_recipes(blocks: pd.DataFrame, own: pd.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    draw = uniform(seed, "town block", blocks["unit"].to_numpy(), blocks["block"].to_numpy())
    order = _order_in_unit(blocks, _centrality(blocks, own) + 0.25 * draw)
    count = (own["blocks_x"] * own["blocks_y"]).to_numpy()
    fixed = _codes(["town_centre", "town_market", "town_school", "town_hospital", "town_flats"])
    recipe = np.full(len(blocks), _NAMES.index("courts"))
    recipe[order < len(fixed)] = fixed[order[order < len(fixed)]]
    middle = (order >= len(fixed)) & (order < 0.5 * count)
    recipe[middle & (draw < 0.55)] = _NAMES.index("town_flats")
    fringe = (order >= 0.7 * count) & (draw < 0.6)
    other = _codes(["workshops", "stores", "barns", "greenhouses"])
    recipe[fringe] = other[pick(draw[fringe] / 0.6, (0.6, 0.2, 0.1, 0.1))]
    return recipe


def _city_recipes(blocks: pd.DataFrame, own: pd.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    unit, rank = blocks["unit"].to_numpy(), own["rank"].to_numpy()
    draw = uniform(seed, "city block", unit, blocks["block"].to_numpy())
    order = _order_in_unit(blocks, draw)
    # Towers and commerce in the middle of the city, old courts towards its edge.
    inner = rank < 6
    names = ["slabs", "slabs_with_kindergarten", "mid_slabs", "towers", "commerce", "offices",
             "courts", "workshops", "green"]  # fmt: skip
    second = uniform(seed, "city block kind", unit, blocks["block"].to_numpy())
    near = _codes(names)[pick(second, (0.25, 0.14, 0.15, 0.23, 0.12, 0.06, 0.02, 0.0, 0.03))]
    far = _codes(names)[pick(second, (0.32, 0.15, 0.13, 0.12, 0.04, 0.02, 0.12, 0.06, 0.04))]
    recipe = np.where(inner, near, far)
    # Every tile has a school, a green and a kindergarten; the seat and every third tile an office
    # of government, the seat and every fourth a hospital.
    recipe[order == 0] = _NAMES.index("city_school")
    recipe[order == 1] = _NAMES.index("green")
    recipe[order == 2] = _NAMES.index("slabs_with_kindergarten")
    recipe[(order == 3) & (rank % 3 == 0)] = _NAMES.index("government")
    recipe[(order == 4) & (rank % 4 == 0)] = _NAMES.index("city_hospital")
    recipe[(order == 5) & (rank % 2 == 0)] = _NAMES.index("commerce")
    return recipe


def _park_recipes(blocks: pd.DataFrame, own: pd.DataFrame, seed: int) -> npt.NDArray[np.int64]:
    draw = uniform(seed, "park block", blocks["unit"].to_numpy(), blocks["block"].to_numpy())
    facts = park_facts()
    names = ["heavy_works", "light_works", "small_works", "depots", "process_units"]
    # Only chemical parks have open process units in number; a reader sees them as few roofs.
    chemical = own["place"].isin(facts.index[facts["kind"] == "chemical"]).to_numpy()
    usual = _codes(names)[pick(draw, (0.24, 0.42, 0.22, 0.10, 0.02))]
    return np.where(chemical, _codes(names)[pick(draw, (0.30, 0.28, 0.12, 0.08, 0.22))], usual)


def plot_table(blocks: pd.DataFrame) -> pd.DataFrame:
    """Cut blocks into plots.

    Parameters
    ----------
    blocks : DataFrame
        As :func:`block_table` returns them.

    Returns
    -------
    DataFrame
        ``unit``, ``block``, ``cut`` (number in the block), ``type``, centre ``x``, ``y`` and
        ``size_x``, ``size_y`` [m] in the unit's own grid; sorted by unit, block and cut.
    """
    parts = []
    for code, name in enumerate(_NAMES):
        own = blocks[blocks["recipe"].to_numpy() == code]
        for cut, (kind, west, south, east, north) in enumerate(RECIPES[name]):
            parts.append(
                pd.DataFrame(
                    {
                        "unit": own["unit"], "block": own["block"], "cut": cut, "type": kind,
                        "x": own["x"] + ((west + east) / 2 - 0.5) * own["size_x"],
                        "y": own["y"] + ((south + north) / 2 - 0.5) * own["size_y"],
                        "size_x": (east - west) * own["size_x"],
                        "size_y": (north - south) * own["size_y"],
                    }
                )
            )  # fmt: skip
    plots = pd.concat(parts, ignore_index=True)
    order = np.lexsort((plots["cut"], plots["block"], plots["unit"]))
    return plots.iloc[order].reset_index(drop=True)
