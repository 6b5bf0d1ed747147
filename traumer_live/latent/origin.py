"""What the first TräumerAI left behind, once imported: statistics of w, and labels with sound.

In: the path of an imported file (``core.model_library.resolve`` finds it by name).
Out: StyleStatistics, OriginLabels.  Thread: any.

The origin kept, beside its transfers, the mean and spread of w (a transfer scales by them), and
what a person had labelled: a clip of 16 kHz mono sound and the w of the picture chosen for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from traumer_live.core.errors import ModelError
from traumer_live.core.types import ENCODER_RATE, Array

STATISTICS, LABELS = "statistics", "labels"  # what the headers say
STYLE, SOUND = "style", "audio.{:05d}"


@dataclass(frozen=True)
class StyleStatistics:
    """Mean and standard deviation of a generator's w over random z."""

    mu: Array  # (w_dim,)
    sigma: Array  # (w_dim,)

    @property
    def w_dim(self) -> int:
        """Numbers in a w."""
        return len(self.mu)


@dataclass(frozen=True)
class OriginLabels:
    """Pairs of music and picture that somebody made; sound is read when it is asked for."""

    path: Path
    w: Array  # (labels, w_dim) of the chosen pictures
    samples: tuple[int, ...]  # of each clip, at ENCODER_RATE

    def __len__(self) -> int:
        return len(self.w)

    def sound(self, index: int) -> Array:
        """The clip (samples,) of label ``index``: mono at ENCODER_RATE, as the origin heard it.

        Raises:
            IndexError: there is no such label.
            ModelError: the file is gone or damaged by now.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"label {index} of {len(self)}")
        with _opened(self.path, LABELS) as file:
            return _finite(self.path, file.get_tensor(SOUND.format(index)))


def load_statistics(path: Path) -> StyleStatistics:
    """The statistics in an imported file.

    Raises:
        ModelError: missing, damaged, of another kind, or not the statistics of anything.
    """
    with _opened(path, STATISTICS) as file:
        mu, sigma = (_finite(path, file.get_tensor(name)) for name in ("mu", "sigma"))
    if mu.ndim != 1 or mu.shape != sigma.shape or not mu.size or (sigma < 0).any():
        raise ModelError(f"{path.name} does not hold the mean and spread of a w.")
    return StyleStatistics(mu, sigma)


def load_origin_labels(path: Path) -> OriginLabels:
    """The labels in an imported file.

    Raises:
        ModelError: missing, damaged, of another kind, or with sounds that are missing.
    """
    with _opened(path, LABELS) as file:
        w = _finite(path, file.get_tensor(STYLE))
        if w.ndim != 2:
            raise ModelError(f"{path.name} does not hold one w per label.")
        shapes = [file.get_slice(SOUND.format(i)).get_shape() for i in range(len(w))]
    if any(len(shape) != 1 for shape in shapes):
        raise ModelError(f"{path.name} holds clips that are no mono sound.")
    return OriginLabels(path, w, tuple(int(shape[0]) for shape in shapes))


def described_statistics(statistics: StyleStatistics) -> dict[str, str]:
    """The statistics for people."""
    mu, sigma = statistics.mu, statistics.sigma
    return {
        "w": f"{statistics.w_dim} numbers",
        "mean": f"{mu.mean():.3g} on average, from {mu.min():.3g} to {mu.max():.3g}",
        "spread": f"{sigma.mean():.3g} on average, from {sigma.min():.3g} to {sigma.max():.3g}",
    }


def described_labels(labels: OriginLabels) -> dict[str, str]:
    """The labels for people."""
    seconds = np.array(labels.samples, np.float64) / ENCODER_RATE
    if not len(labels):
        return {"labels": "0"}
    return {
        "labels": f"{len(labels)}, each with a w of {labels.w.shape[1]} numbers",
        "sound": f"{seconds.sum() / 60:.1f} minutes of 16 kHz mono; clips of "
        f"{seconds.min():.3g} to {seconds.max():.3g} s",
    }


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[Any]:
    try:
        with safe_open(path, framework="numpy") as file:
            found = (file.metadata() or {}).get("kind", "file of an unknown kind")
            if found != kind:
                raise ModelError(f"{path.name} holds a {found}, but {kind} are needed.")
            yield file
    except FileNotFoundError:
        raise ModelError(f"There is no file {path}; check the name.") from None
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path.name} is damaged ({error}); import it again.") from error


def _finite(path: Path, numbers: Array) -> Array:
    if not np.isfinite(numbers).all():
        raise ModelError(f"{path.name} holds values that are not numbers; import it again.")
    return np.asarray(numbers, np.float32)
