"""The evidence for a mapping: is it musical, does it use the generator's range, does it hold still?

    python -m tools.starter_mapping.evaluate [--pack PACK] [--generator FILE] [--write docs/x.md]

Everything but stability is measured on pieces that were not used: four folds, choosing and fitting
anew in each. Prints Markdown; --write puts it between the marks in that page. About three minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.starter_mapping.rivals import SUBJECTS, Studio, subjects
from tools.starter_mapping.stability import measure
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.core.types import Array
from traumer_live.engine.models import Models, load_models
from traumer_live.labelling.candidates import make_candidates, paint
from traumer_live.labelling.clips import Clips, from_labels
from traumer_live.labelling.crossvalidation import folds, report
from traumer_live.labelling.fit import Spread
from traumer_live.labelling.mapping import CANDIDATES, SEED, wanted_of
from traumer_live.labelling.matchmaking import DECAY, examples, match
from traumer_live.labelling.picture_attributes import (
    PICTURE_ATTRIBUTES,
    measure_picture,
    oklab,
    reduced,
)
from traumer_live.latent.pack import load_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator

FOLDS = 4
DECAYS = (0.03, 0.1, 0.3, 1.0, 3.0)
PAINTED = 30  # pieces of each fold whose pictures are painted
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"


@dataclass(frozen=True)
class Dreams:
    """What one subject dreams to held-out clips."""

    pieces: np.ndarray  # (clips,)
    w: Array  # (clips, w_dim), in standard deviations
    windows: Array  # (clips * windows, w_dim)
    attributes: Array  # (painted, attributes)
    thumbnails: Array  # (painted, 192)
    wanted: Array  # (painted, attributes)
    painted: np.ndarray  # (painted,), piece of each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pack", type=Path, default=data_file("models/starter.safetensors"))
    parser.add_argument("--generator", default="")
    parser.add_argument("--write", type=Path, help="a page with the two marks")
    options = parser.parse_args()
    models = load_models(Settings(generator=options.generator, mapping=str(options.pack)))
    clips = from_labels(load_pack(options.pack).labels)
    page = "\n".join(evidence(models, clips))
    print(page)
    if options.write:
        insert(options.write, page)


def evidence(models: Models, clips: Clips) -> list[str]:
    """All tables."""
    generator = models.generator
    statistics = generator.w_statistics()
    spread = Spread(statistics.mu, statistics.sigma)
    studio = Studio(make_candidates(generator, CANDIDATES, seed=SEED), spread)
    wanted = wanted_of(clips)
    dreams = dream_all(clips, wanted, studio, generator)
    natural = random_pictures(studio, generator)
    reach = float(np.abs(studio.pictures).mean())
    info = generator.info
    return [
        f"Generator `{info.name}`, sha256 `{info.sha256[:16]}…`; {len(clips)} clips of "
        f"{len(set(clips.pieces))} pieces.",
        "",
        *musicality(dreams, natural, reach),
        "",
        *agreement(dreams),
        "",
        *weight_decay(clips, wanted, studio),
        "",
        *losses(clips, wanted, studio),
        "",
        *stability(models),
    ]


def dream_all(clips: Clips, wanted: Array, studio: Studio, generator: Generator) -> list[Dreams]:
    """All held-out dreams of every subject."""
    parts: list[list[Dreams]] = [[] for _ in SUBJECTS]
    for held in folds(np.array(clips.pieces), FOLDS):
        found = subjects(clips.where(~held), wanted[~held], studio)
        for part, transfer in zip(parts, found, strict=True):
            part.append(dream(transfer, clips.where(held), wanted[held], studio, generator))
    return [joined(part) for part in parts]


def dream(
    transfer: Transfer, test: Clips, wanted: Array, studio: Studio, generator: Generator
) -> Dreams:
    """What one transfer dreams to clips that it never heard."""
    pieces = np.array(test.pieces)
    kept = np.flatnonzero(np.isin(pieces, np.unique(pieces)[:PAINTED]))
    w = transfer(test.typical)
    looks = [looked_at(generator, w[k]) for k in kept]
    return Dreams(
        pieces=pieces,
        w=studio.spread.normalised(w),
        windows=studio.spread.normalised(transfer(test.embeddings)),
        attributes=np.stack([a for a, _ in looks]),
        thumbnails=np.stack([t for _, t in looks]),
        wanted=wanted[kept],
        painted=pieces[kept],
    )


def joined(parts: Sequence[Dreams]) -> Dreams:
    """The folds one after the other."""
    names = Dreams.__dataclass_fields__
    return Dreams(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def looked_at(generator: Generator, w: Array) -> tuple[Array, Array]:
    """Measured attributes, and an 8 x 8 thumbnail in OKLab (192,)."""
    pixels = paint(generator, w)
    return measure_picture(pixels), oklab(reduced(pixels, 8)).ravel().astype(np.float32)


def random_pictures(studio: Studio, generator: Generator, count: int = 200) -> tuple[Array, Array]:
    """Attributes and thumbnails of random pictures: the generator's own variety."""
    looks = [looked_at(generator, w) for w in studio.candidates.w[:count]]
    return studio.candidates.attributes, np.stack([t for _, t in looks])


def musicality(dreams: Sequence[Dreams], natural: tuple[Array, Array], reach: float) -> list[str]:
    """Between pieces over within a piece, and the range."""
    scale, (attributes, thumbs) = natural[0].std(0), natural
    variety = pairwise(thumbs)
    lines = [
        "| held-out music | w, windows | w, clips | attributes | thumbnails | range w | "
        "range attributes | range thumbnails |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, d in zip(SUBJECTS, dreams, strict=True):
        count = d.windows.shape[1]
        windows = d.windows.reshape(-1, d.w.shape[1])
        numbers = (
            ratio(windows, np.repeat(d.pieces, count)),
            ratio(d.w, d.pieces),
            ratio(d.attributes / scale, d.painted),
            ratio(d.thumbnails, d.painted),
            np.abs(d.w).mean() / reach,
            float((d.attributes.std(0) / attributes.std(0)).mean()),
            pairwise(d.thumbnails) / variety,
        )
        lines.append(f"| {name} | " + " | ".join(f"{x:.2f}" for x in numbers) + " |")
    return lines


def ratio(points: Array, pieces: np.ndarray) -> float:
    """Mean distance between points of different pieces over that within pieces."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, len(points), (2, 20_000))
    away = np.abs(points[a] - points[b]).mean(1)
    same = pieces[a] == pieces[b]
    inside = []
    for piece in np.unique(pieces):
        members = np.flatnonzero(pieces == piece)
        a, b = rng.choice(members, (2, 60))
        inside.append(np.abs(points[a[a != b]] - points[b[a != b]]).mean(1))
    return float(away[~same].mean() / np.concatenate(inside).mean())


def pairwise(points: Array) -> float:
    """Mean distance between any two."""
    a, b = np.random.default_rng(0).integers(0, len(points), (2, 20_000))
    return float(np.abs(points[a] - points[b]).mean(1)[a != b].mean())


def agreement(dreams: Sequence[Dreams]) -> list[str]:
    """Does the dreamt picture show what the annotator wanted? Correlation over held-out clips."""
    lines = ["| r(wanted, dreamt) | " + " | ".join(PICTURE_ATTRIBUTES) + " |"]
    lines.append("|---|" + "---|" * len(PICTURE_ATTRIBUTES))
    for name, d in zip(SUBJECTS, dreams, strict=True):
        columns = zip(d.wanted.T, d.attributes.T, strict=True)
        found = [correlation(want, got) for want, got in columns]
        lines.append(f"| {name} | " + " | ".join(f"{r:+.2f}" for r in found) + " |")
    return lines


def correlation(a: Array, b: Array) -> float:
    """Pearson's; 0 when one of them never changes."""
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) * np.ptp(b) > 0 else 0.0


def weight_decay(clips: Clips, wanted: Array, studio: Studio) -> list[str]:
    """What the weight decay trades: consistency for variety."""
    lines = ["| weight decay | w, clips | directions | L1 held out |", "|---|---|---|---|"]
    pieces = np.array(clips.pieces)
    held = next(folds(pieces, FOLDS))
    for decay in DECAYS:
        ours = match(
            clips.where(~held), studio.candidates, wanted[~held], studio.spread, decay=decay
        )
        w = studio.spread.normalised(ours.transfer(clips.where(held).typical))
        sizes = np.linalg.svd(w - w.mean(0), compute_uv=False) ** 2
        labelled = examples(clips.where(~held), studio.candidates.w[ours.chosen])
        loss = report(labelled, studio.spread, decay=decay)["transfer"]
        mark = " (shipped)" if decay == DECAY else ""
        lines.append(
            f"| {decay:g}{mark} | {ratio(w, pieces[held]):.2f} | "
            f"{sizes.sum() ** 2 / (sizes**2).sum():.1f} | {loss:.3f} |"
        )
    return lines


def losses(clips: Clips, wanted: Array, studio: Studio) -> list[str]:
    """Cross-validated L1 of the shipped labels."""
    chosen = match(clips, studio.candidates, wanted, studio.spread).chosen
    found = report(examples(clips, studio.candidates.w[chosen]), studio.spread, decay=DECAY)
    return [
        "| L1 held out | " + " | ".join(found) + " |",
        "|---|" + "---|" * len(found),
        "| standard deviations of w | " + " | ".join(f"{x:.3f}" for x in found.values()) + " |",
    ]


def stability(models: Models) -> list[str]:
    """Pictures over time."""
    lines = [
        "| OKLab change x 100 | 1/10 s, steady music | 1 s, steady music | "
        "at a change of section | 1/10 s, held chord |",
        "|---|---|---|---|---|",
    ]
    still = measure(models)
    lines.append(
        f"| ours, the demo | {still.frame:.2f} | {still.second:.2f} | {still.change:.2f} | "
        f"{still.chord:.3f} |"
    )
    return lines


def insert(page: Path, text: str) -> None:
    """Put ``text`` between the marks of ``page``."""
    before, rest = page.read_text().split(BEGIN, 1)
    _, after = rest.split(END, 1)
    with written_atomically(page) as temporary:
        temporary.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
