"""Badges, not dialogs: what the operator should know, below the picture.

In: sentences that pass, conditions that last.  Out: badges that fade.  Thread: GUI.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPropertyAnimation, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFontMetrics, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from traumer_live.app.texts.badges import BADGE_TIP
from traumer_live.app.theme import FADE_MS, GRID, icon
from traumer_live.app.widgets import label

STAY_MS = 9000  # long enough to read a sentence twice
MOST = 2  # passing ones; the oldest goes
SHORT_WIDTH = 560  # px of text before the rest waits for a click


class Badge(QFrame):
    """One sentence; a click or Enter shows all of it, the next one takes it away."""

    grew = pyqtSignal()
    gone = pyqtSignal()

    def __init__(self, sentence: str, *, advice: str = "", lasting: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "badge")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(sentence)
        self.setToolTip(BADGE_TIP)
        self.sentence = sentence
        self._advice = advice
        self._open = False
        self._words = label()
        self._words.setMaximumWidth(SHORT_WIDTH + 2 * GRID)
        self._arrange(lasting)
        self._show_words()
        self._fading = self._make_fading()
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.timeout.connect(self.fade)
        self._lasting = lasting
        self._wait()

    def fade(self) -> None:
        """Go away, softly."""
        self._fading.start()

    def enterEvent(self, event: QEnterEvent | None) -> None:  # noqa: N802  Qt's name
        """Stay while it is read."""
        self._clock.stop()

    def leaveEvent(self, event: QEvent | None) -> None:  # noqa: N802  Qt's name
        """Read, probably."""
        self._wait()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Say all, or go."""
        self._press()

    def event(self, event: QEvent | None) -> bool:
        """Enter is ours while we have the focus, whatever it does elsewhere in the window."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride and _is_enter(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Enter is the keyboard's click."""
        if event is not None and _is_enter(event):
            self._press()
        else:
            super().keyPressEvent(event)

    def _press(self) -> None:
        if self._open or not self._has_more():
            self.fade()
            return
        self._open = True
        self._show_words()
        self.grew.emit()

    def _wait(self) -> None:
        if not self._lasting:
            self._clock.start(STAY_MS)

    def _has_more(self) -> bool:
        return bool(self._advice) or self._words.text() != self.sentence

    def _show_words(self) -> None:
        self._words.setWordWrap(self._open)
        if self._open:
            self._words.setText(" ".join(part for part in (self.sentence, self._advice) if part))
            self._words.setMinimumWidth(SHORT_WIDTH)
        else:
            measure = QFontMetrics(self._words.font())
            self._words.setText(
                measure.elidedText(self.sentence, Qt.TextElideMode.ElideRight, SHORT_WIDTH)
            )
        self.adjustSize()

    def _arrange(self, lasting: bool) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 12, 4)  # beside the frame that shows the focus
        row.setSpacing(GRID)
        mark = QLabel()
        mark.setPixmap(icon("notice", "accent" if lasting else "quiet").pixmap(16, 16))
        row.addWidget(mark)
        row.addWidget(self._words)

    def _make_fading(self) -> QPropertyAnimation:
        effect = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(effect)
        fading = QPropertyAnimation(effect, b"opacity", self)
        fading.setDuration(FADE_MS)
        fading.setStartValue(1.0)
        fading.setEndValue(0.0)
        fading.finished.connect(self.gone)
        return fading


def _is_enter(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class BadgeShelf(QWidget):
    """Stacks badges; ``changed`` says that it needs more or less room."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(GRID // 2)
        self._stack.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        self._passing: list[Badge] = []
        self._lasting: dict[str, Badge] = {}
        self._put_away: set[str] = set()  # conditions that the operator has seen enough of

    @property
    def sentences(self) -> list[str]:
        """What is shown now."""
        return [badge.sentence for badge in (*self._lasting.values(), *self._passing)]

    def tell(self, sentence: str) -> None:
        """Show ``sentence`` for a while."""
        if sentence in self.sentences:
            return
        badge = Badge(sentence)
        self._passing.append(badge)
        self._add(badge)
        while len(self._passing) > MOST:
            self._remove(self._passing[0])

    def keep(self, conditions: dict[str, tuple[str, str]]) -> None:
        """Show just these conditions: name -> (what, advice)."""
        for name in self._lasting.keys() - conditions.keys():
            self._remove(self._lasting[name])
        self._put_away &= conditions.keys()  # over; should it come back it is shown again
        for name, (what, advice) in conditions.items():
            if name not in self._put_away:
                self._keep_one(name, what, advice)

    def _keep_one(self, name: str, what: str, advice: str) -> None:
        shown = self._lasting.get(name)
        if shown is not None and shown.sentence == what:
            return
        if shown is not None:
            self._remove(shown)
        badge = self._lasting[name] = Badge(what, advice=advice, lasting=True)
        badge.gone.connect(lambda: self._put_away.add(name))
        self._add(badge)

    def _add(self, badge: Badge) -> None:
        badge.gone.connect(lambda: self._remove(badge))
        self._stack.addWidget(badge, 0, Qt.AlignmentFlag.AlignLeft)
        badge.grew.connect(self.changed)
        badge.show()
        self.show()
        self.changed.emit()

    def _remove(self, badge: Badge) -> None:
        if badge in self._passing:
            self._passing.remove(badge)
        self._lasting = {name: b for name, b in self._lasting.items() if b is not badge}
        self._stack.removeWidget(badge)
        badge.hide()
        badge.deleteLater()
        self.setVisible(bool(self._passing or self._lasting))
        self.changed.emit()
