"""From a sound file to the clips that may be asked for.

In: a path, an encoder.  Out: an Outcome: clips, or the reason why there are none.  Thread: the
caller's, which owns the encoder; some seconds a song.

Short pieces are looked at whole. Of anything longer than LONG_S, such as a ten-hour stream, evenly
spread stretches are looked at, so time and memory do not grow with its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.audio.passages import is_protected, lacks_sound, read_passage
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE, Array
from traumer_live.embedding.encoder import Encoder
from traumer_live.labelling.boundaries import STEP_S, Overview, Place, choose_places
from traumer_live.labelling.clip_cache import Outcome, Reason, as_kept
from traumer_live.labelling.hearing import LEAD_S, SHORTEST_S, hear_passage, spread_windows
from traumer_live.labelling.label import Clip

LONG_S = 20 * 60.0
STRETCHES, STRETCH_S = 12, 60.0  # of a longer file
CLIP_EVERY_S, MOST_CLIPS = 60.0, 4  # of a piece
WINDOWS = 5  # embeddings kept of a clip
QUIETEST_LUFS = -60.0  # a clip that turns out to be below is a pause

Stopped = Callable[[], bool]
Found = Callable[[Clip], None]


@dataclass(frozen=True)
class _Stretch:
    """A part of a file that was looked at."""

    start_s: float
    bands_db: Array  # (steps, BANDS)


def cut_file(
    path: Path,
    identity: str,
    piece: str,
    encoder: Encoder,
    *,
    stopped: Stopped = lambda: False,
    found: Found = lambda _: None,
) -> Outcome:
    """The clips of the file, heard and measured; ``found`` is told of each as soon as it is.

    Raises:
        SourceError: the file was there and is gone.
    """
    reason = _why_not(path)
    if reason is not None:
        return Outcome((), reason)
    stretches = list(_looked_at(path, stopped))
    if sum(len(s.bands_db) for s in stretches) * STEP_S < SHORTEST_S:
        return Outcome((), "too short")
    clips: list[Clip] = []
    for place in _places(stretches):
        if stopped():
            break
        clip = _heard(path, identity, piece, place, encoder)
        if clip is not None:
            clips += as_kept([clip])
            found(clips[-1])
    return Outcome(tuple(clips), None if clips else "silent")


def _why_not(path: Path) -> Reason | None:
    if is_protected(path):
        return "protected"
    try:
        open_sound(path)
    except SourceError:
        if not path.exists():
            raise
        return "without sound" if lacks_sound(path) else "unreadable"
    return None


def _looked_at(path: Path, stopped: Stopped) -> Iterator[_Stretch]:
    sound = open_sound(path)
    if sound.duration_s is None or sound.duration_s <= LONG_S:
        yield _Stretch(0.0, _overview_of_all(sound.blocks(), stopped))
        return
    for start_s in np.linspace(0, sound.duration_s - STRETCH_S, STRETCHES):
        if stopped():
            return
        overview = Overview()
        overview.push(read_passage(path, float(start_s), STRETCH_S).mean(1))
        yield _Stretch(float(start_s), overview.bands_db)


def _overview_of_all(blocks: Iterator[Array], stopped: Stopped) -> Array:
    """Of a whole piece; one that does not say how long it is may turn out endless."""
    overview, samples = Overview(), 0
    for block in blocks:
        overview.push(block.mean(1))
        samples += len(block)
        if samples > LONG_S * SHOW_RATE or stopped():
            break
    return overview.bands_db


def _places(stretches: list[_Stretch]) -> list[Place]:
    """Where the clips begin, in the file's own time."""
    if len(stretches) > 1:
        found = [(s, choose_places(s.bands_db, 1)) for s in stretches]
    else:
        (whole,) = stretches
        count = round(len(whole.bands_db) * STEP_S / CLIP_EVERY_S)
        found = [(whole, choose_places(whole.bands_db, int(np.clip(count, 1, MOST_CLIPS))))]
    return [Place(s.start_s + p.start_s, p.length_s) for s, places in found for p in places]


def _heard(path: Path, identity: str, piece: str, place: Place, encoder: Encoder) -> Clip | None:
    lead_s = min(LEAD_S, place.start_s)
    sound = read_passage(path, place.start_s - lead_s, lead_s + place.length_s).mean(1)
    if len(sound) < (lead_s + SHORTEST_S) * SHOW_RATE:
        return None
    heard = hear_passage(sound, encoder, lead_s=lead_s)
    if heard.attributes.loudness < QUIETEST_LUFS:
        return None
    return Clip(
        file=identity,
        piece=piece,
        start_s=place.start_s,
        length_s=place.length_s,
        embeddings=spread_windows(heard.embeddings, WINDOWS),
        tags=heard.tags,
        attributes=heard.attributes,
    )
