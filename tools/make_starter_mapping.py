"""How models/starter.safetensors was made: game music, a documented annotator, the paper's fit.

    python -m tools.make_starter_mapping                       # for models/dream256.safetensors
    python -m tools.make_starter_mapping --generator FILE -o PACK

Fetches what is missing of the collection (1.3 GB, Debian's packages), hears it, paints pictures,
chooses, fits and saves. What was fetched, heard and painted is kept, so a run that was stopped goes
on where it was, and a second run takes seconds. For another generator without any sound:
``traumer-live map``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np

from tools.starter_mapping.hearing import HeardClip, hear_collection
from tools.starter_mapping.music import PACKAGES, fetch, pieces
from traumer_live.core.paths import data_file
from traumer_live.embedding.encoder import DEFAULT_WEIGHTS, Encoder, load_encoder
from traumer_live.labelling.clips import Clips
from traumer_live.labelling.mapping import make_mapping
from traumer_live.latent.pack import save_pack
from traumer_live.synthesis.loading import load_generator

CACHE = Path.home() / ".cache" / "traumer-music"
WINDOWS = 5  # of each clip that are kept
LICENCE = "GPL-3.0-or-later"  # numbers measured from the music and chosen by our own program


def main() -> None:
    """Make the pack and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generator", type=Path, help="default: the shipped one")
    parser.add_argument("--encoder", type=Path, default=data_file(DEFAULT_WEIGHTS))
    parser.add_argument("-o", "--output", type=Path, default=Path("models/starter.safetensors"))
    parser.add_argument("--music", type=Path, default=CACHE, help="where the collection is kept")
    options = parser.parse_args()
    began = time.monotonic()
    clips = collect(options.music, load_encoder(options.encoder))
    print(f"{len(clips)} clips of {len(set(clips.pieces))} pieces")
    generator = load_generator(options.generator)
    made = make_mapping(clips, generator, progress=print)
    header = {
        **made.header,
        "encoder": options.encoder.stem,
        "encoder_sha256": hashlib.sha256(options.encoder.read_bytes()).hexdigest(),
        "packages": json.dumps({name: licence for name, (_, licence) in PACKAGES.items()}),
        "provenance": "clips of game music from Debian's packages; tools/make_starter_mapping.py",
        "licence": LICENCE,
    }
    save_pack(options.output, made.transfer, header, labels=made.labels)
    print(f"{options.output}: {options.output.stat().st_size} bytes", end=", ")
    print(f"{len(set(made.match.chosen))} different pictures, {time.monotonic() - began:.0f} s")


def collect(cache: Path, encoder: Encoder) -> Clips:
    """The whole collection as clips, fetched and heard when it was not yet."""
    fetch(cache)
    found = pieces(cache)
    heard: list[HeardClip] = []
    for number, clips in enumerate(hear_collection(found, cache, encoder), 1):
        heard += clips
        if number % 20 == 0 or number == len(found):
            print(f"heard {number} of {len(found)} pieces")
    return to_clips(heard, encoder.tag_names)


def to_clips(heard: list[HeardClip], tag_names: tuple[str, ...]) -> Clips:
    """What was heard, with a few evenly spread windows of each clip."""
    count = min(len(clip.embeddings) for clip in heard)
    windows = np.round((np.arange(WINDOWS) + 0.5) * count / WINDOWS - 0.5).astype(int)
    return Clips(
        tuple(clip.piece for clip in heard),
        tuple(clip.start_s for clip in heard),
        tuple(clip.attributes for clip in heard),
        np.stack([clip.tags for clip in heard]),
        tag_names,
        # As the pack keeps them, so that refitting from it gives the same.
        np.stack([clip.embeddings[windows] for clip in heard]).astype(np.float16).astype("<f4"),
    )


if __name__ == "__main__":
    main()
