"""One number that can be turned: its name, a slider, and the value with its unit.

In: the range and a tooltip.  Out: ``turned`` when the operator changes it.  Thread: GUI.
Wheel, arrows and typing change it, a double-click or Delete returns it to its default.
"""

from __future__ import annotations

from PyQt6.QtCore import QLocale, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QSlider, QStyle, QWidget

from traumer_live.app.texts import slider as texts
from traumer_live.app.theme import GRID, colour
from traumer_live.app.turnable import Turnable, shown
from traumer_live.app.widgets import label

NAME_WIDTH, VALUE_WIDTH, UNIT_WIDTH = 84, 48, 20  # px
GROOVE, HANDLE = 4, 14  # px, height of one and width of the other


class Slider(QSlider):
    """A slider that jumps to a click and tells a double-click.

    It is filled from where nothing is done: from the low end, from 0, or from once.
    """

    reset = pyqtSignal()

    def __init__(self, origin: int = 0) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.origin = origin  # step from which it is filled

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802  Qt's name
        """Qt wants the slider; style sheets fill from the low end only."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, at, from_ = self.height() / 2, self._x(self.value()), self._x(self.origin)
        on = self.isEnabled()
        groove = QRectF(0, middle - GROOVE / 2, self.width(), GROOVE)
        painter.setBrush(colour("line"))
        painter.drawRoundedRect(groove, GROOVE / 2, GROOVE / 2)
        left = 0.0 if self.origin == self.minimum() else min(at, from_)
        filled = QRectF(left, groove.top(), max(at, from_) - left, GROOVE)
        painter.setBrush(colour("accent" if on else "disabled"))
        if self.value() != self.origin:
            painter.drawRoundedRect(filled, GROOVE / 2, GROOVE / 2)
        if self.origin != self.minimum():
            painter.setBrush(colour("quiet" if on else "disabled"))
            painter.drawRect(QRectF(from_ - 0.5, middle - 6, 1, 12))
        radius = HANDLE / 2
        if self.hasFocus():
            painter.setBrush(colour("accent"))
            painter.drawEllipse(QPointF(at, middle), radius + 2, radius + 2)
        painter.setBrush(colour("text" if on else "disabled"))
        painter.drawEllipse(QPointF(at, middle), radius, radius)

    def _is_on_a_scrolling_page(self) -> bool:
        page = self.parentWidget()
        while page is not None and not isinstance(page, QScrollArea):
            page = page.parentWidget()
        bar = page.verticalScrollBar() if page is not None else None
        return bar is not None and bar.maximum() > 0

    def _x(self, step: int) -> float:
        """Where the middle of the handle lies when it stands at ``step``."""
        room = self.width() - HANDLE - 4
        return HANDLE / 2 + 2 + room * (step - self.minimum()) / (self.maximum() - self.minimum())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Bring the handle under the pointer; then it can be dragged from there."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            room = max(self.width() - HANDLE - 4, 1)
            at = round(event.position().x() - HANDLE / 2 - 2)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room))
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  Qt's name
        """Back to the default."""
        self.reset.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Delete is the keyboard's double-click."""
        if event is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802  Qt's name
        """One notch is two steps, wherever the focus is; on a page that scrolls it scrolls."""
        if event is not None and not self.hasFocus() and self._is_on_a_scrolling_page():
            event.ignore()
        elif event is not None:
            notches = event.angleDelta().y() / 120
            self.setValue(self.value() + round(2 * notches))
            event.accept()


class ValueEdit(QLineEdit):
    """The number itself; Enter takes what was typed, Esc leaves it as it was."""

    given_up = pyqtSignal()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802  Qt's name
        """Esc gives the keyboard back."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            self.clearFocus()
        else:
            super().keyPressEvent(event)


class SliderRow(QWidget):
    """Name, slider, value, unit."""

    turned = pyqtSignal(float)  # in the control's own unit

    def __init__(self, what: Turnable, *, name_width: int = NAME_WIDTH) -> None:
        super().__init__()
        self.what = what
        self._name_width = name_width
        self.slider = Slider(what.place(what.neutral))
        self.slider.setRange(0, what.steps)
        self.slider.setPageStep(10)
        self.edit = ValueEdit()
        self._value = what.default
        self._dress()
        self._arrange()
        self.slider.valueChanged.connect(self._slid)
        self.slider.reset.connect(lambda: self._turn(what.default))
        self.edit.editingFinished.connect(self._typed)
        self.edit.given_up.connect(lambda: self.show_value(self._value))
        self.show_value(what.default)

    @property
    def value(self) -> float:
        """In the control's own unit."""
        return self._value

    def show_value(self, value: float) -> None:
        """Show a value that was decided elsewhere; ``turned`` stays silent."""
        self._value = value
        what = self.what
        self.slider.blockSignals(True)
        self.slider.setValue(what.place(value))
        self.slider.blockSignals(False)
        self.edit.setText(shown(value, what))

    def _turn(self, value: float) -> None:
        self.show_value(min(max(value, self.what.low), self.what.high))
        self.turned.emit(self._value)

    def _slid(self, step: int) -> None:
        self._turn(self.what.value(step))

    def _typed(self) -> None:
        typed = self.edit.text().replace(",", ".").replace("−", "-")
        number, valid = QLocale.c().toDouble(typed)
        if valid and self.edit.isModified():
            self._turn(number / self.what.scale)
        else:
            self.show_value(self._value)
        self.edit.setModified(False)
        self.edit.clearFocus()

    def _dress(self) -> None:
        what = self.what
        low, high = (shown(edge, what) for edge in (what.low, what.high))
        self.setToolTip(texts.tip(what.tip, low, high, what.unit))
        self.slider.setAccessibleName(what.name)
        self.edit.setAccessibleName(texts.value_of(what.name))
        self.edit.setProperty("role", "value")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setFixedWidth(VALUE_WIDTH)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        name = label(self.what.name)
        name.setFixedWidth(self._name_width)
        unit = label(self.what.unit, "quiet")
        unit.setFixedWidth(UNIT_WIDTH)
        for widget in (name, self.slider, self.edit, unit):
            row.addWidget(widget)
        row.insertSpacing(2, GRID)
