"""The schemas of heat supply: ratios by kind of source, and what each source can give."""

__all__ = [
    "RATIO_QUANTITIES",
    "SOURCE_RATIOS",
    "SUPPLY",
    "SUPPLY_METHODS",
    "SUPPLY_REASONS",
]

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table
from layers.tables import HEAT_SOURCE_KINDS

RATIO_QUANTITIES = {
    "hot_c": "°C",
    "cold_c": "°C",
    "heat_per_electric_back_pressure": "MW/MW",
    "heat_per_electric_extraction": "MW/MW",
    "availability": "1",
    "cost_cny_gj": "CNY/GJ",
    "co2_kg_gj": "kg/GJ",
    "closure_risk": "1/a",
    "largest_mw": "MW",
}
SUPPLY_METHODS = ("stated", "back_pressure", "extraction", "none")
# Tested in this order; the first that holds is given.
SUPPLY_REASONS = ("status", "no_capacity", "no_temperature", "too_cold")


def _heat(name: str, meaning: str, alias_zh: str) -> Column:
    return Column(name, "number", "MW", meaning, alias_zh, minimum=0.0)


def _degrees(name: str, meaning: str, alias_zh: str) -> Column:
    return Column(name, "number", "°C", meaning, alias_zh, nullable=True)


def _share(name: str, meaning: str, alias_zh: str) -> Column:
    return Column(name, "number", "1", meaning, alias_zh, minimum=0.0, maximum=1.0)


SOURCE_RATIOS = Table(
    "source_ratios",
    "ratio",
    "One value that is assumed of every source of a kind.",
    (
        Column("kind", "category", "-", "Kind of source.", "类型", allowed=HEAT_SOURCE_KINDS),
        Column(
            "quantity",
            "category",
            "-",
            "What the value is.",
            "参数",
            allowed=tuple(RATIO_QUANTITIES),
        ),
        Column("value", "number", "-", "The value, in its unit.", "数值", minimum=0.0),
        Column("unit", "text", "-", "Unit of the value.", "单位"),
        Column("source", "text", "-", "Where the value comes from.", "来源"),
        Column(
            "confidence",
            "category",
            "-",
            "How far the source was seen.",
            "可信度",
            allowed=CONFIDENCES,
        ),
    ),
)

SUPPLY = Table(
    "heat_supply",
    "source_id",
    "What one source can give to a network of the stated temperatures.",
    (
        Column("kind", "category", "-", "Kind of source.", "类型", allowed=HEAT_SOURCE_KINDS),
        Column("status", "text", "-", "State of the plant.", "状态"),
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("usable", "flag", "-", "Whether the source takes part.", "可用"),
        Column(
            "reason",
            "category",
            "-",
            "Why it does not; missing where it does.",
            "不可用原因",
            nullable=True,
            optional=True,
            allowed=SUPPLY_REASONS,
        ),
        Column(
            "note",
            "text",
            "-",
            "The reason, or a doubt about magnitude, as a sentence with the cure.",
            "说明",
            nullable=True,
            optional=True,
        ),
        Column(
            "doubtful",
            "flag",
            "-",
            "A stated number is beyond any plant of the kind; its unit may be wrong.",
            "数量级存疑",
        ),
        _heat("heat_mw", "Heat between its two temperatures.", "余热功率"),
        Column(
            "method",
            "category",
            "-",
            "How the heat is known: stated, or from electric capacity by a ratio.",
            "热功率依据",
            allowed=SUPPLY_METHODS,
        ),
        _degrees("hot_c", "Temperature the heat comes at.", "余热温度"),
        _degrees("cold_c", "Temperature the stream can be cooled to.", "冷却终温"),
        Column(
            "hot_method",
            "category",
            "-",
            "Whether the temperature is stated or that of the kind.",
            "温度依据",
            allowed=("stated", "kind", "none"),
        ),
        _heat(
            "direct_mw",
            "Heat that an exchanger gives, down to return plus approach.",
            "直接换热功率",
        ),
        _degrees("direct_reach_c", "Hottest water that the exchanger makes.", "直接换热出水温度"),
        _share(
            "direct_reach",
            "That temperature between return (0) and supply (1).",
            "直接换热温升占比",
        ),
        _heat("lift_mw", "Heat below that, which a heat pump may take up.", "热泵取热功率"),
        _degrees("lift_c", "Entropic mean temperature of that heat.", "热泵热源温度"),
        Column(
            "cop",
            "number",
            "1",
            "Heat given per electricity taken; missing without a heat pump.",
            "制热性能系数",
            nullable=True,
            minimum=1.0,
        ),
        _heat(
            "heat_pump_mw", "Heat that the heat pump gives when it takes all of it.", "热泵供热功率"
        ),
        _degrees("heat_pump_reach_c", "Hottest water that the heat pump makes.", "热泵出水温度"),
        _share(
            "heat_pump_reach", "That temperature between return (0) and supply (1).", "热泵温升占比"
        ),
        _share("availability", "Share of the season's hours that it gives its heat.", "可用率"),
        Column("cost_cny_gj", "number", "CNY/GJ", "Price of its heat.", "热价", minimum=0.0),
        Column("co2_kg_gj", "number", "kg/GJ", "CO2 of its heat.", "碳排放", minimum=0.0),
        _share("closure_risk", "Chance that it closes within a year.", "关停风险"),
        Column("name", "text", "-", "Name; untrusted text.", "名称", nullable=True, optional=True),
        Column("source", "text", "-", "Where the row comes from.", "来源"),
    ),
    "Point",
)
