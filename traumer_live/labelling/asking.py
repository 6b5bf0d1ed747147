"""Which clip to ask for next, and what the labels so far expect of its picture.

In: the library's clips, the labels.  Out: Asked.  Thread: one at a time, not a window's; a tenth
of a second for a thousand clips and a hundred labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from traumer_live.core.types import Array
from traumer_live.labelling.ensemble import dreams, ensemble
from traumer_live.labelling.fit import Examples
from traumer_live.labelling.label import Clip, Label
from traumer_live.labelling.lessons import FEWEST, belongs, lessons, single_w
from traumer_live.labelling.queries import (
    DEFAULT,
    GAINS_NOTHING,
    Question,
    gain_of_asking,
    next_clips,
    typical_length,
)
from traumer_live.labelling.recipes import ORDINARY, School, school
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.familiarity import Familiarity

LIVELY, LOUDEST = 0.75, 4.0  # of a picture's own distance from the average; most to get there
MOST_CLIPS = 1200  # that are looked at for one question; its price grows with the square
# The starter mapping is nobody's taste: a few pictures of the first screens are near its dream.
STARTER_CONFIDENCE = 0.2


@dataclass(frozen=True)
class Asked:
    """A clip to find a picture for."""

    clip: Clip
    guesses: Array  # (members, w_dim), what mappings dream to it, normalised; (0, w_dim): nothing
    confidence: float  # 0..1, how well the labels cover it
    enough: bool  # whether another label of this library would teach hardly anything


class Asker:
    """Knows the music; is told the labels anew each time."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._places: dict[str, Array] = {}  # clip's key -> (kept,)
        self._own: tuple[Clip, ...] = ()  # clips the scales were measured on, for want of others

    def ask(
        self,
        clips: Sequence[Clip],
        labels: Sequence[Label],
        passed: frozenset[str] = frozenset(),
        *,
        query: str = DEFAULT,
        seed: int = 0,
    ) -> Asked | None:
        """The clip whose label teaches most; None when all were asked.

        Args:
            clips: of the library, as far as it is known.
            labels: that stand.
            passed: keys of clips that shall not be asked again.
            query: one of ``queries.QUERIES``.
            seed: of what is drawn by lot.
        """
        labels = self._ours(labels)
        known = {label.clip.key for label in labels} | passed
        left = [clip for clip in clips if clip.key not in known]
        if not left:
            return None
        self._learn_scales(clips)
        left = _some(left, seed)
        question = self._question(left, labels, clips, query, seed)
        (chosen,) = next_clips(question, 1, query=query)
        enough = len(labels) >= FEWEST and gain_of_asking(question) < GAINS_NOTHING
        return self.about(left[int(chosen)], labels, enough=enough)

    def about(self, clip: Clip, labels: Sequence[Label], *, enough: bool = False) -> Asked:
        """What the labels expect of one clip's picture."""
        labels = self._ours(labels)
        self._learn_scales((clip,))
        guesses = self._dreams([clip], labels)[:, 0]
        if labels:
            return Asked(clip, guesses, float(self.confidence([clip], labels)[0]), enough)
        return Asked(clip, guesses, STARTER_CONFIDENCE if len(guesses) else 0.0, enough)

    def confidence(self, clips: Sequence[Clip], labels: Sequence[Label]) -> Array:  # (clips,)
        """How well the labels cover each clip, 0..1."""
        labels = self._ours(labels)
        if not labels or not clips:
            return np.zeros(len(clips), np.float32)
        self._learn_scales(clips)
        scale = self._school.scales["discriminants"]
        where = self.places([label.clip for label in labels])
        known = Familiarity(scale.mean, scale.basis, where, self.length)
        return known.confidence(np.stack([clip.typical for clip in clips]))

    def places(self, clips: Sequence[Clip]) -> Array:  # (clips, kept)
        """Where clips lie among all music; the first two columns make a map."""
        self._learn_scales(clips)
        for clip in clips:
            if clip.key not in self._places:
                scale = self._school.scales["discriminants"]
                self._places[clip.key] = scale(clip.typical[None])[0]
        return np.stack([self._places[clip.key] for clip in clips])

    @cached_property
    def length(self) -> float:
        """How far a label speaks."""
        return typical_length(self._school.scales["discriminants"](self._school.music))

    @cached_property
    def _school(self) -> School:
        room = self._workshop.room(self._own)
        return school(room.music, room.pieces, room.spread, prior=room.starter)

    def _learn_scales(self, clips: Sequence[Clip]) -> None:
        """A foreign tagger knows no music; then the library's own must do, anew as it grows."""
        if len(self._workshop.music) or len(clips) < 2 * len(self._own) + 1:
            return
        self._own = tuple(clips)
        self._places.clear()
        self.__dict__.pop("_school", None)
        self.__dict__.pop("length", None)

    def _ours(self, labels: Sequence[Label]) -> list[Label]:
        return [label for label in labels if belongs(label, self._workshop.ids)]

    def _question(
        self,
        left: Sequence[Clip],
        labels: Sequence[Label],
        clips: Sequence[Clip],
        query: str,
        seed: int,
    ) -> Question:
        library, w_dim = self.places(left), self._workshop.spread.mu.size
        asked = np.zeros((0, library.shape[1]), np.float32)
        wanted = np.zeros((0, w_dim), np.float32)
        if labels:
            asked = self.places([label.clip for label in labels])
            chosen = np.stack([_middle_w(label) for label in labels])
            wanted = self._workshop.spread.normalised(chosen)
        dreamt = np.zeros((1, len(left), w_dim), np.float32)
        if query != DEFAULT and len(labels) >= FEWEST:  # coverage looks at the music alone
            dreamt = self._dreams(left, labels)
        length = typical_length(self.places(_some(clips, 0)))
        return Question(library, asked, length, dreamt, wanted, seed)

    def _dreams(self, clips: Sequence[Clip], labels: Sequence[Label]) -> Array:
        """What each mapping that the labels allow dreams (members, clips, w_dim), normalised."""
        typical = np.stack([clip.typical for clip in clips])
        spread, starter = self._workshop.spread, self._workshop.starter
        if len(labels) < FEWEST:
            known = () if starter is None else (starter,)
            found = [spread.normalised(mapping(typical)) for mapping in known]
            nothing = np.zeros((0, len(clips), spread.mu.size), np.float32)
            return np.stack(found) if found else nothing
        scale = self._school.scale(ORDINARY)
        members = ensemble(self._examples(labels), spread, scale, decay=ORDINARY.decay)
        return vivid(dreams(members, spread, typical))

    def _examples(self, labels: Sequence[Label]) -> Examples:
        """One w for every picture, also where style levels differ."""
        info = self._workshop.generator.info
        known = lessons(
            labels, self._workshop.ids, num_ws=info.num_ws, level_sizes=info.level_sizes
        )
        w = known.examples.w
        if known.levels:
            w = w.reshape(len(w), -1, info.w_dim).mean(1)
        e = known.examples
        return Examples(e.embeddings, w, e.weight, e.groups)


def vivid(guesses: Array) -> Array:
    """Normalised w (..., w_dim) as far from the average as pictures are, or nearly.

    A mapping of few labels hardly dares to leave the average; a screen of its dreams were grey.
    """
    size = np.linalg.norm(guesses, axis=-1, keepdims=True)
    wanted = LIVELY * np.sqrt(guesses.shape[-1])
    gain = np.clip(wanted / np.maximum(size, 1e-6), 1, LOUDEST)
    return np.asarray(guesses * gain, np.float32)


def _middle_w(label: Label) -> Array:  # (w_dim,)
    """One w for all pictures of a label."""
    return np.asarray(np.mean([single_w(pick) for pick in label.picks], axis=0), np.float32)


def _some(clips: Sequence[Clip], seed: int) -> list[Clip]:
    """As many as a question can bear, drawn by lot."""
    if len(clips) <= MOST_CLIPS:
        return list(clips)
    kept = np.random.default_rng(seed).permutation(len(clips))[:MOST_CLIPS]
    return [clips[k] for k in sorted(kept)]
