"""What is said when a foreign file is not opened.

ModelError
└── SafeLoadError    the file is hostile, damaged, too large, or nothing that we know
"""

from __future__ import annotations

from traumer_live.core.errors import ModelError


class SafeLoadError(ModelError):
    """A foreign file was refused; nothing in it was run.

    Sentences quote names from the file, which may hold anything a terminal would obey.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(printable(sentence))


def about(beginning: str, error: SafeLoadError) -> SafeLoadError:
    """``error``, which begins with "It" or "Its", as the end of one sentence about a file."""
    reason = str(error)
    return SafeLoadError(f"{beginning}: {reason[:1].lower()}{reason[1:]}")


def printable(text: str, *, longest: int = 500) -> str:
    """``text`` on one line without control characters, cut where it would go on without end."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text[: longest + 1])
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
