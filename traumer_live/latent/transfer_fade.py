"""One transfer handing over to another while the show runs.

In: an embedding and show time.  Out: w, or w_plus where one of them gives that.  Thread: ears.
"""

from __future__ import annotations

from typing import Protocol

from traumer_live.core.types import SHOW_RATE, Array
from traumer_live.latent.blend import mixed
from traumer_live.latent.level_transfer import AnyTransfer

FADE_S = 2.0  # show time in which the old mapping gives way


class _Mapping(Protocol):
    def __call__(self, embedding: Array, sample_index: int) -> Array: ...


class TransferFade:
    """The present transfer; a new one takes over softly, in w, so no picture jumps."""

    def __init__(self, transfer: AnyTransfer) -> None:
        self._transfer = transfer
        self._former: _Mapping | None = None
        self._start = 0

    def __call__(self, embedding: Array, sample_index: int) -> Array:
        """w (w_dim,), or w_plus (num_ws, w_dim), of an embedding (e_dim,) at a show time."""
        w = self._transfer(embedding)
        share = (sample_index - self._start) / SHOW_RATE / FADE_S
        if share >= 1:
            self._former = None
        if self._former is None:
            return w
        share = max(share, 0.0) ** 2 * (3 - 2 * max(share, 0.0))  # no corner at either end
        former = self._former(embedding, sample_index)
        return mixed(former, w, share)

    def change(self, transfer: AnyTransfer, sample_index: int) -> None:
        """Let ``transfer`` take over from this moment on, within FADE_S seconds."""
        former = TransferFade(self._transfer)
        former._former, former._start = self._former, self._start
        self._transfer, self._former, self._start = transfer, former, sample_index
