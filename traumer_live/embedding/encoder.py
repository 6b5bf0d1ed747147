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
from typing import Literal, Protocol

from traumer_live.core.errors import ModelError
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array, MelSpec
from traumer_live.embedding.checkpoint import Weights, load_weights
from traumer_live.embedding.streaming import StreamingEncoder

BackendName = Literal["auto", "onnx", "numpy", "torch"]
DEFAULT_WEIGHTS = "models/mtt_vgg.safetensors"


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
    return _MAKERS[name](load_weights(path or data_file(DEFAULT_WEIGHTS)))


def _fastest_installed() -> str:
    return "onnx" if find_spec("onnxruntime") else "numpy"


def _onnx(weights: Weights) -> Encoder:
    _require("onnxruntime", "onnx")
    from traumer_live.embedding.onnx_steps import OnnxSteps

    return StreamingEncoder(weights, OnnxSteps(weights))


def _numpy(weights: Weights) -> Encoder:
    from traumer_live.embedding.numpy_steps import NumpySteps

    return StreamingEncoder(weights, NumpySteps(weights))


def _torch(weights: Weights) -> Encoder:
    _require("torch", "torch")
    from traumer_live.embedding.whole_window import WholeWindowEncoder

    return WholeWindowEncoder(weights)


def _require(module: str, backend: str) -> None:
    if not find_spec(module):
        raise ModelError(
            f"The encoder backend {backend!r} needs {module}, which is not installed; "
            "install it or choose the backend 'numpy'."
        )


_MAKERS: dict[str, Callable[[Weights], Encoder]] = {
    "onnx": _onnx,
    "numpy": _numpy,
    "torch": _torch,
}
