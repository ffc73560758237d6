"""The schemas of streets as a graph, its repairs, and networks."""

__all__ = [
    "ATTACHMENTS",
    "CONNECTIONS",
    "CONNECTION_REASONS",
    "GRAPH_EDGES",
    "GRAPH_NODES",
    "NETWORK_NODES",
    "NETWORK_PIPES",
    "REPAIRS",
    "REPAIR_KINDS",
    "SUBSTATION_CLUSTERS",
]

from layers.schema import Column, Table

CONNECTION_REASONS = (
    "connected",
    "too_far",  # the carrying alone, without any trench, costs more than the building's prize
    "cheaper_alone",  # the best network found is cheaper without it
    "unreachable",  # no path from any source
    "no_demand",
    "no_capacity",  # the sources that reach it are full
)
REPAIR_KINDS = ("snapped", "split", "bridged", "dropped_short", "dropped_double", "island")

GRAPH_NODES = Table(
    "graph_nodes",
    "node_id",
    "One node of the street graph.",
    (
        Column(
            "kind",
            "category",
            "-",
            "What the node is.",
            "节点类型",
            allowed=("street", "attachment", "building"),
        ),
        Column(
            "component",
            "integer",
            "1",
            "Connected part of the graph, 0 the largest.",
            "连通分量",
            minimum=0,
        ),
        Column("x_m", "number", "m", "Easting.", "东坐标"),
        Column("y_m", "number", "m", "Northing.", "北坐标"),
    ),
    "Point",
)
GRAPH_EDGES = Table(
    "graph_edges",
    "edge_id",
    "One edge of the street graph.",
    (
        Column("u", "text", "-", "Node at the start.", "起点"),
        Column("v", "text", "-", "Node at the end.", "终点"),
        Column(
            "kind",
            "category",
            "-",
            "What the edge is.",
            "边类型",
            allowed=("street", "bridged", "service"),
        ),
        Column("street_id", "text", "-", "Street it comes from.", "道路编号", nullable=True),
        Column("length_m", "number", "m", "Length.", "长度", minimum=0.0),
        Column(
            "extra_m",
            "number",
            "m",
            "Length that its crossings cost as much as.",
            "穿越附加长度",
            minimum=0.0,
        ),
        Column(
            "crossings", "text", "-", "Kinds of barriers it crosses.", "穿越障碍", nullable=True
        ),
    ),
    "LineString",
)
REPAIRS = Table(
    "graph_repairs",
    "repair_id",
    "One thing done to the streets so that they make a graph.",
    (
        Column("kind", "category", "-", "What was done.", "修复类型", allowed=REPAIR_KINDS),
        Column("street_id", "text", "-", "Street concerned.", "道路编号", nullable=True),
        Column(
            "size_m",
            "number",
            "m",
            "Distance moved, gap closed or length lost.",
            "尺寸",
            minimum=0.0,
        ),
        Column("detail", "text", "-", "In words.", "说明"),
    ),
    "Any",
)
ATTACHMENTS = Table(
    "graph_attachments",
    "building_id",
    "How one building or source meets the street graph.",
    (
        Column("node", "text", "-", "Its node in the graph.", "节点", nullable=True),
        Column("candidates", "integer", "1", "Streets it may connect to.", "候选道路数", minimum=0),
        Column(
            "nearest_m",
            "number",
            "m",
            "Distance to the nearest street.",
            "最近道路距离",
            nullable=True,
            minimum=0.0,
        ),
        Column(
            "reason",
            "category",
            "-",
            "Why it has no node.",
            "未接入原因",
            allowed=("attached", "too_far"),
        ),
    ),
)
NETWORK_NODES = Table(
    "network_nodes",
    "node_id",
    "One node of a heat network.",
    (
        Column(
            "kind",
            "category",
            "-",
            "What the node is.",
            "节点类型",
            allowed=("source", "consumer", "junction"),
        ),
        Column("source_id", "text", "-", "Source that feeds it.", "热源编号", nullable=True),
        Column(
            "distance_m", "number", "m", "Pipe length from its source.", "距热源管长", minimum=0.0
        ),
        Column("peak_kw", "number", "kW", "Peak taken at this node.", "峰值负荷", minimum=0.0),
    ),
    "Point",
)
NETWORK_PIPES = Table(
    "network_pipes",
    "pipe_id",
    "One pair of pipes along an edge; it runs from u, nearer the source, to v.",
    (
        Column("edge_id", "text", "-", "Edge of the graph.", "边编号"),
        Column("u", "text", "-", "Node nearer the source.", "上游节点"),
        Column("v", "text", "-", "Node farther from it.", "下游节点"),
        Column(
            "source_id",
            "text",
            "-",
            "Source that feeds it; missing on links between trees.",
            "热源编号",
            nullable=True,
        ),
        Column("length_m", "number", "m", "Length.", "长度", minimum=0.0),
        Column(
            "extra_m",
            "number",
            "m",
            "Length that its crossings cost as much as.",
            "穿越附加长度",
            minimum=0.0,
        ),
        Column("consumers", "integer", "1", "Consumers downstream.", "下游用户数", minimum=0),
        Column(
            "sum_kw", "number", "kW", "Sum of the peaks downstream.", "下游负荷之和", minimum=0.0
        ),
        Column(
            "peak_kw", "number", "kW", "Peak to carry, after diversity.", "管段峰值", minimum=0.0
        ),
        Column("cost_cny", "number", "CNY", "Price by the linear rule.", "造价", minimum=0.0),
    ),
    "LineString",
)
CONNECTIONS = Table(
    "network_connections",
    "consumer_id",
    "Whether one consumer is connected, by which source, or why not.",
    (
        Column("connected", "flag", "-", "Is connected.", "是否接入"),
        Column("reason", "category", "-", "Why, or why not.", "原因", allowed=CONNECTION_REASONS),
        Column("source_id", "text", "-", "Source that feeds it.", "热源编号", nullable=True),
        Column("node", "text", "-", "Its node in the graph.", "节点", nullable=True),
        Column("peak_kw", "number", "kW", "Peak load.", "峰值负荷", nullable=True),
        Column(
            "prize_cny",
            "number",
            "CNY",
            "What heating it alone costs; missing where it must connect.",
            "单独供热成本",
            nullable=True,
        ),
        Column(
            "distance_m",
            "number",
            "m",
            "Pipe length from its source.",
            "距热源管长",
            nullable=True,
            minimum=0.0,
        ),
    ),
)
SUBSTATION_CLUSTERS = Table(
    "substation_clusters",
    "substation_id",
    "One heat substation between the primary and a secondary network.",
    (
        Column("node", "text", "-", "Node of the graph it stands at.", "节点"),
        Column("peak_kw", "number", "kW", "Sum of the peaks it serves.", "负荷", minimum=0.0),
        Column("buildings", "integer", "1", "Buildings it serves.", "建筑数", minimum=1),
        Column(
            "radius_m",
            "number",
            "m",
            "Straight distance to the farthest of them.",
            "服务半径",
            minimum=0.0,
        ),
    ),
    "Point",
)
