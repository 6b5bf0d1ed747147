"""The encoder without any trick: the whole network on the whole window, at every request.

In: log-mel frames (n, 96).  Out: embedding and tags of the newest window.  Thread: ears.

It is what the streaming encoder is measured against, and a way to use CUDA.
"""

from __future__ import annotations

import numpy as np
import torch

from traumer_live.core.types import Array
from traumer_live.embedding.checkpoint import Weights
from traumer_live.embedding.columns import ColumnRing
from traumer_live.embedding.geometry import EFFECTIVE_FRAMES, EMBEDDING_DIM, WINDOW_FRAMES
from traumer_live.embedding.networks import MttVgg


class WholeWindowEncoder:
    """MTT_vgg evaluated afresh for each window, on CUDA where there is one."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = MttVgg(weights).eval().to(self._device)
        self.mel_spec, self.tag_names = weights.mel_spec, weights.tag_names
        self.e_dim, self.delay_s = EMBEDDING_DIM, EFFECTIVE_FRAMES / self.mel_spec.frame_rate / 2
        self.reset()

    def push(self, mel: Array) -> None:
        """Add log-mel frames (n, 96)."""
        self._mel.write(mel[-EFFECTIVE_FRAMES:])

    def embedding(self) -> tuple[Array, Array]:
        """e (256,) and tags (50,) of the window that ends at the newest frame pushed."""
        window = np.zeros((1, WINDOW_FRAMES, self.mel_spec.n_mels), np.float32)
        window[0, :EFFECTIVE_FRAMES] = self._mel.latest(EFFECTIVE_FRAMES)
        with torch.inference_mode():
            e, tags = self._network(torch.from_numpy(window).to(self._device))
        return e[0].cpu().numpy(), tags[0].cpu().numpy()

    def reset(self) -> None:
        """Back to silence."""
        self._mel = ColumnRing(EFFECTIVE_FRAMES, (self.mel_spec.n_mels,))
