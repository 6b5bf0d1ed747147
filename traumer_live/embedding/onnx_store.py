"""Graphs of encoders: written once, kept in the user's cache, opened as sessions of one thread.

In: what a graph is called, the fingerprint of its weights, how to write it.  Out: a session.
Thread: any.

A kept graph is named by what it is made of: the weights and the version of the graphs. A damaged
one is made again; without a writable cache they are simply made at every start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import onnxruntime as ort

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir

GRAPH_VERSION = 1  # raise it with every change of a graph: it names the files in the cache
_DIGEST_BYTES = 32  # sha256 before each kept graph


def open_session(name: str, fingerprint: str, build: Callable[[], bytes]) -> ort.InferenceSession:
    """The session of a graph, from the cache or newly built."""
    folder = cache_dir() / "graphs"
    path = folder / f"encoder-{name}-{fingerprint[:32]}-v{GRAPH_VERSION}.onnx.kept"
    graph = _kept(path)
    if graph is None:
        graph = build()
        _keep(path, graph)
    return _session(graph)


def _kept(path: Path) -> bytes | None:
    """A kept graph; None when there is none or its digest says that it is damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, graph = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return graph if hashlib.sha256(graph).digest() == digest else None


def _keep(path: Path, graph: bytes) -> None:
    try:
        with written_atomically(path) as temporary:
            temporary.write_bytes(hashlib.sha256(graph).digest() + graph)
    except (OutputError, OSError):
        return  # only the next start is slower


def _session(graph: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # The products are small: a second thread gains little and would take the synthesis' core.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
