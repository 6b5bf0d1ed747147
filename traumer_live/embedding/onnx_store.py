"""Graphs of encoders, kept in the user's cache and opened as sessions of one thread.

In: what a graph is called, the fingerprint of its weights, how to write it.  Out: a session.
Thread: any.
"""

from __future__ import annotations

from collections.abc import Callable

import onnxruntime as ort

from traumer_live.core.graph_store import OnnxModel, kept_graph

GRAPH_VERSION = 2  # raise it with every change of a graph: it names the files in the cache


def open_session(
    name: str, fingerprint: str, write: Callable[[], OnnxModel]
) -> ort.InferenceSession:
    """The session of a graph, from the cache or newly written."""
    graph = kept_graph(f"encoder-{name}-{fingerprint[:32]}", GRAPH_VERSION, write)
    options = ort.SessionOptions()
    # The products are small: a second thread gains little and would take the synthesis' core.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
