"""The small embedded Zibo: whole settlements and tiles of every county, drawn by stratum."""

__all__ = ["SAMPLE_MARK", "chosen_units", "sample_sentence"]

from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.demo.draws import uniform

# How the attribution line of a sample begins: who shows sums looks for it.
SAMPLE_MARK = "Buildings: sample of about"
# Share of the units of each stratum (county and kind); every stratum gives at least one.
_SHARES = MappingProxyType(
    {"village": 0.052, "town": 0.03, "city": 0.05, "park": 0.05, "resort": 0.17}
)


def chosen_units(units: pd.DataFrame, *, seed: int) -> npt.NDArray[np.bool_]:
    """Choose the units of the sample.

    Parameters
    ----------
    units : DataFrame
        All units.
    seed : int
        Seed of the draw.

    Returns
    -------
    bool array, one per unit
        In every county the central tile of its seat, and of each kind the stated share.
    """
    draw = uniform(seed, "sample", units.index.to_numpy())
    # The seat's central tile holds a government office and a hospital: always in.
    draw[((units["kind"] == "city") & (units["rank"] == 0)).to_numpy()] = -1.0
    chosen = np.zeros(len(units), dtype=bool)
    for (_, kind), rows in sorted(units.groupby(["county", "kind"]).indices.items()):
        count = max(1, round(_SHARES[kind] * len(rows)))
        chosen[rows[np.argsort(draw[rows], kind="stable")[:count]]] = True
    return chosen


def sample_sentence(units: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> str:
    """State what the sample holds of the whole, for the attribution lines."""
    parts = [
        f"{int(chosen[rows].sum())} of {len(rows):,} {name}"
        for kind, name in (
            ("village", "villages"), ("town", "towns"), ("city", "city tiles"), ("park", "park tiles"),
        )
        for rows in [np.flatnonzero(units["kind"] == kind)]
    ]  # fmt: skip
    homes = units["kind"].isin(["village", "town"]).to_numpy()
    share = 100.0 * units["homes"].to_numpy()[homes & chosen].sum() / units["homes"][homes].sum()
    return (
        f"{SAMPLE_MARK} {share:.0f} % of a generated city ({', '.join(parts)}, drawn in "
        "every county); its sums are not county totals."
    )
