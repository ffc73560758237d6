"""Charging, hydrogen and hubs in sentences that are true for any input."""

__all__ = ["siting_sentences"]

from collections.abc import Mapping

import pandas as pd

from zibo_geo.report.numbers import amount, count, is_missing, ratio, share
from zibo_geo.report.words import Wording

Words = tuple[str, str]


def siting_sentences(frames: Mapping[str, pd.DataFrame], wording: Wording) -> dict[str, Words]:
    """Return a sentence per question that was asked.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Tables of the siting plan by name, already cut to one county where that is asked.
    wording : Wording
        Names of services.
    """
    said: dict[str, Words] = {}
    if "siting_charging" in frames:
        said["charging"] = _charging(frames["siting_charging"], frames.get("siting_counties"))
    if "siting_access" in frames:
        said["access"] = _access(frames["siting_access"])
    if "siting_hydrogen" in frames:
        said["hydrogen"] = _hydrogen(frames["siting_hydrogen"])
    if "siting_hubs" in frames:
        said["hubs"] = _hubs(frames["siting_hubs"], wording)
    return said


def _charging(sites: pd.DataFrame, counties: pd.DataFrame | None) -> Words:
    if not len(sites):
        return "没有选出充电站址。", "No charging site is chosen."
    first, last = int(sites["year"].min()), int(sites["year"].max())
    points = count(sites["points"].sum())
    when = (
        (f"{first} 年" if first == last else f"{first} 至 {last} 年"),
        (f"in {first}" if first == last else f"from {first} to {last}"),
    )
    existing = int(sites["existing"].sum())
    chinese = (
        f"选出 {count(len(sites))} 个充电站（{count(existing)} 个利用现有站），"
        f"{points} 根公用桩，{when[0]}投运"
    )
    english = (
        f"Charging sites chosen: {count(len(sites))} ({count(existing)} at stations that exist), with "
        f"{points} public points, opening {when[1]}"
    )
    if counties is not None and len(counties):
        private, total = counties["private_points"].sum(), counties["points"].sum()
        cars = count(counties["vehicles"].sum())
        chinese += (
            f"；加上住宅私人桩 {count(private)} 根，共 {count(total)} 根，服务 {cars} 辆电动车"
        )
        english += (
            f"; with {count(private)} private points at homes {count(total)} in all serve {cars} "
            "electric vehicles"
        )
    waits = sites["wait_min"].dropna()
    if len(waits):
        worst = amount(waits.max(), "min")
        chinese += f"；高峰时快充平均等待最长 {worst[0]}"
        english += f"; the longest mean wait for a fast point at the peak is {worst[1]}"
    short = float(sites["feeder_short_kw"].sum())
    if short > 0.0:
        lacking = amount(short, "kW")
        number = int((sites["feeder_short_kw"] > 0.0).sum())
        chinese += f"；{count(number)} 个站的馈线共缺 {lacking[0]}"
        english += f"; feeders that are too weak: {count(number)}, by {lacking[1]} together"
    return chinese + "。", english + "."


def _access(cells: pd.DataFrame) -> Words:
    demand = float(cells["demand_kwh_d"].sum())
    if demand <= 0.0:
        return "此范围没有公共充电需求。", "There is no demand for public charging here."
    served = cells[cells["access"].astype("str") == "served"]
    part = share(ratio(served["demand_kwh_d"].sum(), demand))
    weight = float(served["demand_kwh_d"].sum())
    minutes = ratio((served["time_min"] * served["demand_kwh_d"]).sum(), weight)
    chinese, english = (
        f"公共充电需求的 {part[0]} 能开车到达站点",
        f"{part[1]} of the demand reaches a site",
    )
    if not is_missing(minutes):
        mean = amount(minutes, "min")
        chinese += f"，平均 {mean[0]}"
        english += f", in {mean[1]} on average"
    return chinese + "。", english + "."


def _hydrogen(stations: pd.DataFrame) -> Words:
    if not len(stations):
        return "没有选出加氢站。", "No hydrogen station is chosen."
    sold, capacity = (
        amount(stations["sold_kg_d"].sum(), "kg/d"),
        amount(stations["capacity_kg_d"].sum(), "kg/d"),
    )
    chinese = f"加氢站 {count(len(stations))} 座，能力 {capacity[0]}，加注 {sold[0]}"
    english = (
        f"Hydrogen stations chosen: {count(len(stations))}, of {capacity[1]}, dispensing {sold[1]}"
    )
    prices = stations["lcoh_cny_kg"].dropna()
    if len(prices):
        chinese += f"，加氢成本 {prices.min():.1f}–{prices.max():.1f} 元/kg"
        english += f" at {prices.min():.1f} to {prices.max():.1f} CNY/kg"
    return chinese + "。", english + "."


def _hubs(hubs: pd.DataFrame, wording: Wording) -> Words:
    if not len(hubs):
        return "没有综合能源港候选站。", "There is no candidate for an energy hub."
    chosen = hubs[hubs["chosen"]]
    full = hubs["legal_services"].fillna("").astype("str").str.split("+")
    services = {}
    for name in ("hydrogen", "charging", "swap"):
        services[name] = int(full.map(lambda have, name=name: name in have).sum())
    parts = [(wording.value("service", name), number) for name, number in services.items()]
    return (
        f"{count(len(hubs))} 个候选站中选出 {count(len(chosen))} 个综合能源港；按安全间距可建"
        + "、".join(f"{name[0]}的 {count(number)} 个" for name, number in parts)
        + "；其余站的约束见下表和 siting_hubs.csv。",
        f"Energy hubs chosen: {count(len(chosen))} of {count(len(hubs))} candidates; by the setbacks "
        + ", ".join(f"{count(number)} may hold {name[1]}" for name, number in parts)
        + "; what blocks the others is in siting_hubs.csv.",
    )
