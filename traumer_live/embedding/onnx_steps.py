"""The two steps in onnxruntime: the fastest way on a CPU, one thread, torch never needed.

In: see ``steps.py``.  Out: see ``steps.py``.  Thread: ears.

The graphs are written once and kept in the user's cache, named by what they are made of: the
fingerprint of the weights and the version of the graphs. A damaged kept file is made again; without
a writable cache they are simply made at every start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.geometry import LAYERS
from traumer_live.embedding.steps import Edge, Grown, Past

GRAPH_VERSION = 1  # raise it with every change in onnx_graphs.py: it names the files in the cache
_DIGEST_BYTES = 32  # sha256 before each kept graph
_GROWN = ("before", "centre", "after", "active")


class OnnxSteps:
    """Two sessions, fed with views of the rings."""

    def __init__(self, weights: Weights) -> None:
        self._advance, self._finish = _open_sessions(weights)
        self._made = [f"{name}_new{shape.number}" for shape in LAYERS for name in _GROWN]

    def advance(self, mel: Array, past: Sequence[Past]) -> list[Grown]:
        """Take new normalised mel frames (n, 94) through all five layers."""
        feeds = {"mel": mel}
        for shape, its_past in zip(LAYERS, past, strict=True):
            feeds |= _numbered(its_past, shape.number)
        made = self._advance.run(self._made, feeds)
        size = len(_GROWN)
        return [Grown(*made[at : at + size]) for at in range(0, len(made), size)]

    def finish(self, start: Array, edges: Sequence[Edge], rest: Array) -> tuple[Array, Array]:
        """e (256,) and tags (50,) of one window; the arguments are told in ``Steps``."""
        feeds = {"start": start, "rest": np.ascontiguousarray(rest)}
        for shape, edge in zip(LAYERS[1:], edges, strict=True):
            feeds |= _numbered(edge, shape.number)
        e, tags = self._finish.run(["e", "tags"], feeds)
        return e[0], tags[0]


def _numbered(fields: Past | Edge, number: int) -> dict[str, Array]:
    return {f"{name}{number}": value for name, value in vars(fields).items()}


def _open_sessions(weights: Weights) -> tuple[ort.InferenceSession, ort.InferenceSession]:
    advance = _kept(_cache_path(weights, "advance"))
    finish = _kept(_cache_path(weights, "finish"))
    if advance is None or finish is None:
        advance, finish = _build_and_keep(weights)
    return _session(advance), _session(finish)


def _build_and_keep(weights: Weights) -> tuple[bytes, bytes]:
    from traumer_live.embedding.onnx_graphs import build_graphs

    graphs = build_graphs(weights)
    for name, graph in graphs.items():
        _keep(_cache_path(weights, name), graph)
    return graphs["advance"], graphs["finish"]


def _cache_path(weights: Weights, name: str) -> Path:
    key = f"{weights.fingerprint[:32]}-v{GRAPH_VERSION}"
    return cache_dir() / "graphs" / f"encoder-{name}-{key}.onnx.kept"


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
