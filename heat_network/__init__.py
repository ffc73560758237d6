"""Heat networks: from dirty streets to pipes with a certified gap.

`street_graph` makes streets a graph and reports every repair, `attach` joins buildings and sources to it,
`route` chooses the pipes at true cost with a lower bound, `two_level_network` does so with substations,
and `steiner_tree` is the kernel on plain arrays.
"""

__all__ = [
    "Network",
    "RoutingAssumptions",
    "SteinerTree",
    "StreetGraph",
    "TwoLevelNetwork",
    "attach",
    "cluster_substations",
    "linear_under_steps",
    "route",
    "steiner_tree",
    "street_graph",
    "two_level_network",
]

from heat_network.graph import StreetGraph, attach, street_graph
from heat_network.routing import Network, route
from heat_network.routing_assumptions import RoutingAssumptions, linear_under_steps
from heat_network.steiner import SteinerTree, steiner_tree
from heat_network.substation_clusters import TwoLevelNetwork, cluster_substations, two_level_network
