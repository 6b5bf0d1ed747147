"""Files that want to run something, to hang, or to eat the machine; made anew for every run.

In: the path of a canary, a file that would appear had any code run.  Out: bytes by name.

    python -m tests.importing.hostile_files

prints how many there are of each family, and of all; ``docs/models.md`` says the same number.
"""

from __future__ import annotations

import io
import pickle
import struct
import sys
import zipfile
from typing import Any

import numpy as np
import torch

from tests.importing.foreign_files import PERSISTENT, Call, ForeignPickler, Instance, Named, pickled

PROTO, STOP = b"\x80\x04", b"."
LEGACY = pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2)
FACTS = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
# Callables that a careless reader would let through, with arguments that leave a trace.
CALLS: dict[str, tuple[str, str, str]] = {
    "os.system": ("os", "system", "touch {}"),
    "posix.system": ("posix", "system", "touch {}"),
    "nt.system": ("nt", "system", "touch {}"),
    "os.popen": ("os", "popen", "touch {}"),
    "os.mkdir": ("os", "mkdir", "{}"),
    "eval": ("builtins", "eval", "open({!r}, 'w')"),
    "exec": ("builtins", "exec", "open({!r}, 'w')"),
    "exec of Python 2": ("__builtin__", "execfile", "{}"),
    "compile": ("builtins", "compile", "open({!r}, 'w')"),
    "import": ("builtins", "__import__", "antigravity"),
    "getattr": ("builtins", "getattr", "{}"),
    "open": ("builtins", "open", "{}"),
    "globals": ("builtins", "globals", "{}"),
    "bytearray": ("builtins", "bytearray", "{}"),
    "import_module": ("importlib", "import_module", "antigravity"),
    "run_path": ("runpy", "run_path", "{}"),
    "Popen": ("subprocess", "Popen", "touch {}"),
    "check_output": ("subprocess", "check_output", "touch {}"),
    "pty.spawn": ("pty", "spawn", "touch {}"),
    "timeit": ("timeit", "timeit", "open({!r}, 'w')"),
    "profile": ("cProfile", "run", "open({!r}, 'w')"),
    "pdb": ("pdb", "run", "open({!r}, 'w')"),
    "code": ("code", "interact", "{}"),
    "rmtree": ("shutil", "rmtree", "{}"),
    "CDLL": ("ctypes", "CDLL", "{}"),
    "browser": ("webbrowser", "open", "file://{}"),
    "socket": ("socket", "create_connection", "127.0.0.1"),
    "marshal": ("marshal", "loads", "{}"),
    "pickle in pickle": ("pickle", "loads", "{}"),
    "partial": ("functools", "partial", "{}"),
    "attrgetter": ("operator", "attrgetter", "system"),
    "methodcaller": ("operator", "methodcaller", "system"),
    "function": ("types", "FunctionType", "{}"),
    "torch.load": ("torch", "load", "{}"),
    "torch.hub": ("torch.hub", "load", "{}"),
    "numpy.load": ("numpy", "load", "{}"),
    "numpy loadtxt": ("numpy", "loadtxt", "{}"),
    "main": ("__main__", "main", "{}"),
    "dotted in torch": ("torch.nn.modules", "module.os.system", "touch {}"),
    "dotted in training": ("training.networks", "os.system", "touch {}"),
    "dotted in torch_utils": ("torch_utils", "misc.os.system", "touch {}"),
    "room with a dotted end": ("torch_utils.persistence", "_src_to_module.__globals__", "{}"),
    "numpy's own runner": ("numpy.testing._private.utils", "runstring", "{}"),
    "lookalike room": ("torch_utils.persistence ", "_reconstruct_persistent_obj", "{}"),
}  # fmt: skip


def families(canary: str) -> dict[str, dict[str, bytes]]:
    """Every family by what it tries."""
    return {
        "calls": calls(canary),
        "hidden calls": hidden_calls(canary),
        "BUILD and odd instructions": build_tricks(canary),
        "bombs": bombs(),
        "archives": archives(),
        "headers that lie": plain_files(),
    }


def all_files(canary: str) -> dict[str, bytes]:
    """All of them by name; no name is used twice."""
    made = families(canary)
    files = {name: content for family in made.values() for name, content in family.items()}
    assert len(files) == sum(map(len, made.values()))
    return files


def calls(canary: str) -> dict[str, bytes]:
    """Calls of everything above, bare and where a network should be."""
    made = {}
    for name, (module, function, argument) in CALLS.items():
        call = Call(Named(module, function), (argument.format(canary),))
        made[f"call {name}"] = pickled({"G_ema": call})
    return made


def hidden_calls(canary: str) -> dict[str, bytes]:
    """os.system in every place that a pickle has."""
    touch = f"touch {canary}"
    system = Named("os", "system")
    evil = Call(system, (touch,))
    reconstruct = Named(*PERSISTENT)
    nested = pickled(evil, 2)
    storage = Named("torch.storage", "_load_from_bytes")
    load_and_run = Call(storage, (nested,))
    hidden_in_old = LEGACY + pickle.dumps(FACTS, 2) + nested + pickle.dumps([], 2)
    twice = Call(storage, (LEGACY + pickle.dumps(FACTS, 2) + pickled(load_and_run, 2),))
    typed = Call(Named("torch._tensor", "_rebuild_from_type_v2"), (system, None, (touch,), None))
    rebuilt = Call(Named("copyreg", "_reconstructor"), (system, None, None))
    return {
        "in the state of a network": pickled(Call(reconstruct, ({"state": evil},))),
        "in an argument": pickled({"G_ema": Call(reconstruct, (evil,))}),
        "as a parameter": pickled(Call(Named("torch._utils", "_rebuild_parameter"), (evil,))),
        "as a tensor of a subclass": pickled({"w": typed}),
        "as a class to rebuild": pickled({"w": rebuilt}),
        "nested storage is a pickle": pickled({"w": load_and_run}),
        "nested storage is an old file": pickled({"w": Call(storage, (hidden_in_old,))}),
        "nested twice": pickled({"w": twice}),
        "nested storage is text": pickled({"w": Call(storage, (touch,))}),
        "as a state": pickled(Instance(Named("dnnlib.util", "EasyDict"), evil)),
        "as a reduce with state": pickled(Call(Named("collections", "OrderedDict"), (), evil)),
        "in a TensorFlow network": pickled(
            Instance(Named("dnnlib.tflib.network", "Network"), evil)),
        "in a new torch file": torch_zip_bytes({"archive/data.pkl": nested}),
        "in an old torch file": LEGACY + pickle.dumps(FACTS, 2) + nested,
        "in the facts of an old torch file": LEGACY + nested,
        "in an array of labels": npy_bytes(nested),
        "in INST": PROTO + b"(" + pickled_part(touch) + b"ios\nsystem\n" + STOP,
        "in OBJ": PROTO + b"(cos\nsystem\n" + pickled_part(touch) + b"o" + STOP,
        "in STACK_GLOBAL": PROTO + pickled_part("os") + pickled_part("system") + b"\x93."
        + b"",
        "in a name with blanks": PROTO + b"cos\nsystem \n)R" + STOP,
    }  # fmt: skip


def build_tricks(canary: str) -> dict[str, bytes]:
    """BUILD on what must not be changed, and instructions that no model uses."""
    state = {"__defaults__": (f"touch {canary}",), "__code__": None}
    rebuild = b"ctorch._utils\n_rebuild_parameter\n"
    dtype = Call(Named("numpy", "dtype"), ("f4", False, True), (3, "O", None, None, None))
    objects = Call(Named("numpy", "dtype"), ("O8", False, True), (3, "|", None, None, None))
    array = Named("numpy.core.multiarray", "_reconstruct")
    return {
        "BUILD on a function": PROTO + rebuild + pickled_part(state) + b"b" + STOP,
        "BUILD on a class": PROTO + b"ccollections\nOrderedDict\n" + pickled_part(state) + b"b.",
        "BUILD on a list": PROTO + b"]" + pickled_part(state) + b"b" + STOP,
        "BUILD on text": PROTO + pickled_part("x") + pickled_part(state) + b"b" + STOP,
        "BUILD with an odd byte order": pickled({"w": dtype}),
        "BUILD of an array with objects": pickled(
            {"w": Call(array, (None, (0,), b"b"), (1, (2,), objects, False, b"12345678" * 2))}
        ),
        "call of a text": PROTO + pickled_part("os.system") + b")R" + STOP,
        "call of a call": PROTO + b"ctorch\nSize\n)R)R" + STOP,
        "EXT1": PROTO + b"\x82\x01" + STOP,
        "EXT4": PROTO + b"\x84\x01\x00\x00\x00" + STOP,
        "PERSID": PROTO + b"Pos.system\n" + STOP,
        "BINPERSID": PROTO + pickled_part("os.system") + b"Q" + STOP,
        "NEXT_BUFFER": b"\x80\x05\x97" + STOP,
        "append to a dict": PROTO + b"}" + pickled_part(1) + b"a" + STOP,
        "entries of a list": PROTO + b"]" + pickled_part(1) + pickled_part(2) + b"s" + STOP,
        "a list as key": PROTO + b"}](" + b"t" + pickled_part(2) + b"s" + STOP,
        "an empty stack": PROTO + b"0" + STOP,
        "two values": PROTO + b"NN" + STOP,
        "an unknown instruction": PROTO + b"\xff" + STOP,
        "a value that was never kept": PROTO + b"h\x07" + STOP,
    }


def bombs() -> dict[str, bytes]:
    """Little files that would become large, deep or endless."""
    storage = Named("torch", "FloatStorage")
    rebuild = Named("torch._utils", "_rebuild_tensor_v2")
    reference = Persistent(("storage", storage, "0", "cpu", 4))
    huge = Call(rebuild, (reference, 0, (1 << 35, 8), (0, 0), False, {}))
    far = Call(rebuild, (reference, 1 << 40, (2,), (1,), False, {}))
    negative = Call(rebuild, (reference, 0, (-4,), (1,), False, {}))
    backwards = Call(rebuild, (reference, 3, (4,), (-1,), False, {}))
    unbacked = Call(rebuild, (Persistent(("storage", storage, "0", "cpu", 1 << 40)), 0, (4,), (1,)))
    array = Named("numpy.core.multiarray", "_reconstruct")
    dtype = Call(Named("numpy", "dtype"), ("f4", False, True), (3, "<", None, None, None))
    wide = Call(array, (None, (0,), b"b"), (1, (1 << 38, 1 << 38), dtype, False, b"1234"))
    return {
        "a tensor larger than its numbers": torch_of({"w": huge}),
        "a tensor beyond its numbers": torch_of({"w": far}),
        "a tensor of negative size": torch_of({"w": negative}),
        "a tensor that runs backwards": torch_of({"w": backwards}),
        "a storage larger than its member": torch_of({"w": unbacked}),
        "an array larger than its bytes": pickled({"w": wide}),
        "bytes of exabytes": PROTO + b"\x8e" + struct.pack("<Q", 1 << 60) + b"x" + STOP,
        "text of gigabytes": PROTO + b"X" + struct.pack("<I", 0xFFFFFFFF) + b"x" + STOP,
        "a number of gigabytes": PROTO + b"\x8b" + struct.pack("<i", 0x7FFFFFFF) + b"x" + STOP,
        "a negative length": PROTO + b"T" + struct.pack("<i", -5) + STOP,
        "a frame of exabytes": PROTO + b"\x95" + struct.pack("<Q", 1 << 60) + b"N" + STOP,
        "a number of a million digits": PROTO + b"L" + b"9" * 1_000_000 + b"L\n" + STOP,
        "a line without end": PROTO + b"V" + b"a" * 3_000_000,
        "lists a million deep": PROTO + b"](" * 1_000_000 + b"e" * 1_000_000 + STOP,
        "tuples a million deep": PROTO + b")" + b"\x85" * 1_000_000 + STOP,
        "deep tuples as a key": PROTO + b"})" + b"\x85" * 100_000 + b"Ns" + STOP,
        "a million marks": PROTO + b"(" * 1_000_000 + STOP,
        "millions of nothing": PROTO + b"N0" * 2_000_000 + b"N" + STOP,
        "a list in itself": PROTO + b"]\x94h\x00a" + STOP,
        "a network in itself": cyclic_network(),
        "networks a thousand deep": deep_network(1000),
        "references that double": PROTO + b"]" + b"\x942h\x00\x86" * 60 + STOP,
    }


def archives() -> dict[str, bytes]:
    """torch files that are wrong as archives."""
    value = of({"w": 1.0})
    good = {"archive/data.pkl": value, "archive/data/0": b"\0" * 16}
    tensor = Call(
        Named("torch._utils", "_rebuild_tensor_v2"),
        (Persistent(("storage", Named("torch", "FloatStorage"), "../0", "cpu", 4)), 0, (4,), (1,)),
    )
    storage = ("storage", Named("torch", "FloatStorage"), "0", "cpu", 4)
    rebuild = Named("torch._utils", "_rebuild_tensor_v2")
    counted = Call(rebuild, (Persistent(storage), 0, (4,), (1,)))
    broken = bytearray(torch_zip_bytes(good))
    broken[broken.index(value) + 3] ^= 0xFF
    encrypted = bytearray(torch_zip_bytes(good))
    for at in find_all(bytes(encrypted), b"PK\x01\x02"):
        encrypted[at + 8] |= 1
    overlapping = overlapping_zip(value, 200)
    return {
        "deflated": torch_zip_bytes({"archive/data.pkl": b"N" * 50_000_000}, zipfile.ZIP_DEFLATED),
        "a path upwards": torch_zip_bytes({**good, "../../evil": b"x"}),
        "an absolute path": torch_zip_bytes({**good, "/etc/evil": b"x"}),
        "a path of Windows": torch_zip_bytes({**good, "C:\\evil": b"x"}),
        "a key that is a path": torch_zip_bytes({"archive/data.pkl": of({"w": tensor})}),
        "a wrong sum": bytes(broken),
        "encrypted": bytes(encrypted),
        "overlapping members": overlapping,
        "the other byte order": torch_zip_bytes({**good, "archive/byteorder": b"big"}),
        "two values in it": torch_zip_bytes({**good, "other/data.pkl": value}),
        "too many members": torch_zip_bytes(
            {"archive/data.pkl": value, **{f"archive/data/{i}": b"" for i in range(21_000)}}
        ),
        "TorchScript": torch_zip_bytes({**good, "archive/constants.pkl": b""}),
        "an old file of the other byte order": LEGACY
        + pickle.dumps({**FACTS, "little_endian": False}, 2),
        "an old file with other counts": LEGACY + pickle.dumps(FACTS, 2) + of({"w": counted})
        + pickle.dumps(["0"], 2) + struct.pack("<q", 1 << 50) + bytes(16),
    }  # fmt: skip


def plain_files() -> dict[str, bytes]:
    """safetensors and numpy files with headers that lie."""

    def safetensors(header: str, data: bytes = b"") -> bytes:
        return struct.pack("<Q", len(header)) + header.encode() + data

    one = '{{"w":{{"dtype":"{}","shape":{},"data_offsets":{}}}}}'
    return {
        "a shape of terabytes": safetensors(one.format("F32", [1 << 40], [0, 1 << 42])),
        "a shape that overflows": safetensors(
            one.format("F32", [1 << 33, 1 << 33], [0, 4]), b"1234"),
        "offsets backwards": safetensors(one.format("F32", [1], [8, 4]), b"12345678"),
        "negative offsets": safetensors(one.format("F32", [1], [-4, 0]), b"1234"),
        "an unknown type": safetensors(one.format("OBJECT", [1], [0, 8]), b"12345678"),
        "tensors that overlap": safetensors(
            '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},'
            '"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"1234"),
        "brackets without end": safetensors('{"a":' + "[" * 200_000),
        "a header of gigabytes": struct.pack("<Q", 1 << 33) + b"{",
        "a header that is a list": safetensors("{}").replace(b"{}", b"[]"),
        "numbers that are none": safetensors(
            '{"synthesis.b4.const":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
            np.array([np.nan], "<f4").tobytes()),
        "numpy: a header that runs": npy_header("{'descr': __import__('os').system('true')}"),
        "numpy: a header of brackets": npy_header("(" * 20_000),
        "numpy: a shape of terabytes": npy_header(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627775,)}"),
        "numpy: records": npy_header(
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}"),
        "numpy: cut off": b"\x93NUMPY\x01",
    }  # fmt: skip


class Persistent(tuple[Any, ...]):
    """A reference to numbers outside of the pickle."""


class _Pickler(ForeignPickler):
    def persistent_id(self, obj: Any) -> Any:
        return tuple(obj) if isinstance(obj, Persistent) else None


def of(value: Any) -> bytes:
    """A pickle with references."""
    buffer = io.BytesIO()
    _Pickler(buffer, 2).dump(value)
    return buffer.getvalue()


def torch_of(value: Any) -> bytes:
    """A new torch file of ``value`` with one storage of four numbers."""
    return torch_zip_bytes({"archive/data.pkl": of(value), "archive/data/0": bytes(16)})


def pickled_part(value: Any) -> bytes:
    """The instructions for ``value``, without beginning and end."""
    return pickled(value, 2)[2:-1]


def npy_bytes(content: bytes) -> bytes:
    """A numpy file of one object."""
    return npy_header("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}") + content


def npy_header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def torch_zip_bytes(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive with these members, also those that the library would not unpack."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo("x")
            info.filename, info.compress_type = name, compression
            archive.writestr(info, content)
    return buffer.getvalue()


def overlapping_zip(value: bytes, copies: int) -> bytes:
    """Many members whose entries all lead to the bytes of one."""
    padding = b"\0" * 100_000
    plain = torch_zip_bytes({"archive/data.pkl": value, "archive/data/0": padding})
    at = plain.index(b"PK\x01\x02", plain.index(padding))
    end = plain.index(b"PK\x05\x06")
    entries = plain[at:end]
    last = entries[entries.index(b"PK\x01\x02", 4) :]
    renamed = b"".join(
        last.replace(b"archive/data/0", f"archive/dat{i:03d}".encode()[:14].ljust(14, b"_"))
        for i in range(copies)
    )
    tail = bytearray(plain[end:])
    tail[8:12] = struct.pack("<HH", 2 + copies, 2 + copies)
    tail[12:16] = struct.pack("<I", len(entries) + len(renamed))
    return plain[:end] + renamed + bytes(tail)


def find_all(content: bytes, part: bytes) -> list[int]:
    found, at = [], content.find(part)
    while at >= 0:
        found.append(at)
        at = content.find(part, at + 1)
    return found


def cyclic_network() -> bytes:
    """A module that is its own part."""
    parts: dict[str, Any] = {}
    state = {"_parameters": {"w": torch.zeros(2)}, "_buffers": {}, "_modules": parts}
    network = Instance(Named("torch.nn.modules.container", "Sequential"), state)
    parts["self"] = Instance(Named("torch.nn.modules.container", "Sequential"), state)
    return pickled({"G_ema": Call(Named(*PERSISTENT), ({"state": {"_modules": {"a": network}}},))})


def deep_network(depth: int) -> bytes:
    """A module in a module in a module, written without recursion."""
    name = b"ctorch.nn.modules.container\nSequential\n)\x81}"
    key = pickled_part("_modules")
    inner = pickled_part("a")
    start = PROTO + b"}" + pickled_part("G_ema") + b"ctorch_utils.persistence\n"
    start += b"_reconstruct_persistent_obj\n}" + pickled_part("state") + b"}" + key + b"}" + inner
    body = (name + key + b"}" + inner) * depth + name + b"b" + b"ssb" * depth
    return start + body + b"s" + b"s" + b"s" + b"\x85Rs" + STOP


def main() -> None:
    made = families("canary")
    for what, files in made.items():
        sys.stdout.write(f"{len(files):4}  {what}\n")
    different = len(set(all_files("canary").values()))
    sys.stdout.write(f"{sum(map(len, made.values())):4}  in all, {different} of them different\n")


if __name__ == "__main__":
    main()
