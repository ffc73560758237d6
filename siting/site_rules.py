"""What every choice of sites must keep: their number, fixed sites, quotas and spacing."""

__all__ = ["Quotas", "SiteRules", "site_rules"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from layers.errors import InfeasibleError, LayerError
from siting.sparse_costs import IntArray


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """Least and greatest number of sites in each group, such as a county.

    Attributes
    ----------
    group : ndarray of int, shape (sites,)
        Group of each site, 0 to groups - 1.
    minimum, maximum : ndarray of int, shape (groups,)
        Sites that the group must and may have; fixed sites count.
    names : tuple of str, optional
        Name of each group, for messages.
    """

    group: npt.NDArray[np.integer]
    minimum: npt.NDArray[np.integer]
    maximum: npt.NDArray[np.integer]
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        groups = self.minimum.size
        if self.maximum.shape != (groups,) or self.minimum.shape != (groups,):
            raise LayerError(
                f"Quotas has {groups} minimums and {self.maximum.size} maximums; give one of each "
                "per group."
            )
        if self.names and len(self.names) != groups:
            raise LayerError(
                f"Quotas has {len(self.names)} names for {groups} groups; give one each."
            )
        if self.group.size and (self.group.min() < 0 or self.group.max() >= groups):
            raise LayerError(
                f"Quotas.group runs from {self.group.min()} to {self.group.max()} for {groups} groups; "
                f"allowed are 0 to {groups - 1}."
            )
        wrong = np.flatnonzero((self.minimum < 0) | (self.minimum > self.maximum))
        if wrong.size:
            g = int(wrong[0])
            raise LayerError(
                f"Quotas asks {self.name(g)} for at least {self.minimum[g]} and at most "
                f"{self.maximum[g]} sites; give a minimum from 0 to the maximum."
            )

    def name(self, group: "int | np.integer") -> str:
        """Return the name of a group, or its number where it has none."""
        return self.names[group] if self.names else f"group {group}"


class SiteRules(NamedTuple):
    """The checked rules in the form the kernels read.

    Attributes
    ----------
    total : int
        Sites to choose, fixed ones included.
    fixed : ndarray of bool, shape (sites,)
        Sites that stand already.
    group, minimum, maximum : ndarray of int
        Quotas; one group without limits where none are given.
    clique_indptr, clique_sites, clique_room : ndarray of int
        Sets of sites that stand too close together, and how many of each set may be open: one, or
        as many as are fixed in it.
    site_indptr, site_cliques : ndarray of int
        The cliques of each site.
    """

    total: int
    fixed: npt.NDArray[np.bool_]
    group: IntArray
    minimum: IntArray
    maximum: IntArray
    clique_indptr: IntArray
    clique_sites: IntArray
    clique_room: IntArray
    site_indptr: IntArray
    site_cliques: IntArray

    @property
    def site_count(self) -> int:
        """Number of sites."""
        return self.fixed.size

    @property
    def spaced(self) -> bool:
        """Whether there are spacing cliques."""
        return self.clique_room.size > 0

    def kept_by(self, is_open: npt.NDArray[np.bool_]) -> bool:
        """Return whether a set of open sites keeps every rule."""
        per_group = np.bincount(self.group[is_open], minlength=self.minimum.size)
        return bool(
            is_open.sum() == self.total
            and is_open[self.fixed].all()
            and (per_group >= self.minimum).all()
            and (per_group <= self.maximum).all()
            and (self.clique_load(is_open) <= self.clique_room).all()
        )

    def clique_load(self, is_open: npt.NDArray[np.bool_]) -> IntArray:
        """Return the number of open sites in each clique."""
        owner = np.repeat(np.arange(self.clique_room.size), np.diff(self.clique_indptr))
        load = np.bincount(owner[is_open[self.clique_sites]], minlength=self.clique_room.size)
        return load.astype(np.int64)


def site_rules(
    site_count: int,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
) -> SiteRules:
    """Return the checked rules for choosing `count` of `site_count` sites.

    Raises
    ------
    LayerError
        An index that is no site, or a quota table of the wrong length.
    InfeasibleError
        No choice can keep the rules; the message names the group and the shortfall.
    """
    if not 1 <= count <= site_count:
        raise InfeasibleError(
            f"count asks for {count} sites and there are {site_count} candidates; allowed are 1 to "
            f"{site_count}."
        )
    fixed_sites = _sites(fixed, site_count, name="fixed")
    if fixed_sites.size > count:
        raise InfeasibleError(
            f"fixed holds {fixed_sites.size} sites and count allows {count}; count includes the "
            "fixed sites, so raise it or fix fewer."
        )
    is_fixed = np.zeros(site_count, dtype=np.bool_)
    is_fixed[fixed_sites] = True
    group, minimum, maximum = _checked_quotas(quotas, is_fixed, count)
    members = [_sites(clique, site_count, name="cliques") for clique in cliques]
    members = [clique for clique in members if clique.size > 1]
    clique_indptr = np.concatenate([[0], np.cumsum([m.size for m in members])]).astype(np.int64)
    clique_sites = np.concatenate([np.zeros(0, dtype=np.int64), *members])
    room = np.array([max(1, int(is_fixed[m].sum())) for m in members], dtype=np.int64)
    owner = np.repeat(np.arange(room.size), np.diff(clique_indptr))
    order = np.argsort(clique_sites, kind="stable")
    per_site = np.bincount(clique_sites, minlength=site_count)
    return SiteRules(
        total=int(count),
        fixed=is_fixed,
        group=group,
        minimum=minimum,
        maximum=maximum,
        clique_indptr=clique_indptr,
        clique_sites=clique_sites,
        clique_room=room,
        site_indptr=np.concatenate([[0], np.cumsum(per_site)]).astype(np.int64),
        site_cliques=owner[order].astype(np.int64),
    )


def _sites(given: Sequence[int] | IntArray, site_count: int, *, name: str) -> IntArray:
    sites = np.unique(np.asarray(given, dtype=np.int64))
    if sites.size and (sites[0] < 0 or sites[-1] >= site_count):
        raise LayerError(
            f"{name} names site {sites[0] if sites[0] < 0 else sites[-1]}; allowed are 0 to "
            f"{site_count - 1}."
        )
    return sites


def _checked_quotas(
    quotas: Quotas | None, fixed: npt.NDArray[np.bool_], count: int
) -> tuple[IntArray, IntArray, IntArray]:
    site_count = fixed.size
    if quotas is None:
        one = np.zeros(1, dtype=np.int64)
        return np.zeros(site_count, dtype=np.int64), one, one + site_count
    if quotas.group.shape != (site_count,):
        raise LayerError(
            f"Quotas.group has {quotas.group.size} entries and there are {site_count} sites; give one "
            "group per site."
        )
    group = quotas.group.astype(np.int64)
    groups = quotas.minimum.size
    there = np.bincount(group, minlength=groups)
    standing = np.bincount(group[fixed], minlength=groups)
    for g in range(groups):
        if there[g] < quotas.minimum[g]:
            raise InfeasibleError(
                f"The quota asks {quotas.name(g)} for at least {quotas.minimum[g]} sites and it has "
                f"{there[g]} candidates: {quotas.minimum[g] - there[g]} short; add candidates or lower "
                "the minimum."
            )
        if standing[g] > quotas.maximum[g]:
            raise InfeasibleError(
                f"The quota allows {quotas.name(g)} at most {quotas.maximum[g]} sites and {standing[g]} "
                f"are fixed there: {standing[g] - quotas.maximum[g]} too many; raise the maximum."
            )
    least = np.maximum(quotas.minimum, standing)
    most = np.minimum(quotas.maximum, there)
    if least.sum() > count:
        asked = ", ".join(f"{quotas.name(g)} {least[g]}" for g in np.flatnonzero(least))
        raise InfeasibleError(
            f"The quotas and fixed sites need {least.sum()} sites ({asked}) and count allows {count}: "
            f"{least.sum() - count} short; raise count or lower a minimum."
        )
    if most.sum() < count:
        allowed = ", ".join(f"{quotas.name(g)} {most[g]}" for g in range(groups))
        raise InfeasibleError(
            f"count asks for {count} sites and the quotas and candidates allow {most.sum()} ({allowed}): "
            f"{count - most.sum()} short; raise a maximum or lower count."
        )
    return group, quotas.minimum.astype(np.int64), quotas.maximum.astype(np.int64)
