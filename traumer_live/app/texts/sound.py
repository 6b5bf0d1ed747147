"""The page Sound: the source, gain, gate, the test tone, and the offset."""

from __future__ import annotations

from traumer_live.app.texts.common import Words, pictures_per_second

SOUND = "SOUND"
GAIN = Words("Gain", "Before the ears; nothing clips, and takes keep the sound as it came.")
AUTO = Words(
    "Auto",
    "Automatic gain: brings the music slowly to −20 LUFS, and stands still in pauses.\n"
    "Moving the slider takes over where it stands.",
)
GATE = Words(
    "Gate",
    "Noise gate: what is no louder than the learned room counts as silence,\n"
    "so that the picture rests when the music does.",
)
LEARN = Words(
    "Learn the room",
    "Learn the noise of this room: let nothing play, press, and wait three seconds.",
)
TONE = Words(
    "Test tone",
    "A 440 Hz tone of −15 dB in place of the source, inside the program: is all that follows\n"
    "it, from the ears to the screen, at work? Press again for your source.",
)
TONE_NOT_HEARD = "The tone is not heard yet."
NO_ROOM = "No room learned yet."
GATE_OFF = "A room is learned; the gate is off."
GATE_OPEN = "Open: more than the room is heard."
GATE_CLOSED = "Closed: only the room."

TIMING = "TIMING"
OFFSET = Words(
    "Picture",
    "Above 0 the picture waits: for sound that reaches the audience late, as from Bluetooth.\n"
    "Below 0 the beat is foreseen by its tempo: for slow projectors. Attacks cannot be foreseen.",
)
ADJUST = Words(
    "Adjust",
    "A click each second from the default output, and a disc that flashes when the program hears\n"
    "it. Turn the offset until both coincide where the audience is. F shows it on their screen.",
)
TURN = "Turn until flash and click coincide."
DEAF = "This source does not hear the clicks; any music with a beat will do."
AS_SOON_AS_CAN_BE = "Everything is seen as soon as it can be."


def tone_without_picture(level: str) -> str:
    """The tone is heard, but nothing is painted."""
    return f"Heard at {level}, but no picture has come yet."


def tone_works(level: str, fps: float) -> str:
    """The whole chain is proved."""
    return f"Heard at {level}, {pictures_per_second(fps)}: all works."


def limiting(decibel: float) -> str:
    """What the limiter takes away."""
    return f"limiter −{decibel:.0f} dB"


def listening_to_room(share: float) -> str:
    """How far the gate's lesson is."""
    return f"Listening to the room: {100 * share:.0f} %"


def later(milliseconds: float) -> str:
    """An offset above 0."""
    return f"Everything is seen {milliseconds:.0f} ms later."


def foreseen(milliseconds: float) -> str:
    """An offset below 0."""
    return f"The beat is foreseen by {milliseconds:.0f} ms; attacks come as soon as they can."
