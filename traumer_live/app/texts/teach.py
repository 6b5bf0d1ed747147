"""The strip of the last pictures, for teaching."""

from __future__ import annotations

from traumer_live.app.texts.common import with_key

TITLE = "WHICH PICTURE GOES WITH THIS MUSIC?"


def picture(number: int, seconds_ago: int) -> str:
    """One of the last pictures."""
    when = f"{seconds_ago} s before the newest" if seconds_ago else "the newest"
    return f"Picture {number}: {when}"


def picture_tip(number: int, seconds_ago: int) -> str:
    """The same, with the key that chooses it."""
    return with_key(picture(number, seconds_ago), str(number))
