"""What the sentences about rooftop PV rest on: the figures of one county, or of all, as plain numbers."""

__all__ = ["KindFacts", "PvFacts", "YearFacts", "pv_facts"]

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rooftop_pv.county import ledger_totals
from rooftop_pv.tables import PILOT_KINDS
from zibo_geo.plan import RooftopPvPlan
from zibo_geo.report.numbers import ratio

_KW_PER_MW = 1e3
COLOURS = ("green", "yellow", "red")


@dataclass(frozen=True, kw_only=True)
class KindFacts:
    """One kind of roof against its minimum share; shares are of the roof area."""

    kind: str
    buildings: int
    technical_mw: float
    required_share: float
    reached_share: float
    shortfall_m2: float
    chosen_mw: float
    met: bool

    @property
    def asked(self) -> bool:
        """Whether there is a minimum share and a roof that it is asked of."""
        return self.required_share > 0.0


@dataclass(frozen=True, kw_only=True)
class YearFacts:
    """What is built in one year beside what is asked by its end."""

    year: int
    roofs: int
    built_mw: float
    cumulative_mw: float
    target_mw: float
    capex_cny: float


@dataclass(frozen=True, kw_only=True)
class PvFacts:
    """Rooftop PV of one county or of the whole area; a figure that is unknown is not a number.

    Attributes
    ----------
    buildings, fitted : int
        Buildings read, and those whose roof carries modules.
    capacity_mw, yield_gwh, p90_gwh : float
        Technical potential, its energy, and what a single year exceeds with at least 90 % (the sum over
        counties, as if their years were alike, which is on the safe side).
    economic_mw, refused_mw : float
        Part that pays; part that the grid refuses.
    chosen_roofs, chosen_mw, chosen_gwh, chosen_capex_cny : int, float
        What is to be built.
    lcoe_low_cny_kwh, lcoe_high_cny_kwh, lcoe_mean_cny_kwh : float
        Of the chosen roofs; the mean by energy.
    need_mw, existing_mw, gap_mw : float
        What roofs must still take of the promise; what exists; the need beyond all that can be added.
    kinds, years : tuple
        Roof kinds and years.
    reasons : mapping of str to (int, float)
        Roofs and potential [MW] by the reason they are in or out.
    substations : mapping of str to int
        Substations by colour; empty without grid data.
    """

    buildings: int
    fitted: int
    capacity_mw: float
    yield_gwh: float
    p90_gwh: float
    economic_mw: float
    refused_mw: float
    chosen_roofs: int
    chosen_mw: float
    chosen_gwh: float
    chosen_capex_cny: float
    lcoe_low_cny_kwh: float
    lcoe_high_cny_kwh: float
    lcoe_mean_cny_kwh: float
    need_mw: float
    existing_mw: float
    gap_mw: float
    kinds: tuple[KindFacts, ...]
    years: tuple[YearFacts, ...]
    reasons: Mapping[str, tuple[int, float]]
    substations: Mapping[str, int]


def rows_of(frame: pd.DataFrame, county: str | None) -> pd.DataFrame:
    """Return the rows of one county, by its column or by the index; all without a county."""
    if county is None:
        return frame
    if "county" in frame.columns:
        return frame[(frame["county"] == county).to_numpy(dtype=bool)]
    return frame[frame.index == county]


def pv_facts(pv: RooftopPvPlan, county: str | None = None) -> PvFacts:
    """Return the figures of one county, or of the whole area without one."""
    totals, ledger = rows_of(pv.counties, county), rows_of(pv.ledger, county)
    targets, curve = rows_of(pv.targets, county), rows_of(pv.supply_curve, county)
    chosen = curve[curve["chosen"]]
    paid = chosen[chosen["lcoe_cny_kwh"].notna() & (chosen["new_kwh"] > 0.0)]
    roofs = rows_of(pv.roofs, county)
    energy = paid["new_kwh"].sum()
    return PvFacts(
        buildings=len(roofs),
        fitted=int((roofs["capacity_kwp"] > 0.0).sum()),
        capacity_mw=float(totals["capacity_mw"].sum()),
        yield_gwh=float(totals["yield_gwh"].sum()),
        p90_gwh=float(rows_of(pv.percentiles, county)["p90_gwh"].sum()),
        economic_mw=float(ledger["economic_mw"].sum()),
        refused_mw=float(ledger["refused_mw"].sum()),
        chosen_roofs=len(chosen),
        chosen_mw=float(ledger["chosen_mw"].sum()),
        chosen_gwh=float(ledger["chosen_gwh"].sum()),
        chosen_capex_cny=float(ledger["chosen_capex_cny"].sum()),
        lcoe_low_cny_kwh=float(paid["lcoe_cny_kwh"].min()),
        lcoe_high_cny_kwh=float(paid["lcoe_cny_kwh"].max()),
        lcoe_mean_cny_kwh=ratio((paid["lcoe_cny_kwh"] * paid["new_kwh"]).sum(), energy),
        need_mw=float(targets["need_mw"].sum()),
        existing_mw=float(targets["existing_mw"].sum()),
        gap_mw=max(float(targets["need_mw"].sum() - targets["remaining_mw"].sum()), 0.0),
        kinds=_kinds(ledger),
        years=_years(rows_of(pv.phase_totals, county)),
        reasons=_reasons(curve),
        substations=_substations(rows_of(pv.hosting, county)),
    )


def _kinds(ledger: pd.DataFrame) -> tuple[KindFacts, ...]:
    if not len(ledger):
        return ()
    totals = ledger_totals(ledger, "pilot_kind")
    made = []
    for kind in PILOT_KINDS:
        if kind not in totals.index or not totals.loc[kind, "buildings"]:
            continue
        row = totals.loc[kind]
        made.append(
            KindFacts(
                kind=kind,
                buildings=int(row["buildings"]),
                technical_mw=float(row["technical_mw"]),
                required_share=ratio(row["required_m2"], row["roof_m2"]),
                reached_share=ratio(row["quota_m2"] + row["existing_m2"], row["roof_m2"]),
                shortfall_m2=float(row["shortfall_m2"]),
                chosen_mw=float(row["chosen_mw"]),
                met=bool(row["quota_met"]),
            )
        )
    return tuple(made)


def _years(totals: pd.DataFrame) -> tuple[YearFacts, ...]:
    if not len(totals):
        return ()
    names = ["roofs", "built_mw", "cumulative_mw", "target_mw", "capex_cny"]
    sums = totals.groupby(totals["year"].astype("int64"))[names].sum().sort_index()
    return tuple(
        YearFacts(
            year=int(row.Index),
            roofs=int(row.roofs),
            built_mw=float(row.built_mw),
            cumulative_mw=float(row.cumulative_mw),
            target_mw=float(row.target_mw),
            capex_cny=float(row.capex_cny),
        )
        for row in sums.itertuples()
    )


def _reasons(curve: pd.DataFrame) -> dict[str, tuple[int, float]]:
    if not len(curve):
        return {}
    groups = curve.groupby(curve["reason"].astype("str"))["new_kwp"]
    sizes, sums = groups.size(), groups.sum() / _KW_PER_MW
    return {str(reason): (int(sizes[reason]), float(sums[reason])) for reason in sizes.index}


def _substations(hosting: pd.DataFrame) -> dict[str, int]:
    counts = hosting["colour"].astype("str").value_counts() if len(hosting) else pd.Series()
    return {colour: int(counts.get(colour, 0)) for colour in COLOURS} if len(hosting) else {}
