"""What a pickle may do to values that are there already: add to containers, fill inert objects.

In: a target from the stack of the machine, and values.  Out: the target, changed, or SafeLoadError.
Thread: any.

Here a pickle would change things that it did not make; every target is checked by its exact type.
"""

from __future__ import annotations

from typing import Any

from traumer_live.importing.arrays import ArrayCell, DtypeCell, filled
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.inert import InertDict, Opaque, TensorflowNetwork, is_key


def extend(target: Any, values: list[Any]) -> None:
    """APPEND and APPENDS: more items for a list."""
    if type(target) is list:
        target.extend(values)
    elif isinstance(target, Opaque):
        target.items.extend(values)
    else:
        raise SafeLoadError("It appends to something that is no list.")


def set_items(target: Any, values: list[Any]) -> None:
    """SETITEM and SETITEMS: more entries for a dict; ``values`` are keys and values in turn."""
    entries = target.entries if isinstance(target, Opaque) else target
    if not isinstance(entries, dict) or len(values) % 2:
        raise SafeLoadError("It sets entries of something that is no dict.")
    for key, value in zip(values[::2], values[1::2], strict=True):
        if not is_key(key):
            raise SafeLoadError("It has a dict with impossible keys.")
        entries[key] = value


def add(target: Any, values: list[Any]) -> None:
    """ADDITEMS: more members for a set."""
    if type(target) is not set or not all(is_key(value) for value in values):
        raise SafeLoadError("It adds to something that is no set.")
    target.update(values)


def build(target: Any, state: Any) -> None:
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
