"""Errors that a person may meet: one sentence that says what happened, to what, and what to do.

TraumerError
├── SourceError      sound cannot be captured or read
├── ModelError       weights are missing, damaged, or of the wrong kind
├── OutputError      a movie or another file cannot be written
├── DisplayError     no window, no screen or no OpenGL context
└── SettingsError    a setting or an option makes no sense
"""

from __future__ import annotations

LONGEST_REASON = 120  # characters


class TraumerError(Exception):
    """Base of everything that is told to the user in one sentence."""


class SourceError(TraumerError):
    """Sound cannot be captured or read."""


class ModelError(TraumerError):
    """Weights are missing, damaged, or of the wrong kind."""


class OutputError(TraumerError):
    """A movie or another file cannot be written."""


class DisplayError(TraumerError):
    """No window, screen or OpenGL context can be had."""


class SettingsError(TraumerError):
    """A setting or a command-line option makes no sense."""


def reason_of(error: BaseException) -> str:
    """What ``error`` says, for the middle of a sentence: its first line, or else its kind.

    >>> reason_of(RuntimeError("CUDA out of memory.\\nTried to allocate 2 GiB"))
    'CUDA out of memory'
    >>> reason_of(MemoryError())
    'MemoryError'
    """
    said = str(error).partition("\n")[0].strip().rstrip(".")[:LONGEST_REASON]
    return said or type(error).__name__
