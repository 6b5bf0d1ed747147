"""Which settings a command begins with, and those that ``--set`` names.

In: parsed options.  Out: Settings.  Thread: main. Imports little: the kiosk's parent needs it too.
"""

from __future__ import annotations

import argparse

from traumer_live.cli.speech import say
from traumer_live.core.settings import Settings, load_settings, read_settings, with_value


def settings_of(options: argparse.Namespace) -> Settings:
    """What the file says: the one that was named, or the program's own.

    Raises:
        SettingsError: the one that was named makes no sense.
    """
    if options.config:
        return read_settings(options.config)
    settings, trouble = load_settings()
    if trouble:
        say(trouble)
    return settings


def with_set(settings: Settings, options: argparse.Namespace) -> Settings:
    """``settings`` with what ``--set NAME=VALUE`` says.

    Raises:
        SettingsError: there is no such setting, or the value is none for it.
    """
    for text in getattr(options, "set", None) or ():
        name, _, value = text.partition("=")
        settings = with_value(settings, name, value)
    return settings
