"""A pickle read as data: a small machine that knows the instructions but no classes.

In: an open binary file at the start of a pickle.  Out: inert values.  Thread: any.

Python's own unpickler imports what a file names and calls it. This one shares only the standard
library's *disassembler* (``pickletools.genops``), which never builds anything. Names stay names;
calls go to ``substitutes``; BUILD fills only inert objects; everything is counted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterator
from typing import IO, Any, BinaryIO, cast

from traumer_live.importing import limits
from traumer_live.importing.arrays import ArrayCell, DtypeCell, filled
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import (
    Global,
    InertDict,
    Opaque,
    TensorflowNetwork,
    is_key,
)
from traumer_live.importing.substitutes import call, check_known

PersistentLoad = Callable[[Any], Any]
Call = Callable[[Global, tuple[Any, ...]], Any]
DAMAGE = (ValueError, KeyError, IndexError, TypeError, UnicodeError, OverflowError)
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
EMPTY: dict[str, Callable[[], Any]] = {
    "EMPTY_LIST": list,
    "EMPTY_DICT": InertDict,
    "EMPTY_SET": set,
    "EMPTY_TUPLE": tuple,
}
# Instructions whose argument is the value itself.
LITERALS = frozenset(
    {
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
        "BYTEARRAY8", "UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8",
    }
)  # fmt: skip


class _Mark:
    """Where the last MARK stood on the stack."""


MARK = _Mark()


class BoundedFile:
    """A file that is never asked for more than it has, nor for endless lines."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        at = file.tell()
        self._size = file.seek(0, 2)
        file.seek(at)

    def tell(self) -> int:
        """Position in the file."""
        return self._file.tell()

    def read(self, count: int) -> bytes:
        """``count`` bytes."""
        if not 0 <= count <= self._size - self._file.tell():
            raise SafeLoadError("It is cut off or damaged.")
        return self._file.read(count)

    def readline(self) -> bytes:
        """One line of the text instructions."""
        return self._file.readline(limits.LINE)


def unpickle(
    file: BinaryIO, *, persistent_load: PersistentLoad | None = None, calls: Call = call
) -> Any:
    """The value that the pickle at the file's position describes; the file stands after it.

    Raises:
        SafeLoadError: it asks for something that no model needs, costs too much, or is damaged.
    """
    machine = _Machine(persistent_load, calls)
    try:
        for count, (opcode, argument, _) in enumerate(_instructions(file)):
            if count > limits.INSTRUCTIONS or len(machine.stack) > limits.STACK:
                raise SafeLoadError("It is more complicated than any model.")
            machine.step(opcode.name, argument)
        return machine.result()
    except DAMAGE as error:
        raise SafeLoadError("It is cut off or damaged.") from error
    except MemoryError as error:
        raise SafeLoadError("It needs more memory than any model of its size.") from error


def _instructions(file: BinaryIO) -> Iterator[tuple[Any, Any, Any]]:
    """The pickle's instructions with their arguments."""
    return pickletools.genops(cast(IO[bytes], BoundedFile(file)))


class _Machine:
    """Stack and memo of one pickle."""

    def __init__(self, persistent_load: PersistentLoad | None, calls: Call) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._persistent_load = persistent_load
        self._call = calls

    def result(self) -> Any:
        """What is left when the pickle stops."""
        if len(self.stack) != 1 or self.stack[0] is MARK:
            raise SafeLoadError("It is damaged: it does not end with one value.")
        return self.stack[0]

    def step(self, name: str, argument: Any) -> None:
        """Do one instruction."""
        if name in LITERALS:
            self.stack.append(argument)
        elif name in CONSTANTS:
            self.stack.append(CONSTANTS[name])
        elif name in EMPTY:
            self.stack.append(EMPTY[name]())
        elif handler := _HANDLERS.get(name):
            handler(self, argument)
        else:
            raise SafeLoadError(f"It uses the pickle instruction {name}, which no model needs.")

    def pop(self) -> Any:
        """The topmost value; a mark is none."""
        value = self.stack.pop()
        if value is MARK:
            raise SafeLoadError("It is damaged: a value is missing.")
        return value

    def pop_to_mark(self) -> list[Any]:
        """All values above the last mark, which goes too."""
        for at in range(len(self.stack) - 1, -1, -1):
            if self.stack[at] is MARK:
                values = self.stack[at + 1 :]
                del self.stack[at:]
                return values
        raise SafeLoadError("It is damaged: a mark is missing.")

    def ignore(self, argument: Any) -> None:
        """Say nothing: PROTO, FRAME and STOP change no value."""

    def mark(self, argument: Any) -> None:
        """Remember this place of the stack."""
        self.stack.append(MARK)

    def drop(self, argument: Any) -> None:
        """Throw the topmost value away."""
        self.stack.pop()

    def drop_to_mark(self, argument: Any) -> None:
        """Throw away what lies above the last mark."""
        self.pop_to_mark()

    def duplicate(self, argument: Any) -> None:
        """The topmost value once more."""
        self.stack.append(self.stack[-1])

    def put(self, index: int) -> None:
        """Keep the topmost value under a number."""
        if len(self._memo) > limits.MEMO or self.stack[-1] is MARK:
            raise SafeLoadError("It is more complicated than any model.")
        self._memo[index] = self.stack[-1]

    def memoize(self, argument: Any) -> None:
        """Keep the topmost value under the next number."""
        self.put(len(self._memo))

    def get(self, index: int) -> None:
        """A kept value."""
        self.stack.append(self._memo[index])

    def tuple_to_mark(self, argument: Any) -> None:
        """A tuple of what lies above the mark."""
        self.stack.append(tuple(self.pop_to_mark()))

    def list_to_mark(self, argument: Any) -> None:
        """A list of what lies above the mark."""
        self.stack.append(self.pop_to_mark())

    def dict_to_mark(self, argument: Any) -> None:
        """A dict of what lies above the mark."""
        made = InertDict()
        _set_items(made, self.pop_to_mark())
        self.stack.append(made)

    def frozenset_to_mark(self, argument: Any) -> None:
        """A set of what lies above the mark."""
        made: set[Any] = set()
        _add(made, self.pop_to_mark())
        self.stack.append(made)

    def short_tuple(self, length: int) -> None:
        """A tuple of one, two or three values."""
        values = [self.pop() for _ in range(length)]
        self.stack.append(tuple(reversed(values)))

    def append(self, argument: Any) -> None:
        """One more item for the list below."""
        value = self.pop()
        _extend(self.stack[-1], [value])

    def appends(self, argument: Any) -> None:
        """Several more items for the list below."""
        values = self.pop_to_mark()
        _extend(self.stack[-1], values)

    def set_item(self, argument: Any) -> None:
        """One more entry for the dict below."""
        value, key = self.pop(), self.pop()
        _set_items(self.stack[-1], [key, value])

    def set_items(self, argument: Any) -> None:
        """Several more entries for the dict below."""
        values = self.pop_to_mark()
        _set_items(self.stack[-1], values)

    def add_items(self, argument: Any) -> None:
        """Several more members for the set below."""
        values = self.pop_to_mark()
        _add(self.stack[-1], values)

    def global_(self, argument: str) -> None:
        """A name in the old writing: module, blank, name."""
        module, _, name = argument.partition(" ")
        self._push_name(module, name)

    def stack_global(self, argument: Any) -> None:
        """A name whose two parts lie on the stack."""
        name, module = self.pop(), self.pop()
        self._push_name(module, name)

    def reduce(self, argument: Any) -> None:
        """Call a name with a tuple of arguments."""
        args, what = self.pop(), self.pop()
        self._push_call(what, args)

    def new_object_ex(self, argument: Any) -> None:
        """Make an object of a class with arguments and keywords."""
        keywords, args, what = self.pop(), self.pop(), self.pop()
        if not isinstance(keywords, dict):
            raise SafeLoadError("It is damaged: a class is called without keywords.")
        self._push_call(what, args)

    def instance(self, argument: str) -> None:
        """Make an object in the old writing, arguments above the mark."""
        args = tuple(self.pop_to_mark())
        self.global_(argument)
        self._push_call(self.pop(), args)

    def object_(self, argument: Any) -> None:
        """Make an object: class and arguments above the mark."""
        what, *args = self.pop_to_mark()
        self._push_call(what, tuple(args))

    def build(self, argument: Any) -> None:
        """Give an inert object its state."""
        state = self.pop()
        _build(self.stack[-1], state)

    def persistent(self, argument: Any) -> None:
        """A reference to numbers that lie outside of the pickle."""
        if self._persistent_load is None:
            raise SafeLoadError("It refers to things outside of itself, which no model does.")
        self.stack.append(self._persistent_load(self.pop()))

    def _push_name(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise SafeLoadError("It is damaged: a name is no text.")
        found = Global(module, name)
        if (module, name) != ("torch.storage", "_load_from_bytes"):  # the reader's own business
            check_known(found)
        self.stack.append(found)

    def _push_call(self, what: Any, args: Any) -> None:
        if not isinstance(what, Global) or not isinstance(args, tuple):
            raise SafeLoadError("It calls something that is no class.")
        self.stack.append(self._call(what, args))


def _extend(target: Any, values: list[Any]) -> None:
    if type(target) is list:
        target.extend(values)
    elif isinstance(target, Opaque):
        target.items.extend(values)
    else:
        raise SafeLoadError("It appends to something that is no list.")


def _set_items(target: Any, values: list[Any]) -> None:
    entries = target.entries if isinstance(target, Opaque) else target
    if not isinstance(entries, dict) or len(values) % 2:
        raise SafeLoadError("It sets entries of something that is no dict.")
    for key, value in zip(values[::2], values[1::2], strict=True):
        if not is_key(key):
            raise SafeLoadError("It has a dict with impossible keys.")
        entries[key] = value


def _add(target: Any, values: list[Any]) -> None:
    if type(target) is not set or not all(is_key(value) for value in values):
        raise SafeLoadError("It adds to something that is no set.")
    target.update(values)


def _build(target: Any, state: Any) -> None:
    """BUILD: only inert objects have a state to be given."""
    if isinstance(target, Opaque | TensorflowNetwork | InertDict):
        target.state = state
    elif isinstance(target, DtypeCell):
        _build_dtype(target, state)
    elif type(target) is ArrayCell:
        _build_array(target, state)
    else:
        raise SafeLoadError("It tries to change something that it did not make.")


def _build_dtype(target: DtypeCell, state: Any) -> None:
    """State: (version, byte order, ...)."""
    if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", ">", "|", "="):
        raise SafeLoadError("It holds an array of an unknown type.")
    target.order = state[1]


def _build_array(target: ArrayCell, state: Any) -> None:
    """State: (version, shape, dtype, Fortran order, numbers)."""
    if not isinstance(state, tuple) or len(state) != 5 or not isinstance(state[2], DtypeCell):
        raise SafeLoadError("It holds an array that is damaged.")
    made = filled(state[2], state[1], state[4], fortran=bool(state[3]))
    target.value, target.objects = made.value, made.objects


_HANDLERS: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), _Machine.ignore),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.get),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), _Machine.reduce),
    "MARK": _Machine.mark,
    "POP": _Machine.drop,
    "POP_MARK": _Machine.drop_to_mark,
    "DUP": _Machine.duplicate,
    "MEMOIZE": _Machine.memoize,
    "TUPLE": _Machine.tuple_to_mark,
    "TUPLE1": lambda machine, _: machine.short_tuple(1),
    "TUPLE2": lambda machine, _: machine.short_tuple(2),
    "TUPLE3": lambda machine, _: machine.short_tuple(3),
    "LIST": _Machine.list_to_mark,
    "DICT": _Machine.dict_to_mark,
    "FROZENSET": _Machine.frozenset_to_mark,
    "APPEND": _Machine.append,
    "APPENDS": _Machine.appends,
    "SETITEM": _Machine.set_item,
    "SETITEMS": _Machine.set_items,
    "ADDITEMS": _Machine.add_items,
    "GLOBAL": _Machine.global_,
    "STACK_GLOBAL": _Machine.stack_global,
    "NEWOBJ_EX": _Machine.new_object_ex,
    "INST": _Machine.instance,
    "OBJ": _Machine.object_,
    "BUILD": _Machine.build,
    "BINPERSID": _Machine.persistent,
}
