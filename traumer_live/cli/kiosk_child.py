"""The kiosk itself, with or without a parent that looks after it.

In: parsed options, the kiosk's settings and folder.  Out: an exit code.  Thread: main.

What needs the show is imported when the window is there: after a crash the last picture is on the
screen half a second sooner.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from traumer_live.cli.settings_file import settings_of, with_set
from traumer_live.cli.speech import say
from traumer_live.core.errors import ModelError
from traumer_live.core.memory import return_soon, share_pools
from traumer_live.core.settings import KioskSettings
from traumer_live.core.types import Frame
from traumer_live.kiosk.greeting import greet, load_meanwhile
from traumer_live.kiosk.memory import LastPicture, State, load_state
from traumer_live.kiosk.supervisor import Beat
from traumer_live.kiosk.surface import Surface, require_display
from traumer_live.scenes.store import SceneStore
from traumer_live.video.renderer import DEFAULT_SIZE

if TYPE_CHECKING:
    from traumer_live.cli.session import Session


def show_kiosk(options: argparse.Namespace, kiosk: KioskSettings, folder: Path, beat: Beat) -> int:
    """Show until it is told to end; after a crash, go on where the last process was."""
    share_pools()
    require_display()
    resumed = load_state(folder / "state.json") if beat.returning else None
    picture = LastPicture(folder / "last-picture.bin").read() if beat.returning else None
    options.loop, options.again = kiosk.loop, beat.again
    options.record = take_target(options.record, kiosk.record, resumed, again=beat.again)
    settings = with_set(settings_of(options), options)
    returning = resumed if not beat.afresh else None
    size = options.record_size or DEFAULT_SIZE
    surface = Surface(
        size,
        monitor=kiosk.monitor or None,
        saved_monitor=settings.output_screen,
        on_key=lambda _key: None,
    )
    ctx = surface.open()
    if picture is not None:
        turned = returning.controls if returning else settings.controls
        greet(surface, ctx, picture, turned, size=size, windowed=kiosk.windowed)
    try:
        session = load_meanwhile(lambda: _open(options, returning), surface)
    except BaseException:
        surface.close()
        raise
    return_soon()  # what loading needed
    if picture is not None:
        session.show.frames.put(Frame(picture, 0))  # until the first new one comes
    from traumer_live.kiosk.duty import UnattendedDuty
    from traumer_live.kiosk.window import run_kiosk

    duty = UnattendedDuty(folder, kiosk, beat, planned=returning.planned if returning else "")

    def tell(sentence: str) -> None:
        say(sentence)
        duty.health.note(sentence)

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
        force=options.force and not beat.again,
        again=beat.again,
        tell=tell,
        opened=(surface, ctx),
        duty=duty,
        scene=returning.scene if returning else _named_scene(options),
    )


def _open(options: argparse.Namespace, returning: State | None) -> Session:
    """The show, with what ``returning`` played; a model that is gone by now costs no show."""
    from traumer_live.cli.session import Session

    if returning is None:
        return Session.open(options)
    try:
        session = Session.open(with_state(options, returning))
    except ModelError as error:
        say(f"{error} What the kiosk was started with plays instead.")
        session = Session.open(options)
    session.show.controls.change(**asdict(returning.controls))
    return session


def with_state(options: argparse.Namespace, state: State) -> argparse.Namespace:
    """``options`` that name the models and the seed of ``state``, in place of scene and flags."""
    models = state.models
    return argparse.Namespace(
        **{
            **vars(options),
            **{name: models.get(name) or "" for name in ("generator", "encoder", "mapping")},
            "class_index": models.get("class_index"),
            "wide": bool(models.get("aspect")),
            "seed": state.seed,
            "scene": None,
        }
    )


def _named_scene(options: argparse.Namespace) -> str:
    """The name of the scene that the command line asks for, by name or slot."""
    return SceneStore().find(options.scene).name if options.scene else ""


def take_target(asked: str | None, kept: str, resumed: State | None, *, again: bool) -> str | None:
    """Where takes go now, if anywhere; but at the first start never into a file of one name.

    ``asked`` is what the command line says, ``kept`` what the settings do.
    """
    target = asked if asked is not None else kept or None
    if resumed is not None:
        target = (target or "") if resumed.recording else None
    if not target or not again:
        return target
    if target.endswith("/") or Path(target).is_dir() or "%" in Path(target).name:
        return target
    return f"{Path(target).expanduser().parent}/"  # the file is that of the life before
