"""Heat in sentences that are true for any input: no demand, no network, no source, nothing unmet."""

__all__ = ["heat_sentences"]

from collections.abc import Mapping

import pandas as pd

from zibo_geo.report.numbers import amount, count, heat, is_missing, money, ratio, share
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_M_PER_KM, _KW_PER_MW = 1e3, 1e3


def heat_sentences(
    frames: Mapping[str, pd.DataFrame], wording: Wording, *, names: Mapping[str, str] | None = None
) -> dict[str, Words]:
    """Return a sentence per question that the frames can answer.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Tables of the heat plan by name, already cut to one county where that is asked.
    wording : Wording
        Names of alternatives.
    names : mapping of str to str, optional
        What sources are called; their keys unless given.
    """
    said: dict[str, Words] = {}
    if "heat_buildings" in frames:
        said["demand"] = _demand(frames["heat_buildings"])
    if "heat_connections" in frames:
        said["served"] = _served(frames["heat_connections"])
    if "heat_schemes" in frames:
        said["network"] = _network(frames["heat_schemes"], wording)
    if "heat_clusters" in frames:
        said["supply"] = _supply(frames["heat_clusters"])
    if "heat_networks" in frames and len(frames["heat_networks"]):
        said["bound"] = _bound(frames["heat_networks"])
    if "heat_outages" in frames:
        said["outage"] = _outage(frames["heat_outages"], names or {})
    return said


def _demand(buildings: pd.DataFrame) -> Words:
    asking = buildings[buildings["annual_gj"] > 0.0]
    if not len(asking):
        return (
            f"{count(len(buildings))} 栋建筑中没有需要集中供热的建筑。",
            f"Of {count(len(buildings))} buildings not one asks for heat.",
        )
    peak = amount(asking["design_kw"].sum() / _KW_PER_MW, "MW")
    needed = heat(asking["annual_gj"].sum())
    return (
        (
            f"{count(len(buildings))} 栋建筑中 {count(len(asking))} 栋有热负荷，设计热负荷合计 {peak[0]}，"
            f"采暖季耗热 {needed[0]}。"
        ),
        (
            f"{count(len(asking))} of {count(len(buildings))} buildings ask for heat: design loads of "
            f"{peak[1]} together and {needed[1]} in a year."
        ),
    )


def _served(connections: pd.DataFrame) -> Words:
    asking = connections[connections["heat_gj"] > 0.0]
    if not len(asking):
        return "没有建筑要求接入热网。", "No building asks to be connected."
    served = asking[asking["connected"]]
    part = share(ratio(served["heat_gj"].sum(), asking["heat_gj"].sum()))
    return (
        f"热网接入其中 {count(len(served))} 栋，占耗热量 {part[0]}。",
        f"The network connects {count(len(served))} of them with {part[1]} of the heat.",
    )


def _bound(networks: pd.DataFrame) -> Words:
    gaps = networks["gap"].dropna()
    if not len(gaps):
        return "管网造价没有可证下界。", "No bound of the network's cost was proven."
    worst = share(max(float(gaps.max()), 0.0))
    return (
        f"管网布置经证明与最优造价相差至多 {worst[0]}（各片区、各级中最大）。",
        f"Its layout is proven to cost at most {worst[1]} more than the best, in every zone and level.",
    )


def _network(schemes: pd.DataFrame, wording: Wording) -> Words:
    level = schemes["level"].astype("str")
    rows = schemes[level == "all"] if (level == "all").any() else schemes[level == "county"]
    if not rows["heat_gj"].sum() > 0.0:
        return "没有建成的供热管网方案。", "There is no heat network in the plan."
    length, cost = amount(rows["length_m"].sum() / _M_PER_KM, "km"), money(rows["capex_cny"].sum())
    taken, users = heat(rows["heat_gj"].sum()), count(rows["consumers"].sum())
    chinese = f"管网 {length[0]}，接入 {users} 个用户，年供热 {taken[0]}，投资 {cost[0]}"
    english = (
        f"A network of {length[1]} serves {users} consumers with {taken[1]} a year for {cost[1]}"
    )
    known = rows[rows["lcoh_cny_gj"].notna() & (rows["heat_gj"] > 0.0)]
    if len(known):
        price = (known["lcoh_cny_gj"] * known["heat_gj"]).sum() / known["heat_gj"].sum()
        other = (known["alternative_cny_gj"] * known["heat_gj"]).sum() / known["heat_gj"].sum()
        chinese += f"；平准化热价 {price:.1f} 元/GJ，同批用户最便宜的替代方案 {other:.1f} 元/GJ"
        english += (
            f"; its heat costs {price:.1f} CNY/GJ, the cheapest alternative of the same consumers "
            f"{other:.1f} CNY/GJ"
        )
        names = [
            wording.value("cheapest_alternative", n) for n in known["cheapest_alternative"].unique()
        ]
        if len(names) == 1:
            chinese += f"（{names[0][0]}）"
            english += f" ({names[0][1]})"
    saving = float(rows["saving_cny"].sum())
    worth = money(abs(saving))
    if saving > 0.0:
        return (
            f"{chinese}；比替代方案每年省 {worth[0]}。",
            f"{english}; it saves {worth[1]} a year.",
        )
    if saving < 0.0:
        return (
            f"{chinese}；比替代方案每年贵 {worth[0]}。",
            f"{english}; it is {worth[1]} a year dearer.",
        )
    return f"{chinese}；与替代方案费用相当。", f"{english}; it costs as much as the alternative."


def _supply(clusters: pd.DataFrame) -> Words:
    demand = float(clusters["demand_gj"].sum())
    if demand <= 0.0:
        return "没有热区需要供热。", "No cluster asks for heat."
    sources, boilers = float(clusters["sources_gj"].sum()), float(clusters["boiler_gj"].sum())
    total = heat(demand)
    chinese = f"{count(len(clusters))} 个热区需热 {total[0]}"
    verb = "cluster asks" if len(clusters) == 1 else "clusters ask"
    english = f"{count(len(clusters))} {verb} for {total[1]}"
    if boilers <= 0.0:
        chinese += "；供出的热量全部来自热源"
        english += "; all heat that is supplied comes from the sources"
    else:
        part = share(ratio(sources, sources + boilers))
        chinese += f"；供出的热量中 {part[0]} 来自热源，其余由调峰锅炉供给"
        english += (
            f"; of the heat supplied {part[1]} comes from the sources, the rest from peak boilers"
        )
    unmet = float(clusters["unmet_gj"].sum())
    if ratio(unmet, demand) > 1e-6:
        missing, part = heat(unmet), share(ratio(unmet, demand))
        return (
            f"{chinese}；{missing[0]}（{part[0]}）不能满足。",
            f"{english}; {missing[1]} ({part[1]}) is not met.",
        )
    return f"{chinese}；需求全部满足。", f"{english}; all demand is met."


def _outage(outages: pd.DataFrame, names: Mapping[str, str]) -> Words:
    if not len(outages):
        return "没有检查热源停运。", "No outage was looked at."
    sums = outages.groupby("source_id")["unserved_gj"].sum().sort_values(ascending=False)
    if sums.iloc[0] <= 0.0:
        return (
            "在所检查的时段内，任何一个热源停运，其余热源和锅炉都能补上。",
            "In the hours looked at, whichever source fails, the others and the boilers make up for it.",
        )
    worst = str(sums.index[0])
    rows = outages[outages["source_id"] == worst]
    hit = rows[rows["unserved_gj"] > 0.0]
    lacking = heat(sums.iloc[0])
    hours = rows["unserved_h"].max()
    name, many = names.get(worst, worst), "cluster" if len(hit) == 1 else "clusters"
    chinese = f"影响最大的是热源 {name} 停运：{len(hit)} 个热区缺 {lacking[0]}"
    english = f"The worst outage is that of {name}: {lacking[1]} are missing in {len(hit)} {many}"
    if not is_missing(hours):
        chinese += f"，最长 {count(hours)} 小时"
        english += f" over up to {count(hours)} hours"
    spare = amount(rows["spare_mw"].sum(), "MW")
    return f"{chinese}；备用 {spare[0]} 可补上。", f"{english}; {spare[1]} of spare would serve it."
