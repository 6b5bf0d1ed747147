"""The kiosk's flags, and how they and the file make up its settings.

In: a parser to add to; parsed options.  Out: Settings with ``kiosk`` filled in.  Thread: main.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import fields, replace

from traumer_live.core.paths import videos_dir
from traumer_live.core.settings import KioskSettings, Settings

_KEYS = "hear the keyboard (F, Esc, R, H, B, D, S, Space, 1 to 9, T, U, Q)"


def add_kiosk_flags(kiosk: argparse.ArgumentParser) -> None:
    """One flag for each of KioskSettings; what is not given is left to the file."""
    yes_or_no = argparse.BooleanOptionalAction
    kiosk.add_argument("--monitor", metavar="NAME", help="which monitor, by name or number from 1")
    kiosk.add_argument("--windowed", action=yes_or_no, help="in a window, not fullscreen")
    kiosk.add_argument("--keys", action=yes_or_no, help=_KEYS)
    kiosk.add_argument("--loop", action=yes_or_no, help="play a file over and over")
    kiosk.add_argument(
        "--supervised", action=yes_or_no, help="be started again after a crash (default)"
    )
    kiosk.add_argument(
        "--hours",
        metavar="WHEN",
        help='when it is open, such as "mon-fri 10:00-18:00, sat 12:00-02:00"',
    )
    kiosk.add_argument(
        "--scenes",
        metavar="WHEN",
        help='which scene plays when, by name or slot, such as "10:00 Dawn, fri-sat 22:00 Dusk"',
    )
    kiosk.add_argument("--name", help="of this kiosk, where a machine has several")
    for flag, metavar, what in (
        ("--take-minutes", "N", "begin a new take after N minutes"),
        ("--take-mb", "N", "begin a new take after N megabytes"),
        ("--keep-gb", "N", "delete the oldest takes of this kiosk beyond N gigabytes in all"),
    ):
        kiosk.add_argument(flag, type=_not_negative, metavar=metavar, help=what)
    kiosk.add_argument(
        "--status-port", type=_port, metavar="N", help="a status page on http://127.0.0.1:N/"
    )


def kiosk_settings(settings: Settings, options: argparse.Namespace) -> Settings:
    """``settings`` with what the flags say of the kiosk."""
    said = {
        field.name: value
        for field in fields(KioskSettings)
        if (value := getattr(options, field.name, None)) is not None
    }
    if said.get("record") == "":
        said["record"] = f"{videos_dir()}{os.sep}"  # --record alone
    return replace(settings, kiosk=replace(settings.kiosk, **said))


def _not_negative(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)
