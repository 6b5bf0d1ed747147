"""The world in which labelling is simulated, as one small file of numbers.

In: the clips of models/starter.safetensors, random pictures of the shipped generator.
Out: benchmarks/learning/world.safetensors, without sound and without pictures.

    python -m benchmarks.learning.make_world        (some minutes, nearly all of it painting)

Music: one mean embedding per clip, its tags and measured attributes, its piece; the sources and
their licences are in the header. Pictures: scores in the leading principal components of
normalised w, and the attributes that were measured of each.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from traumer_live.core.files import written_atomically
from traumer_live.core.paths import data_file
from traumer_live.core.types import Array
from traumer_live.labelling.candidates import make_candidates
from traumer_live.labelling.clips import from_labels
from traumer_live.labelling.scaling import Spread
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis.loading import load_generator

TARGET = Path(__file__).parent / "world.safetensors"
PICTURES, SEED = 3000, 11
KEPT = 48  # principal components of w


def main() -> None:
    pack = load_pack(data_file("models/starter.safetensors"))
    assert pack.labels is not None
    clips = from_labels(pack.labels)
    generator = load_generator()
    statistics = generator.w_statistics()
    shown = make_candidates(generator, PICTURES, seed=SEED, progress=lambda *p: print(*p))
    scores, share = principal(Spread(statistics.mu, statistics.sigma).normalised(shown.w))
    tensors = {
        "music.embeddings": clips.typical,
        "music.tags": clips.tags,
        "pictures.scores": scores,
        "pictures.attributes": shown.attributes,
    }
    header = {
        "pieces": json.dumps(clips.pieces),
        "attributes": json.dumps([rounded(asdict(a)) for a in clips.attributes]),
        "tag_names": json.dumps(clips.tag_names),
        "music_from": pack.header["packages"],
        "encoder_sha256": pack.header["encoder_sha256"],
        "generator": generator.info.name,
        "generator_sha256": generator.info.w_space,
        "variance_kept": f"{share:.4f}",
        "seed": str(SEED),
    }
    with written_atomically(TARGET) as temporary:
        save_file({n: a.astype(np.float16) for n, a in tensors.items()}, temporary, header)
    print(f"{TARGET}: {TARGET.stat().st_size} bytes, {share:.1%} of the variance of w")


def principal(pictures: Array) -> tuple[Array, float]:
    """Scores (n, KEPT), each divided by the root of how many there are, and their share."""
    centred = pictures - pictures.mean(0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    share = float(np.square(sizes[:KEPT]).sum() / np.square(sizes).sum())
    return left[:, :KEPT] * sizes[:KEPT], share


def rounded(attributes: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in attributes.items()}


if __name__ == "__main__":
    main()
