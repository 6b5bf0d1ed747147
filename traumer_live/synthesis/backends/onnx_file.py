"""Pictures of a graph that somebody else exported.

In: w_plus (num_ws, w_dim).  Out: (H, W, 4) uint8.  Thread: dreams.

Such a graph takes w or z and gives a picture of -1..1. It brings no mapping network, so that its
latents are taken as Gaussian. A graph without rows of its own sees the mean of three, so that slow
and fast levels both move it. There is no noise to turn.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from traumer_live.core.errors import ModelError, reason_of
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.backends.onnx import DEFAULT_THREADS, open_session
from traumer_live.synthesis.generator import (
    GRAPH,
    BackendError,
    GeneratorInfo,
    checked_exit,
    checked_w_plus,
)
from traumer_live.synthesis.mapping import WStatistics
from traumer_live.synthesis.noise import NoisePlanes

OPAQUE = 255
BLENDED_ROWS = 3  # coarse, middle and fine


class OnnxFileGenerator:
    """A foreign graph; one session, one calling thread at a time."""

    source = None  # only onnxruntime is known to run it

    def __init__(self, path: Path, *, name: str, threads: int | None = None) -> None:
        threads = DEFAULT_THREADS if threads is None else threads
        graph = _read(path)
        self._session = open_session(graph, threads, name)
        self._input = self._session.get_inputs()[0]
        shape, picture = self._input.shape, self._session.get_outputs()[0].shape
        rows = shape[1] if len(shape) == 3 else BLENDED_ROWS
        self.info = GeneratorInfo(
            name=name,
            sha256=hashlib.sha256(graph).hexdigest(),
            resolution=max(picture[2:]),
            num_ws=rows,
            w_dim=shape[-1],
            z_dim=shape[-1],
            backend="onnx",
            providers=tuple(self._session.get_providers()),
            threads=threads,
            size=(picture[3], picture[2]),
            architecture=GRAPH,
            num_classes=0,
            exits=(max(picture[2:]),),
            work=(1.0,),
        )

    @property
    def w_avg(self) -> Array:
        """The average w (w_dim,)."""
        return np.zeros(self.info.w_dim, np.float32)

    def map(self, z: Array) -> Array:
        """w (n, w_dim) of z (n, z_dim): the same, as there is no mapping network."""
        return np.asarray(z, np.float32)

    def w_statistics(self) -> WStatistics:
        """mu and sigma of w."""
        return WStatistics(self.w_avg, np.ones(self.info.w_dim, np.float32))

    def prepare(self, exit_resolution: int | None = None) -> None:
        """Nothing: the graph is ready, and has one end only."""
        checked_exit(exit_resolution, self.info)

    def is_ready(self, exit_resolution: int | None = None) -> bool:
        """Always."""
        return True

    def synthesize(
        self,
        w_plus: Array,
        *,
        noise_gain: float = 1.0,
        noise: NoisePlanes | None = None,
        exit_resolution: int | None = None,
    ) -> Pixels:
        """The picture (H, W, 4) RGBA."""
        self.prepare(exit_resolution)
        rgb = self.synthesize_float(w_plus, noise_gain=noise_gain, noise=noise).astype(np.uint8)
        alpha = np.full((*rgb.shape[:2], 1), OPAQUE, np.uint8)
        return np.concatenate([rgb, alpha], axis=2)

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The picture (H, W, 3) on the scale 0..255 before it is cut to integers."""
        rows = checked_w_plus(w_plus, self.info)
        latent = rows[None] if len(self._input.shape) == 3 else rows.mean(0, keepdims=True)
        image = self._run(latent)
        if not np.isfinite(image.sum()):
            raise BackendError(f"The graph {self.info.name} gave infinite or missing numbers.")
        rgb = np.clip(image[0].transpose(1, 2, 0) * 127.5 + 128, 0, 255)
        return np.ascontiguousarray(rgb, np.float32)

    def _run(self, latent: Array) -> Array:  # (1, 3, H, W)
        try:
            (image,) = self._session.run(None, {self._input.name: latent})
        except Exception as error:  # the runtime's exceptions share no narrower base
            told = f"The graph {self.info.name} cannot paint"
            raise BackendError(f"{told}: {reason_of(error)}") from error
        return np.asarray(image, np.float32)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}); check the name.") from error
