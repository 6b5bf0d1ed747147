"""From sound to what shall be dreamt: one object for the live show and for offline rendering.

In: one tick of show sound (1600, 2) at 48 kHz.  Out: a Thought per tick.  Thread: ears (live) or
the caller (offline). No clock and no thread inside: equal sound gives equal thoughts.

    sound ─┬─ 16 kHz ─ normaliser ─ log-mel ─ encoder ─┬─ mind
           └─ pulse ───────────────────────────────────┘
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from traumer_live.audio.log_mel import LogMel
from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.pulse import PulseTracker
from traumer_live.audio.resample import Resampler
from traumer_live.core.controls import Controls
from traumer_live.core.types import (
    ENCODER_RATE,
    SAMPLES_PER_TICK,
    SHOW_RATE,
    TICK_RATE,
    Array,
    Pulse,
)
from traumer_live.engine.mind import Heard, Mind, State, Thought, Told
from traumer_live.engine.models import Models
from traumer_live.latent.guided import confidence_of
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.levels import LEVELS, Level

__all__ = ["Ears", "Heard", "Moment", "Thought"]

TOP_TAGS = 3
LATELY_S = 10.0  # of moments that are kept, for lessons and reasons


@dataclass(frozen=True)
class Moment:
    """One tick as the tagger heard it, whole."""

    sample_index: int  # show time
    embedding: Array  # (e_dim,)
    tags: Array  # (n_tags,)
    pulse: Pulse


class Ears:
    """Hears show sound tick by tick and thinks in w_plus."""

    def __init__(self, models: Models, *, preset: str, seed: int) -> None:
        self._models = models
        self._preset = preset
        models.encoder.reset()  # it may have heard another song
        self._resampler = Resampler(SHOW_RATE, ENCODER_RATE, 1)
        self._normaliser = LoudnessNormaliser(ENCODER_RATE)
        self._log_mel = LogMel(models.encoder.mel_spec)
        self._pulse = PulseTracker(SHOW_RATE)
        self._mind = Mind(
            State(models.transfer, seed, preset),
            models.generator,
            input_delay_s=self.input_delay_s,
        )
        self._transfer: AnyTransfer = models.transfer
        self.lately: deque[Moment] = deque(maxlen=round(LATELY_S * TICK_RATE))  # the newest last
        self._newest: tuple[Array, Array] | None = None  # embedding and tags
        self._backlog = np.zeros(0, dtype=np.float32)  # 16 kHz samples not yet due
        self._encoded = 0  # 16 kHz samples given to the encoder
        self._heard = 0  # 48 kHz samples
        self._pulse_start = 0  # show time of the pulse tracker's first sample

    @property
    def input_delay_s(self) -> float:
        """Lag of an embedding: the resampler's fixed delay, half an STFT frame, half the window."""
        spec = self._models.encoder.mel_spec
        held = self._resampler.delay / ENCODER_RATE + spec.n_fft / 2 / spec.sample_rate
        return held + self._models.encoder.delay_s

    @property
    def delay_s(self) -> dict[Level, float]:
        """How late each level of the picture speaks of the music, in seconds."""
        return {lv: self.input_delay_s + self._mind.smoothing_s[lv] for lv in LEVELS}

    @property
    def lookahead(self) -> int:
        """Ticks that a thought comes after its sound; 0 for every preset that can run live."""
        return self._mind.lookahead

    def hear(self, sound: Array, controls: Controls, *, fresh: bool = True) -> Thought | None:
        """Take one tick of sound (1600, 2); None while a centred kernel still waits.

        Without ``fresh`` the last embedding is taken once more, which saves most of the work.
        """
        self._preset = controls.preset
        mono = np.ascontiguousarray(sound.mean(axis=1, dtype=np.float32))  # (1600,)
        self._heard += SAMPLES_PER_TICK
        self._pulse.push(mono)
        pulse = self._pulse.at(self._heard - self._pulse_start)
        pulse = replace(pulse, sample_index=pulse.sample_index + self._pulse_start)
        self._listen(mono)
        if fresh or self._newest is None:
            self._newest = self._models.encoder.embedding()
        embedding, tags = self._newest
        self.lately.append(Moment(self._heard, embedding, tags, pulse))
        confidence = confidence_of(self._transfer, embedding)
        heard = Heard(self._heard, pulse, self._top(tags), embedding, confidence)
        return self._mind.think(heard, controls)

    @property
    def heard(self) -> int:
        """Show time up to which sound was heard."""
        return self._heard

    def start_at(self, sample_index: int) -> None:
        """Begin at this show time, on the grid of ticks; only before anything is heard."""
        self._heard = self._pulse_start = sample_index
        self._encoded = sample_index * ENCODER_RATE // SHOW_RATE

    def go_on_from(self, former: Ears) -> None:
        """Keep the beat that ``former`` ears follow; only at the same show time."""
        self._pulse, self._pulse_start = former._pulse, former._pulse_start

    def change_transfer(self, transfer: AnyTransfer) -> None:
        """Go over to another mapping of the same embeddings to the same generator, softly."""
        self._transfer = transfer
        self._mind.change_transfer(transfer, self._heard)

    def change_seed(self, seed: int) -> None:
        """Draw lots anew: another walk in silence, other directions of the pulse."""
        self._mind.change_seed(seed)

    @property
    def recent(self) -> deque[Told]:
        """What the mind was told for the last ticks, for whoever keeps a log; the newest last."""
        return self._mind.recent

    def finish(self, controls: Controls) -> list[Thought]:
        """The thoughts still owed when the sound has ended."""
        return self._mind.finish(controls)

    def skip_to(self, sample_index: int) -> None:
        """Sound up to ``sample_index`` was lost: go on there, on the grid of ticks."""
        # What was lost counts as given to the encoder, or the delay that was promised would shrink.
        self._encoded += _encoder_index(sample_index) - _encoder_index(self._heard)
        self._heard = sample_index
        self._pulse.reset()
        self._pulse_start = sample_index
        self.lately.clear()

    def _listen(self, mono: Array) -> None:
        """Bring the encoder to exactly the samples due, whatever the resampler holds back."""
        self._backlog = np.concatenate([self._backlog, self._resampler.push(mono[:, None])[:, 0]])
        due = _encoder_index(self._heard) - self._resampler.delay - self._encoded
        if due <= 0:
            return
        fresh, self._backlog = self._backlog[:due], self._backlog[due:]
        self._encoded += len(fresh)
        levelled = self._normaliser.push(fresh)
        mel = self._log_mel.push(fresh if self._preset == "paper" else levelled)
        self._models.encoder.push(mel)

    def _top(self, tags: Array) -> tuple[tuple[str, float], ...]:
        names = self._models.encoder.tag_names
        return tuple((names[i], float(tags[i])) for i in np.argsort(tags)[::-1][:TOP_TAGS])


def _encoder_index(sample_index: int) -> int:
    """The same moment in samples of the encoder's rate."""
    return sample_index * ENCODER_RATE // SHOW_RATE
