"""The process in which a foreign file is read, with little memory, little time and no say.

In: arguments SOURCE, TARGET and what the person stated (JSON).  Out: TARGET under our names; lines
of JSON on standard output: how far it is, and last the answer.  Thread: its own process, run as
``python -I -m traumer_live.importing.child``.

Nothing of a foreign file is ever run, so the walls here are the second line: should a flaw be
found in the reading, there is no memory, no time, no other process and no network to use it with.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from traumer_live.core.errors import OutputError, TraumerError
from traumer_live.importing import limits
from traumer_live.importing.dialects.own import OWN_KINDS, own_description
from traumer_live.importing.dialects.recognise import convert
from traumer_live.importing.dialects.types import Converted
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.reader import read_foreign
from traumer_live.importing.sniff import Container, sniff
from traumer_live.synthesis.weights_file import write_weights

# Events of Python's audit hooks that reading a model never causes.
FORBIDDEN = ("subprocess.", "socket.", "os.system", "os.exec", "os.fork", "os.posix_spawn",
             "os.spawn", "os.putenv", "ctypes.dlopen", "webbrowser.", "pty.", "ftplib.", "urllib.",
             "os.rmdir", "shutil.", "pickle.find_class")  # fmt: skip


READ, CONVERTED = 0.4, 0.6  # about so much of the time is over then


def main(source: Path, target: Path, stated: dict[str, str]) -> dict[str, Any]:
    """Read, convert and write one file; the answer for the parent."""
    try:
        if sniff(source) is Container.ONNX:
            from traumer_live.importing.dialects.onnx_file import inspect_onnx

            return {"ok": True, **inspect_onnx(source)}
        foreign = read_foreign(source)
        _say({"share": READ})
        if foreign.metadata.get("kind") in OWN_KINDS:
            return {"ok": True, "as_it_is": True, **own_description(foreign)}
        converted = _with_stated(convert(foreign), stated)
        _say({"share": CONVERTED})
        _write(converted, target)
    except OutputError:
        return {
            "ok": False,
            "error": f"{source.name} was read, but what came out cannot be written; make room "
            "for it in your data folder.",
        }
    except TraumerError as error:
        return {"ok": False, "error": str(error)}
    except MemoryError:
        return {"ok": False, "error": f"{source.name} needs more memory than any model."}
    except RecursionError:
        return {"ok": False, "error": f"{source.name} is nested beyond reason."}
    return {
        "ok": True,
        "kind": converted.kind,
        "architecture": converted.architecture,
        "dialect": converted.dialect,
        "metadata": converted.metadata,
    }


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _with_stated(converted: Converted, stated: dict[str, str]) -> Converted:
    """What the person knows of a tagger and its tensors cannot tell."""
    if converted.kind != "encoder":
        return converted
    return replace(converted, metadata={**converted.metadata, **stated})


def _write(converted: Converted, target: Path) -> None:
    if len(converted.tensors) > limits.TENSORS:
        raise SafeLoadError("It has more tensors than any model.")
    metadata = {
        "kind": converted.kind,
        "architecture": converted.architecture,
        "dialect": converted.dialect,
        **converted.metadata,
    }
    write_weights(target, converted.tensors, metadata=metadata)


def confine(size: int, *, more_memory: int = 0) -> None:
    """Limit this process by the size of the file it reads; nothing where there are no limits."""
    sys.addaudithook(_refuse)
    if sys.platform == "win32":  # Windows has no such limits; the parent's clock still holds
        return
    import resource

    memory = limits.CHILD_MEMORY + limits.MEMORY_PER_BYTE * size + more_memory
    seconds = limits.CHILD_SECONDS + limits.SECONDS_PER_GIBIBYTE * (size >> 30)
    for which, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, limits.OPEN_FILES),
        (resource.RLIMIT_FSIZE, limits.MEBIBYTE + limits.WRITTEN_PER_BYTE * size),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(which)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (most, most))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook, which cannot be removed: no processes, no network, no native libraries."""
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"{event} is forbidden while a foreign file is read")


def _load_onnx_early(source: Path) -> int:
    """Native libraries must be loaded before the walls stand; the memory to paint with."""
    with source.open("rb") as file:
        if file.read(1) != b"\x08":  # how every graph begins
            return 0
    import_module("traumer_live.importing.dialects.onnx_file")
    return limits.PAINTING_MEMORY


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    painting = _load_onnx_early(source)
    confine(source.stat().st_size, more_memory=painting)
    _say(main(source, target, json.loads(sys.argv[3])))
