"""A folder over HTTP for this machine only: with ranges, nothing outside the folder, no listing.

The map opens from a double click; a server is for browsers whose policy forbids pages on file://.
"""

__all__ = ["FolderServer", "make_server"]

import re
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, cast

from layers.errors import CaseError

_LOOPBACK = "127.0.0.1"
_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class FolderServer(ThreadingHTTPServer):
    """Serves one folder on the loopback address; ``address`` is where its page opens."""

    daemon_threads = True

    @property
    def address(self) -> str:
        """Address of the folder's page."""
        return f"http://{_LOOPBACK}:{self.server_port}/"


class _Handler(SimpleHTTPRequestHandler):
    """GET and HEAD of files under one folder, whole or in one range."""

    server_version = "zibo-geo"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the file or the part asked for."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with the headers alone."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        # Another site's page must not read the folder through a name it points at this machine.
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if host not in {_LOOPBACK, "localhost"}:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        path = self._file()
        if path is None:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        with path.open("rb") as stream:
            size = path.stat().st_size
            part = _part(self.headers.get("Range"), size)
            if part is None:
                self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
                self.send_header("Content-Range", f"bytes */{size}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start, end = part
            whole = (start, end) == (0, size)
            self.send_response(HTTPStatus.OK if whole else HTTPStatus.PARTIAL_CONTENT)
            self.send_header("Content-Type", self.guess_type(str(path)))
            self.send_header("Content-Length", str(end - start))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Cache-Control", "no-cache")
            if not whole:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            self.end_headers()
            if body:
                self._copy(stream, start, end)

    def _file(self) -> Path | None:
        """Return the file asked for, or None when it is none or lies outside, links followed."""
        root = Path(self.directory).resolve()
        try:
            path = Path(self.translate_path(self.path)).resolve()
            if path.is_dir():
                path = (path / "index.html").resolve()
            return path if path.is_file() and path.is_relative_to(root) else None
        except (OSError, ValueError):
            return None

    def _copy(self, stream: IO[bytes], start: int, end: int) -> None:
        stream.seek(start)
        left = end - start
        while left > 0:
            block = stream.read(min(_BLOCK, left))
            if not block:
                return
            self.wfile.write(block)
            left -= len(block)

    def _refuse(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the console belongs to the command."""


def _part(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the half-open range of bytes asked for, the whole without one, None for an empty one.

    Examples
    --------
    >>> _part(None, 10), _part("bytes=2-4", 10), _part("bytes=-3", 10), _part("bytes=7-", 10)
    ((0, 10), (2, 5), (7, 10), (7, 10))
    >>> _part("bytes=10-", 10), _part("bytes=4-2", 10), _part("bytes=0-1,5-6", 10)
    (None, (0, 10), (0, 10))
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not any(match.groups()):
        return 0, size
    first, last = match.groups()
    if not first:
        return (max(0, size - int(last)), size) if int(last) > 0 else None
    if last and int(last) < int(first):
        return 0, size  # a malformed range is ignored (RFC 9110, 14.1.1)
    if int(first) >= size:
        return None
    return int(first), min(size, int(last) + 1) if last else size


def make_server(folder: Path, *, port: int = 8000) -> FolderServer:
    """Return a server of a folder, bound but not yet serving.

    Parameters
    ----------
    folder : Path
        Usually the ``atlas`` folder of a plan.
    port : int
        0 for any free one.

    Raises
    ------
    CaseError
        The folder does not exist or the port is taken.

    Examples
    --------
    ``with make_server(Path("out/atlas")) as server: server.serve_forever()``
    """
    if not folder.is_dir():
        raise CaseError(f"{folder} is no folder; name the folder that holds index.html.")
    handler = cast("type[SimpleHTTPRequestHandler]", partial(_Handler, directory=str(folder)))
    try:
        return FolderServer((_LOOPBACK, port), handler)
    except OSError as error:
        raise CaseError(
            f"Port {port} of this machine cannot be used ({error.strerror}); give another with --port."
        ) from error
