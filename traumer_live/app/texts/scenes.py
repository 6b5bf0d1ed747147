"""The strip of scenes below the picture: slots, how scenes change, files."""

from __future__ import annotations

from collections.abc import Sequence

from traumer_live.app.texts.common import Words, plural, with_key

BY_HAND = "By hand"
EVERY_30_S, EVERY_2_MIN = "Every 30 s", "Every 2 min"
EVERY_16_BARS, EVERY_32_BARS = "Every 16 bars", "Every 32 bars"
WITH_THE_TRACK = "With the track"
ADVANCE = Words("When the next scene comes", "When the next scene comes by itself")

EMPTY = "empty"
KEEP_HERE = "Keep this moment here"
BEFORE = Words("Scene before", with_key("The scene before this one.", ","))
NEXT = Words("Next scene", with_key("The scene after this one.", "."))
SHUFFLE = Words("Any other scene", "Goes to any other scene than this one.")
LOCK = Words("Lock", "Locked, scenes change by hand only, whatever is chosen beside it.")
CROSSFADE = "Crossfade"
CROSSFADE_SECONDS = "Crossfade of scenes, seconds"
SECONDS_SUFFIX = " s"

FILES = Words("Scenes", "Scenes of a file: add them, or give yours away as one file.")
ADD = "Add from a file …"
ADD_TITLE = "Add scenes"
GIVE_AWAY = "Give away as one file …"
GIVE_AWAY_TITLE = "Give scenes away"
GIVE_AWAY_AS = "scenes.toml"
SCENE_FILES = "Scenes (*.toml)"


def crossfade_tip(low: float, high: float, default: float) -> str:
    """What the field means, its range, and its reset."""
    return (
        "How long a scene that is kept from now on takes to come.\n"
        f"{low:.0f} to {high:.0f} s. Wheel, arrows or type; emptied it returns to {default:.0f} s."
    )


def slot(number: int, scene: str) -> str:
    """A slot and what is in it."""
    return f"Slot {number}: {scene or EMPTY}"


def slot_tip(number: int, scene: str) -> str:
    """What click and keys do with a slot."""
    key = f"Key: {number}" if scene else "A click keeps this moment here"
    return f"{slot(number, scene)}\n{key}; Ctrl+{number} keeps this moment."


def slot_is_empty(number: int) -> str:
    """There is nothing to return to."""
    return f"Slot {number} is empty; Ctrl+{number} keeps this moment there."


def delete(scene: str) -> str:
    """Entry of a slot's menu."""
    return f"Delete {scene}"


def added(names: Sequence[str]) -> str:
    """What came out of a file."""
    return f"Added {plural(len(names), 'scene')}: {', '.join(names)}."
