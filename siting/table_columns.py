"""Words and columns that the tables of siting share."""

__all__ = [
    "ACCESS_REASONS",
    "CANDIDATE_KINDS",
    "COUNTY",
    "EQUIPMENT",
    "EXISTING",
    "KIND",
    "LEGALITIES",
    "NAME",
    "POWER_CLASSES_KW",
    "PROTECTED_CLASSES",
    "QUESTIONS",
    "REPLACEMENT",
    "SERVICES",
    "SOURCE",
    "STATUS",
    "VEHICLES",
    "WHY",
    "WHY_ZH",
    "count",
    "flag",
    "number",
    "signed",
    "text",
    "word",
]

from collections.abc import Sequence

from layers.schema import Column

CANDIDATE_KINDS = (
    "petrol_station", "gas_station", "charging_station", "hydrogen_station", "swap_station", "car_park",
    "bus_depot", "logistics", "service_area", "road", "neighbourhood", "given",
)  # fmt: skip
PROTECTED_CLASSES = (
    "important_public", "class_1", "class_2", "class_3", "open_flame", "railway", "arterial", "minor_road",
    "power_line",
)  # fmt: skip
EQUIPMENT = (
    "petrol_tank_1", "petrol_tank_2", "petrol_tank_3", "petrol_dispenser", "hydrogen_storage_1",
    "hydrogen_storage_2", "hydrogen_storage_3", "hydrogen_dispenser", "cng", "lng_tank_1", "lng_tank_2",
    "lng_tank_3", "lng_dispenser", "charging", "swap",
)  # fmt: skip
SERVICES = ("petrol", "charging", "swap", "cng", "lng", "hydrogen")
POWER_CLASSES_KW = (7, 60, 120, 180, 360)
ACCESS_REASONS = ("served", "no_road", "no_site")
LEGALITIES = ("all", "no_other", "no_hydrogen", "power_only", "none")
QUESTIONS = ("charging", "hydrogen", "hubs")
VEHICLES = ("truck", "bus", "given")


def number(name: str, unit: str, meaning: str, alias: str, *, nullable: bool = False) -> Column:  # noqa: PLR0917
    """Return a column of numbers from zero up."""
    return Column(name, "number", unit, meaning, alias, nullable=nullable, minimum=0.0)


def signed(name: str, unit: str, meaning: str, alias: str, *, nullable: bool = True) -> Column:  # noqa: PLR0917
    """Return a column of numbers of either sign."""
    return Column(name, "number", unit, meaning, alias, nullable=nullable)


def count(name: str, meaning: str, alias: str) -> Column:
    """Return a column of whole numbers from zero up."""
    return Column(name, "integer", "1", meaning, alias, minimum=0)


def text(name: str, meaning: str, alias: str, *, nullable: bool = False) -> Column:
    """Return a column of text."""
    return Column(name, "text", "-", meaning, alias, nullable=nullable)


def word(name: str, meaning: str, alias: str, allowed: Sequence[str]) -> Column:  # noqa: PLR0917
    """Return a column of known words."""
    return Column(name, "category", "-", meaning, alias, allowed=tuple(allowed))


def flag(name: str, meaning: str, alias: str) -> Column:
    """Return a column of true and false."""
    return Column(name, "flag", "-", meaning, alias)


COUNTY = text("county", "Adcode of the county.", "区县代码")
KIND = word("kind", "What stands at the candidate today.", "候选类型", CANDIDATE_KINDS)
EXISTING = flag("existing", "A station stands there already.", "现有站")
WHY = text("why", "Why the site is there, in one sentence.", "入选理由")
WHY_ZH = text("why_zh", "The same sentence in Chinese.", "入选理由(中文)")
REPLACEMENT = text(
    "best_replacement",
    "Candidate that makes up best for the site, missing where none does.",
    "最佳替代站址",
    nullable=True,
)
SOURCE = text("source", "Where the row comes from; 'synthetic' when generated.", "来源")
STATUS = ("proven", "within_gap", "limit")

NAME = text("name", "Name as the source gives it; untrusted text.", "名称", nullable=True)
