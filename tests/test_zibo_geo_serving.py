"""The server: ranges, loopback only, nothing outside the folder."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.errors import CaseError
from zibo_geo.serving import FolderServer, make_server

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FolderServer]:
    folder = tmp_path / "atlas"
    (folder / "data").mkdir(parents=True)
    (folder / "index.html").write_text("<p>淄博</p>", encoding="utf-8")
    (folder / "data" / "块 1.bin").write_bytes(CONTENT)
    (folder / "empty.js").write_bytes(b"")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path)
    with make_server(folder, port=0) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def ask(
    server: FolderServer, path: str, *, method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest(method, path, skip_host=bool(headers and "Host" in headers))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_it_listens_on_loopback_and_opens_the_page(server: FolderServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    status, headers, body = ask(server, "/")
    assert (status, body.decode()) == (200, "<p>淄博</p>")
    assert headers["Content-Type"].startswith("text/html")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=10000-99999999", slice(10000, None)),
        ("bytes=0-0", slice(0, 1)),
    ],
)
def test_a_range_gives_exactly_those_bytes(server: FolderServer, header: str, part: slice) -> None:
    path = "/data/%E5%9D%97%201.bin"
    status, headers, body = ask(server, path, headers={"Range": header})
    assert status == 206
    assert body == CONTENT[part]
    start = range(len(CONTENT))[part].start
    assert headers["Content-Range"] == f"bytes {start}-{start + len(body) - 1}/{len(CONTENT)}"
    status, headers, body = ask(server, path, method="HEAD", headers={"Range": header})
    assert (status, body) == (206, b"")
    assert int(headers["Content-Length"]) == len(CONTENT[part])


def test_ranges_beyond_and_odd_ones(server: FolderServer) -> None:
    path = "/data/%E5%9D%97%201.bin"
    assert ask(server, path, headers={"Range": f"bytes={len(CONTENT)}-"})[0] == 416
    assert ask(server, path, headers={"Range": "bytes=-0"})[0] == 416
    for odd in ("bytes=5-2", "lines=1-2", "bytes=a-b", "bytes=0-1,4-5", "bytes=-"):
        status, _, body = ask(server, path, headers={"Range": odd})
        assert (status, body) == (200, CONTENT), odd
    assert ask(server, "/empty.js")[:3:2] == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/data/../../secret.txt",
        "/..%2fsecret.txt",
        "/link.txt",
        "/out/secret.txt",
        "//etc/passwd",
        "/data/",
        "/data",
        "/no-such",
        "/%00",
        "/index.html%00.txt",
    ],
)
def test_nothing_outside_and_no_listing(server: FolderServer, path: str) -> None:
    status, _, body = ask(server, path)
    assert (status, body) == (404, b"")


def test_another_host_name_and_other_methods_are_refused(server: FolderServer) -> None:
    assert ask(server, "/", headers={"Host": "evil.example:80"})[0] == 403
    assert ask(server, "/", headers={"Host": "localhost:1"})[0] == 200
    assert ask(server, "/", method="POST")[0] == 501


def test_a_missing_folder_and_a_taken_port_say_the_cure(
    server: FolderServer, tmp_path: Path
) -> None:
    with pytest.raises(CaseError, match=r"no folder; name the folder"):
        make_server(tmp_path / "nowhere")
    with pytest.raises(CaseError, match=r"give another with --port"):
        make_server(tmp_path, port=server.server_port)
