"""Which screen the audience looks at.

In: the screens of this machine and the one used last.  Out: the one to fill.  Thread: GUI.
A screen is known again by its maker, model and serial number at whatever connector it is plugged
in; one that tells no serial number (many projectors) by its connector alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    def manufacturer(self) -> str:
        """Who made it; often empty."""
        ...

    def serialNumber(self) -> str:  # noqa: N802  Qt's name
        """Of this very device; often empty."""
        ...

    def geometry(self) -> QRect:
        """Where it lies on the desktop."""
        ...


@dataclass(frozen=True)
class Wanted:
    """The screen that somebody chose; nothing: the choice is left to us."""

    name: str = ""  # of the connector that it was plugged in at
    device: str = ""  # see device_of

    def is_device(self, screen: ScreenLike) -> bool:
        """Whether it is that very device."""
        return bool(self.device) and device_of(screen) == self.device

    def is_place(self, screen: ScreenLike) -> bool:
        """Whether it is plugged in where that one was."""
        return screen.name() == self.name


ANY_SCREEN = Wanted()


def wanted_screen(screen: ScreenLike) -> Wanted:
    """``screen`` as it is known again."""
    return Wanted(screen.name(), device_of(screen))


def device_of(screen: ScreenLike) -> str:
    """Maker, model and serial number; empty where the last is not told, for twins are common."""
    serial = screen.serialNumber().strip()
    parts = (screen.manufacturer().strip(), screen.model().strip(), serial)
    return " ".join(part for part in parts if part) if serial else ""


def pick_screen(screens: Sequence[ScreenLike], wanted: Wanted, own: str) -> ScreenLike:
    """The ``wanted`` screen, else one that is not the studio's ``own``, else the only one."""
    for is_wanted in (wanted.is_device, wanted.is_place):
        for screen in screens:
            if is_wanted(screen):
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
