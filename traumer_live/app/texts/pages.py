"""The names of the right column's pages, in the order of the keys F1 .. F5."""

from __future__ import annotations

from traumer_live.app.texts.common import Words

PAGES = {
    "dream": Words("Dream", "What the music does to the picture."),
    "look": Words("Look", "How the picture is shown, and every knob of its look."),
    "sound": Words("Sound", "What is listened to, how loud, and how late."),
    "take": Words("Take", "Recording and the audience's screen."),
    "why": Words(
        "Why", "Why this picture? What is heard, how well it is known, how late it answers."
    ),
}
