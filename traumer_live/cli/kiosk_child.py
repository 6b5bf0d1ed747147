"""The kiosk itself, with or without a parent that looks after it.

In: parsed options, the kiosk's settings and folder.  Out: an exit code.  Thread: main.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from traumer_live.cli.session import Session, apply_options
from traumer_live.cli.settings_file import settings_of
from traumer_live.cli.speech import say
from traumer_live.core.controls import Controls
from traumer_live.core.memory import return_soon, share_pools
from traumer_live.core.settings import KioskSettings
from traumer_live.core.types import Frame
from traumer_live.kiosk.duty import UnattendedDuty
from traumer_live.kiosk.greeting import greet, load_meanwhile
from traumer_live.kiosk.memory import LastPicture, State, load_state
from traumer_live.kiosk.supervisor import Beat
from traumer_live.kiosk.surface import Surface, require_display
from traumer_live.kiosk.window import run_kiosk
from traumer_live.video.renderer import DEFAULT_SIZE


def show_kiosk(options: argparse.Namespace, kiosk: KioskSettings, folder: Path, beat: Beat) -> int:
    """Show until it is told to end; after a crash, go on where the last process was."""
    share_pools()
    require_display()
    resumed = load_state(folder / "state.json") if beat.restarts else None
    picture = LastPicture(folder / "last-picture.bin").read() if beat.restarts else None
    options.record = _target(options, kiosk, resumed)
    settings = apply_options(settings_of(options), options)
    size = options.record_size or DEFAULT_SIZE
    surface = Surface(
        size,
        monitor=kiosk.monitor or None,
        saved_monitor=settings.output_screen,
        on_key=lambda _key: None,
    )
    ctx = surface.open()
    if picture is not None:
        turned = resumed.controls if resumed else settings.controls
        greet(surface, ctx, picture, turned, size=size, windowed=kiosk.windowed)
    try:
        session = load_meanwhile(lambda: _open(options, resumed), surface)
    except BaseException:
        surface.close()
        raise
    return_soon()  # what loading needed
    if picture is not None:
        session.show.frames.put(Frame(picture, 0))  # until the first new one comes
    return run_kiosk(
        session.show,
        settings=session.settings,
        size=session.size,
        windowed=kiosk.windowed,
        keys=kiosk.keys,
        seconds=options.seconds,
        stats_path=options.stats,
        record=session.record_target,
        record_raw=options.record_raw,
        force=options.force and not beat.restarts,
        tell=say,
        opened=(surface, ctx),
        duty=UnattendedDuty(folder, kiosk, beat),
    )


def _open(options: argparse.Namespace, resumed: State | None) -> Session:
    session = Session.open(options)
    if resumed is not None:
        session.show.controls.change(**_turned(resumed.controls))
    return session


def _turned(controls: Controls) -> dict[str, object]:
    return asdict(controls)


def _target(options: argparse.Namespace, kiosk: KioskSettings, resumed: State | None) -> str | None:
    """Where takes go now; after a crash never into the file that the crash left behind."""
    target: str | None = options.record
    if target is None and kiosk.record:
        target = kiosk.record
    if resumed is None:
        return target
    if not resumed.recording:
        return None
    if not target or target.endswith("/") or Path(target).is_dir() or "%" in Path(target).name:
        return target or ""
    return f"{Path(target).expanduser().parent}/"
