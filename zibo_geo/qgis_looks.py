"""How the layers of the GeoPackage look in QGIS, declared as data: by one colour, by word, by number."""

__all__ = ["LAYER_LOOKS", "Look", "default_look"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Words = tuple[str, str]
_BROWNS = ("#fff7bc", "#fee391", "#fec44f", "#fe9929", "#cc4c02")
_NAVY = ("#c6dbef", "#9ecae1", "#6baed6", "#2171b5", "#08306b")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one layer looks.

    Attributes
    ----------
    title : (str, str)
        Name of the layer in Chinese and English.
    colour : str
        ``#rrggbb`` of every shape that `column` does not colour.
    column : str, optional
        Column that colours: words with `words`, numbers with `ramp`.
    words : mapping of str to (str, (str, str))
        Colour and legend by word.
    ramp : tuple of str
        Colours from small to large; the classes hold equally many rows.
    size : float
        Radius of points or width of lines and outlines [mm].
    filled : bool
        Whether polygons are filled.
    opacity : float
        Of the fill.
    shown : bool
        Whether the project draws it at first.
    nearest_only : int, optional
        Largest scale denominator at which it is drawn, so that a city opens fast.
    """

    title: Words
    colour: str = "#52606d"
    column: str | None = None
    words: Mapping[str, tuple[str, Words]] = field(default_factory=lambda: MappingProxyType({}))
    ramp: tuple[str, ...] = ()
    size: float = 0.3
    filled: bool = True
    opacity: float = 1.0
    shown: bool = True
    nearest_only: int | None = None


_ANSWERS = MappingProxyType(
    {
        "quota": ("#0072b2", ("入选：满足配额", "chosen for the quota")),
        "target": ("#56b4e9", ("入选：满足目标", "chosen for the target")),
        "existing": ("#009e73", ("已有光伏", "PV exists")),
        "grid": ("#e69f00", ("未入选：电网不能接入", "refused by the grid")),
        "uneconomic": ("#cc79a7", ("未入选：不经济", "uneconomic")),
        "no_income": ("#b66a93", ("未入选：无收益", "no income")),
        "not_needed": ("#c4ccd3", ("未入选：无需", "not needed")),
        "no_modules": ("#e3e7ea", ("无法布置组件", "no module fits")),
    }
)
_COLOURS = MappingProxyType(
    {
        "green": ("#009e73", ("绿色", "green")),
        "yellow": ("#f0e442", ("黄色", "yellow")),
        "red": ("#d55e00", ("红色", "red")),
    }
)
_STATIONS = MappingProxyType(
    {
        "fuel": ("#0072b2", ("加油站", "fuel")),
        "charging": ("#009e73", ("充电站", "charging")),
        "hydrogen": ("#56b4e9", ("加氢站", "hydrogen")),
        "swap": ("#e69f00", ("换电站", "battery swap")),
        "gas": ("#cc79a7", ("加气站", "gas")),
    }
)
_LEGALITIES = MappingProxyType(
    {
        "all": ("#009e73", ("全部可建", "all services")),
        "no_other": ("#56b4e9", ("可建加氢，不全", "hydrogen, not all")),
        "no_hydrogen": ("#e69f00", ("不可建加氢", "no hydrogen")),
        "power_only": ("#cc79a7", ("仅充换电", "power only")),
        "none": ("#d55e00", ("均不可建", "none")),
    }
)
_CONSTRAINTS = MappingProxyType(
    {
        "water": ("#9fb8c9", ("水域", "water")),
        "school": ("#d55e00", ("学校", "school")),
        "kindergarten": ("#d55e00", ("幼儿园", "kindergarten")),
        "hospital": ("#cc79a7", ("医院", "hospital")),
        "forest": ("#a6c48a", ("林地", "forest")),
        "farmland": ("#e8e0b0", ("耕地", "farmland")),
        "protected": ("#7fae6b", ("保护区", "protected")),
        "railway": ("#1f2933", ("铁路", "railway")),
        "power_line": ("#8c6bb1", ("电力线", "power line")),
    }
)
_STREETS = MappingProxyType(
    {
        "motorway": ("#4a5560", ("高速", "motorway")),
        "trunk": ("#6b7680", ("快速路", "trunk")),
        "primary": ("#8c96a0", ("主干路", "primary")),
        "secondary": ("#a9b2ba", ("次干路", "secondary")),
    }
)
# Flags are numbers in a GeoPackage.
_CHOSEN = MappingProxyType(
    {"1": ("#e69f00", ("入选", "chosen")), "0": ("#c4ccd3", ("未入选", "not chosen"))}
)

# From the top of the project to its foot.
LAYER_LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "siting_charging": Look(
            title=("充电站方案", "Charging sites"), colour="#009e73", column="points", ramp=_NAVY, size=1.6
        ),
        "siting_hydrogen": Look(
            title=("加氢站方案", "Hydrogen stations"), colour="#0072b2", size=1.9
        ),
        "siting_hubs": Look(
            title=("综合能源港", "Energy hubs"), column="chosen", words=_CHOSEN, size=1.6
        ),
        "heat_sources": Look(title=("热源与电厂", "Heat and power plants"), colour="#d55e00", size=1.9),
        "pv_hosting": Look(
            title=("电网承载力", "Hosting capacity"), column="colour", words=_COLOURS, size=1.0,
            nearest_only=150_000,
        ),
        "substations": Look(
            title=("变电站", "Substations"), colour="#117733", size=1.0, shown=False, nearest_only=150_000
        ),
        "stations": Look(
            title=("现有加油加气充电站", "Stations"), column="kind", words=_STATIONS, size=1.1, shown=False
        ),
        "siting_sources": Look(
            title=("副产氢源", "Hydrogen sources"), colour="#56b4e9", size=1.5, shown=False
        ),
        "siting_hauls": Look(
            title=("氢气运输", "Hydrogen hauls"), colour="#56b4e9", size=0.4, shown=False
        ),
        "siting_services": Look(
            title=("加油站合规", "What stations may hold"), column="legality", words=_LEGALITIES, size=1.0,
            shown=False,
        ),
        "siting_flows": Look(
            title=("氢能车流", "Hydrogen trips"), colour="#8c96a0", size=0.2, shown=False
        ),
        "siting_candidates": Look(
            title=("候选站址", "Candidate sites"), colour="#8c96a0", size=0.8, shown=False
        ),
        "siting_access": Look(
            title=("充电可达性", "Charging access"), column="time_min", ramp=_BROWNS, size=0.9, shown=False
        ),
        "heat_pipes": Look(
            title=("供热管网", "Heat pipes"), colour="#08306b", column="dn_mm", ramp=_NAVY, size=0.7
        ),
        "heat_substations": Look(title=("换热站", "Heat substations"), colour="#08519c", size=1.2),
        "heat_supply": Look(
            title=("热源供热能力", "Heat of the sources"), colour="#d55e00", size=1.5, shown=False
        ),
        "heat_nodes": Look(
            title=("热网节点", "Heat nodes"), colour="#6baed6", size=0.5, shown=False, nearest_only=25_000
        ),
        "graph_repairs": Look(
            title=("道路修补", "Repairs of streets"), colour="#cc79a7", size=0.6, shown=False,
            nearest_only=50_000,
        ),
        "module_rows": Look(
            title=("组件排", "Rows of modules"), colour="#1f3b73", size=0.05, nearest_only=5_000
        ),
        "pv_roofs": Look(
            title=("屋顶光伏", "Roofs"), column="reason", words=_ANSWERS, size=0.05, nearest_only=100_000
        ),
        "ground_sites": Look(
            title=("地面光伏备选", "Land for ground PV"), column="capacity_mw", ramp=_BROWNS, opacity=0.6
        ),
        "streets": Look(
            title=("道路", "Streets"), colour="#ccd2d8", column="street_class", words=_STREETS, size=0.3
        ),
        "parks": Look(
            title=("园区", "Parks"), colour="#7b3294", filled=False, size=0.4
        ),
        "constraints": Look(
            title=("制约物", "Constraints"), colour="#d9dee3", column="kind", words=_CONSTRAINTS, size=0.2,
            opacity=0.6, shown=False,
        ),
        "townships": Look(title=("乡镇", "Townships"), filled=False, size=0.3, shown=False),
        "pv_counties": Look(
            title=("区县光伏潜力", "PV potential by county"), column="capacity_mw", ramp=_BROWNS, size=0.4,
            opacity=0.5,
        ),
        "counties": Look(title=("区县", "Counties"), filled=False, size=0.5),
    }
)  # fmt: skip


def default_look(layer: str) -> Look:
    """Return the look of a layer that none is declared for."""
    return Look(title=(layer, layer), shown=False)
