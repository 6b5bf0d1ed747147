"""From a file that somebody dropped, or a name in a menu, to models that can take over.

In: a path or a name; what plays now.  Out: Models, loaded.  Thread: errands; reading a foreign file
takes seconds, in a child process that runs nothing of it (importing/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from traumer_live.app.texts import dream as texts
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file
from traumer_live.core.model_library import Entry
from traumer_live.engine.models import Choice, Models, load_choice
from traumer_live.importing.importer import Notes, import_model
from traumer_live.importing.sniff import checked_size


def bring(path: Path) -> Entry:
    """``path`` as a model of the library, under a name that is still free.

    Raises:
        ModelError: the file is refused.
        OutputError: the user's data folder cannot be written to.
    """
    checked_size(path)  # before it is hashed: pipes and devices never end
    return import_model(path, Notes(name=_free_name(path)))


def chosen(now: Choice, kind: str, name: str) -> Choice:
    """``now`` with another model, and no mapping named: what was named was for the former one.

    Raises:
        ModelError: models of this kind cannot be played.
    """
    if kind == "generator":
        return replace(now, generator=name, mapping="", class_index=None)
    if kind == "encoder":
        return replace(now, encoder=name, mapping="")
    if kind == "mapping":
        return replace(now, mapping=name)
    raise ModelError(texts.not_played(name, kind))


def loaded(choice: Choice, tell: Callable[[str], None]) -> Models:
    """The models of ``choice``; as square pictures where they cannot be wide.

    ``tell`` hears of a runtime that cannot be used.

    Raises:
        ModelError: a file is missing, damaged, or does not fit the others.
    """
    try:
        return load_choice(choice, tell)
    except ModelError:
        if choice.aspect is None:
            raise
        return load_choice(replace(choice, aspect=None), tell)


def _free_name(path: Path) -> str | None:
    """None where the file is known already; else its own name, numbered if another one has it."""
    known = model_library.entries()
    sha256 = hash_file(path)
    if any(entry.source_sha256 == sha256 for entry in known):
        return None
    taken = {entry.name for entry in known}
    name = model_library.name_from(path)
    number = 2
    while name in taken:
        name = f"{model_library.name_from(path)[:60]}-{number}"
        number += 1
    return name
