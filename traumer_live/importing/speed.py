"""How long a generator takes for one frame on this machine.

In: a loaded generator.  Out: milliseconds, the median.  Thread: the generator's.
"""

from __future__ import annotations

import time

import numpy as np

from traumer_live.synthesis.generator import Generator

FRAMES = 7  # after one that warms up
ENOUGH_S = 5.0  # large networks are not measured longer than this


def milliseconds_per_frame(generator: Generator) -> float:
    """Median time of a frame of random w."""
    info = generator.info
    z = np.random.default_rng(0).standard_normal((FRAMES, info.z_dim), dtype=np.float32)
    rows = [np.repeat(w[None], info.num_ws, 0) for w in generator.map(z)]  # (num_ws, w_dim) each
    generator.synthesize(rows[0])
    times: list[float] = []
    for w_plus in rows:
        start = time.perf_counter()
        generator.synthesize(w_plus)
        times.append(time.perf_counter() - start)
        if sum(times) > ENOUGH_S:
            break
    return 1000 * float(np.median(times))
