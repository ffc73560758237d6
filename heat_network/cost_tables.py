"""The schemas of what heat costs: schemes, buildings beside their alternatives, break-even, tornado."""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = [
    "ALTERNATIVES",
    "HEAT_ALTERNATIVES",
    "HEAT_BREAK_EVEN",
    "HEAT_SCHEMES",
    "HEAT_TORNADO",
    "SCHEME_LEVELS",
]

from layers.schema import Column, Table

ALTERNATIVES = ("coal_boiler", "gas_boiler", "air_source", "ground_source", "direct_electric")
SCHEME_LEVELS = ("all", "zone", "county", "source", "cluster")


def _money(name: str, meaning: str, alias_zh: str) -> Column:
    return Column(name, "number", "CNY", meaning, alias_zh, minimum=0.0)


def _yearly(name: str, meaning: str, alias_zh: str) -> Column:
    return Column(name, "number", "CNY/a", meaning, alias_zh, minimum=0.0)


HEAT_SCHEMES = Table(
    "heat_schemes",
    "scheme_id",
    "What one network costs and earns: all of it, the part of one source, or of one neighbourhood.",
    (
        Column("level", "category", "-", "What the row covers.", "范围", allowed=SCHEME_LEVELS),
        Column("consumers", "integer", "1", "Connected consumers.", "用户数", minimum=0),
        Column("peak_kw", "number", "kW", "Sum of their peaks.", "负荷之和", minimum=0.0),
        Column("heat_gj", "number", "GJ/a", "Heat that they take.", "年供热量", minimum=0.0),
        Column("loss_gj", "number", "GJ/a", "Heat lost on the way.", "年热损失", minimum=0.0),
        Column("length_m", "number", "m", "Trench; shared pipes by peak.", "管网长度", minimum=0.0),
        Column("density_mwh_m", "number", "MWh/(m·a)", "Heat taken per metre of trench.", "线热密度", minimum=0.0),
        _money("pipes_cny", "Pipes and trenches.", "管网投资"),
        _money("substations_cny", "Substations.", "换热站投资"),
        _money("pumps_cny", "Pumps and relay stations.", "泵站投资"),
        _money("connection_cny", "Taking the heat out of the sources.", "热源接入投资"),
        _money("capex_cny", "All that is built.", "总投资"),
        _yearly("source_heat_cny", "Heat bought, what is lost included.", "购热费"),
        _yearly("pumping_cny", "Electricity of the pumps.", "输送电费"),
        _yearly("upkeep_cny", "Upkeep and staff.", "运维费"),
        _yearly("emission_cny", "Price of the CO2.", "碳成本"),
        _yearly("opex_cny", "All that is paid year by year.", "年运行费"),
        Column("lcoh_cny_gj", "number", "CNY/GJ", "Levelised cost of the heat taken.", "平准化热价", nullable=True, minimum=0.0),
        Column("npv_cny", "number", "CNY", "Net present value at the selling price.", "净现值"),
        Column("irr", "number", "1", "Internal rate of return; missing where it is never paid back.", "内部收益率", nullable=True),
        Column("co2_t", "number", "t/a", "CO2 of heat and pumping.", "年碳排放", minimum=0.0),
        Column("co2_kg_gj", "number", "kg/GJ", "CO2 per heat taken.", "单位热量碳排放", nullable=True, minimum=0.0),
        Column("cheapest_alternative", "category", "-", "Cheapest other heating of the same consumers.", "最便宜替代方案", allowed=ALTERNATIVES),
        Column("alternative_cny_gj", "number", "CNY/GJ", "What it costs.", "替代方案热价", minimum=0.0),
        Column("saving_cny", "number", "CNY/a", "What the network saves over it; negative where it is dearer.", "年节省"),
    ),
)  # fmt: skip
HEAT_ALTERNATIVES = Table(
    "heat_alternatives",
    "building_id",
    "What one building's heat costs and emits by every way of heating.",
    (
        Column("peak_kw", "number", "kW", "Peak.", "峰值负荷", minimum=0.0),
        Column("heat_gj", "number", "GJ/a", "Heat.", "年耗热量", minimum=0.0),
        *(
            Column(f"{name}_cny_gj", "number", "CNY/GJ", f"Cost of heat by {name.replace('_', ' ')}; missing without heat.", f"{zh}热价", nullable=True, minimum=0.0)
            for name, zh in zip(("network", *ALTERNATIVES), ("管网", "燃煤锅炉", "燃气锅炉", "空气源热泵", "地源热泵", "直接电热"), strict=True)
        ),
        *(
            Column(f"{name}_kg_gj", "number", "kg/GJ", f"CO2 of heat by {name.replace('_', ' ')}; missing without heat.", f"{zh}碳排放", nullable=True, minimum=0.0)
            for name, zh in zip(("network", *ALTERNATIVES), ("管网", "燃煤锅炉", "燃气锅炉", "空气源热泵", "地源热泵", "直接电热"), strict=True)
        ),
        Column("cheapest", "category", "-", "Cheapest alternative that is allowed; missing without heat.", "最便宜替代方案", nullable=True, allowed=ALTERNATIVES),
        Column("cheapest_cny_gj", "number", "CNY/GJ", "What it costs.", "最便宜替代热价", nullable=True, minimum=0.0),
        Column("prize_cny", "number", "CNY", "Present value of what it costs beyond the heat and substation of a network: what pipes may cost.", "接入价值", minimum=0.0),
    ),
)  # fmt: skip
HEAT_BREAK_EVEN = Table(
    "heat_break_even",
    "source_id",
    "How far the heat of one source may be carried before the cheapest alternative is cheaper.",
    (
        Column("heat_mw", "number", "MW", "Heat carried.", "供热功率", minimum=0.0),
        Column("dn_mm", "integer", "mm", "Size of the trunk.", "干管公称直径", minimum=10),
        Column("pairs", "integer", "1", "Pairs side by side.", "并行管对数", minimum=1),
        Column("margin_cny_gj", "number", "CNY/GJ", "What is left for carrying.", "可用输送成本"),
        Column("carry_cny_gj_km", "number", "CNY/(GJ·km)", "What a kilometre of trunk costs per heat delivered.", "每公里输送成本", minimum=0.0),
        Column("break_even_km", "number", "km", "Longest trunk that pays; 0 where none does.", "盈亏平衡距离", minimum=0.0),
    ),
)  # fmt: skip
HEAT_TORNADO = Table(
    "heat_tornado",
    "assumption",
    "How far one assumption moves the levelised cost of heat, the strongest first.",
    (
        Column("unit", "text", "-", "Unit of the assumption.", "单位"),
        Column("base", "number", "-", "Value in force.", "基准值"),
        Column("low", "number", "-", "Low value.", "低值"),
        Column("high", "number", "-", "High value.", "高值"),
        Column("range_source", "text", "-", "Where the two come from.", "取值依据"),
        Column("result_base", "number", "CNY/GJ", "Result with the value in force.", "基准结果"),
        Column("result_low", "number", "CNY/GJ", "Result with the low value.", "低值结果"),
        Column("result_high", "number", "CNY/GJ", "Result with the high value.", "高值结果"),
        Column("span", "number", "CNY/GJ", "Difference between the two.", "影响幅度", minimum=0.0),
        Column("confidence", "text", "-", "Confidence of the value in force.", "可信度"),
    ),
)  # fmt: skip
