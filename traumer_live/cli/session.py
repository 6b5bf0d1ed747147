"""What ``run`` and ``kiosk`` have in common: settings, models, source, take, statistics, the end.

In: parsed options.  Out: a running Show and what the front end needs to know.  Thread: main.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from traumer_live.audio.capture import SourceSpec, choose_source
from traumer_live.cli.scenes import with_scene
from traumer_live.cli.settings_file import settings_of, with_set
from traumer_live.cli.speech import say
from traumer_live.core.controls import Controls, checked
from traumer_live.core.errors import ModelError, OutputError, SettingsError, SourceError
from traumer_live.core.files import refuse_overwrite, refuse_same_file, require_writable
from traumer_live.core.keep_awake import KeepAwake
from traumer_live.core.paths import data_file, videos_dir
from traumer_live.core.settings import Settings
from traumer_live.core.signals import stopping_on_signals
from traumer_live.core.stats import write_report
from traumer_live.engine.headless import run_headless
from traumer_live.engine.models import WIDE, Choice, Models, keeping, load_models
from traumer_live.engine.show import Show
from traumer_live.labelling.mapmaker import Mapmaker
from traumer_live.video.encoders import default_take_size
from traumer_live.video.look import Size
from traumer_live.video.looks import Library
from traumer_live.video.renderer import DEFAULT_SIZE
from traumer_live.video.take_names import named_take

DEMO_TRACK = "assets/demo.opus"
SWITCH_INTERVAL_S = 0.0005  # threads hand over sooner, so windows stay smooth beside the ears
MODELS = ("generator", "encoder", "mapping")
CONTROLS = ("preset", "fit", "screen", "look", "pulse_strength", "truncation_psi", "noise_gain")


@dataclass
class Session:
    """A show that is running, and what belongs to this run of the program."""

    show: Show
    settings: Settings
    size: Size
    options: argparse.Namespace

    @classmethod
    def open(cls, options: argparse.Namespace) -> Session:
        """Load, choose, and start the show.

        Raises:
            TraumerError: something named on the command line cannot be used.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        remembered = settings_of(options)
        settings = apply_options(remembered, options)
        source = _source(settings, options)
        _check_outputs(options, source)
        size = options.record_size or default_size()
        models = _load(settings, options)
        if options.mapping is None and options.encoder is None:
            models = keeping(models, Choice(mapping=remembered.mapping))
        show = _started(settings, models, source, is_named=bool(options.source))
        return cls(show, settings, size, options)

    @property
    def record_target(self) -> str | None:
        """Where the take goes, if one was asked for; a folder ends with a slash."""
        target: str | None = self.options.record
        return default_folder() if target == "" else target

    def start_recording(self) -> None:
        """Begin the take that the command line asked for."""
        if self.record_target is not None:
            self.show.start_recording(
                self.record_target,
                size=self.size,
                force=self.options.force,
                raw=self.options.record_raw,
            )

    def run_headless(self) -> int:
        """Draw offscreen until the time is over, the song ends, or somebody stops it."""
        ends_at = time.monotonic() + (self.options.seconds or float("inf"))
        with KeepAwake(screen=False), stopping_on_signals() as stopped:
            try:
                self.start_recording()
                run_headless(
                    self.show,
                    size=self.size,
                    until=lambda: stopped.is_set() or time.monotonic() >= ends_at,
                    tell=say,
                )
            finally:
                self.close()
        return 0

    def close(self) -> None:
        """End the show, then write the statistics and say what is left to say."""
        self.show.stop()
        for notice in self.show.notices.drain():
            say(notice)
        if self.options.stats:
            write_report(self.options.stats, self.show.report())


def apply_options(settings: Settings, options: argparse.Namespace) -> Settings:
    """``settings`` with everything that the command line says otherwise.

    Raises:
        SettingsError: a number is out of range, or there is no scene of the name.
    """
    settings = with_set(with_scene(settings, options), options)
    turned = {n: v for n in CONTROLS if (v := getattr(options, n, None)) is not None}
    if getattr(options, "hud", False):
        turned["hud"] = True
    if getattr(options, "no_limiter", False):
        turned["limiter"] = False
    if "look" in turned:
        Library().look(turned["look"])  # a mistyped name is told now
    chosen = {n: v for n in (*MODELS, "seed") if (v := getattr(options, n, None)) is not None}
    if chosen.keys() & {"generator", "encoder"}:
        chosen.setdefault("mapping", "")  # the one that is remembered was for the former models
    controls: Controls = checked(replace(settings.controls, **turned))
    settings = replace(settings, controls=controls, **chosen)
    if settings.seed < 0:
        raise SettingsError(f"The seed is {settings.seed}; choose a whole number from 0 up.")
    return settings


def model_options(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the generator beyond its file, and where troubles are told."""
    return {
        "backend": options.backend,
        "threads": options.threads,
        "class_index": options.class_index,
        "aspect": WIDE if options.wide else None,
        "tell": say,
    }


def _load(settings: Settings, options: argparse.Namespace) -> Models:
    """What was named; the shipped models where what was only remembered is gone."""
    named = any(getattr(options, name) for name in MODELS)
    remembered = any(getattr(settings, name) for name in MODELS)
    try:
        return load_models(settings, **model_options(options))
    except ModelError as error:
        if named or not remembered:
            raise
        say(f"{error} The shipped models play instead.")
    shipped = replace(settings, generator="", encoder="", mapping="")
    return load_models(shipped, **model_options(options))


def default_size() -> Size:
    """How large the picture is made where nobody said: small where the processor does it all."""
    size = default_take_size()
    if size != DEFAULT_SIZE:
        say(
            f"Few cores and no hardware encoder: pictures are {size[0]}x{size[1]}; "
            "--record-size changes that."
        )
    return size


def default_folder() -> str:
    """The folder for takes that nobody named, made if need be.

    Raises:
        OutputError: it cannot be made.
    """
    folder = videos_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be made ({error.strerror}); name another folder after --record."
        ) from error
    return f"{folder}{os.sep}"


def _source(settings: Settings, options: argparse.Namespace) -> SourceSpec:
    if options.source:
        spec = SourceSpec.parse(options.source)
        # A window with the demo stays open until it is closed, so its track starts again.
        return replace(spec, loop=_loops(options))
    spec, why = choose_source(_saved_source(settings), demo_track=data_file(DEMO_TRACK))
    say(why)
    return replace(spec, loop=spec.loop or (spec.kind == "file" and _loops(options)))


def _started(settings: Settings, models: Models, source: SourceSpec, *, is_named: bool) -> Show:
    """The running show; a source that was only remembered, and does not open, never blocks it."""
    demo = SourceSpec("file", str(data_file(DEMO_TRACK)), loop=True)
    for spec in dict.fromkeys((source,) if is_named else (source, SourceSpec("loopback"), demo)):
        show = Show(settings, models, spec)
        show.accompany(Mapmaker(show))
        try:
            show.start()
        except SourceError as error:
            show.stop()
            failed = error
            if not is_named:
                say(f"{error} The next best source is taken instead.")
        else:
            return show
    raise failed


def _loops(options: argparse.Namespace) -> bool:
    """Whether a file begins again when it has ended."""
    is_demo = getattr(options, "demo", False) and not options.headless
    return is_demo or bool(getattr(options, "loop", False))


def _saved_source(settings: Settings) -> SourceSpec | None:
    if not settings.source:
        return None
    try:
        return SourceSpec.parse(settings.source)
    except SettingsError:
        say(f"The saved source {settings.source!r} is none and was passed over.")
        return None


def _check_outputs(options: argparse.Namespace, source: SourceSpec) -> None:
    """What would fail in the end fails now, before models are loaded and a show is played."""
    if options.stats:
        own = getattr(options, "again", False)  # of the kiosk's life before this one
        refuse_overwrite(options.stats, force=options.force or own)
        require_writable(options.stats)
    take = named_take(options.record) if options.record else None
    if take is not None and source.kind == "file":
        refuse_same_file(take, Path(source.name).expanduser())
