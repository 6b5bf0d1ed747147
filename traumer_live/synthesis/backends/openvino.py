"""OpenVINO: the same graphs, an optional extra that is often the fastest on x86 processors.

In: the path of a graph.  Out: a function from inputs to outputs.  Thread: dreams; opening from any.
Importing this module imports openvino; it is asked for only where that is installed.

``bfloat16`` is approximate by declaration: it runs only where the processor multiplies it natively.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from traumer_live.synthesis.backends.graph import Feed, Run
from traumer_live.synthesis.generator import BackendError

DEFAULT_THREADS = 1
HINTS = {"float32": "f32", "bfloat16": "bf16"}


class OpenVinoRuntime:
    """Compiled models on the processor."""

    backend = "openvino"
    providers: tuple[str, ...] = ("CPU",)

    def __init__(self, threads: int | None = None, *, precision: str = "float32") -> None:
        self.threads = DEFAULT_THREADS if threads is None else threads
        self.precision = precision
        if precision == "bfloat16" and not has_bfloat16():
            raise BackendError(
                "This processor does not multiply bfloat16; choose the backend openvino."
            )

    def open(self, graph: Path, name: str) -> Run:
        """A compiled model; one calling thread at a time.

        Raises:
            BackendError: the runtime refuses the graph.
        """
        pixels = self._compiled(graph, ("rgba", "level"), name)
        taps: list[ov.InferRequest] = []  # the float tap is compiled apart when first wanted

        def run(outputs: Sequence[str], feed: Feed) -> list[Any]:
            request = pixels
            if "rgb" in outputs:
                if not taps:
                    taps.append(self._compiled(graph, ("rgb",), name))
                request = taps[0]
            inputs = {port.get_any_name() for port in request.model_inputs}
            request.infer({k: v for k, v in feed.items() if k in inputs}, share_inputs=True)
            # The request's own memory is written again by the next call.
            return [np.array(request.get_tensor(each).data) for each in outputs]

        return run

    def _compiled(self, graph: Path, outputs: Sequence[str], name: str) -> ov.InferRequest:
        """A request that computes only ``outputs``: unwanted ones would cost copies."""
        settings = {
            "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": HINTS[self.precision],
            "PERFORMANCE_HINT": "LATENCY",
            "ENABLE_CPU_PINNING": False,
        }
        try:
            model = _core().read_model(graph)
            for result in list(model.get_results()):
                if result.output(0).get_names().isdisjoint(outputs):
                    model.remove_result(result)
            return _core().compile_model(model, "CPU", settings).create_infer_request()
        except Exception as error:  # the runtime's exceptions share no narrower base
            reason = str(error).strip().splitlines()[-1]
            raise BackendError(f"OpenVINO cannot run {name}: {reason}") from error


@cache
def has_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 natively; elsewhere nothing would be gained."""
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def _core() -> ov.Core:
    return ov.Core()
