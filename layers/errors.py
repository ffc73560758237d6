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
    "shown_text",
]

import difflib
import re
from collections.abc import Iterable

_LONGEST_MESSAGE = 4000
_LONGEST_WORD = 200


class ZiboGeoError(Exception):
    r"""Base of every error that a user can mend; the command line shows it and exits with 2.

    Names and words of data stand in the messages: what does not print (control characters, marks that
    turn the direction of text) is escaped, and what is endless is cut.

    Examples
    --------
    >>> print(ZiboGeoError("column '\x1b[31mred' is missing"))
    column '\x1b[31mred' is missing
    """

    def __str__(self) -> str:
        """Return the message with nothing in it that a terminal would obey."""
        text = re.sub(rf"\S{{{_LONGEST_WORD},}}", _shortened, super().__str__())
        return "\n".join(shown_text(line, most=_LONGEST_MESSAGE) for line in text.split("\n"))


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


def shown_text(text: str, *, most: int) -> str:
    r"""Return text of data so that it can be shown: unprintable characters escaped, the end cut.

    Examples
    --------
    >>> shown_text("a\x1b[2J" + "b" * 99, most=12)
    'a\\x1b[2Jbbb…'
    """
    cut = text if len(text) <= most else text[:most]
    plain = "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii")
        for mark in cut
    )
    return plain if len(plain) <= most and cut is text else plain[: most - 1] + "…"


def _shortened(found: re.Match[str]) -> str:
    return f"{found.group()[:100]}…{found.group()[-60:]}"


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
