"""What is known of joined networks when the links between their trees stand open, in sentences."""

__all__ = ["joined_notes"]

from collections.abc import Sequence

from heat_network.district_network import DistrictNetwork
from heat_network.looped import solve_looped
from heat_network.sizing import SizedNetwork
from heat_network.sizing_assumptions import SizingAssumptions
from layers.errors import ZiboGeoError


def joined_notes(
    networks: Sequence[DistrictNetwork], primary: SizedNetwork, *, sizing: SizingAssumptions
) -> list[tuple[str, str]]:
    """Return one sentence per joined zone, in Chinese and English.

    Every zone whose trees are linked is solved with its links open while each source feeds the flow of its
    own tree. Where that cannot be, for a missing library or relay stations, the sentence says why.

    Parameters
    ----------
    networks : sequence of DistrictNetwork
    primary : SizedNetwork
        Of all zones, with the column `zone`.
    sizing : SizingAssumptions
    """
    found = []
    for net in networks:
        pipes = primary.pipes[primary.pipes["zone"] == net.zone]
        if not net.joined or not (pipes["role"] == "link").any():
            continue
        nodes = primary.nodes[primary.nodes["zone"] == net.zone]
        sources = int((nodes["kind"] == "source").sum())
        try:
            flow = solve_looped(nodes, pipes, assumptions=sizing)
        except ZiboGeoError as error:
            reason = str(error).rstrip(".")
            found.append(
                (
                    f"片区 {net.zone} 的联网压力未校核：{reason}",
                    f"the pressures of the joined network of zone {net.zone} were not solved: {reason}",
                )
            )
            continue
        if flow.status == "accepted":
            least = float(flow.nodes.loc[nodes["kind"] == "consumer", "available_kpa"].min())
            chinese = f"片区 {net.zone} {sources} 个热源联网，EPANET 校核合格，资用压差至少 {least:.0f} kPa"
            english = (
                f"EPANET accepts the joined network of the {sources} sources of zone {net.zone} with "
                f"open links, every substation with at least {least:.0f} kPa"
            )
        else:
            chinese = f"片区 {net.zone} 联网后超出水力约束（EPANET）：{flow.binding}"
            english = (
                f"with open links the joined network of zone {net.zone} breaks a limit (EPANET): "
                f"{flow.binding}"
            )
        found.append((chinese, english))
    return found
