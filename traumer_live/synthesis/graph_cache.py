"""ONNX graphs are built once per weights file and kept.

In: a Checkpoint.  Out: serialised ONNX bytes.  Thread: any; writing is atomic.

A kept file starts with the sha256 of the rest, so that a damaged one is noticed and built again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.synthesis.checkpoint import Checkpoint

# Part of the file's name: raise it with every change of onnx_graph.py that changes the graph.
# It stands here because reading a kept graph must not import the onnx package.
GRAPH_VERSION = 5
# Building a graph holds Python's lock for seconds where a network is large, reading one does not;
# beyond this a cache of every exit would be out of proportion.
LARGEST_KEPT_EXIT = 160 << 20  # bytes
DIGEST_BYTES = hashlib.sha256().digest_size


def cached_graph(checkpoint: Checkpoint, exit_resolution: int | None = None) -> bytes:
    """The graph of ``checkpoint``, or of its part up to an exit, from the cache or newly built."""
    path = graph_path(checkpoint, exit_resolution)
    graph = _read(path)
    if graph is None:
        from traumer_live.synthesis.onnx_graph import build_graph

        graph = build_graph(checkpoint, exit_resolution)
        if exit_resolution is None or len(graph) <= LARGEST_KEPT_EXIT:
            _try_to_keep(path, graph)
    return graph


def graph_path(checkpoint: Checkpoint, exit_resolution: int | None = None) -> Path:
    """Where the graph of ``checkpoint`` is kept."""
    which = checkpoint.sha256[:32] + (f"-{checkpoint.variant}" if checkpoint.variant else "")
    if exit_resolution is not None:
        which += f"-to{exit_resolution}"
    return cache_dir() / "graphs" / f"synthesis-{which}-v{GRAPH_VERSION}.onnx.kept"


def _read(path: Path) -> bytes | None:
    """A whole kept graph; None when absent or damaged."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    digest, graph = kept[:DIGEST_BYTES], kept[DIGEST_BYTES:]
    return graph if hashlib.sha256(graph).digest() == digest else None


def _try_to_keep(path: Path, graph: bytes) -> None:
    """Keep the graph; a machine that forbids it builds again next time."""
    try:
        with written_atomically(path) as temporary:
            temporary.write_bytes(hashlib.sha256(graph).digest() + graph)
    except (OSError, OutputError):
        return
