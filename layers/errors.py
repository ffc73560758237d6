"""The errors of the project: few kinds, each message one sentence with the cure."""

__all__ = [
    "AssumptionError",
    "CaseError",
    "DatumError",
    "DownloadError",
    "InfeasibleError",
    "LayerError",
    "ZiboGeoError",
    "near_matches",
]

import difflib
from collections.abc import Iterable


class ZiboGeoError(Exception):
    """Base of every error that a user can mend; the command line shows it and exits with 2."""


class LayerError(ZiboGeoError):
    """An input layer cannot be read or breaks its schema."""


class DatumError(ZiboGeoError):
    """A datum or coordinate reference system is missing, unknown or not what the data says."""


class AssumptionError(ZiboGeoError):
    """An assumption has an unknown key, a wrong unit, a wrong type or an impossible value."""


class CaseError(ZiboGeoError):
    """The case file cannot be read or asks for something that does not exist."""


class InfeasibleError(ZiboGeoError):
    """What was asked has no solution; the message names the binding limit and the shortfall."""


class DownloadError(ZiboGeoError):
    """A download was refused, timed out or brought something unusable."""


def near_matches(given: str, known: Iterable[str], *, count: int = 3) -> str:
    """Return the end of a sentence that offers the closest of the known words.

    Examples
    --------
    >>> near_matches("tilt_dge", ["tilt_deg", "azimuth_deg"])
    '; did you mean tilt_deg?'
    >>> near_matches("x", ["tilt_deg", "azimuth_deg"])
    '; known are azimuth_deg, tilt_deg.'
    """
    words = sorted(set(known))
    close = difflib.get_close_matches(given, words, n=count, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(close)}?"
    shown = ", ".join(words[:20]) + (", …" if len(words) > 20 else "")
    return f"; known are {shown}."
