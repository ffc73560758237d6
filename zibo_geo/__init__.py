"""The case, the workflow, the atlas and the command line of the toolkit.

Five lines make a plan::

    import zibo_geo as zg
    case = zg.load_case("case.toml")
    plan = zg.run_plan(case)
    zg.write_plan(plan, "out")
    zg.map_plan(plan).save("atlas.html")
"""

__all__ = ["Case", "Plan", "load_case", "map_plan", "run_plan", "write_plan"]

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zibo_geo.atlas import build_map as map_plan
    from zibo_geo.case import Case, load_case
    from zibo_geo.plan import Plan
    from zibo_geo.store import write_plan
    from zibo_geo.workflow import run_plan

_ROOMS = {
    "Case": ("zibo_geo.case", "Case"),
    "Plan": ("zibo_geo.plan", "Plan"),
    "load_case": ("zibo_geo.case", "load_case"),
    "map_plan": ("zibo_geo.atlas", "build_map"),
    "run_plan": ("zibo_geo.workflow", "run_plan"),
    "write_plan": ("zibo_geo.store", "write_plan"),
}


def __getattr__(name: str) -> object:
    # The rooms take seconds to import; a name brings only its own, so that --help answers at once.
    if name not in _ROOMS:
        raise AttributeError(f"module 'zibo_geo' has no attribute {name!r}")
    room, its_name = _ROOMS[name]
    return getattr(import_module(room), its_name)
