"""The answer of every location model: what was chosen, how good it is and how sure that is."""

__all__ = ["WITHIN_GAP", "Choice", "Status"]

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Status = Literal["proven", "within_gap", "limit"]

WITHIN_GAP = 0.01
"""Gap [share of the objective] up to which an unproven answer is called ``within_gap``."""

_ROUNDING = 1e-7  # relative; the feasibility tolerance of the integer solver


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Sites chosen by a location model, with a bound that no other choice can pass.

    Attributes
    ----------
    chosen : ndarray of int, shape (count,)
        Chosen site indices, ascending; fixed sites are among them.
    assigned_to : ndarray of int, shape (demand,)
        Site index that serves each demand (for flows: the first open site on the trip);
        -1 where none does.
    objective : float
        Value of this choice, in the unit of the model (cost to be small, coverage to be large).
    bound : float
        No choice that keeps the rules is better than this: a lower bound of a cost, an upper bound
        of a coverage.
    gap : float
        ``|objective - bound| / |objective|`` [share].
    status : {"proven", "within_gap", "limit"}
        ``proven``: bound and objective agree to rounding; ``within_gap``: the gap is at most
        :data:`WITHIN_GAP`; ``limit``: it is wider, because time or effort ran out.
    """

    chosen: npt.NDArray[np.int64]
    assigned_to: npt.NDArray[np.int64]
    objective: float
    bound: float
    gap: float
    status: Status

    @classmethod
    def judged(
        cls,
        chosen: npt.NDArray[np.int64],
        assigned_to: npt.NDArray[np.int64],
        *,
        objective: float,
        bound: float,
        maximise: bool = False,
    ) -> "Choice":
        """Return the choice with its gap and status worked out from objective and bound.

        Examples
        --------
        >>> Choice.judged(np.array([3]), np.array([3, 3]), objective=200.0, bound=199.0).status
        'within_gap'
        """
        slack = bound - objective if maximise else objective - bound
        scale = max(abs(objective), abs(bound))
        if slack <= _ROUNDING * scale:
            return cls(
                chosen=np.sort(chosen),
                assigned_to=assigned_to,
                objective=objective,
                bound=objective,
                gap=0.0,
                status="proven",
            )
        gap = slack / abs(objective) if objective else float("inf")
        return cls(
            chosen=np.sort(chosen),
            assigned_to=assigned_to,
            objective=objective,
            bound=bound,
            gap=gap,
            status="within_gap" if gap <= WITHIN_GAP else "limit",
        )
