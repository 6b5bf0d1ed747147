"""The page Why: the show's account of this picture, and the fader between two people's taste."""

from __future__ import annotations

from traumer_live.app.texts.common import Words, lag_of

TITLE = "WHY THIS PICTURE?"
HEARD = Words("It hears", "What the tagger hears, over three seconds, and how sure it is.")
KNOWN = Words(
    "How well it knows such music",
    "How well the labels of the mapping cover what plays; far from all of them, the\n"
    "starter mapping takes over.",
)
NEIGHBOURS = Words(
    "Labelled music most like it",
    "The labelled clips that sound most like this moment; the picture lies between theirs.",
)
SMOOTHNESS = Words(
    "How late, and how smoothly",
    "How late each level of the picture speaks of the music; pictures shown a second,\n"
    "the interval that 19 of 20 keep, and how many were made but never shown.",
)
CONFIDENCE = "Confidence"
FIGURES = {level: lag_of(level) for level in ("coarse", "middle", "fine")} | {
    "fps": "pictures / s",
    "p95": "p95 apart",
    "dropped": "never shown",
}
CANNOT_SAY = "This mapping cannot say."
KNOWN_WELL = "Known well: much of what it was taught sounds like this."
KNOWN_PARTLY = "Known in part: some of what it was taught sounds like this."
HARDLY_KNOWN = "Hardly known: far from everything it was taught."
SOME_CLIP = "a clip"

TASTE = "TASTE"
SHARE = Words("Second", "How much of the second person's taste is played.")


def starter_paints(share: float) -> str:
    """How much of the picture the starter mapping makes."""
    return f"The starter mapping paints {share:.0%} of it."


def labels_by(whom: str) -> str:
    """Whose labels speak."""
    return f"Labels: {whom}."


def translated_from(generator: str) -> str:
    """Where a translated mapping comes from."""
    return f"Carried over from another generator: {generator}."
