"""Refusals in words: what may not stand where, by which rule, object and metres, in two languages."""

__all__ = ["joined_zh", "refusal", "service_zh"]

from types import MappingProxyType

_EQUIPMENT_ZH = MappingProxyType({
    "petrol_tank_1": "一级站汽油罐", "petrol_tank_2": "二级站汽油罐", "petrol_tank_3": "三级站汽油罐",
    "petrol_dispenser": "加油机", "hydrogen_storage_1": "一级储氢", "hydrogen_storage_2": "二级储氢",
    "hydrogen_storage_3": "三级储氢", "hydrogen_dispenser": "加氢机", "cng": "CNG设施",
    "lng_tank_1": "一级站LNG罐", "lng_tank_2": "二级站LNG罐", "lng_tank_3": "三级站LNG罐",
    "lng_dispenser": "LNG加气机", "charging": "充电设施", "swap": "换电设施",
})  # fmt: skip
_RULE_ZH = MappingProxyType({
    "important_public": "重要公共建筑物", "class_1": "一类保护物", "class_2": "二类保护物",
    "class_3": "三类保护物", "open_flame": "明火地点", "railway": "铁路", "arterial": "主干路",
    "minor_road": "次干路支路", "power_line": "架空电力线",
})  # fmt: skip
_LAND_ZH = MappingProxyType(
    {
        "water": "水域",
        "forest": "林地",
        "farmland": "耕地",
        "protected": "保护区",
        "military": "军事用地",
    }
)
_SERVICE_ZH = MappingProxyType({
    "petrol": "加油", "charging": "充电", "swap": "换电", "cng": "CNG", "lng": "LNG", "hydrogen": "加氢",
})  # fmt: skip


def service_zh(service: str) -> str:
    """Return the Chinese word of a service."""
    return _SERVICE_ZH[service]


def joined_zh(services: str) -> str:
    """Return services joined by + in Chinese.

    Examples
    --------
    >>> joined_zh("petrol+charging")
    '加油+充电'
    """
    return "+".join(_SERVICE_ZH.get(name, name) for name in services.split("+"))


def refusal(
    equipment: str,
    *,
    rule: str,
    object_id: str,
    name: str,
    kind: str,
    metres: tuple[float, float],
    plot_m2: tuple[float, float],
    slope_deg: tuple[float, float],
) -> tuple[str, str]:
    """Return why equipment may not stand at a candidate, in English and in Chinese.

    Parameters
    ----------
    equipment, rule : str
        Words of :data:`siting.tables.EQUIPMENT` and the rule that binds: a protected class, ``land``,
        ``area`` or ``slope``.
    object_id, name, kind : str
        Key and name of the object the rule is about, and the kind of closed land.
    metres, plot_m2, slope_deg : (float, float)
        Distance there is and is required [m]; plot there is and is needed [m²]; slope there is and is
        allowed [deg].
    """
    what = _EQUIPMENT_ZH[equipment]
    if rule == "land":
        land = _LAND_ZH.get(kind, kind)
        return (
            f"{equipment} refused: stands on {kind} {object_id}",
            f"{what}不可建：位于{land} {object_id}",
        )
    if rule == "area":
        return (
            f"{equipment} refused: plot of {plot_m2[0]:.0f} m², {plot_m2[1]:.0f} m² needed",
            f"{what}不可建：用地 {plot_m2[0]:.0f} m²，需 {plot_m2[1]:.0f} m²",
        )
    if rule == "slope":
        return (
            f"{equipment} refused: slope {slope_deg[0]:.1f}°, at most {slope_deg[1]:g}° allowed",
            f"{what}不可建：坡度 {slope_deg[0]:.1f}°，不得超过 {slope_deg[1]:g}°",
        )
    named = f" ({name})" if name else ""
    named_zh = f"（{name}）" if name else ""
    near, need = f"{metres[0]:.1f} m", f"{metres[1]:g} m"
    return (
        f"{equipment} refused: {rule.replace('_', ' ')} {object_id}{named} at {near}, {need} required",
        f"{what}不可建：距{_RULE_ZH[rule]} {object_id}{named_zh} {near}，要求 {need}",
    )
