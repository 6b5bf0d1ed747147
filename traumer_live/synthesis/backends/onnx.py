"""Pictures by onnxruntime: the default wherever torch has no CUDA.

In: w_plus (num_ws, w_dim), noise gain and planes.  Out: (H, W, 4) uint8.  Thread: dreams.
Never imports torch; imports the onnx package only when the graph is not in the cache yet.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort

from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.backends.providers import usable_providers
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.generator import checked_w_plus, make_info
from traumer_live.synthesis.graph_cache import cached_graph
from traumer_live.synthesis.mapping import Mapping, WStatistics
from traumer_live.synthesis.noise import NoisePlanes, noise_planes

DEFAULT_THREADS = 1
ERRORS_ONLY = 3  # onnxruntime's log severity


class OnnxGenerator:
    """A generator as a static graph; one session, one calling thread at a time."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        name: str = "generator",
        threads: int | None = None,
        class_index: int | None = None,
    ) -> None:
        threads = DEFAULT_THREADS if threads is None else threads
        self._mapping = Mapping(checkpoint, class_index=class_index)
        self._noise = noise_planes(checkpoint)
        self._session = open_session(cached_graph(checkpoint), threads, name)
        providers = tuple(self._session.get_providers())
        self.info = make_info(
            name, checkpoint, backend="onnx", providers=providers, threads=threads
        )

    @property
    def w_avg(self) -> Array:
        """The average w (w_dim,)."""
        return self._mapping.w_avg

    def map(self, z: Array) -> Array:
        """w (n, w_dim) of z (n, z_dim)."""
        return self._mapping(z)

    def w_statistics(self) -> WStatistics:
        """mu and sigma of w."""
        return self._mapping.statistics()

    def synthesize(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Pixels:
        """The picture (H, W, 4) RGBA."""
        pixels: Pixels = self._run("rgba", w_plus, noise_gain, noise)
        return pixels

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The picture (H, W, 3) on the scale 0..255 before it is cut to integers."""
        planes: Array = self._run("rgb", w_plus, noise_gain, noise)  # (1, 3, H, W)
        return np.ascontiguousarray(planes[0].transpose(1, 2, 0))

    def _run(self, output: str, w_plus: Array, noise_gain: float, noise: NoisePlanes | None) -> Any:
        feed = {"w_plus": checked_w_plus(w_plus, self.info)}
        if self._noise:
            planes = self._noise if noise is None else noise
            feed |= {f"noise_{i}": plane for i, plane in enumerate(planes)}
            feed["noise_gain"] = np.array(noise_gain, np.float32)
        return self._session.run([output], feed)[0]


def open_session(graph: bytes, threads: int, name: str) -> ort.InferenceSession:
    """A session that is quiet and leaves the other cores alone.

    Raises:
        ModelError: the runtime refuses the graph.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    # Waiting threads sleep instead of spinning: sound and windows need the cores more.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return ort.InferenceSession(graph, options, providers=usable_providers())
    except Exception as error:  # the runtime's exceptions share no narrower base
        reason = str(error).partition("\n")[0]
        raise ModelError(f"onnxruntime cannot run {name}: {reason}") from error
