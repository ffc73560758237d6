"""Siting in a sentence: what was chosen, how sure that is, and what could not be answered."""

__all__ = ["siting_sentence"]

from zibo_geo.siting_plan import SitingPlan


def siting_sentence(plan: SitingPlan) -> tuple[str, str]:
    """Return what siting found in Chinese and English, without a closing stop."""
    parts = [part for part in (_charging(plan), _hydrogen(plan), _hubs(plan)) if part is not None]
    parts += [
        (str(row["sentence_zh"]).rstrip("。."), str(row["sentence"]).rstrip("."))
        for _, row in plan.answers.iterrows()
        if not row["answered"]
    ]
    return "；".join(zh for zh, _ in parts), "; ".join(english for _, english in parts)


def _sure(plan: SitingPlan, question: str) -> tuple[str, str]:
    row = plan.answers.loc[question]
    if row["status"] == "proven":
        return "（已证最优）", " (proven best)"
    gap = f"{float(row['gap']):.1%}"
    return f"（与下界相差 {gap}）", f" (within {gap} of its bound)"


def _charging(plan: SitingPlan) -> tuple[str, str] | None:
    if plan.charging is None or plan.counties is None or plan.access is None:
        return None
    points, sites = int(plan.counties["points"].sum()), len(plan.charging)
    public = int(plan.counties["public_points"].sum())
    share = _within(plan)
    zh, english = _sure(plan, "charging")
    chinese = (
        f"充电枪 {points:,} 个，其中公用专用 {public:,} 个布于 {sites:,} 座站{zh}，"
        f"目标时间内覆盖 {share:.1%} 人口"
    )
    words = (
        f"{points:,} charging points, {public:,} of them public at {sites:,} sites{english}, which "
        f"{share:.1%} of the people reach in time"
    )
    return chinese, words


def _within(plan: SitingPlan) -> float:
    """Return the share of all people within the target minutes."""
    if plan.counties is None or plan.access is None:
        return 0.0
    people = plan.access["people"].groupby(plan.access["county"]).sum()
    weight = people.reindex(plan.counties.index).fillna(0.0)
    total = float(weight.sum())
    return float((plan.counties["within_share"] * weight).sum()) / total if total > 0.0 else 0.0


def _hydrogen(plan: SitingPlan) -> tuple[str, str] | None:
    if plan.hydrogen is None or plan.hydrogen_steps is None:
        return None
    last = plan.hydrogen_steps.iloc[-1]
    sold, cost = float(last["sold_kg_d"]), float(last["lcoh_cny_kg"])
    zh, english = _sure(plan, "hydrogen")
    stations, share = len(plan.hydrogen), float(last["share"])
    if sold <= 0.0:
        return (
            f"加氢站 {stations} 座{zh}，无供氢",
            f"{stations} hydrogen stations{english}, none supplied",
        )
    return (
        f"加氢站 {stations} 座{zh}，服务 {share:.0%} 车次，日加氢 {sold:,.0f} kg，枪口成本 {cost:.1f} 元/kg",
        (
            f"{stations} hydrogen stations{english} refuel {share:.0%} of the trips with {sold:,.0f} kg/d at "
            f"{cost:.1f} CNY/kg"
        ),
    )


def _hubs(plan: SitingPlan) -> tuple[str, str] | None:
    if plan.hubs is None:
        return None
    chosen = plan.hubs[plan.hubs["chosen"]]
    hydrogen = int(chosen["bundle"].astype("str").str.contains("hydrogen").sum())
    standing = int(chosen["existing"].sum())
    zh, english = _sure(plan, "hubs")
    return (
        f"综合能源港 {len(chosen)} 座{zh}，其中现有站改建 {standing} 座、含加氢 {hydrogen} 座",
        (
            f"{len(chosen)} energy hubs{english}, {standing} of them standing stations and {hydrogen} with "
            "hydrogen"
        ),
    )
