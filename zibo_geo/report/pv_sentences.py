"""Rooftop PV in sentences that are true for any input: zero, missing, met, missed or not asked."""

__all__ = ["pv_sentences"]

from collections.abc import Iterable

from zibo_geo.report.numbers import amount, count, is_missing, money, ratio, share
from zibo_geo.report.pv_facts import KindFacts, PvFacts
from zibo_geo.report.words import Wording

Words = tuple[str, str]
_KWH_PER_KWP = 1e3
_SMALL_MW = 5e-4  # below what is printed


def pv_sentences(facts: PvFacts, wording: Wording, *, sample: bool) -> dict[str, Words]:
    """Return one sentence or two per question, in Chinese and English.

    Parameters
    ----------
    facts : PvFacts
        Of a county or of the whole area.
    wording : Wording
        Names of roof kinds and reasons.
    sample : bool
        Whether the buildings are a sample, so that their sums meet no promise.

    Returns
    -------
    dict
        By question: potential, money, quota, promise, years, grid, left_out.
    """
    return {
        "potential": _potential(facts),
        "money": _money(facts),
        "quota": _quota(facts, wording),
        "promise": _promise(facts, sample=sample),
        "years": _years(facts, sample=sample),
        "grid": _grid(facts),
        "left_out": _left_out(facts, wording),
    }


def _potential(facts: PvFacts) -> Words:
    if not facts.buildings:
        return (
            "此范围没有读入建筑，无法说明光伏潜力。",
            "No buildings were read here, so nothing is said of PV.",
        )
    if facts.capacity_mw <= 0.0:
        return (
            f"读入 {count(facts.buildings)} 栋建筑，没有一栋屋顶能布置组件。",
            f"{count(facts.buildings)} buildings were read; no roof among them carries a module.",
        )
    mw, gwh = amount(facts.capacity_mw, "MW"), amount(facts.yield_gwh, "GWh")
    hours = count(ratio(_KWH_PER_KWP * facts.yield_gwh, facts.capacity_mw))
    chinese = (
        f"读入 {count(facts.buildings)} 栋建筑，{count(facts.fitted)} 栋屋顶可装光伏 {mw[0]}，"
        f"平均年发电 {gwh[0]}，等效利用 {hours} 小时"
    )
    english = (
        f"Of {count(facts.buildings)} buildings read, {count(facts.fitted)} have roofs that carry "
        f"{mw[1]} of PV, which yields {gwh[1]} in a mean year, {hours} kWh per kWp"
    )
    if facts.p90_gwh > 0.0:
        low = amount(facts.p90_gwh, "GWh")
        return (
            chinese + f"；单年至少有九成把握超过 {low[0]}。",
            english + f"; a single year exceeds {low[1]} with at least 90 % certainty.",
        )
    return chinese + "。", english + "."


def _money(facts: PvFacts) -> Words:
    if facts.chosen_mw <= 0.0:
        return "没有屋顶入选建设。", "No roof is chosen to be built."
    cost = money(facts.chosen_capex_cny)
    mw, gwh = amount(facts.chosen_mw, "MW"), amount(facts.chosen_gwh, "GWh")
    chinese = (
        f"建议建设 {count(facts.chosen_roofs)} 个屋顶、{mw[0]}，投资 {cost[0]}，年发电 {gwh[0]}"
    )
    english = (
        f"Proposed: {count(facts.chosen_roofs)} {_plural(facts.chosen_roofs, 'roof')} with {mw[1]} for "
        f"{cost[1]}, yielding {gwh[1]} a year"
    )
    if not is_missing(facts.lcoe_mean_cny_kwh):
        low, high = f"{facts.lcoe_low_cny_kwh:.3f}", f"{facts.lcoe_high_cny_kwh:.3f}"
        mean = f"{facts.lcoe_mean_cny_kwh:.3f}"
        chinese += f"；度电成本 {low}–{high} 元，按电量平均 {mean} 元"
        english += f"; a kWh costs {low} to {high} CNY, {mean} CNY on average"
    economic = amount(facts.economic_mw, "MW")
    part = share(ratio(facts.economic_mw, facts.capacity_mw))
    return (
        f"{chinese}。技术潜力中 {economic[0]}（{part[0]}）按所列假设是经济的。",
        f"{english}. Of the technical potential {economic[1]} ({part[1]}) pays by the stated assumptions.",
    )


def _quota(facts: PvFacts, wording: Wording) -> Words:
    asked = [kind for kind in facts.kinds if kind.asked]
    if not asked:
        return (
            "此范围没有须满足最低比例的屋顶。",
            "No roof here is of a kind that has a minimum share.",
        )
    met, missed = [k for k in asked if k.met], [k for k in asked if not k.met]
    names = _names(met, wording)
    chinese = f"{len(asked)} 类有最低比例的屋顶中，{len(met)} 类满足" + (
        f"（{'、'.join(names[0])}）" if met else ""
    )
    english = (
        f"Of {len(asked)} {_plural(len(asked), 'kind')} of roof with a minimum share, {len(met)} "
        + ("meets it" if len(met) == 1 else "meet it")
        + (f" ({', '.join(names[1])})" if met else "")
    )
    for kind in missed:
        name = wording.value("pilot_kind", kind.kind)
        reached, required = share(kind.reached_share), share(kind.required_share)
        short = count(kind.shortfall_m2)
        if kind.reached_share >= kind.required_share:  # together, though not in every county
            chinese += f"；{name[0]}合计达到 {reached[0]}，要求 {required[0]}，但有的区县共缺 {short} m² 屋面"
            english += (
                f"; {name[1]} roofs reach {reached[1]} of {required[1]} together, but some counties are "
                f"{short} m² short"
            )
            continue
        chinese += f"；{name[0]}只达到 {reached[0]}，要求 {required[0]}，缺 {short} m² 屋面"
        english += f"; {name[1]} roofs reach {reached[1]} of {required[1]}, {short} m² short"
    return chinese + "。", english + "."


def _promise(facts: PvFacts, *, sample: bool) -> Words:
    if facts.need_mw <= _SMALL_MW:
        return (
            "没有分解到此范围的新增目标，或已建光伏已经满足。",
            "No new capacity is asked of this area, or what exists meets it.",
        )
    need, mw = amount(facts.need_mw, "MW"), amount(facts.chosen_mw, "MW")
    part = share(ratio(facts.chosen_mw, facts.need_mw))
    chinese = f"目标要求屋顶新增 {need[0]}，入选 {mw[0]}，为目标的 {part[0]}"
    english = (
        f"The promise asks roofs for {need[1]}; the chosen roofs give {mw[1]}, {part[1]} of it"
    )
    if facts.gap_mw > _SMALL_MW:
        gap = amount(facts.gap_mw, "MW")
        chinese += f"；即使用尽全部屋顶仍缺 {gap[0]}，需要地面电站或其他来源"
        english += f"; even all roofs together lack {gap[1]}, which must come from elsewhere"
    if sample:
        return (
            chinese + "。建筑只是样本，而目标是全量的，两者不能比较。",
            english
            + ". The buildings are a sample while the promise is whole: the two cannot be compared.",
        )
    return chinese + "。", english + "."


def _years(facts: PvFacts, *, sample: bool) -> Words:
    if not facts.years:
        return "没有分年计划。", "There is no plan by year."
    first, last = facts.years[0], facts.years[-1]
    built = [year for year in facts.years if year.built_mw > _SMALL_MW]
    if not built:
        return (
            f"{first.year} 至 {last.year} 年没有建设。",
            f"Nothing is built from {first.year} to {last.year}.",
        )
    total = amount(last.cumulative_mw, "MW")
    until = built[-1].year
    span = f"{built[0].year} 年" if until == built[0].year else f"{built[0].year} 至 {until} 年"
    when = f"in {until}" if until == built[0].year else f"from {built[0].year} to {until}"
    chinese, english = f"{span}建设，累计 {total[0]}", f"Built {when}: {total[1]} in all"
    if sample:
        return chinese + "。", english + "."
    late = [year for year in facts.years if year.target_mw - year.cumulative_mw > _SMALL_MW]
    if late:
        behind = amount(late[-1].target_mw - late[-1].cumulative_mw, "MW")
        chinese += f"；{late[0].year} 年起落后于目标，{late[-1].year} 年末差 {behind[0]}"
        english += (
            f"; behind the path from {late[0].year}, by {behind[1]} at the end of {late[-1].year}"
        )
    elif last.target_mw > _SMALL_MW:
        chinese += "；每年都不落后于目标"
        english += "; no year falls behind the path"
    return chinese + "。", english + "."


def _grid(facts: PvFacts) -> Words:
    if not facts.substations:
        return (
            "没有变电站数据，未检查电网能否接入；请提供 substations 图层。",
            (
                "There are no substations, so whether the grid takes these roofs was not asked; "
                "bring the layer substations."
            ),
        )
    green, yellow, red = (facts.substations[name] for name in ("green", "yellow", "red"))
    refused = amount(facts.refused_mw, "MW")
    total = green + yellow + red
    chinese = (
        f"{count(total)} 座变电站（含配电变压器）中绿色 {count(green)}、黄色 {count(yellow)}、"
        f"红色 {count(red)}"
    )
    english = (
        f"Of {count(total)} substations and transformers {count(green)} are green, {count(yellow)} "
        f"yellow, {count(red)} red"
    )
    if facts.refused_mw > _SMALL_MW:
        return (
            chinese + f"；{refused[0]} 屋顶容量不能接入。",
            english + f"; they refuse {refused[1]} of roofs.",
        )
    return chinese + "；没有屋顶容量被拒绝。", english + "; they refuse no roof capacity."


def _left_out(facts: PvFacts, wording: Wording) -> Words:
    out = {
        reason: figures
        for reason, figures in facts.reasons.items()
        if reason not in {"quota", "target"} and figures[0]
    }
    if not out:
        return "没有屋顶落选。", "No roof is left out."
    order = sorted(out, key=lambda reason: -out[reason][0])
    chinese, english = [], []
    for reason in order:
        roofs, mw = out[reason]
        name = wording.of(f"left_out_{reason}")
        size = amount(mw, "MW")
        chinese.append(
            f"{name[0]} {count(roofs)} 栋" + (f"（{size[0]}）" if mw > _SMALL_MW else "")
        )
        english.append(f"{name[1]} {count(roofs)}" + (f" ({size[1]})" if mw > _SMALL_MW else ""))
    return (
        "未入选的屋顶：" + "、".join(chinese) + "。",
        "Roofs left out: " + ", ".join(english) + ".",
    )


def _names(kinds: Iterable[KindFacts], wording: Wording) -> tuple[list[str], list[str]]:
    pairs = [wording.value("pilot_kind", kind.kind) for kind in kinds]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _plural(number: int, word: str) -> str:
    return word if number == 1 else word + "s"
