# ruff: noqa: E501 - one column a line
"""The schemas of ground-mounted bases."""

__all__ = ["GROUND_EXCLUSIONS", "GROUND_SITES", "STRUCTURES"]

from layers.schema import Column, Table

STRUCTURES = ("fixed", "single_axis")

GROUND_SITES = Table(
    "ground_sites",
    "site_id",
    "One patch of open land in one county that may carry a ground-mounted base; its outline runs along the edges of cells.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("structure", "category", "-", "How the modules stand: fixed tilt or single-axis tracking.", "支架形式", allowed=STRUCTURES),
        Column("area_ha", "number", "ha", "Area of the patch.", "面积", minimum=0.0),
        Column("slope_deg", "number", "°", "Mean slope of the ground; missing without terrain.", "平均坡度", nullable=True, minimum=0.0, maximum=90.0),
        Column("street_distance_m", "number", "m", "From the edge of the patch to the nearest street that gives access; missing without streets.", "距道路", nullable=True, minimum=0.0),
        Column("substation_distance_m", "number", "m", "From the edge of the patch to the nearest substation of enough voltage; missing without one.", "距变电站", nullable=True, minimum=0.0),
        Column("substation_id", "text", "-", "That substation.", "变电站编号", nullable=True),
        Column("capacity_mw", "number", "MW", "DC capacity by the stated density.", "装机容量", minimum=0.0),
        Column("yield_gwh", "number", "GWh", "AC energy of the year.", "年发电量", minimum=0.0),
        Column("specific_yield_kwh_kwp", "number", "kWh/kWp", "AC energy of the year per DC capacity.", "等效利用小时", minimum=0.0),
        Column("source", "text", "-", "Where the land cover comes from; 'synthetic' where any layer that decides was generated.", "来源"),
    ),
    "Polygon",
)  # fmt: skip

GROUND_EXCLUSIONS = Table(
    "ground_exclusions",
    "step_id",
    "What one test removed of the land of one county; the tests run in order and each cell counts once, so that the rows of a county sum to its cells.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("step", "integer", "1", "Place in the order of the tests.", "次序", minimum=1),
        Column("reason", "text", "-", "What the test asks; the last row, 'site', is the land that is left.", "原因"),
        Column("cells", "integer", "1", "Cells.", "格数", minimum=0),
        Column("area_ha", "number", "ha", "Area of the cells.", "面积", minimum=0.0),
        Column("share", "number", "1", "Share of the county's cells.", "占比", minimum=0.0, maximum=1.0),
    ),
)  # fmt: skip
