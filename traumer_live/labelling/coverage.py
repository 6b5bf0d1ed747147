"""A person's music as a map: two dimensions, coloured by how well the labels cover each clip.

In: clips, labels, the models' facts.  Out: Coverage, as data and as a picture.  Thread: any.

Places are the two widest principal components of the space in which the mapping compares music, so
what lies near sounds alike to the tagger, as far as two dimensions can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.engine.mappings import SHIPPED_MAPPING
from traumer_live.labelling.asking import Asker
from traumer_live.labelling.label import Clip, Label
from traumer_live.labelling.lessons import belongs
from traumer_live.labelling.workshop import Workshop
from traumer_live.latent.pack import load_pack

SIZE = (1280, 800)  # pixels of the picture
MARGIN = 56
GROUND, QUIET, TEXT = (14, 15, 18), (86, 92, 105), (231, 233, 238)
ACCENT = (240, 168, 91)  # known well
OUTLIERS = 1  # per cent on each side that are drawn at the edge
DOT, OWN = 5, 7  # pixels, radius; of a labelled clip


@dataclass(frozen=True)
class Coverage:
    """The map."""

    clips: tuple[Clip, ...]
    places: Array  # (n, 2)
    confidence: Array  # (n,), 0..1
    labelled: tuple[bool, ...]
    explained: float  # 0..1, share of all variance that the two dimensions show

    @property
    def known(self) -> float:
        """Mean confidence over all clips."""
        return float(self.confidence.mean()) if len(self.confidence) else 0.0


def coverage(clips: Sequence[Clip], labels: Sequence[Label], workshop: Workshop) -> Coverage:
    """The map of ``clips``; labels of other models do not count."""
    asker = Asker(workshop)
    ours = [label for label in labels if belongs(label, workshop.ids)]
    keys = {label.clip.key for label in ours}
    if not clips:
        return Coverage((), np.zeros((0, 2), np.float32), np.zeros(0, np.float32), (), 0.0)
    places, explained = projected(asker.places(clips))
    labelled = tuple(clip.key in keys for clip in clips)
    return Coverage(tuple(clips), places, asker.confidence(clips, ours), labelled, explained)


def shipped_clips(workshop: Workshop) -> list[Clip]:
    """The clips of the starter mapping, where this tagger heard them: music to compare with."""
    pack = load_pack(data_file(SHIPPED_MAPPING))
    known = pack.labels
    if known is None or pack.header.get("encoder_sha256") != workshop.ids.encoder_sha256:
        return []
    return [
        Clip("", str(told["piece"]), float(told["start_s"]), 0.0, embeddings, tags)
        for told, embeddings, tags in zip(known.clips, known.embeddings, known.tags, strict=True)
    ]


def projected(places: Array) -> tuple[Array, float]:
    """The two widest principal components (n, 2) of places (n, kept), and the share they show."""
    centred = (places - places.mean(0)).astype(np.float64)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), range(axes.shape[1])])  # never mirrored
    found = centred @ axes
    if found.shape[1] < 2:
        found = np.pad(found, ((0, 0), (0, 2 - found.shape[1])))
    whole = float(values.sum())
    return found.astype(np.float32), float(values[::-1][:2].sum()) / whole if whole > 0 else 1.0


def as_json(found: Coverage) -> dict[str, object]:
    """The map as data."""
    return {
        "clips": [
            {
                "piece": clip.piece,
                "start_s": round(clip.start_s, 2),
                "x": round(float(x), 4),
                "y": round(float(y), 4),
                "confidence": round(float(confidence), 4),
                "labelled": labelled,
            }
            for clip, (x, y), confidence, labelled in zip(
                found.clips, found.places, found.confidence, found.labelled, strict=True
            )
        ],
        "confidence": round(found.known, 4),
        "explained": round(found.explained, 4),
    }


def picture(found: Coverage) -> Image.Image:
    """The map as a picture: grey is unknown, amber known well, a white ring labelled."""
    image = Image.new("RGB", SIZE, GROUND)
    draw = ImageDraw.Draw(image)
    for k in np.argsort(found.confidence):  # what is known best lies on top
        x, y = _points(found.places)[k]
        colour = tuple(
            round(a + (b - a) * float(found.confidence[k]))
            for a, b in zip(QUIET, ACCENT, strict=True)
        )
        radius = OWN if found.labelled[k] else DOT
        ring = TEXT if found.labelled[k] else None
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour, outline=ring)
    font = ImageFont.truetype(str(data_file("assets/fonts/DejaVuSansMono.ttf")), 15)
    told = (
        f"{len(found.clips)} clips, {sum(found.labelled)} labelled, mean confidence "
        f"{found.known:.0%}; grey: unknown, amber: known, ring: labelled; what is near sounds alike"
    )
    draw.text((MARGIN, SIZE[1] - MARGIN + 18), told, fill=TEXT, font=font)
    return image


def _points(places: Array) -> Array:  # (n, 2), pixels
    low, high = np.percentile(places, (OUTLIERS, 100 - OUTLIERS), axis=0)
    share = np.clip((places - low) / np.maximum(high - low, 1e-6), 0, 1)
    return np.asarray(MARGIN + share * (np.array(SIZE) - 2 * MARGIN), np.float32)
