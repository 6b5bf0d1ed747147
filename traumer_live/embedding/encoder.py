"""The encoder as the engine sees it, and the one door to get one.

In: a weights file and the name of a backend.  Out: an ``Encoder``.  Thread: made anywhere, used by
one thread (ears).

Backends: ``onnx`` (default: the fastest), ``numpy`` (runs wherever numpy does), ``torch`` (the
plain network on each whole window; for comparison, or with CUDA).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array, MelSpec
from traumer_live.embedding.checkpoint import Weights, read_encoder, vgg_weights
from traumer_live.embedding.fcn import FcnSteps, StreamingFcn, WholeFcn, can_stream
from traumer_live.embedding.geometry import POOLS
from traumer_live.embedding.msd_vgg import StreamingMsdVgg
from traumer_live.embedding.short_chunk import HybridShortChunk
from traumer_live.embedding.streaming import StreamingEncoder
from traumer_live.embedding.tagger_weights import (
    ARCHITECTURES,
    FcnWeights,
    ShortChunkWeights,
    tagger_weights,
)

BackendName = Literal["auto", "onnx", "numpy", "torch"]
DEFAULT_WEIGHTS = "models/mtt_vgg.safetensors"
AnyWeights: TypeAlias = Weights | FcnWeights | ShortChunkWeights


class Encoder(Protocol):
    """Running log-mel in, what kind of music it is out."""

    @property
    def mel_spec(self) -> MelSpec:
        """How the frames to push must be made."""
        ...

    @property
    def e_dim(self) -> int:
        """Numbers in an embedding."""
        ...

    @property
    def tag_names(self) -> tuple[str, ...]:
        """What each tag is called."""
        ...

    @property
    def delay_s(self) -> float:
        """How late an embedding speaks: half of the window that it looks at."""
        ...

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, n_mels)."""
        ...

    def embedding(self) -> tuple[Array, Array]:
        """e (e_dim,) and tags (n_tags,) of the window that ends at the newest frame pushed."""
        ...

    def reset(self) -> None:
        """Back to silence."""
        ...


def load_encoder(path: Path | None = None, backend: BackendName = "auto") -> Encoder:
    """The encoder of a weights file, or of the shipped one.

    Raises:
        ModelError: the file is missing, damaged or of another kind, or the backend is not there.
    """
    name = _fastest_installed() if backend == "auto" else backend
    if name not in _MAKERS:
        raise ModelError(f"There is no encoder backend {name!r}; choose {', '.join(_MAKERS)}.")
    return _MAKERS[name](load_any_weights(path or data_file(DEFAULT_WEIGHTS)))


def load_any_weights(path: Path) -> AnyWeights:
    """The weights of whichever encoder the file holds.

    Raises:
        ModelError: the file is missing, damaged or of another kind.
    """
    metadata, tensors = read_encoder(path)
    if metadata.get("architecture") in ARCHITECTURES:
        return tagger_weights(path, tensors, metadata)
    return vgg_weights(path, metadata, tensors)


def _fastest_installed() -> str:
    return "onnx" if find_spec("onnxruntime") else "numpy"


def _onnx(weights: AnyWeights) -> Encoder:
    _require("onnxruntime", "onnx")
    if isinstance(weights, Weights) and weights.pools == POOLS:
        from traumer_live.embedding.onnx_steps import OnnxSteps

        return StreamingEncoder(weights, OnnxSteps(weights))
    from traumer_live.embedding.tagger_steps import OnnxFcnSteps, OnnxShortChunkSteps, OnnxVggSteps

    if isinstance(weights, Weights):
        return StreamingMsdVgg(weights, OnnxVggSteps(weights))

    if isinstance(weights, FcnWeights):
        return _fcn(weights, OnnxFcnSteps(weights))
    return HybridShortChunk(weights, OnnxShortChunkSteps(weights))


def _numpy(weights: AnyWeights) -> Encoder:
    if isinstance(weights, Weights) and weights.pools == POOLS:
        from traumer_live.embedding.numpy_steps import NumpySteps

        return StreamingEncoder(weights, NumpySteps(weights))
    from traumer_live.embedding.tagger_steps import (
        NumpyFcnSteps,
        NumpyShortChunkSteps,
        NumpyVggSteps,
    )

    if isinstance(weights, Weights):
        return StreamingMsdVgg(weights, NumpyVggSteps(weights))

    if isinstance(weights, FcnWeights):
        return _fcn(weights, NumpyFcnSteps(weights))
    return HybridShortChunk(weights, NumpyShortChunkSteps(weights))


def _torch(weights: AnyWeights) -> Encoder:
    _require("torch", "torch")
    if isinstance(weights, Weights):
        from traumer_live.embedding.whole_window import WholeWindowEncoder

        return WholeWindowEncoder(weights)
    from traumer_live.embedding.tagger_networks import TorchTagger

    return TorchTagger(weights)


def _fcn(weights: FcnWeights, steps: FcnSteps) -> Encoder:
    return StreamingFcn(weights, steps) if can_stream(weights) else WholeFcn(weights, steps)


def _require(module: str, backend: str) -> None:
    if not find_spec(module):
        raise ModelError(
            f"The encoder backend {backend!r} needs {module}, which is not installed; "
            "install it or choose the backend 'numpy'."
        )


_MAKERS: dict[str, Callable[[AnyWeights], Encoder]] = {
    "onnx": _onnx,
    "numpy": _numpy,
    "torch": _torch,
}
