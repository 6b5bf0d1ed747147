"""The machine of a pickle: a stack, a memo, and one method per instruction.

In: instructions with their arguments, as the disassembler reads them.  Out: inert values.
Thread: any.

It knows the instructions but no classes: names stay names, calls go where ``calls`` says, and what
changes a value goes through ``filling``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traumer_live.importing import filling, limits
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import Global, InertDict
from traumer_live.importing.stack import Stack
from traumer_live.importing.substitutes import check_known

PersistentLoad = Callable[[Any], Any]
Call = Callable[[Global, tuple[Any, ...]], Any]
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


class Machine:
    """Stack and memo of one pickle."""

    def __init__(self, persistent_load: PersistentLoad | None, calls: Call) -> None:
        self.stack = Stack()
        self._memo: dict[int, Any] = {}
        self._persistent_load = persistent_load
        self._call = calls

    def step(self, name: str, argument: Any) -> None:
        """Do one instruction."""
        if name in LITERALS:
            self.stack.push(argument)
        elif name in CONSTANTS:
            self.stack.push(CONSTANTS[name])
        elif name in EMPTY:
            self.stack.push(EMPTY[name]())
        elif handler := _HANDLERS.get(name):
            handler(self, argument)
        else:
            raise SafeLoadError(f"It uses the pickle instruction {name}, which no model needs.")

    def ignore(self, argument: Any) -> None:
        """Say nothing: PROTO, FRAME and STOP change no value."""

    def mark(self, argument: Any) -> None:
        """Remember this place of the stack."""
        self.stack.mark()

    def drop(self, argument: Any) -> None:
        """Throw the topmost value away."""
        self.stack.drop()

    def drop_to_mark(self, argument: Any) -> None:
        """Throw away what lies above the last mark."""
        self.stack.pop_to_mark()

    def duplicate(self, argument: Any) -> None:
        """The topmost value once more."""
        self.stack.push(self.stack.top())

    def put(self, index: int) -> None:
        """Keep the topmost value under a number."""
        if len(self._memo) > limits.MEMO:
            raise SafeLoadError("It is more complicated than any model.")
        self._memo[index] = self.stack.top()

    def memoize(self, argument: Any) -> None:
        """Keep the topmost value under the next number."""
        self.put(len(self._memo))

    def get(self, index: int) -> None:
        """A kept value."""
        self.stack.push(self._memo[index])

    def tuple_to_mark(self, argument: Any) -> None:
        """A tuple of what lies above the mark."""
        self.stack.push(tuple(self.stack.pop_to_mark()))

    def list_to_mark(self, argument: Any) -> None:
        """A list of what lies above the mark."""
        self.stack.push(self.stack.pop_to_mark())

    def dict_to_mark(self, argument: Any) -> None:
        """A dict of what lies above the mark."""
        made = InertDict()
        filling.set_items(made, self.stack.pop_to_mark())
        self.stack.push(made)

    def frozenset_to_mark(self, argument: Any) -> None:
        """A set of what lies above the mark."""
        made: set[Any] = set()
        filling.add(made, self.stack.pop_to_mark())
        self.stack.push(made)

    def short_tuple(self, length: int) -> None:
        """A tuple of one, two or three values."""
        values = [self.stack.pop() for _ in range(length)]
        self.stack.push(tuple(reversed(values)))

    def append(self, argument: Any) -> None:
        """One more item for the list below."""
        value = self.stack.pop()
        filling.extend(self.stack.top(), [value])

    def appends(self, argument: Any) -> None:
        """Several more items for the list below."""
        values = self.stack.pop_to_mark()
        filling.extend(self.stack.top(), values)

    def set_item(self, argument: Any) -> None:
        """One more entry for the dict below."""
        value, key = self.stack.pop(), self.stack.pop()
        filling.set_items(self.stack.top(), [key, value])

    def set_items(self, argument: Any) -> None:
        """Several more entries for the dict below."""
        values = self.stack.pop_to_mark()
        filling.set_items(self.stack.top(), values)

    def add_items(self, argument: Any) -> None:
        """Several more members for the set below."""
        values = self.stack.pop_to_mark()
        filling.add(self.stack.top(), values)

    def global_(self, argument: str) -> None:
        """A name in the old writing: module, blank, name."""
        module, _, name = argument.partition(" ")
        self._push_name(module, name)

    def stack_global(self, argument: Any) -> None:
        """A name whose two parts lie on the stack."""
        name, module = self.stack.pop(), self.stack.pop()
        self._push_name(module, name)

    def reduce(self, argument: Any) -> None:
        """Call a name with a tuple of arguments."""
        args, what = self.stack.pop(), self.stack.pop()
        self._push_call(what, args)

    def new_object_ex(self, argument: Any) -> None:
        """Make an object of a class with arguments and keywords."""
        keywords, args, what = self.stack.pop(), self.stack.pop(), self.stack.pop()
        if not isinstance(keywords, dict):
            raise SafeLoadError("It is damaged: a class is called without keywords.")
        self._push_call(what, args)

    def instance(self, argument: str) -> None:
        """Make an object in the old writing, arguments above the mark."""
        args = tuple(self.stack.pop_to_mark())
        self.global_(argument)
        self._push_call(self.stack.pop(), args)

    def object_(self, argument: Any) -> None:
        """Make an object: class and arguments above the mark."""
        what, *args = self.stack.pop_to_mark()
        self._push_call(what, tuple(args))

    def build(self, argument: Any) -> None:
        """Give an inert object its state."""
        state = self.stack.pop()
        filling.build(self.stack.top(), state)

    def persistent(self, argument: Any) -> None:
        """A reference to numbers that lie outside of the pickle."""
        if self._persistent_load is None:
            raise SafeLoadError("It refers to things outside of itself, which no model does.")
        self.stack.push(self._persistent_load(self.stack.pop()))

    def _push_name(self, module: Any, name: Any) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise SafeLoadError("It is damaged: a name is no text.")
        found = Global(module, name)
        if (module, name) != ("torch.storage", "_load_from_bytes"):  # the reader's own business
            check_known(found)
        self.stack.push(found)

    def _push_call(self, what: Any, args: Any) -> None:
        if not isinstance(what, Global) or not isinstance(args, tuple):
            raise SafeLoadError("It calls something that is no class.")
        self.stack.push(self._call(what, args))


_HANDLERS: dict[str, Callable[[Machine, Any], None]] = {
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), Machine.ignore),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), Machine.put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), Machine.get),
    **dict.fromkeys(("REDUCE", "NEWOBJ"), Machine.reduce),
    "MARK": Machine.mark,
    "POP": Machine.drop,
    "POP_MARK": Machine.drop_to_mark,
    "DUP": Machine.duplicate,
    "MEMOIZE": Machine.memoize,
    "TUPLE": Machine.tuple_to_mark,
    "TUPLE1": lambda machine, _: machine.short_tuple(1),
    "TUPLE2": lambda machine, _: machine.short_tuple(2),
    "TUPLE3": lambda machine, _: machine.short_tuple(3),
    "LIST": Machine.list_to_mark,
    "DICT": Machine.dict_to_mark,
    "FROZENSET": Machine.frozenset_to_mark,
    "APPEND": Machine.append,
    "APPENDS": Machine.appends,
    "SETITEM": Machine.set_item,
    "SETITEMS": Machine.set_items,
    "ADDITEMS": Machine.add_items,
    "GLOBAL": Machine.global_,
    "STACK_GLOBAL": Machine.stack_global,
    "NEWOBJ_EX": Machine.new_object_ex,
    "INST": Machine.instance,
    "OBJ": Machine.object_,
    "BUILD": Machine.build,
    "BINPERSID": Machine.persistent,
}
