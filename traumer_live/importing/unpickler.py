"""A pickle read as data: none of what it names is imported, none of what it calls is run.

In: an open binary file at the start of a pickle.  Out: inert values.  Thread: any.

Python's own unpickler imports what a file names and calls it. This one shares only the standard
library's *disassembler* (``pickletools.genops``), which never builds anything. Names stay names;
calls go to ``substitutes``; BUILD fills only inert objects; everything is counted.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from typing import IO, Any, BinaryIO, cast

from traumer_live.importing import limits
from traumer_live.importing.bounded_file import BoundedFile
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.machine import Call, Machine, PersistentLoad
from traumer_live.importing.substitutes import call

DAMAGE = (ValueError, KeyError, IndexError, TypeError, UnicodeError, OverflowError)


def unpickle(
    file: BinaryIO, *, persistent_load: PersistentLoad | None = None, calls: Call = call
) -> Any:
    """The value that the pickle at the file's position describes; the file stands after it.

    Raises:
        SafeLoadError: it asks for something that no model needs, costs too much, or is damaged.
    """
    machine = Machine(persistent_load, calls)
    try:
        for count, (opcode, argument, _) in enumerate(_instructions(file)):
            if count > limits.INSTRUCTIONS or len(machine.stack) > limits.STACK:
                raise SafeLoadError("It is more complicated than any model.")
            machine.step(opcode.name, argument)
        return machine.stack.only()
    except DAMAGE as error:
        raise SafeLoadError("It is cut off or damaged.") from error
    except MemoryError as error:
        raise SafeLoadError("It needs more memory than any model of its size.") from error


def _instructions(file: BinaryIO) -> Iterator[tuple[Any, Any, Any]]:
    """The pickle's instructions with their arguments."""
    return pickletools.genops(cast(IO[bytes], BoundedFile(file)))
