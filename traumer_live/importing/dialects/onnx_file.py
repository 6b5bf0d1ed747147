"""ONNX generators: graphs that say themselves what goes in and what comes out.

In: a path.  Out: what the graph is; the file itself stays as it is.  Thread: child process.

A graph cannot run code, but it can name other files for its numbers, operators that only a native
library knows, and loops without end: all are refused. What is left may still want terabytes, so
one picture is painted within the walls of this process before anything else ever runs the graph.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError

from traumer_live.core.types import Array
from traumer_live.importing.errors import SafeLoadError, about
from traumer_live.synthesis.backends.onnx import open_session

LARGEST = (1 << 31) - 1  # bytes; what a graph in one file can have
STANDARD = frozenset({"", "ai.onnx"})
NESTING = 80  # messages in messages; a graph in a node's attribute is three
LOOPS = frozenset({"Loop", "Scan", "SequenceMap"})  # a file's numbers say how often, or when to end
PROVIDER = "CPUExecutionProvider"  # the limits of this process hold no graphics card
LATENTS = {"w": "w", "ws": "w", "w_plus": "w", "dlatent": "w", "dlatents": "w", "styles": "w",
           "style": "w", "latent_w": "w", "z": "z", "latent_z": "z", "noise_z": "z"}  # fmt: skip
ROWS = 3  # at least: coarse, middle and fine
SIDES = range(4, 4097)


def inspect_onnx(path: Path) -> dict[str, Any]:
    """Kind, architecture and sizes of the generator in ``path``, which painted one picture.

    Raises:
        SafeLoadError: not a whole graph, not self-contained, not a generator, or too costly.
    """
    try:
        return _inspect(path)
    except SafeLoadError as error:
        raise about(f"{path.name} cannot be imported", error) from error


def _inspect(path: Path) -> dict[str, Any]:
    if path.stat().st_size > LARGEST:
        raise SafeLoadError("It is larger than an ONNX graph can be.")
    model = _checked(path)
    latent, sizes = _latent(model.graph)
    height, width = _picture(model.graph)
    _paint_once(path, (1, *sizes[1:]), (height, width))
    return {
        "kind": "generator",
        "as_it_is": True,
        "architecture": "onnx",
        "dialect": "ONNX graph",
        "metadata": {
            "latent": latent,
            "input": model.graph.input[0].name,
            "output": model.graph.output[0].name,
            "w_dim": str(sizes[-1]),
            "rows": str(sizes[1] if len(sizes) == 3 else 1),
            "height": str(height),
            "width": str(width),
        },
    }


def _checked(path: Path) -> Any:
    try:
        model = onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError) as error:
        raise SafeLoadError("It is cut off, damaged, or no ONNX graph.") from error
    _check_parts(model, 0)
    foreign = {entry.domain for entry in model.opset_import} - STANDARD
    if foreign or model.functions:
        raise SafeLoadError(f"It needs operators of its own ({', '.join(sorted(foreign))[:60]}).")
    try:
        onnx.checker.check_model(model)
        return onnx.shape_inference.infer_shapes(model)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise SafeLoadError("It is not a valid ONNX graph.") from error


def _check_parts(message: Any, depth: int) -> None:
    """No numbers in other files and no loops, wherever in the file a tensor or a node may lie."""
    if depth > NESTING:
        raise SafeLoadError("It is nested beyond reason.")
    if isinstance(message, onnx.NodeProto) and message.op_type in LOOPS:
        raise SafeLoadError(f"It paints in a loop ({message.op_type}), which no generator needs.")
    if isinstance(message, onnx.TensorProto) and (
        message.data_location == onnx.TensorProto.EXTERNAL or message.external_data
    ):
        raise SafeLoadError("It keeps its numbers in another file; save it as a single file.")
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in (value,) if hasattr(value, "ListFields") else value:
                _check_parts(part, depth + 1)


def _paint_once(path: Path, latent: tuple[int, ...], picture: tuple[int, int]) -> None:
    """Refuse a graph that cannot paint one picture with the memory and time that there are."""
    z: Array = np.random.default_rng(0).standard_normal(latent, dtype=np.float32)
    try:
        session = open_session(path.read_bytes(), 1, "it", providers=[PROVIDER])
        (image,) = session.run(None, {session.get_inputs()[0].name: z})
    except Exception as error:  # the runtime's exceptions share no narrower base
        raise SafeLoadError(_why_not_painted(str(error))) from error
    if image.shape != (1, 3, *picture) or not np.isfinite(image).all():
        raise SafeLoadError("It does not paint what it declares: a picture of finite numbers.")


def _why_not_painted(reason: str) -> str:
    if "allocate" in reason or "bad_alloc" in reason:
        return "It needs more memory for one picture than any generator."
    return f"onnxruntime cannot paint with it ({reason.partition(chr(10))[0][:200]})."


def _latent(graph: Any) -> tuple[str, tuple[int, ...]]:
    """Which latent goes in, and its shape with 1 for the batch."""
    stored = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in stored]
    if len(inputs) != 1 or inputs[0].name.lower() not in LATENTS:
        raise SafeLoadError("It must have one input, called w or z.")
    sizes = _sizes(inputs[0])
    floats = inputs[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    if (
        not floats
        or len(sizes) not in (2, 3)
        or sizes[0] > 1
        or min(sizes[1:]) < 1
        or sizes[1] < ROWS
    ):
        raise SafeLoadError(
            "Its input must be float32 of the shape (1, numbers) or (1, 3 or more rows, numbers)."
        )
    return LATENTS[inputs[0].name.lower()], sizes


def _picture(graph: Any) -> tuple[int, int]:
    """Height and width of the picture that comes out."""
    sizes = _sizes(graph.output[0]) if len(graph.output) == 1 else ()
    if len(sizes) != 4 or sizes[1] != 3 or sizes[2] not in SIDES or sizes[3] not in SIDES:
        raise SafeLoadError(
            "It must have one output, a picture of the shape (1, 3, height, width)."
        )
    if graph.output[0].type.tensor_type.elem_type != onnx.TensorProto.FLOAT or sizes[0] > 1:
        raise SafeLoadError("Its picture must be one of float32, from -1 to 1.")
    return sizes[2], sizes[3]


def _sizes(value: Any) -> tuple[int, ...]:
    """The declared shape; 0 for what is left open."""
    return tuple(int(entry.dim_value) for entry in value.type.tensor_type.shape.dim)
