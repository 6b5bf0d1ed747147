"""What is said when a foreign file is not opened.

ModelError
└── SafeLoadError    the file is hostile, damaged, too large, or nothing that we know
"""

from __future__ import annotations

from traumer_live.core.errors import ModelError


class SafeLoadError(ModelError):
    """A foreign file was refused; nothing in it was run."""
