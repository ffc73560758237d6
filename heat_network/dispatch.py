"""The season of a built network, hour by hour: its sources, boilers, storage, and who could step in."""

__all__ = ["coarse_assumptions", "dispatch", "gate_prices", "source_choice"]

import dataclasses

import pandas as pd

from heat_network.matching import Matching, Objective, match, match_built
from heat_network.matching_assumptions import HeatMatchingAssumptions


def coarse_assumptions(
    assumptions: HeatMatchingAssumptions, *, step_h: int
) -> HeatMatchingAssumptions:
    """Return assumptions for a season of which one hour in so many is kept.

    Yearly costs of plant are divided by the step, so that they weigh against the hours that are left as
    they do against all; storage is left out, for its hours are not next to each other.
    """
    return dataclasses.replace(
        assumptions,
        capital={plant: value / step_h for plant, value in assumptions.capital.items()},
        storage_limit_h=0.0,
    )


def source_choice(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    step_h: int,
    distance_km: pd.DataFrame,
    availability: pd.DataFrame,
    assumptions: HeatMatchingAssumptions,
    objective: Objective = "cost",
) -> Matching:
    """Match sources and demand before any pipe is known, on every so many hours of the season."""
    coarse = coarse_assumptions(assumptions, step_h=step_h)
    rows = hours.iloc[::step_h]
    return match(
        supply, rows, assumptions=coarse, distance_km=distance_km,
        availability=availability.loc[rows.index], objective=objective,
    )  # fmt: skip


def dispatch(
    supply: pd.DataFrame,
    hours: pd.DataFrame,
    *,
    feeds: pd.DataFrame,
    distance_km: pd.DataFrame,
    availability: pd.DataFrame,
    loss_share: float,
    assumptions: HeatMatchingAssumptions,
    objective: Objective = "cost",
) -> Matching:
    """Return the season of the trees of a zone.

    Parameters
    ----------
    supply : DataFrame
        Table ``heat_supply`` of the zone.
    hours : DataFrame, shape (hours, trees)
        Demand of the connected buildings [MW] by tree.
    feeds : DataFrame of bool
        Sources by trees: who feeds whom through the pipes that are built.
    distance_km : DataFrame
        Sources by trees: length of the pipe that another source would need to step in [km].
    availability : DataFrame
        Share by hour and source.
    loss_share : float
        Share of the heat put into the network that it loses, as sized.
    assumptions : HeatMatchingAssumptions
    objective : {"cost", "co2"}

    Returns
    -------
    Matching
        Pipes that are built cost and lose nothing here, for sizing and costs count them; sources that feed
        nobody stand by for outages within ``reach_km``.
    """
    priced = dataclasses.replace(assumptions, distribution_loss=loss_share)
    return match_built(
        supply, hours, built=feeds, assumptions=priced, distance_km=distance_km.where(~feeds, 0.0),
        availability=availability, objective=objective,
    )  # fmt: skip


def gate_prices(season: Matching) -> pd.DataFrame:
    """Return what the heat costs and emits that each source's tree takes in.

    Parameters
    ----------
    season : Matching
        From :func:`dispatch`, with trees named by their source.

    Returns
    -------
    DataFrame
        By source_id: `cost_cny_gj` and `co2_kg_gj` of the heat of source, heat pump, boilers and storage,
        their plant included but for exchangers, which costs count as the connection of the source.
    """
    a, sources, clusters = season.assumptions, season.sources, season.clusters
    exchangers = sources["exchanger_mw"] * a.annual_cny("exchanger")
    plant = (sources["capital_cny"] - exchangers).clip(lower=0.0)
    by_source = pd.DataFrame(
        {
            "cny": sources["operation_cny"] + plant,
            "kg": sources["co2_kg"],
            "gj": sources["direct_gj"] + sources["heat_pump_gj"],
        }
    )
    boilers = pd.DataFrame(
        {
            "cny": clusters["boiler_gj"] * a.boiler_cny_gj
            + clusters["boiler_mw"] * a.annual_cny("boiler")
            + clusters["storage_mwh"] * a.annual_cny("storage"),
            "kg": clusters["boiler_gj"] * a.boiler_kg_gj,
            "gj": clusters["boiler_gj"],
        }
    )
    linked = not set(clusters.index) <= set(sources.index) or _shared(season)
    if linked:  # one joined network: everyone pays the mean
        whole = by_source.sum() + boilers.sum()
        total = pd.DataFrame([whole] * len(clusters), index=clusters.index)
    else:
        total = by_source.reindex(clusters.index).fillna(0.0) + boilers
    gj = total["gj"].where(total["gj"] > 0.0)
    frame = pd.DataFrame({"cost_cny_gj": total["cny"] / gj, "co2_kg_gj": total["kg"] / gj})
    return frame.rename_axis("source_id")


def _shared(season: Matching) -> bool:
    """Whether a source heats another tree than its own."""
    links = season.links
    return bool((links["source_id"].astype("str") != links["cluster"].astype("str")).any())
