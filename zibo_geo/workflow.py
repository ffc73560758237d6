"""The plan, readable as prose: read the layers, ask each analysis its question, keep the answers."""

__all__ = ["run_plan"]

from zibo_geo.case import Case
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.pv_workflow import plan_rooftop_pv
from zibo_geo.reading import read_layers


def run_plan(case: Case, *, progress: Progress | None = None) -> Plan:
    """Run the whole plan of a case.

    Parameters
    ----------
    case : Case
        From :func:`zibo_geo.case.load_case`.
    progress : Progress, optional
        Shows the stages; silent unless given.

    Returns
    -------
    Plan
        Layers and results; nothing is written.
    """
    shown = progress or SilentProgress()
    layers = read_layers(case, progress=shown)
    pv = plan_rooftop_pv(layers, case, progress=shown)
    return Plan(case=case, layers=layers, pv=pv)
