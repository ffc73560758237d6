"""One row per roof: the sums of its planes, beside what is known of its building."""

__all__ = ["ROOFS", "roof_totals"]

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.schema import Column, Table
from layers.tables import BUILDING_USES
from rooftop_pv.tables import MONTH_COLUMNS

ROOFS = Table(
    "pv_roofs",
    "building_id",
    "One roof: the sums of its planes.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("use", "category", "-", "Use of the building.", "用途", allowed=BUILDING_USES),
        Column(
            "height_m",
            "number",
            "m",
            "Height of the roof edge above the ground.",
            "高度",
            minimum=0.0,
        ),
        Column("height_source", "text", "-", "How the height is known.", "高度依据"),
        Column("name", "text", "-", "Name of the building; untrusted text.", "名称", nullable=True),
        Column("roof_m2", "number", "m²", "True surface of all planes.", "屋面面积", minimum=0.0),
        Column("module_m2", "number", "m²", "Area of the modules.", "组件面积", minimum=0.0),
        Column("capacity_kwp", "number", "kWp", "DC capacity.", "装机容量", minimum=0.0),
        Column("yield_kwh", "number", "kWh", "AC energy of the year.", "年发电量", minimum=0.0),
        Column(
            "specific_yield_kwh_kwp",
            "number",
            "kWh/kWp",
            "AC energy of the year per DC capacity; missing where no module fits.",
            "等效利用小时",
            nullable=True,
            minimum=0.0,
        ),
        Column(
            "shading_loss",
            "number",
            "1",
            "Share of the unshaded AC energy that neighbours and terrain take; missing where no module fits.",
            "遮挡损失",
            nullable=True,
            minimum=0.0,
            maximum=1.0,
        ),
        Column(
            "co2_kg", "number", "kg", "CO2 of the grid electricity replaced in the year.", "减排量"
        ),
        Column("source", "text", "-", "Where the building comes from.", "来源"),
        *(
            Column(
                name,
                "number",
                "kWh",
                f"AC energy of month {name[6:8]}.",
                f"{int(name[6:8])}月发电量",
            )
            for name in MONTH_COLUMNS
        ),
    ),
    "Polygon",
)

_SUMS = (
    "plane_m2",
    "module_m2",
    "capacity_kwp",
    "yield_kwh",
    "unshaded_kwh",
    "co2_kg",
    *MONTH_COLUMNS,
)


def roof_totals(
    buildings: gpd.GeoDataFrame, planes: gpd.GeoDataFrame, yields: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Sum the planes of every building.

    Parameters
    ----------
    buildings : GeoDataFrame
        Valid by ``buildings``; every one gets a row, also those without a module.
    planes : GeoDataFrame
        Valid by ``planes``.
    yields : DataFrame
        Valid by ``yields``, one row per plane.

    Returns
    -------
    GeoDataFrame
        Valid by ``pv_roofs``, in the buildings' order. The shading loss is that of the sums:
        ``1 - sum(yield) / sum(yield / (1 - loss))``.
    """
    energy = yields.reindex(planes.index)
    lit = 1.0 - energy["shading_loss"].to_numpy()
    made = energy["yield_kwh"].to_numpy()
    parts = pd.DataFrame(
        {
            "building_id": planes["building_id"],
            "plane_m2": planes["plane_m2"],
            "module_m2": planes["module_m2"],
            "capacity_kwp": planes["capacity_kwp"],
            "unshaded_kwh": np.divide(made, lit, out=np.zeros_like(made), where=lit > 0.0),
            **{name: energy[name] for name in ("yield_kwh", "co2_kg", *MONTH_COLUMNS)},
        }
    )
    sums = (
        parts.groupby("building_id", sort=False)[list(_SUMS)]
        .sum()
        .reindex(buildings.index, fill_value=0.0)
    )
    capacity = sums["capacity_kwp"].where(sums["capacity_kwp"] > 0.0)
    unshaded = sums["unshaded_kwh"].where(sums["unshaded_kwh"] > 0.0)
    plain = pd.DataFrame(
        buildings[["county", "use", "height_m", "height_source", "name", "source"]]
    ).assign(
        roof_m2=sums["plane_m2"],
        specific_yield_kwh_kwp=sums["yield_kwh"] / capacity,
        shading_loss=(1.0 - sums["yield_kwh"] / unshaded).clip(0.0, 1.0),
        **{
            str(name): sums[name]
            for name in sums.columns
            if name not in {"plane_m2", "unshaded_kwh"}
        },
    )
    roofs = gpd.GeoDataFrame(
        plain[[column.name for column in ROOFS.columns]], geometry=buildings.geometry
    )
    roofs.index.name = ROOFS.key
    return ROOFS.validate(roofs, where="The table of roofs")
