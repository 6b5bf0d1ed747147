"""Which settings a command begins with. Imports little: the kiosk's parent needs it too.

In: parsed options.  Out: Settings.  Thread: main.
"""

from __future__ import annotations

import argparse

from traumer_live.cli.speech import say
from traumer_live.core.settings import Settings, load_settings, read_settings


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
