"""The schemas of every input layer; analyses declare their own result tables in their own rooms."""

__all__ = [
    "ACCOUNT",
    "BUILDINGS",
    "BUILDING_USES",
    "CONFIDENCES_OF_SITES",
    "CONSTRAINTS",
    "CONSTRAINT_KINDS",
    "COUNTIES",
    "HEAT_SOURCES",
    "HEAT_SOURCE_KINDS",
    "LAYER_TABLES",
    "PARKS",
    "STATIONS",
    "STATION_KINDS",
    "STREETS",
    "STREET_CLASSES",
    "SUBSTATIONS",
    "TOWNSHIPS",
    "WEATHER",
]

from layers.assumptions import CONFIDENCES
from layers.schema import Column, Table

BUILDING_USES = (
    "rural_home",  # farmhouse or single-family house, own roof
    "apartment",  # block of flats
    "government",  # party and government
    "school",
    "kindergarten",
    "hospital",
    "public",  # village committee, library, museum, station, sports, worship
    "office",
    "shop",
    "hotel",
    "industrial",
    "warehouse",
    "agricultural",  # barn, stable, greenhouse
    "utility",  # garage, shed, transformer house
    "other",
)
STREET_CLASSES = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "service",
    "track", "footway",
)  # fmt: skip
STATION_KINDS = ("fuel", "charging", "hydrogen", "swap", "gas")
HEAT_SOURCE_KINDS = (
    "refinery", "chemical", "steel", "cement", "ceramics", "glass", "aluminium", "paper",
    "coal_chp", "gas_chp", "biomass_chp", "waste_to_energy", "condenser", "data_centre", "sewage",
    "geothermal", "boiler", "other",
)  # fmt: skip
CONSTRAINT_KINDS = (
    "school", "kindergarten", "hospital", "government", "important_public", "public_1", "public_2", "public_3",
    "open_flame", "railway", "motorway", "arterial", "minor_road", "power_line", "water", "forest", "farmland",
    "protected", "military", "car_park", "bus_depot", "logistics", "service_area",
)  # fmt: skip
CONFIDENCES_OF_SITES = CONFIDENCES

_SOURCE = Column(
    "source", "text", "-", "Where the row comes from; 'synthetic' when it was generated.", "来源"
)
_COUNTY = Column("county", "text", "-", "Adcode of the county the row lies in.", "区县代码")
_NAME = Column(
    "name",
    "text",
    "-",
    "Name as the source gives it; untrusted text.",
    "名称",
    nullable=True,
    optional=True,
)

COUNTIES = Table(
    "counties",
    "county",
    "One county (or other administrative part) of the study area.",
    (
        Column("name", "text", "-", "Name in the local language.", "区县"),
        Column(
            "name_en", "text", "-", "Name in Latin letters.", "英文名", nullable=True, optional=True
        ),
        Column(
            "area_km2",
            "number",
            "km²",
            "Area of the polygon in the metric CRS.",
            "面积",
            minimum=0.0,
        ),
        Column(
            "population",
            "number",
            "1",
            "Resident population.",
            "常住人口",
            nullable=True,
            optional=True,
            minimum=0.0,
        ),
        _SOURCE,
    ),
    "Any",
)

TOWNSHIPS = Table(
    "townships",
    "township_id",
    "One township or street office, where the user supplies them.",
    (_NAME, _COUNTY, _SOURCE),
    "Any",
)

BUILDINGS = Table(
    "buildings",
    "building_id",
    "One building footprint.",
    (
        Column("use", "category", "-", "What the building is used for.", "用途", allowed=BUILDING_USES),
        Column("use_source", "category", "-", "How the use is known.", "用途依据",
               allowed=("own", "park", "land_use", "default")),
        Column("height_m", "number", "m", "Height of the roof edge above the ground.", "高度", minimum=0.5, maximum=900.0),
        Column("height_source", "category", "-", "How the height is known.", "高度依据",
               allowed=("own", "storeys", "surface_model", "default")),
        Column("storeys", "integer", "1", "Storeys above ground.", "层数", nullable=True, optional=True, minimum=1, maximum=200),
        Column("roof_shape", "category", "-", "Shape of the roof where it is known.", "屋顶形式",
               nullable=True, optional=True, allowed=("flat", "gable", "hip", "shed", "hall")),
        Column("ground_m", "number", "m", "Elevation of the ground at the building.", "地面高程", nullable=True, optional=True),
        Column("footprint_m2", "number", "m²", "Area of the footprint in the metric CRS.", "占地面积", minimum=0.0),
        Column("park_id", "text", "-", "Park the building lies in.", "园区", nullable=True, optional=True),
        Column("township_id", "text", "-", "Township the building lies in.", "乡镇", nullable=True, optional=True),
        _NAME,
        _COUNTY,
        _SOURCE,
    ),
    "Polygon",
)  # fmt: skip

PARKS = Table(
    "parks",
    "park_id",
    "One industrial park, development zone or land-use polygon.",
    (
        Column("kind", "category", "-", "Kind of the park.", "园区类型",
               allowed=("high_tech", "chemical", "development", "logistics", "resort", "industrial",
                        "residential", "commercial", "public", "agricultural", "other")),
        Column("level", "category", "-", "Administrative level.", "级别", nullable=True, optional=True,
               allowed=("national", "provincial", "city", "county")),
        Column("confidence", "category", "-", "How far the source was seen.", "可信度", allowed=CONFIDENCES),
        _NAME,
        _COUNTY,
        _SOURCE,
    ),
    "Polygon",
)  # fmt: skip

STREETS = Table(
    "streets",
    "street_id",
    "One street segment between two junctions; its line runs from node u to node v.",
    (
        Column("u", "integer", "1", "Node at the start of the line.", "起点"),
        Column("v", "integer", "1", "Node at the end of the line.", "终点"),
        Column(
            "street_class",
            "category",
            "-",
            "Class of the street.",
            "道路等级",
            allowed=STREET_CLASSES,
        ),
        Column("oneway", "flag", "-", "Only from u to v may be driven.", "单行"),
        Column(
            "speed_kmh", "number", "km/h", "Speed at free flow.", "车速", minimum=1.0, maximum=200.0
        ),
        Column(
            "length_m", "number", "m", "Length of the line in the metric CRS.", "长度", minimum=0.0
        ),
        Column("bridge", "flag", "-", "Passes above what it crosses.", "桥梁"),
        Column("tunnel", "flag", "-", "Passes below what it crosses.", "隧道"),
        _NAME,
        _SOURCE,
    ),
    "LineString",
)

STATIONS = Table(
    "stations",
    "station_id",
    "One fuelling, charging, swap, gas or hydrogen station that exists.",
    (
        Column("kind", "category", "-", "What the station sells.", "类型", allowed=STATION_KINDS),
        Column(
            "points",
            "integer",
            "1",
            "Dispensers or charging points.",
            "枪数",
            nullable=True,
            optional=True,
            minimum=0,
        ),
        Column(
            "power_kw",
            "number",
            "kW",
            "Installed charging power.",
            "功率",
            nullable=True,
            optional=True,
            minimum=0.0,
        ),
        Column(
            "area_m2",
            "number",
            "m²",
            "Area of the plot.",
            "用地面积",
            nullable=True,
            optional=True,
            minimum=0.0,
        ),
        _NAME,
        _COUNTY,
        _SOURCE,
    ),
    "Point",
)

HEAT_SOURCES = Table(
    "heat_sources",
    "source_id",
    "One plant or process that can give heat.",
    (
        Column("kind", "category", "-", "Kind of the source.", "类型", allowed=HEAT_SOURCE_KINDS),
        Column("status", "category", "-", "State of the plant.", "状态",
               allowed=("operating", "construction", "planned", "cancelled", "retired")),
        Column("electric_mw", "number", "MW", "Electric capacity.", "发电容量", nullable=True, optional=True, minimum=0.0),
        Column("heat_mw", "number", "MW", "Usable heat, where the source states it.", "供热能力", nullable=True, optional=True, minimum=0.0),
        Column("temperature_c", "number", "°C", "Temperature of the heat, where the source states it.", "温度",
               nullable=True, optional=True, minimum=0.0, maximum=1500.0),
        Column("cost_cny_gj", "number", "CNY/GJ", "Price of the heat at the plant, where stated.", "热价",
               nullable=True, optional=True, minimum=0.0),
        Column("start_year", "integer", "1", "Year of commissioning.", "投运年份", nullable=True, optional=True, minimum=1900, maximum=2100),
        Column("units", "integer", "1", "Number of units.", "机组数", nullable=True, optional=True, minimum=0),
        _NAME,
        _COUNTY,
        _SOURCE,
    ),
    "Point",
)  # fmt: skip

SUBSTATIONS = Table(
    "substations",
    "substation_id",
    "One transformer or substation that roofs and chargers connect to.",
    (
        Column(
            "voltage_kv",
            "number",
            "kV",
            "Voltage of the high side.",
            "电压",
            minimum=0.1,
            maximum=1100.0,
        ),
        Column(
            "capacity_mva",
            "number",
            "MVA",
            "Rated capacity of all transformers together.",
            "容量",
            minimum=0.0,
        ),
        Column(
            "transformers",
            "integer",
            "1",
            "Number of transformers in parallel.",
            "主变台数",
            minimum=1,
        ),
        Column(
            "parent_id",
            "text",
            "-",
            "Substation above in the grid.",
            "上级变电站",
            nullable=True,
            optional=True,
        ),
        Column(
            "load_mw",
            "number",
            "MW",
            "Load at the hour of greatest back-feed (usually spring noon).",
            "负荷",
            minimum=0.0,
        ),
        Column(
            "connected_mw",
            "number",
            "MW",
            "Distributed generation already connected.",
            "已接入",
            minimum=0.0,
        ),
        Column(
            "registered_mw",
            "number",
            "MW",
            "Distributed generation registered but not yet connected.",
            "已备案",
            minimum=0.0,
        ),
        _NAME,
        _COUNTY,
        _SOURCE,
    ),
    "Point",
)

CONSTRAINTS = Table(
    "constraints",
    "constraint_id",
    "One object that keeps others at a distance or a place at use, such as a school, a railway or water.",
    (
        Column("kind", "category", "-", "Kind of the object.", "类型", allowed=CONSTRAINT_KINDS),
        _NAME,
        _SOURCE,
    ),
    "Any",
)

WEATHER = Table(
    "weather",
    "time",
    "One hour of weather; the label is the start of the interval.",
    (
        Column(
            "ghi_w_m2",
            "number",
            "W/m²",
            "Global horizontal irradiance, mean over the hour.",
            "水平总辐照度",
            minimum=0.0,
            maximum=1600.0,
        ),
        Column(
            "dhi_w_m2",
            "number",
            "W/m²",
            "Diffuse horizontal irradiance, mean over the hour.",
            "水平散射辐照度",
            minimum=0.0,
            maximum=1000.0,
        ),
        Column(
            "dni_w_m2",
            "number",
            "W/m²",
            "Direct normal irradiance, mean over the hour.",
            "法向直接辐照度",
            minimum=0.0,
            maximum=1400.0,
        ),
        Column(
            "temperature_c",
            "number",
            "°C",
            "Air temperature at 2 m.",
            "气温",
            minimum=-70.0,
            maximum=60.0,
        ),
        Column(
            "wind_m_s", "number", "m/s", "Wind speed at 10 m.", "风速", minimum=0.0, maximum=100.0
        ),
    ),
    time_index=True,
)

ACCOUNT = Table(
    "account",
    "entry",
    "One line of the account of what a reader kept, repaired, defaulted or dropped, and why.",
    (
        Column("layer", "text", "-", "Layer concerned.", "图层"),
        Column(
            "file",
            "text",
            "-",
            "File the rows came from (its name, not its path).",
            "文件",
            nullable=True,
        ),
        Column(
            "action",
            "category",
            "-",
            "What was done.",
            "处理",
            allowed=("read", "kept", "repaired", "defaulted", "dropped"),
        ),
        Column("reason", "text", "-", "Why.", "原因"),
        Column("rows", "integer", "1", "How many rows.", "行数", minimum=0),
        Column(
            "example", "text", "-", "Key or position of the first such row.", "示例", nullable=True
        ),
    ),
)

LAYER_TABLES = (
    COUNTIES, TOWNSHIPS, BUILDINGS, PARKS, STREETS, STATIONS, HEAT_SOURCES, SUBSTATIONS, CONSTRAINTS, WEATHER, ACCOUNT,
)  # fmt: skip
