"""Which screen the audience looks at.

In: the screens of this machine and the one used last.  Out: the one to fill.  Thread: GUI.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PyQt6.QtCore import QRect

from traumer_live.app.texts.take import SOME_SCREEN


class ScreenLike(Protocol):
    """What is asked of a QScreen."""

    def name(self) -> str:
        """The connector, such as ``HDMI-1``."""
        ...

    def model(self) -> str:
        """The device, such as ``Epson EB-L1075``; often empty."""
        ...

    def geometry(self) -> QRect:
        """Where it lies on the desktop."""
        ...


def pick_screen(screens: Sequence[ScreenLike], wanted: str, own: str) -> ScreenLike:
    """The ``wanted`` screen, else one that is not the studio's ``own``, else the only one."""
    for screen in screens:
        if screen.name() == wanted:
            return screen
    others = [screen for screen in screens if screen.name() != own]
    return (others or list(screens))[0]


def describe(screen: ScreenLike) -> str:
    """For people: connector, device and size."""
    area = screen.geometry()
    parts = (screen.name(), screen.model().strip(), f"{area.width()} × {area.height()}")
    return " · ".join(part for part in parts if part)


def short_name(screen: ScreenLike) -> str:
    """For a button: the connector, or a word where it has no name."""
    return screen.name() or SOME_SCREEN
