"""Work that may take a moment, done beside the windows, one after the other.

In: a function.  Out: its result, back on the GUI thread.  Thread: ``errands``, one for all.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PyQt6.QtCore import QObject, pyqtSignal

from traumer_live.app.texts.window import went_wrong
from traumer_live.core.errors import TraumerError

T = TypeVar("T")


class Errands(QObject):
    """A worker for devices and files; the GUI thread never waits for it but at the very end."""

    failed = pyqtSignal(str)  # one sentence
    _done = pyqtSignal(object, object)  # what to call, with which result

    def __init__(self) -> None:
        super().__init__()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="errands")
        self._begun: list[Future[Any]] = []  # and perhaps done by now
        self._closed = False
        self._done.connect(self._deliver)

    def run(self, task: Callable[[], T], then: Callable[[T], Any] | None = None) -> None:
        """Do ``task`` on the worker, and ``then`` with its result on the GUI thread."""

        def deliver(future: Future[T]) -> None:
            error = future.exception()
            if isinstance(error, TraumerError):
                self.failed.emit(str(error))
            elif error is not None:
                self.failed.emit(went_wrong(error))
            elif then is not None:
                self._done.emit(then, future.result())

        begun = self._worker.submit(task)
        self._begun = [*(each for each in self._begun if not each.done()), begun]
        begun.add_done_callback(deliver)

    @property
    def at_work(self) -> bool:
        """Whether something that was begun is not done yet."""
        return any(not each.done() for each in self._begun)

    def forget(self) -> None:
        """Nobody waits for results any more; what was begun is still finished."""
        self._closed = True

    def close(self) -> None:
        """Finish what was begun; nobody waits for its results any more."""
        self._closed = True
        self._worker.shutdown(wait=True)

    def _deliver(self, then: Callable[[Any], Any], result: Any) -> None:
        if not self._closed:
            then(result)
