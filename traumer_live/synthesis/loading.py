"""From a weights file to a running generator.

In: a path or None, the name of a backend.  Out: a Generator.  Thread: any; takes under a second.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from traumer_live.core import model_library
from traumer_live.core.errors import ModelError, reason_of
from traumer_live.core.paths import data_file
from traumer_live.synthesis.checkpoint import Checkpoint, load_checkpoint
from traumer_live.synthesis.generator import BackendError, Generator, Source
from traumer_live.synthesis.program_config import ProgramConfig
from traumer_live.synthesis.widen import Aspect, widened

if TYPE_CHECKING:
    from traumer_live.synthesis.backends.graph import Runtime

DEFAULT_WEIGHTS = "models/dream256.safetensors"
GRAPH_ENDING = ".onnx"  # of models that were imported as they are
Backend = Literal["auto", "onnx", "openvino", "openvino-bf16", "torch"]
PRECISIONS = {"openvino": "float32", "openvino-bf16": "bfloat16"}


def load_generator(
    path: Path | None = None,
    *,
    backend: Backend = "auto",
    threads: int | None = None,
    class_index: int | None = None,
    aspect: Aspect | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Generator:
    """The generator in ``path``, or the shipped one, ready to make pictures.

    Args:
        path: a safetensors file or an imported graph; None takes the shipped one.
        backend: "auto" is torch where it can use a CUDA device, else onnxruntime, else OpenVINO;
            "openvino-bf16" is approximate, for processors that multiply bfloat16.
        threads: None takes what suits the backend.
        class_index: which class a conditional network paints; None takes the mean of all.
        aspect: width and height, such as ``WIDE``, for pictures wider than the network's square.
        tell: hears of a runtime that cannot be used, for which "auto" takes the next.

    Raises:
        ModelError: the weights are unusable, or the backend is not installed.
    """
    path = data_file(DEFAULT_WEIGHTS) if path is None else Path(path)
    if path.suffix == GRAPH_ENDING:
        return _graph_generator(path, backend, threads, plain=class_index is None is aspect)
    checkpoint = load_checkpoint(path)
    if aspect is not None:
        checkpoint = widened(checkpoint, aspect)
    options = {"name": model_library.display_name(path), "class_index": class_index}
    ways: list[Backend] = [backend] if backend != "auto" else _automatic(checkpoint)
    return _first_that_starts(ways, checkpoint, threads, options, tell)


def sibling(generator: Generator, backend: str, threads: int) -> Generator:
    """The same generator once more, on any runtime; both may paint at once.

    Raises:
        BackendError: it cannot be had there.
    """
    if generator.source is None:
        raise BackendError(f"{generator.info.name} runs on {generator.info.backend} alone.")
    return generator_of(generator.source, backend, threads)


def generator_of(
    source: Source, backend: str, threads: int, *, opened: int | None = None
) -> Generator:
    """What ``source`` describes, on another runtime, ready to paint the exit ``opened``.

    Raises:
        BackendError: it cannot be had there.
    """
    options = {**source.options, "opened": opened}
    return _generator(source.checkpoint, cast(Backend, backend), threads, options)


def _automatic(checkpoint: Checkpoint) -> list[Backend]:
    """What may paint where nobody chose, the likely best first."""
    by_torch = torch_runs(checkpoint) and torch_has_cuda()
    has_openvino = importlib.util.find_spec("openvino") is not None
    ways: list[tuple[Backend, bool]] = [
        ("torch", by_torch),
        ("onnx", True),
        ("openvino", has_openvino),
    ]
    return [backend for backend, is_there in ways if is_there]


def _first_that_starts(
    ways: list[Backend],
    checkpoint: Checkpoint,
    threads: int | None,
    options: dict[str, Any],
    tell: Callable[[str], None],
) -> Generator:
    """The generator on the first of ``ways`` that takes it; where none does, the first refusal."""
    refused: BackendError | None = None
    for backend in ways:
        try:
            generator = _generator(checkpoint, backend, threads, options)
        except BackendError as error:
            refused = refused or error
            continue
        if refused is not None:
            why = reason_of(refused)
            tell(f"{ways[0]} cannot be used here ({why}); {backend} paints instead.")
        return generator
    assert refused is not None
    raise refused


def _generator(
    checkpoint: Checkpoint, backend: Backend, threads: int | None, options: dict[str, Any]
) -> Generator:
    if backend == "torch" and not torch_runs(checkpoint):
        raise BackendError(
            f"{options['name']} is a program that torch cannot run; choose the backend onnx, or "
            "leave --backend out."
        )
    if backend == "torch":
        options = {name: value for name, value in options.items() if name != "opened"}
        return _torch_generator(checkpoint, {**options, "threads": threads})
    from traumer_live.synthesis.backends.graph import GraphGenerator

    return GraphGenerator(checkpoint, _runtime(backend, threads), **options)


def _runtime(backend: Backend, threads: int | None) -> Runtime:
    if backend in ("auto", "onnx"):
        from traumer_live.synthesis.backends.onnx import OnnxRuntime

        return OnnxRuntime(threads)
    if backend not in get_args(Backend):
        known = ", ".join(get_args(Backend))
        raise ModelError(f"There is no backend {backend!r}; choose one of {known}.")
    try:
        from traumer_live.synthesis.backends.openvino import OpenVinoRuntime
    except ImportError as error:
        raise BackendError(
            "OpenVINO is not installed; choose the backend onnx or install traumer-live[openvino]."
        ) from error
    return OpenVinoRuntime(threads, precision=PRECISIONS[backend])


def _graph_generator(
    path: Path, backend: Backend, threads: int | None, *, plain: bool
) -> Generator:
    """An imported ONNX graph, which can only be run as it is."""
    name = model_library.display_name(path)
    if backend not in ("auto", "onnx") or not plain:
        raise ModelError(
            f"{name} is an ONNX graph, which runs on onnxruntime alone and can neither choose a "
            "class nor be widened; leave these options out."
        )
    from traumer_live.synthesis.backends.onnx_file import OnnxFileGenerator

    return OnnxFileGenerator(path, name=name, threads=threads)


def _torch_generator(checkpoint: Checkpoint, options: dict[str, Any]) -> Generator:
    try:
        from traumer_live.synthesis.backends.torch import TorchGenerator
    except ImportError as error:
        raise BackendError(
            "torch is not installed; choose the backend onnx or install traumer-live[torch]."
        ) from error
    try:
        return TorchGenerator(checkpoint, **options)
    except RuntimeError as error:  # torch's base of everything that a card may lack
        raise BackendError(f"torch cannot run {options['name']}: {reason_of(error)}") from error


def torch_runs(checkpoint: Checkpoint) -> bool:
    """Whether torch has this network; programs are ONNX graphs, and stay that."""
    return not isinstance(checkpoint.config, ProgramConfig)


def torch_has_cuda() -> bool:
    """Ask torch only where a driver exists: importing it costs seconds and hundreds of MB."""
    from traumer_live.synthesis.backends.providers import has_nvidia_driver

    if not has_nvidia_driver() or importlib.util.find_spec("torch") is None:
        return False
    try:
        import torch
    except (ImportError, OSError):  # one of its own libraries is missing
        return False
    return bool(torch.cuda.is_available())
