"""How a kiosk is, for those who look after it: a JSON file, and a page on this machine only.

In: the running show, a few times a second.  Out: ``status.json``; http://127.0.0.1:PORT/.
Thread: main writes; the page is served by threads of its own from the last snapshot.
"""

from __future__ import annotations

import html
import json
import os
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.stats import peak_rss_mb
from traumer_live.engine.show import Show
from traumer_live.engine.status import ShowStatus

WRITE_S = 1.0
_HOSTS = ("127.0.0.1", "localhost")  # another name is a web page that tries to read ours


class Health:
    """Writes down how the kiosk is, once a second."""

    def __init__(self, path: Path, *, restarts: int = 0, last_exit: str = "") -> None:
        self._path = path
        self._restarts, self._last_exit = restarts, last_exit
        self._started = time.monotonic()
        self._due = 0.0
        self._error = ""
        self.now: dict[str, Any] = {"state": "starting"}

    def note(self, sentence: str) -> None:
        """Remember what was last told to the user."""
        self._error = sentence

    def update(self, show: Show, status: ShowStatus, now_s: float, *, scene: str = "") -> None:
        """Write when it is time; a disk that is full costs no show."""
        if now_s < self._due:
            return
        self._due = now_s + WRITE_S
        take = status.recording
        self.now = {
            "version": 1,
            "state": "open",
            "pid": os.getpid(),
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "uptime_s": round(time.monotonic() - self._started, 1),
            "fps": round(status.fps, 2),
            "p95_ms": round(status.p95_ms, 1),
            "frames_shown": show.stats.counters["frames.shown"],
            "source": status.source,
            "source_state": status.source_state,
            "level_dbfs": round(status.pulse.level_dbfs, 1),
            "scene": scene,
            "generator": show.models.generator.info.name,
            "device": status.device,
            "recording": str(take.path) if take else None,
            "recording_s": round(take.seconds, 1) if take else 0,
            "peak_rss_mb": round(peak_rss_mb(), 1),
            "restarts": self._restarts,
            "last_exit": self._last_exit,
            "last_notice": self._error,
        }
        write_status(self._path, self.now)


def write_status(path: Path, status: dict[str, Any]) -> None:
    """Write ``status`` as JSON; failing to costs no show."""
    with suppress(OutputError), written_atomically(path) as temporary:
        temporary.write_text(json.dumps(status, indent=1) + "\n", encoding="utf-8")


class StatusPage:
    """Serves a Health on 127.0.0.1, and nothing else."""

    def __init__(self, health: Health, port: int) -> None:
        """Begin to serve.

        Raises:
            OutputError: the port is taken.
        """

        class Handler(_Handler):
            source = health

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "ports go from 1 to 65535"
            raise OutputError(
                f"The status page cannot use port {port} ({why}); choose another --status-port."
            ) from error
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="status", daemon=True).start()

    @property
    def port(self) -> int:
        """Where it is served."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    source: Health
    timeout = 5  # seconds; a client that says nothing holds no thread for long

    def do_GET(self) -> None:
        """Answer ``/`` and ``/status.json``."""
        host = (self.headers.get("Host") or "").rpartition(":")[0]
        if host not in _HOSTS:
            self.send_error(403)
        elif self.path == "/status.json":
            self._send(json.dumps(self.source.now), "application/json")
        elif self.path == "/":
            self._send(_page(self.source.now), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: whoever asks once a second would fill the journal."""

    def _send(self, text: str, kind: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)


def _page(now: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th>{html.escape(name)}<td>{html.escape(str(value))}" for name, value in now.items()
    )
    return (
        '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        "<title>TräumerAI Live</title><style>body{background:#0e0f12;color:#e7e9ee;"
        "font:15px/1.6 system-ui;margin:2rem}th{text-align:left;color:#8e95a3;font-weight:400;"
        f"padding-right:2rem}}</style><table>{rows}</table>"
    )
