"""The first mapping of a generator that nobody has labelled: varied, but without a meaning.

In: embeddings of some music, random w of the generator with their mean and deviation, a seed.
Out: a Transfer.  Thread: any; numpy only, a fraction of a second, the same result every time.

No tag, label or picture takes part. What it promises is that different music gives different
pictures, and that the pictures vary as the generator's own do:

1. The embeddings are standardised per channel and reduced to their KEPT widest principal
   components, each with variance one: x.
2. Random orthogonal turns of x, as many as are needed, give VARIED numbers of variance one: y.
3. y are the scores of the VARIED widest principal components of the generator's w (in standard
   deviations), each scaled by its natural spread, so wide components vary much, narrow ones little.
4. tanh takes some of that spread away, more of the wide ones. The scales are corrected until what
   comes out of ``mu + 2 sigma tanh(W e + b)`` has the natural spread in every component.

All of it is linear before the tanh and is folded into W and b.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.types import Array
from traumer_live.latent.transfer import REACH, Transfer

# Directions of the embeddings. With 8 / 12 / 16 / 24 pieces lay 1.77 / 1.68 / 1.60 / 1.50 times as
# far apart as the clips of one piece (553 clips, shipped generator; the starter mapping: 2.24).
KEPT = 12
VARIED = 64  # principal components of w in which pictures differ
FAINT = 1e-3  # of the widest component; narrower ones are rounding
CORRECTIONS = 8  # of the scales; the last changes less than a hundredth
PULL = (0.5, 2.0)  # how far one correction may go


def first_transfer(embeddings: Array, w: Array, *, mu: Array, sigma: Array, seed: int) -> Transfer:
    """A transfer whose dreams vary as random pictures do.

    Args:
        embeddings: (n, e_dim) of typical music, averaged as the smoothing will.
        w: (m, w_dim) of random z.
        mu: (w_dim,), mean of w over random z.
        sigma: (w_dim,), standard deviation of w, 0 where a component never changes.
        seed: of the turns.
    """
    mean, basis = _heard_directions(embeddings)  # (e_dim,), (e_dim, kept)
    floor = max(FAINT * float(sigma.max()), 1e-12)  # what never changes is only rounding
    pictures = np.asarray((w - mu) / np.maximum(sigma, floor), np.float32)
    natural, loads = _principal(pictures, VARIED)  # (varied,), (varied, w_dim)
    turned = basis @ _turns(basis.shape[1], len(natural), seed)  # (e_dim, varied)
    scores = (embeddings - mean) @ turned  # (n, varied), variance one
    scales = _corrected(scores, natural, loads)
    weight = (turned * scales @ loads).T  # (w_dim, e_dim)
    bias = -weight @ mean
    parts = (np.asarray(part, np.float32) for part in (weight, bias, mu, sigma))
    return Transfer(*parts)


def _heard_directions(embeddings: Array) -> tuple[Array, Array]:
    """Mean (e_dim,) and basis (e_dim, kept): (e - mean) @ basis has variance one."""
    mean, deviation = embeddings.mean(0), embeddings.std(0)
    still = deviation < FAINT * max(float(deviation.max()), 1e-12)
    scale = np.where(still, 0, 1 / np.where(still, 1, deviation))
    spread, loads = _principal(np.asarray((embeddings - mean) * scale, np.float32), KEPT)
    return mean, (scale[:, None] * loads.T / spread).astype(np.float32)


def _principal(rows: Array, count: int) -> tuple[Array, Array]:
    """Deviations (k,) along, and directions (k, d) of, the widest principal components."""
    centred = (rows - rows.mean(0)).astype(np.float64)
    # Of the covariance: a tenth of the time that the singular values of all rows take.
    variances, vectors = np.linalg.eigh(centred.T @ centred / len(rows))
    spread = np.sqrt(np.maximum(variances[::-1][:count], 1e-24))
    kept = max(1, int((spread > FAINT * spread[0]).sum()))
    loads = vectors[:, ::-1][:, :kept].T
    largest = np.abs(loads).argmax(1)  # a sign of its own choosing, not the library's
    loads = loads * np.sign(loads[np.arange(kept), largest])[:, None]
    return spread[:kept].astype(np.float32), loads.astype(np.float32)


def _turns(inputs: int, outputs: int, seed: int) -> Array:
    """Random orthogonal matrices side by side (inputs, outputs): every column has length one."""
    rng = np.random.default_rng(seed)
    blocks = []
    for _ in range(-(-outputs // inputs)):
        turn, triangle = np.linalg.qr(rng.standard_normal((inputs, inputs)))
        blocks.append(turn * np.sign(np.diag(triangle)))
    return np.concatenate(blocks, axis=1)[:, :outputs].astype(np.float32)


def _corrected(scores: Array, natural: Array, loads: Array) -> Array:
    """Scales (varied,) with which tanh leaves every component its natural deviation."""
    scales = natural / REACH
    for _ in range(CORRECTIONS):
        dreams = REACH * np.tanh(scores * scales @ loads)  # (n, w_dim), deviations of w
        spread = ((dreams - dreams.mean(0)) @ loads.T).std(0)
        scales = scales * np.clip(natural / np.maximum(spread, 1e-12), *PULL)
    return np.asarray(scales, np.float32)
