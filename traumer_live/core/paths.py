"""Where shipped data and the user's own files live.

In: a name such as ``models/mtt_vgg.safetensors``.  Out: a path on this machine.
"""

from __future__ import annotations

import warnings
from pathlib import Path

from platformdirs import PlatformDirs

from traumer_live.core.errors import TraumerError

_PACKAGE = Path(__file__).resolve().parent.parent
# A wheel carries the data inside the package; a checkout keeps it at the top level.
_ROOTS = (_PACKAGE / "_data", _PACKAGE.parent)
_USER = PlatformDirs("traumer-live", appauthor=False)


def data_file(name: str) -> Path:
    """The shipped file ``name``, for example ``shaders/mirror.frag``.

    Raises:
        TraumerError: the file did not come with this installation.
    """
    for root in _ROOTS:
        if (path := root / name).exists():
            return path
    raise TraumerError(
        f"{name} is missing from this installation; install traumer-live again or check the clone."
    )


def config_dir() -> Path:
    """Where settings are kept; not created here."""
    return Path(_USER.user_config_dir)


def cache_dir() -> Path:
    """Where things that can be made again are kept; not created here."""
    return Path(_USER.user_cache_dir)


def user_data_dir() -> Path:
    """Where imported models, scenes and labels are kept; not created here."""
    return Path(_USER.user_data_dir)


def runtime_dir() -> Path:
    """Where what must outlive a crash, but no reboot, is kept; not created here."""
    with warnings.catch_warnings():
        # Without a login session there is none, and the safe folder taken instead is no news.
        warnings.simplefilter("ignore")
        return Path(_USER.user_runtime_dir)


def videos_dir() -> Path:
    """Where takes go when nobody says otherwise; not created here."""
    return Path(_USER.user_videos_dir) / "traumer-live"
