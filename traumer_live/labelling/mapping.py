"""A mapping pack for a generator, from clips or from the labels of another pack.

In: clips, a generator.  Out: a transfer, labels and header, ready to be saved.  Thread: any; about
a minute, most of it painting the candidates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from traumer_live.core.types import Array
from traumer_live.labelling.annotators import Collection, wanted_attributes
from traumer_live.labelling.candidates import Candidates, make_candidates
from traumer_live.labelling.clips import Clips, to_labels
from traumer_live.labelling.fit import Spread
from traumer_live.labelling.matchmaking import Match, match
from traumer_live.latent.labels import Labels
from traumer_live.latent.transfer import Transfer
from traumer_live.synthesis.generator import Generator

CANDIDATES = 1200  # pictures painted: six screens of 200
SEED = 1
PROVENANCE = (
    "chosen by the documented annotator in traumer_live/labelling/annotators.py, nobody's taste"
)

PAINTING = 0.95  # of the time; the rest is choosing and fitting

Progress = Callable[[str], None]
Share = Callable[[float], None]


@dataclass(frozen=True)
class Mapping:
    """What a mapping pack is made of."""

    transfer: Transfer
    labels: Labels
    header: dict[str, str]
    match: Match
    candidates: Candidates


def make_mapping(
    clips: Clips,
    generator: Generator,
    *,
    candidates: int = CANDIDATES,
    seed: int = SEED,
    progress: Progress = lambda _: None,
    share: Share = lambda _: None,
) -> Mapping:
    """Choose pictures of ``generator`` for the clips, by attributes, and fit the transfer.

    ``progress`` is told what happens, ``share`` how much of all is done (0..1).
    """

    def painted(done: int, of: int) -> None:
        progress(f"painted {done} of {of} pictures")
        share(PAINTING * done / of)

    statistics = generator.w_statistics()
    spread = Spread(statistics.mu, statistics.sigma)
    offered = make_candidates(generator, candidates, seed=seed, progress=painted)
    found = match(clips, offered, wanted_of(clips), spread)
    for number, turn in enumerate(found.rounds, 1):
        progress(
            f"round {number}: unsuitability {turn.unsuitability:.3f}, "
            f"label to dream {turn.distance:.2f}, L1 {turn.loss:.3f}"
        )
    labels = to_labels(clips, offered.w[found.chosen])
    return Mapping(found.transfer, labels, _header(generator, seed), found, offered)


def wanted_of(clips: Clips) -> Array:
    """The picture attributes that each clip wants, as ranks."""
    return wanted_attributes(Collection(clips.attributes, clips.tags, clips.tag_names))


def _header(generator: Generator, seed: int) -> dict[str, str]:
    return {
        "generator": generator.info.name,
        "generator_sha256": generator.info.w_space,
        "labels_by": PROVENANCE,
        "seed": str(seed),
    }
