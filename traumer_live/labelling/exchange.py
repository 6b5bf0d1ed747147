"""Labels in and out of a store: as plain lines of JSON, and from what the first TräumerAI saved.

In: a store, a file.  Out: labels in the store, or a file.  Thread: any; hearing the origin's clips
takes a second or so each.

A line is a label as the journal keeps it, without its checksum: numbers are base64 of little-endian
floats with their shape. Labels that the store has already are not taken twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from traumer_live.audio.resample import Resampler
from traumer_live.core.files import refuse_overwrite, written_atomically
from traumer_live.core.types import ENCODER_RATE, SHOW_RATE, Array
from traumer_live.embedding.encoder import Encoder
from traumer_live.labelling.cutting import WINDOWS
from traumer_live.labelling.errors import LabelError
from traumer_live.labelling.hearing import SHORTEST_S, hear_passage, spread_windows
from traumer_live.labelling.label import Clip, Label, ModelIds, Pick, from_json, to_json
from traumer_live.labelling.store import Store
from traumer_live.latent.origin import OriginLabels

Progress = Callable[[int, int], None]  # done, of how many
ENDING = ".jsonl"


def export_labels(store: Store, path: Path, *, force: bool = False) -> int:
    """Write all labels that stand, one a line; how many.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    refuse_overwrite(path, force=force)
    lines = [json.dumps(to_json(label), separators=(",", ":")) for label in store.labels]
    with written_atomically(path) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(lines)


def import_labels(store: Store, path: Path) -> int:
    """Take the labels of such a file that the store does not have; how many they were.

    Raises:
        LabelError: the file holds something else; nothing of it was taken then.
        OutputError: the store's disk is full.
    """
    return _added(store, list(_labels_in(path)))


def import_origin(
    store: Store,
    labels: OriginLabels,
    encoder: Encoder,
    models: ModelIds,
    *,
    progress: Progress = lambda _done, _all: None,
) -> int:
    """Take the first TräumerAI's labels, heard by ``encoder``; how many are new.

    ``models`` says for which generator their w are. Clips too short to be heard are left out.

    Raises:
        ModelError: the file is damaged.
        OutputError: the store's disk is full.
    """
    known = {label.clip.file for label in store.labels}
    taken = 0
    for k in range(len(labels)):
        sound = labels.sound(k)  # (samples,), at ENCODER_RATE
        # There is no file, so the sound itself says which clip it is.
        identity = hashlib.sha256(np.ascontiguousarray(sound, "<f4").tobytes()).hexdigest()[:32]
        if len(sound) >= SHORTEST_S * ENCODER_RATE and identity not in known:
            clip = _heard(sound, identity, f"{labels.path.stem} {k + 1}", encoder)
            store.add(Label("", "", clip, (Pick(labels.w[k]),), (), models, note="from TräumerAI"))
            taken += 1
        progress(k + 1, len(labels))
    return taken


def _heard(sound: Array, identity: str, piece: str, encoder: Encoder) -> Clip:
    heard = hear_passage(_at_show_rate(sound), encoder, lead_s=0.0)
    return Clip(
        file=identity,
        piece=piece,
        start_s=0.0,
        length_s=len(sound) / ENCODER_RATE,
        embeddings=spread_windows(heard.embeddings, WINDOWS),
        tags=heard.tags,
        attributes=heard.attributes,
    )


def _at_show_rate(sound: Array) -> Array:
    resampler = Resampler(ENCODER_RATE, SHOW_RATE, 1)
    silence = np.zeros((ENCODER_RATE // 2, 1), np.float32)  # pushes out what it holds back
    return np.asarray(resampler.push(np.concatenate([sound[:, None], silence]))[:, 0], np.float32)


def _labels_in(path: Path) -> Iterator[Label]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} cannot be read as labels ({error}).") from error
    for number, line in enumerate(lines, start=1):
        try:
            yield from_json(json.loads(line))
        except (ValueError, LabelError, AttributeError) as error:
            raise LabelError(
                f"Line {number} of {path} is no label of this program; nothing was taken."
            ) from error


def _added(store: Store, labels: list[Label]) -> int:
    known = {(label.clip.key, label.made) for label in store.labels}
    new = [label for label in labels if (label.clip.key, label.made) not in known]
    for label in new:
        store.add(replace(label, id=""))
    return len(new)
