# ruff: noqa: E501 - one column a line
"""The schemas of the layout of modules."""

__all__ = ["ARRANGEMENTS", "LAYOUTS", "MODULE_POSITIONS", "MODULE_ROWS"]

from layers.schema import Column, Table

ARRANGEMENTS = ("racks", "east_west", "parallel")
MODULE_POSITIONS = ("portrait", "landscape")

LAYOUTS = Table(
    "layouts",
    "plane_id",
    "The modules that fit on one roof plane.",
    (
        Column("arrangement", "category", "-", "Racks in rows, east-west pairs, or parallel to a pitched roof.", "布置方式", allowed=ARRANGEMENTS),
        Column("module_position", "category", "-", "Long side of the module up the slope (portrait) or along it.", "组件朝向", allowed=MODULE_POSITIONS),
        Column("tilt_deg", "number", "°", "Tilt of the modules.", "组件倾角", minimum=0.0, maximum=90.0),
        Column("azimuth_deg", "number", "°", "Azimuth of the modules; east-west pairs face this and the opposite.", "组件方位角", minimum=0.0, maximum=360.0),
        Column("rows", "integer", "1", "Rows with at least one module.", "排数", minimum=0),
        Column("placed", "integer", "1", "Modules that fit the outline.", "可布置组件数", minimum=0),
        Column("modules", "integer", "1", "Modules after the allowance for obstructions.", "组件数", minimum=0),
        Column("capacity_kwp", "number", "kWp", "DC capacity of these modules.", "装机容量", minimum=0.0),
        Column("module_m2", "number", "m²", "Area of these modules.", "组件面积", minimum=0.0),
        Column("pitch_m", "number", "m", "Distance from row to row on the roof's surface.", "行距", minimum=0.0),
        Column("ground_cover_ratio", "number", "1", "Slope length of the modules of a row over the pitch.", "覆盖率", minimum=0.0),
        Column("cover", "number", "1", "Area of the modules over the plane's surface.", "铺设率", minimum=0.0, maximum=2.0),
    ),
)  # fmt: skip

MODULE_ROWS = Table(
    "module_rows",
    "row_id",
    "One unbroken run of modules, before the allowance for obstructions.",
    (
        Column("plane_id", "text", "-", "Plane that carries the row.", "屋面编号"),
        Column("modules", "integer", "1", "Modules of the run.", "组件数", minimum=1),
    ),
    "Polygon",
)
