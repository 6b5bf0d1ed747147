"""The right column as pages: a row of names on top, one page of cards below it.

In: cards, grouped by what they are for.  Out: one page at a time, by click or key.  Thread: GUI.
A page that does not fit the window's height scrolls; those that are played with fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from traumer_live.app.texts.common import Words, with_key
from traumer_live.app.texts.pages import PAGES
from traumer_live.app.theme import GAP
from traumer_live.app.widgets import Segments, column


class Pages(QWidget):
    """One page of cards of several."""

    def __init__(self, cards: Mapping[str, Sequence[QWidget]]) -> None:
        """``cards`` has one entry for each of PAGES, in that order."""
        super().__init__()
        self.cards = {name: tuple(widgets) for name, widgets in cards.items()}
        self.names = tuple(cards)
        self.choice = Segments(
            {
                name: Words(words.name, with_key(words.tip, f"F{n}"))
                for n, (name, words) in enumerate(PAGES.items(), 1)
            }
        )
        self.choice.chosen.connect(self.turn_to)
        self._stack = QStackedWidget()
        for widgets in cards.values():
            self._stack.addWidget(_scrolling(widgets))
        self._guest: QWidget | None = None
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(GAP)
        self._whole.addWidget(self.choice)
        self._whole.addWidget(self._stack, 1)
        self._before = self.names[0]
        self.turn_to(self._before)

    def peek(self, name: str) -> None:
        """Show the page ``name``; when it is shown, the one that was before."""
        if self.current == name:
            self.turn_to(self._before)
        else:
            before = self.current
            self.turn_to(name)
            self._before = before

    @property
    def current(self) -> str:
        """Name of the page that is seen."""
        return self.names[self._stack.currentIndex()]

    def turn_to(self, name: str) -> None:
        """Show the page ``name``."""
        self._stack.setCurrentIndex(self.names.index(name))
        self.choice.show_choice(name)

    def cover(self, guest: QWidget) -> None:
        """Let ``guest`` stand in the place of all pages."""
        self._guest = guest
        self._whole.addWidget(guest, 1)
        self.choice.hide()
        self._stack.hide()
        guest.show()

    def uncover(self) -> None:
        """The guest goes, the pages return."""
        if self._guest is not None:
            self._whole.removeWidget(self._guest)
            self._guest.hide()
            self._guest.deleteLater()
            self._guest = None
        self.choice.show()
        self._stack.show()


def _scrolling(cards: Sequence[QWidget]) -> QScrollArea:
    page = QWidget()
    page.setLayout(column(cards))
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its cards have the focus, one after the other
    area.setWidget(page)
    return area
