"""The schemas of pipe sizes, sized pipes and nodes, and the sources that drive them."""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = ["HEAT_NODES", "HEAT_PIPES", "HEAT_PLANTS", "PIPE_CATALOGUE", "PIPE_LIMITS", "PIPE_ROLES"]

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table

PIPE_ROLES = ("main", "branch", "link")  # longest way from a source, the rest, links between trees
PIPE_LIMITS = ("friction", "velocity", "smallest", "parallel", "neighbours")  # what set the size

PIPE_CATALOGUE = Table(
    "pipe_catalogue",
    "size",
    "One size of pre-insulated steel pipe; costs are for a pair in one trench.",
    (
        Column("dn_mm", "integer", "mm", "Nominal diameter.", "公称直径", minimum=10),
        Column("outer_mm", "number", "mm", "Outer diameter of the steel pipe.", "钢管外径", minimum=10.0),
        Column("wall_mm", "number", "mm", "Wall of the steel pipe.", "钢管壁厚", minimum=1.0),
        Column("inner_mm", "number", "mm", "Inner diameter.", "内径", minimum=10.0),
        Column("casing_mm", "number", "mm", "Outer diameter of the standard jacket.", "外护管外径", minimum=20.0),
        Column("casing_wall_mm", "number", "mm", "Wall of the standard jacket; after EN 253, which was not seen: unverified.", "外护管壁厚", minimum=1.0),
        Column("casing_reinforced_mm", "number", "mm", "Outer diameter of the reinforced jacket.", "加厚外护管外径", minimum=20.0),
        Column("casing_reinforced_wall_mm", "number", "mm", "Wall of the reinforced jacket; after EN 253, which was not seen: unverified.", "加厚外护管壁厚",
               minimum=1.0),
        Column("cost_low_cny_m", "number", "CNY/m", "Low price of a metre of pair, laid under a road.", "造价下限", minimum=0.0),
        Column("cost_high_cny_m", "number", "CNY/m", "High price of a metre of pair, laid under a road.", "造价上限", minimum=0.0),
        Column("source", "text", "-", "Where the dimensions come from.", "尺寸来源"),
        Column("confidence", "category", "-", "How far that source was seen.", "尺寸可信度", allowed=CONFIDENCES),
        Column("cost_source", "text", "-", "Where the prices come from.", "造价来源"),
        Column("cost_confidence", "category", "-", "How far that source was seen.", "造价可信度", allowed=CONFIDENCES),
    ),
)  # fmt: skip

HEAT_PIPES = Table(
    "heat_pipes",
    "pipe_id",
    "One sized pair of pipes, from u, nearer the source, to v.",
    (
        Column("u", "text", "-", "Node nearer the source.", "上游节点"),
        Column("v", "text", "-", "Node farther from it.", "下游节点"),
        Column("source_id", "text", "-", "Source that feeds it; missing on links between trees.", "热源编号", nullable=True),
        Column("role", "category", "-", "On the longest way from its source, beside it, or a link that is closed in normal use.", "管段类型", allowed=PIPE_ROLES),
        Column("length_m", "number", "m", "Length of the trench.", "长度", minimum=0.0),
        Column("consumers", "integer", "1", "Consumers downstream.", "下游用户数", minimum=0),
        Column("sum_kw", "number", "kW", "Sum of the peaks downstream.", "下游负荷之和", minimum=0.0 ),
        Column("peak_kw", "number", "kW", "Peak to carry, after diversity.", "管段峰值", minimum=0.0 ),
        Column("dn_mm", "integer", "mm", "Nominal diameter.", "公称直径", minimum=10),
        Column("pairs", "integer", "1", "Pairs side by side.", "并行管对数", minimum=1),
        Column("bound_by", "category", "-", "What set the size.", "管径控制因素", allowed=PIPE_LIMITS ),
        Column("flow_kg_s", "number", "kg/s", "Flow of all pairs at their peak.", "流量", minimum=0.0 ),
        Column("velocity_m_s", "number", "m/s", "Velocity at peak.", "流速", minimum=0.0),
        Column("friction_pa_m", "number", "Pa/m", "Friction at peak, without fittings.", "比摩阻", minimum=0.0),
        Column("limit_pa_m", "number", "Pa/m", "Largest friction allowed here.", "允许比摩阻", minimum=0.0, nullable=True),
        Column("drop_kpa", "number", "kPa", "Pressure drop of one of the two pipes, fittings included.", "单管压降", minimum=0.0),
        Column("relays", "integer", "1", "Relay pumping stations along it.", "中继泵站数", minimum=0 ),
        Column("relay_head_m", "number", "m", "Head that they add, both pipes together.", "中继泵扬程", minimum=0.0),
        Column("pump_kw", "number", "kW", "Electric power of its relay pumps at peak.", "中继泵功率", minimum=0.0),
        Column("supply_in_c", "number", "°C", "Supply temperature at u at peak; missing where nothing flows.", "供水入口温度", nullable=True),
        Column("supply_out_c", "number", "°C", "Supply temperature at v at peak; missing where nothing flows.", "供水出口温度", nullable=True),
        Column("return_in_c", "number", "°C", "Return temperature at v at peak; missing where nothing flows.", "回水入口温度", nullable=True),
        Column("return_out_c", "number", "°C", "Return temperature at u at peak; missing where nothing flows.", "回水出口温度", nullable=True),
        Column("loss_kw", "number", "kW", "Heat lost at peak, supply and return.", "峰值热损失", minimum=0.0),
        Column("loss_gj", "number", "GJ", "Heat lost in a season, supply and return.", "采暖季热损失", minimum=0.0),
        Column("heat_gj", "number", "GJ", "Heat of a season that its consumers take.", "采暖季输送热量", minimum=0.0),
        Column("density_mwh_m", "number", "MWh/m", "Heat of a season per metre of trench from here on downstream.", "线热密度", minimum=0.0),
    ),
)  # fmt: skip
HEAT_NODES = Table(
    "heat_nodes",
    "node_id",
    "One node of a sized network at peak.",
    (
        Column("kind", "category", "-", "What the node is.", "节点类型", allowed=("source", "consumer", "junction")),
        Column("source_id", "text", "-", "Source that feeds it.", "热源编号", nullable=True),
        Column("peak_kw", "number", "kW", "Peak taken here.", "峰值负荷", minimum=0.0),
        Column("consumers", "integer", "1", "Consumers here.", "用户数", minimum=0),
        Column("heat_gj", "number", "GJ", "Heat of a season taken here.", "采暖季用热量", minimum=0.0),
        Column("elevation_m", "number", "m", "Elevation of the ground.", "地面高程"),
        Column("distance_m", "number", "m", "Pipe length from the source.", "距热源管长", minimum=0.0 ),
        Column("supply_c", "number", "°C", "Supply temperature.", "供水温度", nullable=True),
        Column("return_c", "number", "°C", "Return temperature.", "回水温度", nullable=True),
        Column("supply_head_m", "number", "m", "Head of the supply over the datum of the elevations.", "供水水头", nullable=True),
        Column("return_head_m", "number", "m", "Head of the return.", "回水水头", nullable=True),
        Column("supply_kpa", "number", "kPa", "Gauge pressure of the supply.", "供水压力", nullable=True),
        Column("return_kpa", "number", "kPa", "Gauge pressure of the return.", "回水压力", nullable=True),
        Column("available_kpa", "number", "kPa", "Difference between supply and return.", "资用压差", nullable=True),
        Column("critical", "flag", "-", "On the way with the largest pressure drop of its source.", "是否最不利环路"),
    ),
)  # fmt: skip
HEAT_PLANTS = Table(
    "heat_plants",
    "source_id",
    "One source with its pumps and the balance of its network at peak.",
    (
        Column("status", "category", "-", "Whether every limit is kept.", "状态", allowed=("accepted", "infeasible")),
        Column("binding", "text", "-", "Where a limit binds, in words.", "控制约束"),
        Column("rounds", "integer", "1", "Rounds of resizing until flows and sizes stood still.", "迭代次数", minimum=0),
        Column("main_friction_pa_m", "number", "Pa/m", "Friction that the mains were sized for.", "主干线设计比摩阻", minimum=0.0),
        Column("critical_node", "text", "-", "Consumer with the largest pressure drop.", "最不利用户" ),
        Column("flow_kg_s", "number", "kg/s", "Flow at peak.", "总流量", minimum=0.0),
        Column("static_head_m", "number", "m", "Head of the standing water over the datum.", "静水压线" ),
        Column("pump_head_m", "number", "m", "Head of the source's own pumps.", "循环泵扬程", minimum=0.0),
        Column("pump_kw", "number", "kW", "Electric power of the source's own pumps at peak.", "循环泵功率", minimum=0.0),
        Column("relays", "integer", "1", "Relay pumping stations.", "中继泵站数", minimum=0),
        Column("relay_kw", "number", "kW", "Electric power of the relay pumps at peak.", "中继泵功率", minimum=0.0),
        Column("supply_c", "number", "°C", "Supply temperature at the source.", "供水温度"),
        Column("return_c", "number", "°C", "Return temperature at the source.", "回水温度"),
        Column("heat_in_kw", "number", "kW", "Heat fed in at peak.", "供热量", minimum=0.0),
        Column("delivered_kw", "number", "kW", "Heat that the consumers take at the same time.", "用户得热量", minimum=0.0),
        Column("loss_kw", "number", "kW", "Heat lost on the way.", "热损失", minimum=0.0),
        Column("balance", "number", "1", "(heat in - delivered - lost) / heat in.", "热平衡残差"),
        Column("heat_gj", "number", "GJ", "Heat of a season that the consumers take.", "采暖季供热量", minimum=0.0),
        Column("loss_gj", "number", "GJ", "Heat of a season lost on the way.", "采暖季热损失", minimum=0.0),
        Column("length_m", "number", "m", "Length of trench.", "管网长度", minimum=0.0),
    ),
)  # fmt: skip
