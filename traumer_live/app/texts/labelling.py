"""The labelling window: the clip, the wall, the picture beside it, keys, the fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from traumer_live.app.texts.common import PROGRAM, Words, plural, with_key

TITLE = f"{PROGRAM} · Labelling"
MUSIC_FOLDER_TITLE = "The folder of your music"

# -- the clip and the library ----------------------------------------------------------------------

SILENT = "SILENT: no sound output works on this machine"
MAP = Words(
    "Map of the library", "Your music: what lies near sounds alike. Click to hear, twice to label."
)
MAJOR, MINOR = "major", "minor"
LOADING = "Loading the models…"
LISTENING = "Listening to the first pieces…"
COMING = "The next clip comes…"
LISTENING_FOR_MORE = "Every clip that was heard so far is labelled; listening for more…"
ENOUGH = (
    "Your labels cover this music well; another teaches hardly anything. "
    "Fit (F), or go on if you like."
)
NOTHING_TO_UNDO = "There is nothing to take back."


def loudness(lufs: float) -> str:
    """Such as ``−14 LUFS``, with a real minus sign."""
    return f"{lufs:.0f} LUFS".replace("-", "−")


def scanned(labels: int, clips: int) -> str:
    """What there is by now."""
    return f"{plural(labels, 'label')} · {clips} clips"


def scanning(labels: int, clips: int, done: int, files: int) -> str:
    """What there is by now, and how far the scan is."""
    return f"{scanned(labels, clips)} · heard {done} of {files} files"


def left_out(reasons: Mapping[str, int]) -> str:
    """Which files could not be used; empty: none."""
    told = ", ".join(f"{count} {why}" for why, count in reasons.items())
    return f"Left out: {told}" if told else ""


def not_in_folder(piece: str) -> str:
    """A clip of another evening."""
    return f"The sound of {piece} is not in this folder."


def all_labelled(clips: int) -> str:
    """Nothing is left to ask for."""
    return f"All {clips} clips are labelled or skipped. F fits a mapping."


def no_music(folder: Path, why: object) -> str:
    """The folder holds nothing that can be heard."""
    return f"No music could be read in {folder}: {why}."


# -- pictures --------------------------------------------------------------------------------------

WALL = "Pictures to choose from"
MODES = {
    "few": Words(
        "Few",
        "48 pictures: what your labels expect first, then as different ones as can be. Mark up to "
        "five: in simulation the fewest to look at.",
    ),
    "guided": Words("Guided", "The same with 200 pictures."),
    "paper": Words("Paper", "200 pictures at random, as in the paper."),
}
LARGE_PICTURE = "The picture that is looked at"
NO_PICTURE = "Point at a picture, or go to it with the arrow keys"
ORIGINS = {
    "proposed": "proposed",
    "random": "at random",
    "alike": "alike",
    "favourite": "a favourite",
}
REFINED = "refined"
GO_TO_A_PICTURE = "Go to a picture first, with the arrows or the pointer."
DIRECTIONS_ARE_LEARNT = "The directions are still being learnt from the pictures; a moment."
MARK_A_SHAPE = "Mark the picture whose shape you like (M), then go to another one."

AXES = {  # less, more
    "brightness": ("Darker", "Brighter"),
    "warmth": ("Cooler", "Warmer"),
    "colour": ("Less colour", "More colour"),
    "liveliness": ("Calmer", "Livelier"),
}
MIX = Words(
    "Shape of ①, these colours",
    with_key("Coarse and middle rows of the first marked picture, fine rows of this one.", "X"),
)
RESTORE = Words("Restore", with_key("Take the refinements back.", "R"))
ALIKE = Words("More like this", with_key("Another screen, around this picture.", "L"))

RANKING = "RANKING"
FAVOURITES = "FAVOURITES"
NO_FAVOURITES = "P pins a picture here."
CHOOSE = Words("Choose  ⏎", with_key("Keep the ranking and go on.", "Enter"))
CHOOSE_THIS = "Choose this one  ⏎"


def one_step(axis_end: str, key: str) -> Words:
    """A button that refines."""
    return Words(axis_end, with_key(f"{axis_end}: one step.", key))


def place_on_wall(number: int, count: int) -> str:
    """Which of the pictures it is."""
    return f"{number} of {count}"


def enough_marked(count: int) -> str:
    """The ranking is full."""
    return f"{count} pictures are marked already; unmark one first."


def choose_marked(count: int) -> str:
    """The button while pictures are marked."""
    return f"Choose {count} marked  ⏎"


# -- labels that disagree --------------------------------------------------------------------------

KEEP_BOTH = Words("Keep both", with_key("Taste may change.", "K"))
KEEP_NEWER = Words("Only the newer", with_key("Take the older label back.", "O"))
THIS_CLIP = "this clip"


def sounds_alike(piece: str) -> str:
    """The other clip of two that disagree."""
    return f"{piece}, which sounds alike,"


def disagreement(clip: str) -> str:
    """What two labels say."""
    return f"For {clip} you chose the left picture before, now the right one. Both can stand."


# -- the fit ---------------------------------------------------------------------------------------

FIT = Words("Fit  F", with_key("Learn a mapping from all labels.", "F"))
FITTING = "Fitting"
STILL_ENDING = "The labelling window is still finishing a fit; open it again in a moment."
TAKES_OVER = "Your mapping takes over; it is kept for next time."


def learnt(labels: int) -> str:
    """What a fit has read."""
    return f"{labels} labels learnt"


def judged(labels: int, rank: float, chance: int) -> str:
    """How well a fit guesses pieces that it has not heard, short enough for the lowest bar."""
    return f"{labels} labels: rank {rank:.0f} of 200 (chance {chance})"


def meaning_of_rank(pack: Path) -> str:
    """What the rank says, and where the mapping is."""
    return (
        "Where your own choice came among 200 pictures, on pieces that the mapping had not heard; "
        f"1 is best.\nKept as {pack}"
    )


def other_models_play(playing: str, fitted_for: str, pack: str) -> str:
    """The show went over to another generator while the fit ran."""
    return (
        f"The show plays {playing} by now, and the mapping was fitted for {fitted_for}; "
        f"it is kept as {pack}."
    )


# -- keys ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """What a key does."""

    shown: str  # on its cap
    meaning: str
    short: str = ""  # in the legend; empty: only on the sheet


KEYS_TITLE = "KEYS"
KEYS: tuple[Key, ...] = (
    Key("← ↑ ↓ →", "Look at another picture", "look"),
    Key("Enter", "Choose: the marked ones, or this one; then the next clip", "choose"),
    Key("M", "Mark this one, or unmark it; the order is the ranking", "mark"),
    Key("1 – 5", "Put this one on that place of the ranking"),
    Key("N", "None suits: another screen", "more"),
    Key("L", "More like this one", "alike"),
    Key("Space", "Hear the clip again", "hear"),
    Key("S", "Skip this clip for good", "skip"),
    Key("U", "Undo, back to the clip before", "undo"),
    Key("P", "Pin this one as a favourite, or let go of it", "pin"),
    Key("Z", "Zoom", "zoom"),
    Key("B   Shift B", "Brighter, darker"),
    Key("W   Shift W", "Warmer, cooler"),
    Key("C   Shift C", "More colour, less"),
    Key("V   Shift V", "Livelier, calmer"),
    Key("X", "Shape of the first marked one, colours of this one"),
    Key("R", "Back to what it was before it was refined"),
    Key("G", "48 proposed, 200 proposed, 200 at random as in the paper"),
    Key("K", "Keep both of two labels that disagree"),
    Key("O", "Keep only the newer one of them"),
    Key("F", "Fit a mapping to all labels"),
    Key("?", "This sheet", "all keys"),
    Key("Esc", "Close what is open"),
)
