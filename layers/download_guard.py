"""The bounds of a download: every answer is read within a size and a time, and refused if it is none."""

__all__ = ["Guard"]

import io
import json
import re
import time
from typing import Any, Final

import urllib3

from layers.errors import DownloadError

_CHUNK_BYTES: Final = 1 << 16
_NOTHING_TO_WAIT_FOR: Final = b"\n\n\n\n1 slots available now.\n"


class Guard:
    """Reads every answer of one download within its bounds and refuses what is no answer."""

    def __init__(
        self, *, host: str, time_limit_s: float, largest_mb: float, overpass: bool
    ) -> None:
        self.host = host
        self.overpass = overpass
        self.time_limit_s = time_limit_s
        self.deadline = time.monotonic() + time_limit_s
        self.largest_bytes = int(largest_mb * 1e6)
        self.answers = 0

    def bounds(self) -> dict[str, Any]:
        """Return the arguments of a request that puts its answer under this guard."""
        return {"stream": True, "hooks": {"response": lambda answer, **_: self.checked(answer)}}

    def checked(self, answer: Any) -> Any:
        """Return the answer with its whole body held in memory."""
        body = self._body(answer)
        if answer.is_redirect:
            # The client follows it, and the answer there comes through here as well.
            self._check_target(answer.url, answer.headers.get("location", ""))
        elif self.overpass and answer.url.endswith("/status"):
            body = self._status(body, ok=answer.ok)
        elif not answer.ok:
            raise DownloadError(f"{self.host} {_refusal(answer.status_code, body)}")
        elif self.overpass:
            self._check_overpass(body)
            self.answers += 1
        answer.raw = io.BytesIO(body)
        return answer

    @staticmethod
    def _check_target(url: str, location: str) -> None:
        """Refuse to be led to another host than the one that was asked, or one below it."""
        asked, target = urllib3.util.parse_url(url).host, urllib3.util.parse_url(location).host
        if target is None or asked is None or target == asked or target.endswith(f".{asked}"):
            return
        raise DownloadError(
            f"{asked} sends this request on to {target}; name that service itself if you trust it."
        )

    def _body(self, answer: Any) -> bytes:
        parts, size = [], 0
        try:
            # read1 returns what has come: a trickle meets the clock, where read would wait for a chunk.
            while part := answer.raw.read1(_CHUNK_BYTES, decode_content=True):
                size += len(part)
                if size > self.largest_bytes:
                    raise DownloadError(
                        f"{self.host} sends more than {self.largest_bytes / 1e6:.0f} MB; ask for a smaller "
                        "area or raise largest_mb."
                    )
                if time.monotonic() > self.deadline:
                    raise DownloadError(self.too_long())
                parts.append(part)
        except urllib3.exceptions.HTTPError as error:
            raise DownloadError(
                f"The answer of {self.host} broke off after {size / 1e6:.1f} MB; try again, or name another "
                "service."
            ) from error
        finally:
            answer.raw.close()
        return b"".join(parts)

    def too_long(self) -> str:
        """Return the sentence for an answer that does not come."""
        return (
            f"{self.host} did not answer within {self.time_limit_s:g} s; try again later, ask for a smaller "
            "area, or bring the file yourself."
        )

    def _status(self, body: bytes, *, ok: bool) -> bytes:
        """Return a status page that never makes the client wait longer than there is time."""
        lines = body.decode("utf-8", errors="replace").split("\n")
        if not ok or len(lines) < 5:
            return _NOTHING_TO_WAIT_FOR  # a service without slots
        wait = re.search(r"in (\d+) seconds", lines[4])
        if wait and time.monotonic() + int(wait.group(1)) > self.deadline:
            raise DownloadError(
                f"{self.host} has no free slot for {wait.group(1)} s; try again then, or name another "
                "service by overpass_url."
            )
        if re.match(r"\d+ slots available", lines[4]) or wait:
            return body
        if lines[4].startswith("Currently") and time.monotonic() < self.deadline:
            return body
        if lines[4].startswith("Currently"):
            raise DownloadError(self.too_long())
        return _NOTHING_TO_WAIT_FOR

    def _check_overpass(self, body: bytes) -> None:
        try:
            content = json.loads(body)
            elements, remark = content["elements"], content.get("remark")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DownloadError(
                f"{self.host} sent something that is not a whole Overpass answer; try again, or name another "
                "service by overpass_url."
            ) from error
        if remark or not isinstance(elements, list):
            raise DownloadError(
                f"{self.host} gave up before the end ({_short(str(remark))}); ask for a smaller area or try "
                "again later."
            )


def _refusal(status: int, body: bytes) -> str:
    if status in {429, 503, 504}:
        return f"is busy and refused (HTTP {status}); try again in some minutes, or name another service."
    said = re.sub(r"<[^>]*>", " ", body[:2000].decode("utf-8", errors="replace"))
    return f"refused (HTTP {status}: {_short(said)}); check the address and the area."


def _short(text: str) -> str:
    return (
        " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())[:160]
        or "no words"
    )
