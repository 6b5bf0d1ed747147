"""What a pickle may build here: values that can do nothing.

In: what the instructions of a pickle say.  Out: plain data.  Thread: any.

A pickle asks for classes by name. None is ever imported: a name stays a ``Global``, and what would
have been an object of it becomes one of the few classes below, none of which has any behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Global:
    """The name of a class or function, and nothing more."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Opaque:
    """An object of a class that is of no interest; keeps what it was given."""

    of: Global
    args: tuple[Any, ...] = ()
    state: Any = None
    items: list[Any] = field(default_factory=list)
    entries: dict[Any, Any] = field(default_factory=dict)


class InertDict(dict[Any, Any]):
    """A dict with attributes, such as an OrderedDict; the attributes go to ``state``."""

    state: Any = None


@dataclass(eq=False)
class Module:
    """A network module: its class by name and what it held."""

    class_name: str
    source: str  # the program text that came with it: looked at for names, never run
    state: dict[str, Any]


@dataclass(eq=False)
class TensorflowNetwork:
    """A network of the TensorFlow versions of StyleGAN."""

    state: Any = None


PLAIN_KEYS = (str, bytes, int, float, bool, type(None), Global)


def is_key(value: Any) -> bool:
    """Whether ``value`` may be a dict's key; deep tuples would hash without end."""
    if type(value) is tuple:
        return len(value) < 64 and all(isinstance(part, PLAIN_KEYS) for part in value)
    return isinstance(value, PLAIN_KEYS)
