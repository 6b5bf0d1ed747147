"""The explicit list of what a pickle may call, and what is done instead.

In: a name and arguments, as a pickle gives them.  Out: inert values, or SafeLoadError.
Thread: any.

``CALLABLES`` holds everything that has an effect: rebuilding tensors and arrays, plain containers.
``INERT`` holds the rooms whose classes may appear as Opaque objects: training programs keep their
settings and optimisers in checkpoints. Everything else is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from traumer_live.importing.arrays import (
    TORCH_TYPES,
    ArrayCell,
    DtypeCell,
    filled,
    numpy_dtype,
    tensor,
)
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import (
    Global,
    InertDict,
    Module,
    Opaque,
    TensorflowNetwork,
)

Substitute = Callable[[tuple[Any, ...]], Any]
LARGEST_SET = 100_000

INERT = re.compile(
    r"(training|torch_utils|dnnlib|pg_modules|timm|metrics|_imported_module_\w+"
    r"|torch\.nn\.modules|torch\.optim|pytorch_lightning|lightning|lightning_fabric"
    r"|torchmetrics|omegaconf|mmcv|mmgen)(\.\w+)*"
)
# Classes that stand for themselves: settings kept beside the weights, types named in passing.
INERT_NAMES = frozenset(
    {
        ("argparse", "Namespace"), ("types", "SimpleNamespace"), ("typing", "Any"),
        ("pathlib", "Path"), ("pathlib", "PosixPath"), ("pathlib", "WindowsPath"),
        ("pathlib", "PurePosixPath"), ("pathlib", "PureWindowsPath"),
        ("pathlib._local", "PosixPath"), ("pathlib._local", "WindowsPath"),
        ("datetime", "datetime"), ("datetime", "timedelta"),
        ("torch", "device"), ("torch", "Generator"), ("torch", "Tensor"),
        ("torch.nn.parameter", "Parameter"), ("torch.nn", "ModuleList"),
        ("numpy", "ndarray"), ("numpy.core.multiarray", "ndarray"),
        ("collections", "Counter"), ("collections", "deque"),
        *(("torch", name) for name in TORCH_TYPES), ("torch.storage", "UntypedStorage"),
        *((room, name) for room in ("builtins", "__builtin__")
          for name in ("object", "dict", "list", "tuple", "set", "int", "long", "float", "str",
                       "unicode", "bool", "bytes")),
    }
)  # fmt: skip


def is_inert(name: Global) -> bool:
    """Whether objects of this class may be kept as Opaque ones."""
    if not name.name.isidentifier():  # a dotted name would reach into a module
        return False
    return (name.module, name.name) in INERT_NAMES or bool(INERT.fullmatch(name.module))


def _dict(args: tuple[Any, ...]) -> InertDict:
    made = InertDict()
    for key, value in args[0] if args and isinstance(args[0], list | tuple) else ():
        made[key if isinstance(key, str) else str(type(key))] = value
    return made


def _default_dict(args: tuple[Any, ...]) -> InertDict:
    return InertDict()


def _set(args: tuple[Any, ...]) -> set[Any]:
    parts = args[0] if args and isinstance(args[0], list | tuple) else ()
    if len(parts) > LARGEST_SET:
        raise SafeLoadError("It holds a set that is too large.")
    return {part for part in parts if isinstance(part, str | int | float | bytes)}


def _tuple(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if args and isinstance(args[0], list | tuple) else ()


def _module(args: tuple[Any, ...]) -> Module:
    """NVIDIA's persistent objects: program text, class name and state; only the state counts."""
    meta = args[0] if args and isinstance(args[0], dict) else {}
    state = meta.get("state")
    if not isinstance(state, dict):
        raise SafeLoadError("It holds a network without a state.")
    text = meta.get("module_src")
    return Module(str(meta.get("class_name")), text if isinstance(text, str) else "", state)


def _tensor(args: tuple[Any, ...]) -> ArrayCell:
    if len(args) < 4:
        raise SafeLoadError("It holds a tensor without numbers.")
    return tensor(*args[:4])


def _first(args: tuple[Any, ...]) -> Any:
    if not args:
        raise SafeLoadError("It holds a parameter without numbers.")
    return args[0]


def _typed_tensor(args: tuple[Any, ...]) -> Any:
    """A tensor of a subclass: ``(function, class, arguments, state)``."""
    if len(args) < 3 or not isinstance(args[0], Global) or not isinstance(args[2], tuple):
        raise SafeLoadError("It holds a tensor without numbers.")
    return call(args[0], args[2])


def _empty_array(args: tuple[Any, ...]) -> ArrayCell:
    return ArrayCell()


def _dtype(args: tuple[Any, ...]) -> DtypeCell:
    return numpy_dtype(args[0] if args else None)


def _array_of_buffer(args: tuple[Any, ...]) -> ArrayCell:
    """Protocol 5: ``(bytes, dtype, shape, order)``."""
    if len(args) != 4 or not isinstance(args[1], DtypeCell):
        raise SafeLoadError("It holds an array that is damaged.")
    return filled(args[1], args[2], args[0], fortran=args[3] == "F")


def _scalar(args: tuple[Any, ...]) -> Any:
    if len(args) != 2 or not isinstance(args[0], DtypeCell):
        raise SafeLoadError("It holds a number that is damaged.")
    value = filled(args[0], (), args[1], fortran=False).value
    return None if value is None else value.item()


def _encode(args: tuple[Any, ...]) -> bytes:
    """Protocol 2 writes bytes as text and the name of the encoding."""
    if len(args) != 2 or not isinstance(args[0], str) or args[1] not in ("latin1", "latin-1"):
        raise SafeLoadError("It holds text in an unexpected encoding.")
    return args[0].encode("latin-1")


def _reconstructor(args: tuple[Any, ...]) -> Any:
    """Protocol 1: an object of ``args[0]`` without calling its constructor."""
    if len(args) < 1 or not isinstance(args[0], Global):
        raise SafeLoadError("It holds an object without a class.")
    return call(args[0], ())


CALLABLES: dict[tuple[str, str], Substitute] = {
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): _module,
    ("dnnlib.tflib.network", "Network"): lambda args: TensorflowNetwork(),
    ("dnnlib.util", "EasyDict"): _dict,
    ("dnnlib", "EasyDict"): _dict,
    ("collections", "OrderedDict"): _dict,
    ("collections", "defaultdict"): _default_dict,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _first,
    ("torch._utils", "_rebuild_parameter_with_state"): _first,
    ("torch._tensor", "_rebuild_from_type_v2"): _typed_tensor,
    ("torch", "Size"): _tuple,
    ("_codecs", "encode"): _encode,
    ("numpy", "dtype"): _dtype,
    ("copyreg", "_reconstructor"): _reconstructor,
    ("copy_reg", "_reconstructor"): _reconstructor,
}
for _room in ("numpy.core", "numpy._core"):
    CALLABLES[(f"{_room}.multiarray", "_reconstruct")] = _empty_array
    CALLABLES[(f"{_room}.multiarray", "scalar")] = _scalar
    CALLABLES[(f"{_room}.numeric", "_frombuffer")] = _array_of_buffer
for _room in ("builtins", "__builtin__"):
    CALLABLES[(_room, "set")] = CALLABLES[(_room, "frozenset")] = _set


def check_known(name: Global) -> None:
    """SafeLoadError for a name that no model needs."""
    if (name.module, name.name) not in CALLABLES and not is_inert(name):
        raise SafeLoadError(f"It asks for {str(name)[:80]}, which no model needs.")


def call(name: Global, args: tuple[Any, ...]) -> Any:
    """What calling ``name`` gives here."""
    substitute = CALLABLES.get((name.module, name.name))
    if substitute is not None:
        return substitute(args)
    check_known(name)
    return Opaque(name, args)
