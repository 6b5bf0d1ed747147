"""What can go wrong with labels, told in one sentence."""

from __future__ import annotations

from traumer_live.core.errors import TraumerError


class LabelError(TraumerError):
    """A store of labels is locked, damaged or newer than this program, or labels do not fit."""


class StoreHeldError(LabelError):
    """Another labeller writes to the store."""
