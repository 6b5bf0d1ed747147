"""The store of one person's labels: a folder that never loses one.

In: labels, favourites, skipped clips.  Out: what of these stands.  Thread: one, its owner's.

    labels.journal   every event, appended and fsynced (``journal``); undo appends a retraction
    labels.lock      held by the one labeller who may write; the system frees it if they crash
    screens/         pictures that were proposed, by w, named after their content

A store written by a newer program, and one that another labeller holds when only reading is asked
for, open read-only.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import user_data_dir
from traumer_live.core.types import Array
from traumer_live.labelling.errors import LabelError, StoreHeldError
from traumer_live.labelling.journal import Event, Journal, read_journal
from traumer_live.labelling.label import Label, Pick, Screen, pick_to_json, to_json
from traumer_live.labelling.ledger import Ledger

KIND = "traumer-labels"
VERSION = 1
JOURNAL, LOCK, SCREENS = "labels.journal", "labels.lock", "screens"


def default_store() -> Path:
    """Where labels are kept when nobody says otherwise; not created here."""
    return user_data_dir() / "labels"


class Store:
    """An open store. Close it, or use it in a ``with`` statement."""

    def __init__(self, folder: Path, *, annotator: str = "", read_only: bool = False) -> None:
        """Open or create the store in ``folder``.

        Raises:
            LabelError: another labeller is writing to it, or the file is no store.
            OutputError: the folder cannot be written to.
        """
        self.folder = folder
        self.notice = ""  # one sentence for the person, when something is unusual
        self._journal: Journal | None = None
        self._lock: FileLock | None = None
        contents = read_journal(folder / JOURNAL)
        newer = _version(contents.events, folder) > VERSION
        if newer:
            self.notice = (
                f"The labels in {folder} were written by a newer version of this program; they "
                "can be read but not added to. Update traumer-live."
            )
        if not (read_only or newer):
            self._lock = _locked(folder)
            try:
                self._journal = Journal(folder / JOURNAL)
            except OutputError:
                self._lock.release()
                raise
            contents = self._journal.contents
        self._ledger = Ledger(contents.events)
        told = _told(contents.damaged, torn=bool(contents.torn), lost=self._ledger.lost)
        self.notice = self.notice or told
        if self._journal is not None and not contents.events:
            head = _head(annotator)
            self._journal.append(head)
            self._ledger = Ledger((head,))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def read_only(self) -> bool:
        """Whether nothing can be added."""
        return self._journal is None

    @property
    def annotator(self) -> str:
        """Whose labels they are."""
        return self._ledger.annotator

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels that stand, oldest first."""
        return tuple(self._ledger.labels.values())

    @property
    def skipped(self) -> frozenset[str]:
        """Keys of clips that were passed over."""
        return frozenset(self._ledger.skips.values())

    @property
    def favourites(self) -> tuple[tuple[str, Pick], ...]:
        """Pinned pictures with their ids, oldest first."""
        return tuple(self._ledger.pins.items())

    def add(self, label: Label) -> Label:
        """Keep a label; an empty ``id`` or ``made`` is filled in. On the disk when this returns.

        Raises:
            LabelError: the store is read-only, or the label holds no picture or no numbers.
            OutputError: the disk is full or gone.
        """
        if not label.picks:
            raise LabelError("A label needs at least one picture.")
        stored = {**to_json(label), "id": label.id or _new_id(), "made": label.made or _now()}
        self._write({"event": "label", **stored})
        return self._ledger.labels[stored["id"]]

    def skip(self, clip_key: str) -> str:
        """Never ask for this clip again; the id of the event."""
        return self._note("skip", {"clip": clip_key})

    def pin(self, pick: Pick) -> str:
        """Keep a picture as a favourite; its id."""
        return self._note("pin", {"pick": pick_to_json(pick)})

    def retract(self, event_id: str) -> None:
        """Take back a label, a skip or a pin; it stays in the journal and no longer stands.

        Raises:
            LabelError: nothing of this id stands.
        """
        if not self._ledger.stands(event_id):
            raise LabelError("There is nothing like that to take back.")
        self._write({"event": "retract", "id": _new_id(), "of": event_id, "made": _now()})

    def undo(self) -> str | None:
        """Take back what was done last; what kind it was, or None when there is nothing left."""
        if not self._ledger.done:
            return None
        kind, event_id = self._ledger.done[-1]
        self.retract(event_id)
        return kind

    def keep_screen(self, w: Array) -> Screen:
        """Keep proposed pictures (n, w_dim), to know later what a pick was chosen from."""
        self._require_writable()
        buffer = io.BytesIO()
        np.save(buffer, w.astype(np.float16))
        name = hashlib.sha256(buffer.getvalue()).hexdigest()[:32] + ".npy"
        path = self.folder / SCREENS / name
        if not path.exists():
            with written_atomically(path) as temporary:
                temporary.write_bytes(buffer.getvalue())
        return Screen(len(w), file=name)

    def screen_w(self, screen: Screen, random_w: Callable[[int, int], Array]) -> Array | None:
        """The w (count, w_dim) of a screen; ``random_w(count, seed)`` makes random ones again.

        None when its file is gone.
        """
        if screen.seed is not None:
            return random_w(screen.count, screen.seed)
        if Path(screen.file).name != screen.file:
            return None
        try:
            w = np.load(self.folder / SCREENS / screen.file, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return np.asarray(w, np.float32)

    def close(self) -> None:
        """Let others write."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _note(self, kind: str, more: dict[str, Any]) -> str:
        event = {"event": kind, "id": _new_id(), "made": _now(), **more}
        self._write(event)
        return str(event["id"])

    def _write(self, event: Event) -> None:
        self._require_writable().append(event)
        self._ledger.apply(event)

    def _require_writable(self) -> Journal:
        if self._journal is None:
            raise LabelError(
                self.notice or f"The labels in {self.folder} are open for reading only."
            )
        return self._journal


def _locked(folder: Path) -> FileLock:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreHeldError(
            f"Somebody is labelling in {folder} already; close that window first, or name "
            "another folder with --store."
        ) from None
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written to ({error.strerror}); name another with --store."
        ) from error
    return lock


def _version(events: tuple[Event, ...], folder: Path) -> int:
    if not events:
        return VERSION
    head = events[0]
    if head.get("kind") != KIND or not isinstance(head.get("version"), int):
        raise LabelError(
            f"{folder / JOURNAL} holds no labels of this program; name another folder."
        )
    return int(head["version"])


def _head(annotator: str) -> Event:
    return {
        "kind": KIND,
        "version": VERSION,
        "id": _new_id(),
        "made": _now(),
        "annotator": annotator,
    }


def _told(damaged: int, *, torn: bool, lost: int) -> str:
    """One sentence about what could not be read; empty when everything could."""
    parts = []
    if lost:
        parts.append(f"{lost} could not be understood")
    if torn:
        parts.append("the last entry was torn by a crash and is set aside")
    if damaged:
        parts.append(f"{damaged} damaged entr{'y was' if damaged == 1 else 'ies were'} passed over")
    return f"Of the labels, {', '.join(parts)}; everything else is there." if parts else ""


def _new_id() -> str:
    return secrets.token_hex(6)


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="milliseconds")
