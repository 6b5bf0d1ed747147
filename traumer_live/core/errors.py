"""Errors that a person may meet: one sentence that says what happened, to what, and what to do.

TraumerError
├── SourceError      sound cannot be captured or read
├── ModelError       weights are missing, damaged, or of the wrong kind
├── OutputError      a movie or another file cannot be written
├── DisplayError     no window, no screen or no OpenGL context
└── SettingsError    a setting or an option makes no sense
"""

from __future__ import annotations


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
