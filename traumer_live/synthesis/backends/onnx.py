"""onnxruntime: computes synthesis graphs wherever torch has no CUDA.

In: the path of a graph.  Out: a function from inputs to outputs.  Thread: dreams; opening from any.
Never imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnxruntime as ort

from traumer_live.core.errors import reason_of
from traumer_live.synthesis.backends.graph import Feed, Run
from traumer_live.synthesis.backends.providers import usable_providers
from traumer_live.synthesis.generator import BackendError

DEFAULT_THREADS = 1
ERRORS_ONLY = 3  # onnxruntime's log severity


class OnnxRuntime:
    """Sessions that are quiet and leave the other cores alone."""

    backend = "onnx"
    precision = "float32"

    def __init__(self, threads: int | None = None) -> None:
        self.threads = DEFAULT_THREADS if threads is None else threads
        self.providers = tuple(usable_providers())

    def open(self, graph: Path, name: str) -> Run:
        """A session; one calling thread at a time.

        Raises:
            BackendError: the runtime refuses the graph.
        """
        session = open_session(graph, self.threads, name)
        self.providers = tuple(session.get_providers())
        inputs = {value.name for value in session.get_inputs()}

        def run(outputs: Sequence[str], feed: Feed) -> list[Any]:
            wanted = {key: value for key, value in feed.items() if key in inputs}
            done: list[Any] = session.run(list(outputs), wanted)
            return done

        return run


def open_session(
    graph: Path | bytes, threads: int, name: str, *, providers: Sequence[str] | None = None
) -> ort.InferenceSession:
    """A session of ``threads`` threads. Of bytes it opens nothing else; a path is quicker.

    ``providers``: where it may run; None: wherever this machine can.

    Raises:
        BackendError: the runtime refuses the graph.
    """
    model = graph if isinstance(graph, bytes) else str(graph)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    # Waiting threads sleep instead of spinning: sound and windows need the cores more.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    chosen = usable_providers() if providers is None else providers
    try:
        return ort.InferenceSession(model, options, providers=list(chosen))
    except Exception as error:  # the runtime's exceptions share no narrower base
        raise BackendError(f"onnxruntime cannot run {name}: {reason_of(error)}") from error
