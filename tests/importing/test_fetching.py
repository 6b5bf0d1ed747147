"""Downloads from a server on this machine: whole, broken off, taken up again, the wrong file."""

from __future__ import annotations

import hashlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.importing.foreign_files import golden, snapshot
from traumer_live.cli import main
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.paths import cache_dir
from traumer_live.importing.fetching import fetched


class Shop:
    """What the server gives, and what it was asked for."""

    def __init__(self, content):
        self.content, self.ranges, self.stop_after, self.knows_ranges = content, [], None, True
        self.etag, self.date, self.knows_if_range = '"first"', None, True

    def facts(self, start):
        """What is said of the file, sent from ``start`` on."""
        end = len(self.content)
        span = f"bytes {start}-{end - 1}/{end}" if start else None
        told = {"ETag": self.etag, "Last-Modified": self.date, "Content-Range": span}
        return {name: value for name, value in told.items() if value is not None}

    def is_same(self, asked):
        """Whether the version that a request asks for is the present one."""
        return not self.knows_if_range or asked in (None, self.etag, self.date)


@pytest.fixture
def shop():
    """A server of one file, at ``shop.url``."""
    state = Shop(bytes(range(256)) * 4000)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path != "/net.pkl":
                self.send_error(404)
                return
            wanted = self.headers.get("Range")
            state.ranges.append(wanted)
            same = state.is_same(self.headers.get("If-Range"))
            start = int(wanted[6:-1]) if wanted and state.knows_ranges and same else 0
            self.answer(start)

        def answer(self, start):
            if start and start >= len(state.content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(state.content)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            for name, value in state.facts(start).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.content) - start))
            self.end_headers()
            end = len(state.content) if state.stop_after is None else start + state.stop_after
            self.wfile.write(state.content[start:end])

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/net.pkl"
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_whole_file_with_progress(shop):
    steps = []
    wanted = hashlib.sha256(shop.content).hexdigest()
    with fetched(shop.url, sha256=wanted.upper(), progress=lambda *at: steps.append(at)) as path:
        assert path.name == "net.pkl"
        assert path.read_bytes() == shop.content
    assert steps[-1] == (len(shop.content), len(shop.content))
    assert not path.exists()


def test_a_broken_line_goes_on_where_it_stopped(shop):
    shop.stop_after = 300_000
    with pytest.raises(ModelError, match="goes on where it stopped"), fetched(shop.url):
        pass
    shop.stop_after = None
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges == [None, "bytes=300000-"]


def test_a_server_without_ranges_starts_again(shop):
    shop.stop_after = 300_000
    with pytest.raises(ModelError), fetched(shop.url):
        pass
    shop.stop_after, shop.knows_ranges = None, False
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content


def broken_off(shop, **expected):
    """The first 300,000 bytes have come, then the line broke."""
    shop.stop_after = 300_000
    broken = pytest.raises(ModelError, match="goes on where it stopped")
    with broken, fetched(shop.url, **expected):
        pass
    shop.stop_after = None


def of_today(content):
    """As long as before, and all different."""
    return bytes(255 - byte for byte in content)


DATE = "Mon, 02 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize("knows_if_range", [True, False])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (('"first"', None), ('"second"', None)),
        ((None, DATE), (None, "Tue, 03 Nov 2026 10:00:00 GMT")),
        (('W/"weak"', DATE), ('W/"weak"', "Tue, 03 Nov 2026 10:00:00 GMT")),
    ],
)
def test_a_file_that_changed_is_not_glued_to_its_old_part(shop, before, after, knows_if_range):
    """Also by a server that goes on without looking at what it was asked for."""
    (shop.etag, shop.date), shop.knows_if_range = before, knows_if_range
    broken_off(shop)
    (shop.etag, shop.date), shop.content = after, of_today(shop.content)
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges[1] == "bytes=300000-"


@pytest.mark.parametrize(("etag", "date"), [('"first"', None), (None, DATE), ('W/"1"', DATE)])
def test_the_same_version_goes_on(shop, etag, date):
    shop.etag, shop.date = etag, date
    broken_off(shop)
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges == [None, "bytes=300000-"]


@pytest.mark.parametrize("etag", [None, 'W/"weak"', '"\x85 odd"'])
def test_a_server_that_names_no_version_starts_again(shop, etag):
    shop.etag = etag
    broken_off(shop)
    shop.content = of_today(shop.content)
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges == [None, None]


def test_a_hash_allows_to_go_on_where_no_version_is_named(shop):
    shop.etag, wanted = None, hashlib.sha256(shop.content).hexdigest()
    broken_off(shop, sha256=wanted)
    with fetched(shop.url, sha256=wanted) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges == [None, "bytes=300000-"]


def test_a_hash_finds_a_part_of_something_else_and_fetches_the_whole(shop):
    shop.etag = None
    broken_off(shop, sha256="0" * 64)
    shop.content = of_today(shop.content)
    wanted = hashlib.sha256(shop.content).hexdigest()
    with fetched(shop.url, sha256=wanted) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges == [None, "bytes=300000-", None]


def test_a_part_that_is_longer_than_the_file_has_become(shop):
    shop.knows_if_range = False
    broken_off(shop)
    shop.content = shop.content[:1000]
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content


def test_a_file_that_arrived_whole_the_last_time(shop):
    """The connection ended after the last byte, before the file was taken."""
    shop.stop_after = len(shop.content)
    with fetched(shop.url) as path:
        folder = path.parent
        (folder / "part").write_bytes(path.read_bytes())
        (folder / "part.version").write_text(shop.etag)
    with fetched(shop.url) as path:
        assert path.read_bytes() == shop.content
    assert shop.ranges[1] == f"bytes={len(shop.content)}-"
    assert list(folder.iterdir()) == []


def test_another_file_than_expected_is_thrown_away(shop):
    with pytest.raises(ModelError, match="sha256"), fetched(shop.url, sha256="0" * 64):
        pass
    assert not any(path.is_file() for path in cache_dir().rglob("fetch/**/*"))


@pytest.mark.parametrize("url", ["ftp://x/y", "file:///etc/passwd", "net.pkl", "http://"])
def test_addresses_that_are_none(url):
    with pytest.raises(ModelError, match="address"), fetched(url):
        pass


def test_nobody_there_and_nothing_there(shop):
    with pytest.raises(ModelError, match="cannot be fetched"), fetched(shop.url + "x"):
        pass
    with pytest.raises(ModelError, match="cannot be fetched"), fetched("http://127.0.0.1:9/x.pkl"):
        pass


def test_a_hash_that_is_none(shop):
    with pytest.raises(ModelError, match="64"), fetched(shop.url, sha256="abc"):
        pass


def test_the_command_fetches_and_imports(shop, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    state, _ = golden("ada_skip")
    shop.content = snapshot(tmp_path / "x.pkl", state).read_bytes()
    wanted = hashlib.sha256(shop.content).hexdigest()
    assert main(["models", "fetch", shop.url, "--sha256", wanted, "--name", "far"]) == 0
    drawn = capsys.readouterr().err
    assert "MB" in drawn
    assert "100%" in drawn
    assert model_library.get("far").origin == shop.url
