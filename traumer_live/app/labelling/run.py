"""The labelling window on its own: opens it, runs Qt, and ends when it is closed.

In: what somebody wants to label with.  Out: an exit code; the store.  Thread: main. Qt is loaded
only after it is sure that windows can be opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from traumer_live.app.display import check_display
from traumer_live.app.texts.trouble import INSTEAD_OF_LABELLING

if TYPE_CHECKING:
    from traumer_live.app.labelling.fitting import Fitted
    from traumer_live.app.labelling.wishes import Wishes


def run_labelling(wishes: Wishes, *, seconds: float | None = None) -> tuple[int, Path | None]:
    """Label until the window is closed; how many labels stand, and the last mapping that was made.

    Raises:
        DisplayError: no window can be opened here.
        LabelError: somebody else is labelling in this store, or it is none.
        SourceError: there is no music.
        OutputError: the store cannot be written to.
    """
    check_display(instead=INSTEAD_OF_LABELLING)
    from PyQt6.QtCore import QTimer

    from traumer_live.app.labelling.desk import LabellingDesk
    from traumer_live.app.labelling.window import LabellingWindow
    from traumer_live.app.run import application
    from traumer_live.core.signals import calling_on_signals

    app = application()
    desk = LabellingDesk(wishes)
    made: list[Fitted] = []
    try:
        window = LabellingWindow(desk)
        window.fitter.fitted.connect(made.append)
        window.closed.connect(app.quit)
        window.show()
        desk.start()
        if seconds is not None:
            QTimer.singleShot(round(1000 * seconds), app.quit)
        with calling_on_signals(app.quit):
            app.exec()
        window.hide()
        window.fitter.close()
    finally:
        desk.close()
    return len(desk.store.labels), made[-1].pack if made else None
