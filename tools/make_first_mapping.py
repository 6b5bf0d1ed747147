"""Make a first mapping for a generator: tag-free, matched to the variance of real music.

    python tools/make_first_mapping.py MUSIC... -o models/starter.safetensors [--generator FILE]

The embeddings of some music are whitened, turned by a seeded random matrix and scaled so that the
tanh works in its lively middle: every direction of w then moves as much as w does over random z,
and different music gives different pictures, though nobody has yet said which.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.audio.log_mel import LogMel
from traumer_live.audio.loudness import LoudnessNormaliser
from traumer_live.audio.resample import Resampler
from traumer_live.core.types import ENCODER_RATE, SHOW_RATE, Array
from traumer_live.embedding.encoder import Encoder, load_encoder
from traumer_live.latent.pack import save_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.loading import load_generator

KEPT = 24  # principal directions of the embeddings; the rest is mostly phase jitter
LIVELINESS = 0.7  # standard deviation before the tanh
EVERY_S = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("music", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--generator", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = load_generator(options.generator)
    statistics = generator.w_statistics()
    encoder = load_encoder()
    embeddings = np.concatenate([embed(path, encoder) for path in options.music])
    weight, bias = random_transfer(embeddings, generator.info.w_dim, options.seed)
    header = {
        "generator": generator.info.name,
        "generator_sha256": generator.info.sha256,
        "encoder": "mtt_vgg",
        "provenance": f"random, variance-matched, seed {options.seed}; nobody's taste",
        "licence": "GPL-3.0-or-later",
    }
    transfer = Transfer(weight, bias, statistics.mu, statistics.sigma)
    save_pack(options.output, transfer, header)
    print(f"{options.output}: from {len(embeddings)} embeddings of {len(options.music)} files")


def embed(path: Path, encoder: Encoder) -> Array:
    """Embeddings (n, e_dim) of a file, two a second, as the live ears would hear them."""
    encoder.reset()
    resampler, normaliser = Resampler(SHOW_RATE, ENCODER_RATE, 1), LoudnessNormaliser(ENCODER_RATE)
    log_mel = LogMel(encoder.mel_spec)
    rows, waiting = [], 0.0
    for block in open_sound(path).blocks():
        mono = block.mean(1, keepdims=True, dtype=np.float32)
        encoder.push(log_mel.push(normaliser.push(resampler.push(mono)[:, 0])))
        waiting += len(block) / SHOW_RATE
        if waiting >= EVERY_S:
            rows.append(encoder.embedding()[0])
            waiting = 0.0
    return np.stack(rows)


def random_transfer(embeddings: Array, w_dim: int, seed: int) -> tuple[Array, Array]:
    """Weight (w_dim, e_dim) and bias (w_dim,) that spread ``embeddings`` over all of w."""
    centre = embeddings.mean(0)
    _, scale, directions = np.linalg.svd(embeddings - centre, full_matrices=False)
    whiten = directions[:KEPT] / (scale[:KEPT, None] / np.sqrt(len(embeddings)))  # (KEPT, e_dim)
    turn = np.random.default_rng(seed).standard_normal((w_dim, KEPT))
    weight = LIVELINESS / np.sqrt(KEPT) * turn @ whiten
    return weight.astype(np.float32), (-weight @ centre).astype(np.float32)


if __name__ == "__main__":
    main()
