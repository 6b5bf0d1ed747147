"""The two steps in onnxruntime: the fastest way on a CPU, one thread, torch never needed.

In: see ``steps.py``.  Out: see ``steps.py``.  Thread: ears.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import onnxruntime as ort

from traumer_live.core.graph_store import OnnxModel
from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.geometry import LAYERS
from traumer_live.embedding.onnx_store import open_session
from traumer_live.embedding.steps import Edge, Grown, Past

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
    def build(name: str) -> OnnxModel:
        from traumer_live.embedding.onnx_graphs import build_graphs

        return build_graphs(weights)[name]

    advance, finish = (
        open_session(name, weights.fingerprint, partial(build, name))
        for name in ("advance", "finish")
    )
    return advance, finish
