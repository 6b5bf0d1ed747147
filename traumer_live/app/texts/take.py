"""The page Take: recording, the last takes, the audience's screen."""

from __future__ import annotations

from pathlib import Path

from traumer_live.app.texts.common import Words, with_key

TITLE = "RECORD"
RECORD = Words(
    "Record",
    with_key(
        "Keep what the audience sees and hears as a movie, without the HUD.\n"
        "It ends by itself, whole, before the disk is full.",
        "R",
    ),
)
HARDWARE = "Graphics card"
CHOOSE_FOLDER = "Choose the folder"
CHOOSE_FOLDER_TITLE = "Folder for takes"
OPEN_FOLDER = "Open folder"

LAST_TAKES = "LAST TAKES"
NOTHING_KEPT = "Takes that you keep stand here."
NOT_PLAYABLE = "cannot be played"
PAINT_AGAIN = "Paint again"
COPIED = "Copied: paste it into a terminal."
NO_LOG = "Without its session log a take cannot be painted again."
TODAY = "Today"

OUTPUT = "OUTPUT"
SCREEN = Words(
    "Screen of the audience", "The screen that the audience looks at. F fills it, Esc leaves it."
)
FILL = Words(
    "Fill",
    "Where the screen has another shape than the picture: fill it and cut the edges off,\n"
    "instead of black bars. Takes and the preview always hold the whole picture.",
)
ON_AIR, OFF = "on air", "off"
SOME_SCREEN = "screen"  # one without a name


def stop(clock: str) -> str:
    """The button while a take runs."""
    return f"Stop   {clock}"


def hardware_tip(encoder: str) -> str:
    """What a graphics card would do."""
    return (
        f"Encode with {encoder}, which was tried on one picture and works here;\n"
        "otherwise the processor does it (x264)."
    )


def folder_tip(folder: Path) -> str:
    """Where takes go."""
    return f"Takes go to {folder}; click to change."


def open_tip(folder: Path) -> str:
    """What the button opens."""
    return f"Show {folder} in the file manager."


def free(size: str) -> str:
    """What the disk holds."""
    return f"{size} free"


def left(minutes: float) -> str:
    """Such as ``9 min left`` or ``12 h left``."""
    return f"{minutes:.0f} min left" if minutes < 120 else f"{minutes / 60:.0f} h left"


def play(name: str) -> str:
    """A click on a take's picture."""
    return f"Play {name}"


def paint_again_tip(command: str) -> str:
    """What the button copies."""
    return (
        f"{PAINT_AGAIN}: the same night from its log, in 4K and with 60 pictures a second.\n"
        f"A click copies the command:\n{command}"
    )


def no_folder(folder: Path, reason: str | None) -> str:
    """The folder for takes cannot be made."""
    return f"{folder} cannot be made ({reason}); choose another folder."


def size(in_bytes: float) -> str:
    """Such as ``4.1 GB``."""
    if in_bytes >= 1e9:
        return f"{in_bytes / 1e9:.1f} GB"
    return f"{in_bytes / 1e6:.1f} MB" if in_bytes < 1e7 else f"{in_bytes / 1e6:.0f} MB"
