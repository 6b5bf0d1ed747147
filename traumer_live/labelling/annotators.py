"""An annotator that needs no person: which picture suits a clip, by published findings.

In: attributes of clips and of pictures.  Out: the wanted attributes of each clip's picture, and the
choice among candidates.  Thread: any; pure functions.

People agree on which colours suit which music, and they do so through emotion: colours and music
are matched whose mood is the same. Two moods explain most of it, how happy the music is (valence)
and how lively (arousal).

    faster, major -> lighter, more saturated, yellower; slower, minor -> darker, greyer, bluer
        Palmer, Schloss, Xu, Prado-León 2013 (PNAS 110, 8836)
    loud, punchy, distorted -> darker, redder, more saturated
        Whiteford, Schloss, Helwig, Palmer 2018 (i-Perception 9/6)
    higher, brighter sound -> lighter                     Marks 1987; Spence 2011 (review)
    staccato, short sounds -> angular forms, many edges   Köhler's takete; Spence 2011

Contrast, complexity and symmetry are our own reading of the same moods, and nobody's finding: the
weights say "own" where that is so. This is not a person's taste, and never pretends to be.

All attributes are compared as ranks: the fastest clips of the collection want the lightest pictures
of the generator, whatever either can do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.types import Array
from traumer_live.labelling.music_attributes import MusicAttributes
from traumer_live.labelling.picture_attributes import PICTURE_ATTRIBUTES

Weights = Mapping[str, float]

# Tags of the tagger that speak of liveliness; their mean probabilities are compared.
LIVELY_TAGS = ("fast", "loud", "techno", "rock", "beat", "beats", "drums", "dance", "metal")
CALM_TAGS = ("slow", "quiet", "soft", "ambient", "new age", "solo")
HAPPY_TAGS = ("pop", "dance", "country", "harpsichord")
SAD_TAGS = ("slow", "opera", "choral", "choir", "cello", "weird")

MOODS: Mapping[str, Weights] = {
    "speed": {"tempo": 0.4, "onset_density": 0.6},
    "arousal": {
        "onset_density": 0.25,
        "percussiveness": 0.25,
        "loudness": 0.2,
        "loudness_range": -0.1,
        "lively": 0.3,
    },
    "valence": {"mode": 0.45, "speed": 0.3, "happy": 0.25},
}
WANTED: Mapping[str, Weights] = {
    "lightness": {"valence": 0.45, "brightness": 0.35, "loudness": -0.2},
    "saturation": {"arousal": 0.6, "valence": 0.4},
    "yellowness": {"speed": 0.3, "mode": 0.35, "happy": 0.35},
    "redness": {"loudness": 0.35, "arousal": 0.3, "brightness": -0.35},  # brightness: own
    "contrast": {"loudness_range": 0.6, "arousal": 0.4},  # own
    "edges": {"percussiveness": 0.8, "onset_density": 0.2},
    "complexity": {"onset_density": 0.4, "brightness": 0.3, "beat_confidence": -0.3},  # own
    "symmetry": {"beat_confidence": 0.6, "loudness_range": -0.4},  # own: order
}
# How much each attribute counts in the choice; what rests on findings counts most.
IMPORTANCE: Weights = {
    "lightness": 1.0,
    "saturation": 1.0,
    "yellowness": 1.0,
    "redness": 0.8,
    "contrast": 0.6,
    "edges": 0.6,
    "complexity": 0.5,
    "symmetry": 0.2,
}


@dataclass(frozen=True)
class Collection:
    """The clips that are ranked against each other."""

    attributes: Sequence[MusicAttributes]
    tags: Array  # (clips, n_tags)
    tag_names: tuple[str, ...]


def wanted_attributes(clips: Collection) -> Array:  # (clips, len(PICTURE_ATTRIBUTES)), 0..1
    """Which rank among the generator's pictures each clip wants, for every attribute."""
    known = {name: ranks(values) for name, values in _columns(clips).items()}
    for mood, weights in MOODS.items():
        known[mood] = ranks(_mixed(known, weights))
    columns = [ranks(_mixed(known, WANTED[name])) for name in PICTURE_ATTRIBUTES]
    return np.stack(columns, axis=1).astype(np.float32)


def unsuitability(wanted: Array, offered: Array) -> Array:  # (clips, pictures)
    """How badly each picture suits each clip; both as ranks 0..1. 0 is exactly what was wanted."""
    weight = np.array([IMPORTANCE[name] for name in PICTURE_ATTRIBUTES], np.float32)
    weight /= weight.sum()
    a, b = wanted * np.sqrt(weight), offered * np.sqrt(weight)
    squares = np.square(a).sum(1)[:, None] + np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(np.maximum(squares, 0), np.float32)


def ranks(values: NDArray[np.floating]) -> Array:
    """Each value's place among all of its column, 0..1; equal values share the middle one."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    before = np.cumsum(counts) - counts
    places = (before + (counts - 1) / 2)[inverse] / max(len(values) - 1, 1)
    return np.asarray(places, np.float32)


def _columns(clips: Collection) -> dict[str, Array]:
    """Every measured number as a column over the clips."""
    columns = {
        field.name: np.array([getattr(a, field.name) for a in clips.attributes], np.float32)
        for field in fields(MusicAttributes)
    }
    # A tempo nobody is sure of counts as a middling one.
    sure = np.minimum(columns["beat_confidence"] / 0.3, 1)
    columns["tempo"] = (1 - sure) * np.median(columns["tempo"]) + sure * columns["tempo"]
    columns["lively"] = _tag_sum(clips, LIVELY_TAGS) - _tag_sum(clips, CALM_TAGS)
    columns["happy"] = _tag_sum(clips, HAPPY_TAGS) - _tag_sum(clips, SAD_TAGS)
    return columns


def _tag_sum(clips: Collection, names: tuple[str, ...]) -> Array:
    """Sum of the tags' probabilities; a tagger that lacks a tag does not hear it."""
    chosen = [k for k, name in enumerate(clips.tag_names) if name in names]
    return np.asarray(clips.tags[:, chosen].sum(1), np.float32)


def _mixed(known: Mapping[str, Array], weights: Weights) -> Array:
    parts = [weight * (known[name] - 0.5) for name, weight in weights.items()]
    return np.asarray(np.sum(parts, axis=0), np.float32)
