"""Every way of asking, every person, every seed; kept one by one.

In: a file of results.  Out: the same file, longer.  Thread: any.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.learning.evening import CHECKS, PAPER_WAY, Way, spend
from benchmarks.learning.people import people
from benchmarks.learning.world import load_world
from traumer_live.core.files import written_atomically
from traumer_live.labelling.queries import QUERIES
from traumer_live.labelling.recipes import school

RESULTS = Path(__file__).parent / "results.json"
SMALL, SEVERAL = 48, 5  # pictures on a screen, pictures taken

WAYS = (
    PAPER_WAY,
    Way("random", proposals=False, screen=200),
    Way("random", proposals=False, screen=SMALL),
    *(Way(query, proposals=False, screen=SMALL, picks=SEVERAL) for query in QUERIES),
    Way("coverage", proposals=True, screen=SMALL, picks=SEVERAL),
)

Results = dict[str, dict[str, Any]]  # "way | person | seed" -> errors at CHECKS, pictures viewed


def run(path: Path, *, seeds: int) -> None:
    """Simulate what is not in ``path`` yet."""
    results = load_results(path)
    world = load_world()
    learner = school(world.embeddings, world.pieces, world.spread)
    for seed in range(seeds):
        everybody = people(world, learner.scales["discriminants"], seed=seed)
        for name, person in everybody.items():
            for way in WAYS:
                key = f"{way.name} | {name} | {seed}"
                if key in results:
                    continue
                evening = spend(world, person, way, learner, seed=seed)
                results[key] = {
                    "errors": [round(e, 4) for e in evening.errors],
                    "viewed": round(sum(evening.viewed) / len(evening.viewed), 1),
                }
            keep(path, results)
            print(f"seed {seed}, {name}", flush=True)


def load_results(path: Path) -> Results:
    """What is kept; nothing when it was made with other checks."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return dict(kept["results"]) if tuple(kept["checks"]) == CHECKS else {}


def keep(path: Path, results: Results) -> None:
    with written_atomically(path) as temporary:
        temporary.write_text(json.dumps({"checks": CHECKS, "results": results}, indent=0))
