"""Services per candidate: what may stand there, what may not, and the rule with object and metres."""

__all__ = ["FUEL_KINDS", "refused_rules", "site_services", "storage_classes"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.legality import PARTS, legal_services
from siting.tables import SERVICES, SITING_SERVICES

FUEL_KINDS = (
    "petrol_station", "gas_station", "hydrogen_station", "service_area", "logistics", "road", "given",
)  # fmt: skip
"""Kinds of candidates that are large and remote enough to be asked for more than charging."""


def site_services(candidates: gpd.GeoDataFrame, legal: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return what may stand at every candidate for a station with fuel.

    Parameters
    ----------
    candidates, legal : DataFrame
        As :func:`siting.candidates.site_candidates` and
        :func:`siting.legality.legal_equipment` return them.

    Returns
    -------
    GeoDataFrame
        Valid by :data:`siting.tables.SITING_SERVICES`; car parks, depots and compounds are left out, as
        nobody asks them for fuel.
    """
    sites = candidates[candidates["kind"].astype("str").isin(FUEL_KINDS)]
    services = legal_services(legal).reindex(sites.index)
    flags = services[list(SERVICES)].to_numpy(dtype=np.bool_)
    fuel = flags[:, [SERVICES.index(name) for name in ("petrol", "cng", "lng")]]
    hydrogen = flags[:, SERVICES.index("hydrogen")]
    power = flags[:, [SERVICES.index(name) for name in ("charging", "swap")]]
    legality = np.select(
        [flags.all(axis=1), ~flags.any(axis=1), hydrogen, ~fuel.any(axis=1) & power.any(axis=1)],
        ["all", "none", "no_other", "power_only"],
        default="no_hydrogen",
    )
    english, chinese = refused_rules(services, flags)
    storage = storage_classes(sites, legal)
    return SITING_SERVICES.validate(
        sites[["kind", "existing", "name", "county", "geometry"]].assign(
            legality=legality,
            legal_services=[joined(row) for row in flags],
            refused_services=[joined(~row) for row in flags],
            storage_class=storage.where(storage != "", None),
            needs_wall=_walls(sites, legal, flags),
            binding_rule=english,
            binding_rule_zh=chinese,
        ),
        where="The services of the candidates",
    )[list(SITING_SERVICES.column_names)]


def joined(mask: npt.NDArray[np.bool_]) -> str:
    """Return the services of a mask joined by +."""
    return "+".join(name for name, held in zip(SERVICES, mask, strict=True) if held)


def refused_rules(
    services: pd.DataFrame, flags: npt.NDArray[np.bool_]
) -> tuple[list[str], list[str]]:
    """Return, per site, what blocks each service that may not stand there, in English and Chinese."""
    texts = []
    for text in ("reason", "reason_zh"):
        reasons = services[[f"{name}_{text}" for name in SERVICES]].to_numpy(dtype=object)
        link = "; " if text == "reason" else "；"
        texts.append(
            [link.join(dict.fromkeys(row[~ok])) for row, ok in zip(reasons, flags, strict=True)]
        )
    return texts[0], texts[1]


def storage_classes(candidates: gpd.GeoDataFrame, legal: pd.DataFrame) -> pd.Series:
    """Return the greatest storage class that is legal with a dispenser, empty where none is."""
    words = legal["equipment"].astype("str")

    def ok(name: str) -> npt.NDArray[np.bool_]:
        rows = legal[words == name].set_index("site_id")["legal"]
        flags: npt.NDArray[np.bool_] = rows.reindex(candidates.index, fill_value=False).to_numpy(
            bool
        )
        return flags

    grades = [ok(f"hydrogen_storage_{k}") & ok("hydrogen_dispenser") for k in (1, 2, 3)]
    return pd.Series(np.select(grades, ["1", "2", "3"], default=""), index=candidates.index)


def _walls(sites: gpd.GeoDataFrame, legal: pd.DataFrame, flags: npt.NDArray[np.bool_]) -> list[str]:
    """Return the legal services of each site that need a wall."""
    keys = [legal["site_id"], legal["equipment"].astype("str")]
    wall = legal["needs_wall"].set_axis(pd.MultiIndex.from_arrays(keys)).unstack()  # noqa: PD010 - unique keys
    wall = wall.reindex(sites.index, fill_value=False)
    part = np.column_stack(
        [wall[list(PARTS[name])].to_numpy(dtype=bool).any(axis=1) for name in SERVICES]
    )
    return [joined(row) for row in part & flags]
