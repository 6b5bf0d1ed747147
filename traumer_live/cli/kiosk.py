"""``traumer-live kiosk``: the picture alone, fullscreen, without Qt.

In: parsed options.  Out: an exit code.  Thread: main.

By default a small parent process starts the kiosk and starts it again after a crash.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from traumer_live.cli.kiosk_options import kiosk_settings
from traumer_live.cli.settings_file import settings_of, with_set
from traumer_live.cli.speech import say
from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.core.paths import runtime_dir
from traumer_live.core.settings import KioskSettings
from traumer_live.kiosk.day import DayPlan
from traumer_live.kiosk.hours import Hours
from traumer_live.kiosk.supervisor import Beat, Supervisor, can_supervise, kiosk_command
from traumer_live.scenes.store import SceneStore


def run(options: argparse.Namespace) -> int:
    """Run the kiosk until it is told to end."""
    kiosk = kiosk_settings(with_set(settings_of(options), options), options).kiosk
    hours = Hours.parse(kiosk.hours)
    for _, scene in DayPlan.parse(kiosk.scenes).entries:
        SceneStore().find(scene)  # a mistyped name is told now, not at night
    folder = _folder(kiosk.name)
    if kiosk.supervised and can_supervise():
        return _supervise(options, kiosk, hours, folder)
    from traumer_live.cli.kiosk_child import show_kiosk

    beat = Beat()
    if not beat.has_parent and hours.spans:
        raise SettingsError("Opening hours need the supervisor; leave out --no-supervised.")
    if beat.has_parent:
        return show_kiosk(options, kiosk, folder, beat)
    with _alone(folder, kiosk):
        return show_kiosk(options, kiosk, folder, beat)


def _supervise(
    options: argparse.Namespace, kiosk: KioskSettings, hours: Hours, folder: Path
) -> int:
    from traumer_live.core.files import written_atomically

    def on_closed(opens: datetime) -> None:
        say(f"The kiosk is closed until {opens:%A %H:%M}.")
        # A status that cannot be written is no reason never to open again.
        with (
            suppress(OSError, OutputError),
            written_atomically(folder / "status.json") as temporary,
        ):
            temporary.write_text(f'{{"version": 1, "state": "closed", "opens": "{opens}"}}\n')

    with _alone(folder, kiosk):
        return Supervisor(kiosk_command(options.words), hours, say).run(on_closed)


def _folder(name: str) -> Path:
    """Where the kiosk of this name keeps what must outlive a crash.

    Raises:
        SettingsError: it is no name for a folder.
        OutputError: it cannot be made.
    """
    if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise SettingsError(f"{name!r} is no name for a kiosk; use letters, digits, - and _.")
    folder = runtime_dir() / name
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}).") from error
    return folder


@contextmanager
def _alone(folder: Path, kiosk: KioskSettings) -> Iterator[None]:
    """Hold the lock of this kiosk's folder.

    Raises:
        SettingsError: another kiosk of this name is running.
    """
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SettingsError(
            f"A kiosk named {kiosk.name} is running already; give this one another --name."
        ) from None
    try:
        yield
    finally:
        lock.release()
