"""The top bar: the source and its menu, the meter, tags, teaching, pictures a second."""

from __future__ import annotations

from traumer_live.app.texts.common import ALL_FILES, Words, with_key

TAGS_TIP = "What the tagger hears, the surest first."
LABELLING = Words(
    "Make it yours…",
    "Label your own music: choose pictures for clips of it, and the show learns from that.",
)
TEACH = Words(
    "Teach",
    "The music of the last ten seconds goes with this picture, and the show learns it.\n"
    "Key: T. Shift+T: with one of the last pictures. Ctrl+Z: take it back.",
)
LEARNING = "Learning…"
HELP = Words("All keys", with_key("All keys on one sheet.", "?"))

SOURCE = "Source of sound"
GROUPS = {"loopback": "WHAT THIS COMPUTER PLAYS", "mic": "MICROPHONES AND INPUTS"}
OTHER = "OTHER"
GENERATED = {"tone": "Test tone", "silence": "Silence"}
OPEN_SOUND = "Sound file…"
OPEN_SOUND_TITLE = "Play a sound file"
SOUND_FILES = (
    "Sound (*.wav *.flac *.mp3 *.m4a *.aac *.ogg *.opus *.aif *.aiff *.mp4 *.mkv)",
    ALL_FILES,
)

METER = Words(
    "Level",
    "Level behind gate and gain in dBFS, −60 to 0; the mark holds the peak for a second.\n"
    "The light at its end turns red when the source clips; a click or Enter puts it out.",
)
SILENT = "silent"


def fps_tip(p95_ms: float, dropped: int) -> str:
    """What the number of pictures a second means."""
    return (
        "Pictures shown a second; 30 is full speed.\n"
        f"Slowest of twenty: {p95_ms:.0f} ms apart. Never shown: {dropped}."
    )


def source_tip(source: str, state: str) -> str:
    """What is listened to, and how that goes."""
    return f"{source} · {state}\nWhat the program listens to; click to choose another source."


def default_device(name: str) -> str:
    """The one that the system uses by itself."""
    return f"{name}  (default)"


def decibels(level: float) -> str:
    """Such as ``−12 dB``, with a real minus sign."""
    return f"{round(level)} dB".replace("-", "−")
