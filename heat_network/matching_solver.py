"""HiGHS for the matching: one model passed once, solved again from where it stands after a change."""

__all__ = ["MatchingSolver", "Solution"]

from typing import NamedTuple

import highspy
import numpy as np
import numpy.typing as npt

from heat_network.matching_model import MatchingModel
from layers.errors import InfeasibleError

_Floats = npt.NDArray[np.float64]


class Solution(NamedTuple):
    """An optimum.

    Attributes
    ----------
    x : ndarray
        Columns.
    row_dual, column_dual : ndarray
        Change of the objective per unit of a row's or column's bound.
    objective : float
        Value of the objective, thousand CNY or tonnes.
    """

    x: _Floats
    row_dual: _Floats
    column_dual: _Floats
    objective: float


class MatchingSolver:
    """One programme in HiGHS; each change keeps the last basis.

    Parameters
    ----------
    model : MatchingModel
        The programme.
    time_limit_s : float
        A solver that needs longer gives no result.
    """

    def __init__(self, model: MatchingModel, *, time_limit_s: float) -> None:
        self._model = model
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("solver", "simplex"),
        ):
            self._highs.setOptionValue(option, value)
        self._time_limit_s = time_limit_s
        self._co2_row = -1
        self._highs.passModel(_programme(model))

    def minimise(self, prices: _Floats) -> None:
        """Set the objective."""
        columns = np.arange(len(prices), dtype=np.int32)
        self._highs.changeColsCost(len(columns), columns, prices)

    def bound(self, columns: npt.NDArray[np.int64], lower: _Floats, upper: _Floats) -> None:
        """Set the bounds of some columns."""
        self._highs.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def limit_co2(self, limit_t: float) -> None:
        """Allow no more CO2 than this [t], unmet demand at its stand-in."""
        if self._co2_row < 0:
            columns = np.flatnonzero(self._model.co2).astype(np.int32)
            self._co2_row = int(self._highs.getNumRow())
            self._highs.addRow(
                -highspy.kHighsInf, limit_t, len(columns), columns, self._model.co2[columns]
            )
        else:
            self._highs.changeRowBounds(self._co2_row, -highspy.kHighsInf, limit_t)

    def solve(self) -> Solution | None:
        """Return the optimum, or nothing where there is none.

        Raises
        ------
        InfeasibleError
            The solver stopped at its time limit.
        """
        # Its clock runs on from solution to solution; the limit is for each.
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + self._time_limit_s)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise InfeasibleError(
                f"The matching was not solved within {self._time_limit_s:g} s "
                f"({self._highs.modelStatusToString(status)}); raise time_limit_s or "
                "match fewer clusters at once."
            )
        solution = self._highs.getSolution()
        rows = len(self._model.row_lower)
        return Solution(
            x=np.asarray(solution.col_value, dtype=np.float64),
            row_dual=np.asarray(solution.row_dual, dtype=np.float64)[:rows],
            column_dual=np.asarray(solution.col_dual, dtype=np.float64),
            objective=float(self._highs.getInfo().objective_function_value),
        )


def _programme(model: MatchingModel) -> highspy.HighsLp:
    programme = highspy.HighsLp()
    programme.num_row_, programme.num_col_ = model.matrix.shape
    programme.col_cost_ = model.cost
    programme.col_lower_, programme.col_upper_ = model.lower, model.upper
    programme.row_lower_, programme.row_upper_ = model.row_lower, model.row_upper
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = model.matrix.indptr
    programme.a_matrix_.index_ = model.matrix.indices
    programme.a_matrix_.value_ = model.matrix.data
    return programme
