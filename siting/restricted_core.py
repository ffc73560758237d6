"""The exact finish: one sparse integer programme over the sites that may still matter, by HiGHS."""

__all__ = ["Programme", "Solved", "feasible_sites", "site_rows", "solve_programme"]

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from siting.site_rules import SiteRules
from siting.sparse_costs import NumberArray


@dataclass(frozen=True, kw_only=True)
class Programme:
    """``minimise cost·x + offset, row_lower <= matrix x <= row_upper, lower <= x <= upper``.

    Attributes
    ----------
    matrix : scipy sparse array, shape (rows, columns)
        Coefficients.
    row_lower, row_upper : ndarray of float, shape (rows,)
        Limits, infinite where there is none.
    cost, lower, upper : ndarray of float, shape (columns,)
        Objective and limits of the variables.
    integral : ndarray of bool, shape (columns,)
        Which variables are whole numbers.
    offset : float
        Constant of the objective.
    gap : float
        Relative gap at which a point is good enough.
    """

    matrix: sparse.csr_array
    row_lower: NumberArray
    row_upper: NumberArray
    cost: NumberArray
    lower: NumberArray
    upper: NumberArray
    integral: npt.NDArray[np.bool_]
    offset: float = 0.0
    gap: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Solved:
    """What HiGHS returned.

    Attributes
    ----------
    x : ndarray of float or None
        Best point found, None where there is none.
    objective, bound : float
        Its value (infinite without a point) and the proven lower bound.
    infeasible : bool
        Proven to have no solution.
    complete : bool
        Ended with a proof (of the gap asked for or of infeasibility).
    """

    x: NumberArray | None
    objective: float
    bound: float
    infeasible: bool
    complete: bool


def solve_programme(
    programme: Programme, *, time_limit_s: float, start: NumberArray | None = None
) -> Solved:
    """Solve one integer programme, passed to HiGHS whole as one sparse model.

    Parameters
    ----------
    programme : Programme
        What to minimise.
    time_limit_s : float
        Wall time [s].
    start : ndarray of float, shape (columns,), optional
        A feasible point to begin from.
    """
    matrix = sparse.csr_array(programme.matrix)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.offset_ = programme.offset
    model.col_cost_ = programme.cost
    model.col_lower_ = programme.lower
    model.col_upper_ = programme.upper
    model.row_lower_ = programme.row_lower
    model.row_upper_ = programme.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    model.a_matrix_.index_ = matrix.indices.astype(np.int32)
    model.a_matrix_.value_ = matrix.data.astype(np.float64)
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole if flag else real for flag in programme.integral]
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 0)
    solver.setOptionValue("time_limit", max(0.1, float(time_limit_s)))
    solver.setOptionValue("mip_rel_gap", programme.gap)
    solver.setOptionValue("mip_abs_gap", 1e-7)
    solver.passModel(model)
    if start is not None:
        point = highspy.HighsSolution()
        point.col_value = start.tolist()
        solver.setSolution(point)
    solver.run()
    mixed = bool(programme.integral.any())
    return _outcome(solver, mixed=mixed, exact=not mixed or programme.gap == 0.0)


def _outcome(solver: highspy.Highs, *, mixed: bool, exact: bool) -> Solved:
    status = solver.getModelStatus()
    info = solver.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Solved(x=None, objective=np.inf, bound=np.inf, infeasible=True, complete=True)
    has_point = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    complete = status == highspy.HighsModelStatus.kOptimal
    objective = float(info.objective_function_value) if has_point else np.inf
    bound = float(info.mip_dual_bound) if mixed else (objective if complete else -np.inf)
    return Solved(
        x=np.array(solver.getSolution().col_value, dtype=np.float64) if has_point else None,
        objective=objective,
        bound=objective if complete and exact else bound,
        infeasible=False,
        complete=complete,
    )


def site_rows(
    rules: SiteRules, sites: npt.NDArray[np.int64], *, columns: int
) -> tuple[sparse.csr_array, NumberArray, NumberArray]:
    """Return the rows for count, quotas and spacing over the variables of `sites`.

    The first ``sites.size`` of `columns` variables are the sites; sites that are not among them
    are closed.
    """
    place = np.full(rules.site_count, -1, dtype=np.int64)
    place[sites] = np.arange(sites.size)
    owner = np.repeat(np.arange(rules.clique_room.size), np.diff(rules.clique_indptr))
    member = place[rules.clique_sites]
    inside = member >= 0
    groups = rules.minimum.size
    row = np.concatenate(
        [np.zeros(sites.size, int), 1 + rules.group[sites], 1 + groups + owner[inside]]
    )
    column = np.concatenate([np.arange(sites.size), np.arange(sites.size), member[inside]])
    count = 1 + groups + rules.clique_room.size
    matrix = sparse.csr_array((np.ones(row.size), (row, column)), shape=(count, columns))
    none = np.full(rules.clique_room.size, -np.inf)
    return (
        matrix,
        np.concatenate([[rules.total], rules.minimum, none]).astype(np.float64),
        np.concatenate([[rules.total], rules.maximum, rules.clique_room]).astype(np.float64),
    )


def feasible_sites(rules: SiteRules, *, time_limit_s: float) -> npt.NDArray[np.bool_] | None:
    """Return some set of sites that keeps every rule, or None where none exists or was found."""
    sites = np.arange(rules.site_count)
    matrix, row_lower, row_upper = site_rows(rules, sites, columns=sites.size)
    solved = solve_programme(
        Programme(
            matrix=matrix,
            row_lower=row_lower,
            row_upper=row_upper,
            cost=np.zeros(sites.size),
            lower=rules.fixed.astype(np.float64),
            upper=np.ones(sites.size),
            integral=np.ones(sites.size, dtype=np.bool_),
        ),
        time_limit_s=time_limit_s,
    )
    return None if solved.x is None else solved.x > 0.5
