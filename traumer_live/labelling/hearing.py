"""Hear a passage as the live ears would: embeddings, tags, attributes.

In: mono sound at 48 kHz with some lead-in before the clip.  Out: Heard.  Thread: the caller's,
which owns the encoder.

The lead-in puts the loudness normaliser, the tagger's window and the beat tracker where a running
show would have them when the clip begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traumer_live.audio.log_mel import LogMel
from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.pulse import PulseTracker
from traumer_live.audio.resample import Resampler
from traumer_live.core.types import ENCODER_RATE, SAMPLES_PER_TICK, SHOW_RATE, Array, Pulse
from traumer_live.embedding.encoder import Encoder
from traumer_live.labelling.music_attributes import MusicAttributes, measure_music

LEAD_S = 6.0
WINDOWS_EVERY_S = 0.5
FIRST_WINDOW_S = 3.0  # within the clip: the tagger's window is then all inside it
SHORTEST_S = 4.0  # that can be heard at all


@dataclass(frozen=True)
class Heard:
    """What was heard of one passage."""

    embeddings: Array  # (windows, e_dim)
    tags: Array  # (n_tags,), mean over the windows
    attributes: MusicAttributes


def hear_passage(sound: Array, encoder: Encoder, *, lead_s: float = LEAD_S) -> Heard:
    """Hear ``sound`` (n,), whose first ``lead_s`` come before the clip."""
    lead = round(lead_s * SHOW_RATE) // SAMPLES_PER_TICK * SAMPLES_PER_TICK
    passage = np.ascontiguousarray(sound, np.float32)
    embeddings, tags = embed(passage, encoder, skip_s=lead / SHOW_RATE + FIRST_WINDOW_S)
    attributes = measure_music(passage[lead:], feel(passage)[lead // SAMPLES_PER_TICK :])
    return Heard(embeddings, tags.mean(0), attributes)


def feel(sound: Array) -> list[Pulse]:
    """One pulse per tick."""
    tracker = PulseTracker(SHOW_RATE)
    pulses = []
    for stop in range(SAMPLES_PER_TICK, len(sound) + 1, SAMPLES_PER_TICK):
        tracker.push(sound[stop - SAMPLES_PER_TICK : stop])
        pulses.append(tracker.at(stop))
    return pulses


def embed(
    sound: Array, encoder: Encoder, *, skip_s: float = 0.0, every_s: float = WINDOWS_EVERY_S
) -> tuple[Array, Array]:
    """Embeddings (windows, e_dim) and tags (windows, n_tags) from ``skip_s`` on."""
    encoder.reset()
    resampler, normaliser = Resampler(SHOW_RATE, ENCODER_RATE, 1), LoudnessNormaliser(ENCODER_RATE)
    log_mel = LogMel(encoder.mel_spec)
    step, made = round(every_s * SHOW_RATE), []
    for stop in range(step, len(sound) + 1, step):
        levelled = normaliser.push(resampler.push(sound[stop - step : stop, None])[:, 0])
        encoder.push(log_mel.push(levelled))
        if stop >= skip_s * SHOW_RATE:
            made.append(encoder.embedding())
    embeddings, tags = zip(*made, strict=True)
    return np.stack(embeddings), np.stack(tags)


def spread_windows(embeddings: Array, count: int) -> Array:  # (count, e_dim)
    """Evenly spread ones; fewer are repeated, so that every clip has as many."""
    places = np.round((np.arange(count) + 0.5) * len(embeddings) / count - 0.5).astype(int)
    return np.asarray(embeddings[np.clip(places, 0, len(embeddings) - 1)])
