"""One lesson of a running show as a label: what was heard lately, with a picture.

In: the ears' last moments, the sound they were of, a picture.  Out: Lesson, then Label.
Thread: ``hearing_of`` is the caller's and takes a millisecond; ``label_of`` measures, on any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from traumer_live.audio.listener import Listener
from traumer_live.audio.ring import Overrun
from traumer_live.core.types import SAMPLES_PER_TICK, SHOW_RATE, Array
from traumer_live.engine.ears import Moment
from traumer_live.engine.models import Models
from traumer_live.engine.shown import Picture
from traumer_live.labelling.cutting import WINDOWS
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.hearing import spread_windows
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick
from traumer_live.labelling.music_attributes import MusicAttributes, measure_music
from traumer_live.labelling.picture_attributes import measure_picture

GIG = "gig"  # where such a label comes from
SHORTEST_S = 3.0  # of music that can be taught
AUDIBLE = 0.02  # loudness of a pulse below which nothing plays


@dataclass(frozen=True)
class Lesson:
    """Everything that a label is made of, taken at one moment."""

    moments: tuple[Moment, ...]  # one for every tick, the newest last
    sound: Array | None  # (n, 2) of the same time; None where the ring has it no more
    picture: Picture
    piece: str  # for people, what was playing
    num_ws: int


def hearing_of(
    listener: Listener, models: Models, lately: Sequence[Moment], picture: Picture
) -> Lesson:
    """The lesson of this moment."""
    moments, sound = tuple(lately), None
    if moments:
        start = moments[0].sample_index - SAMPLES_PER_TICK
        try:
            sound = listener.ring.read(start, moments[-1].sample_index - start)
        except (Overrun, ValueError):
            sound = None
    source = listener.spec
    now = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"
    piece = Path(source.name).stem if source.kind == "file" else f"Live {now}"
    return Lesson(moments, sound, picture, piece, models.generator.info.num_ws)


def label_of(lesson: Lesson, ids: ModelIds) -> Label:
    """The lesson as the store keeps it.

    Raises:
        LabelError: too little was heard, or nothing played.
    """
    moments, picture = lesson.moments, lesson.picture
    length_s = len(moments) * SAMPLES_PER_TICK / SHOW_RATE
    if length_s < SHORTEST_S:
        raise LabelError(f"Only {length_s:.0f} s were heard so far; teach again in a moment.")
    if np.median([moment.pulse.loudness for moment in moments]) < AUDIBLE:
        raise LabelError("Nothing played in the last ten seconds, so there is nothing to teach.")
    if picture.w_plus.shape[0] != lesson.num_ws:
        raise LabelError("That picture is another generator's; choose one of this one's.")
    clip = Clip(
        file="",
        piece=lesson.piece,
        start_s=(moments[0].sample_index - SAMPLES_PER_TICK) / SHOW_RATE,
        length_s=length_s,
        embeddings=spread_windows(np.stack([m.embedding for m in moments]), WINDOWS),
        tags=np.stack([m.tags for m in moments]).mean(0),
        attributes=_attributes(lesson),
    )
    pick = Pick(picture.w_plus.astype(np.float32), measure_picture(picture.pixels))
    return Label("", "", clip, (pick,), (), ids, source=GIG)


def _attributes(lesson: Lesson) -> MusicAttributes | None:
    """The music's measured character, where its sound is still there."""
    if lesson.sound is None:
        return None
    mono = np.ascontiguousarray(lesson.sound.mean(axis=1, dtype=np.float32))
    return measure_music(mono, [moment.pulse for moment in lesson.moments])
