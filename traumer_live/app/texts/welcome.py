"""The welcome of the first start."""

from __future__ import annotations

from traumer_live.app.texts.common import PROGRAM, pictures_per_second

NO_BREAK = "\N{NO-BREAK SPACE}"
TITLE = "Welcome"
ABOUT = f"{PROGRAM} listens to your music and dreams pictures to it, while it plays."
SOUND, SCREEN, CHECK = "Sound", "Screen", "This machine"
START = "Start"
PLAY_DEMO = "Play the demo"
KEEP_DEMO = "Keep the demo"
SKIP = "Esc skips this. It does not come again."
NOTHING_PLAYS = "Nothing plays on this computer now, so the demo does, until you start."
DEMO_PLAYS = "The demo plays."
ONE_SCREEN = "F fills this screen with the picture, Esc returns."
SEVERAL_SCREENS = "F fills it with the picture, Esc returns."
WAITS = "Ten seconds of measuring follow."
MEASURES = "Counting pictures …"


def listening_to(source: str) -> str:
    """A source is tried."""
    return f"Listening to {source} …"


def hears(source: str) -> str:
    """A source with signal was found."""
    return f"I hear {source}."


def paints_smaller(size: str) -> str:
    """The machine does not carry the generator's own size, which never breaks at a line's end."""
    return f"It paints at {size.replace(' ', NO_BREAK)}."


def full_speed(fps: float) -> str:
    """Nothing is left to wish for."""
    return f"{pictures_per_second(fps)}: full speed."


def good_enough(fps: float) -> str:
    """Nobody in the audience will mind."""
    return f"{pictures_per_second(fps)}, of 30: good enough for a show."


def too_slow(fps: float) -> str:
    """What to do about a slow machine."""
    return (
        f"{pictures_per_second(fps)}, of 30. Close other programs, or choose a smaller generator "
        "on the page Dream."
    )
