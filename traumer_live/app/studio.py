"""The studio from its first moment to its last: opens the windows, runs Qt, ends the show.

In: a running Show.  Out: an exit code; a finished take, statistics, remembered settings.
Thread: main. Qt is loaded only after it is sure that windows can be opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from traumer_live.app.display import check_display
from traumer_live.core.errors import OutputError
from traumer_live.core.settings import Settings, load_settings, save_settings
from traumer_live.core.stats import write_report
from traumer_live.video.renderer import DEFAULT_SIZE

if TYPE_CHECKING:
    from traumer_live.app.desk import Choices
    from traumer_live.engine.show import Show
    from traumer_live.video.look import Size


@dataclass(frozen=True)
class Wishes:
    """What the command line asked of this run."""

    size: Size
    seconds: float | None = None
    record: str | Path | None = None
    record_raw: bool = False
    force: bool = False
    fullscreen: bool = False
    small: bool = False
    welcome: bool = False
    source_named: bool = False  # so the welcome looks for no other


def run_studio(
    show: Show,
    *,
    settings: Settings,
    size: Size = DEFAULT_SIZE,
    seconds: float | None = None,
    stats_path: Path | None = None,
    record: str | Path | None = None,
    record_raw: bool = False,
    force: bool = False,
    fullscreen: bool = False,
    small: bool = False,
    welcome: bool = False,
    source_named: bool = False,
    remembers: bool = True,
    tell: Callable[[str], None] = lambda _sentence: None,
) -> int:
    """Show the running ``show`` until it is closed, then end it; the exit code.

    What happens after the windows are gone (a take that was finished, or not) goes to ``tell``.
    What was turned is kept for the next start if it ``remembers``.

    Raises:
        DisplayError: no window can be opened here.
        OutputError: the take or the statistics cannot be written.
    """
    wishes = Wishes(
        size, seconds, record, record_raw, force, fullscreen, small, welcome, source_named
    )
    try:
        check_display()
        from traumer_live.app.run import run_windows

        choices = run_windows(show, settings, wishes)
    finally:
        show.stop()
        for notice in show.notices.drain():
            tell(notice)
        if stats_path is not None:
            write_report(stats_path, show.report())
    if remembers:
        _remember(choices)
    return 0


def _remember(choices: Choices) -> None:
    """Keep what was turned; what was only said on the command line (models, seed) is not kept."""
    saved, _ = load_settings()
    lasting = replace(
        saved,
        controls=choices.controls,
        source=choices.source or saved.source,
        record_folder=choices.record_folder or saved.record_folder,
        small_window=choices.small_window or saved.small_window,
    )
    if choices.output_screen:
        lasting = replace(
            lasting,
            output_screen=choices.output_screen,
            output_device=choices.output_device,
        )
    if choices.takes is not None:
        wish = choices.takes
        lasting = replace(lasting, record_quality=wish.quality, record_hardware=wish.hardware)
    picked = choices.models
    if picked is not None:
        lasting = replace(
            lasting, generator=picked.generator, encoder=picked.encoder, mapping=picked.mapping
        )
    try:
        save_settings(lasting)
    except OutputError:
        return  # a read-only home is no reason to end with an error
