"""The ring of columns against a plain list."""

from __future__ import annotations

import numpy as np

from traumer_live.embedding.columns import ColumnRing


def test_any_run_is_what_was_written():
    random = np.random.default_rng(0)
    ring = ColumnRing(10, (2,))
    written = np.zeros((10, 2), np.float32)
    for _ in range(200):
        n = int(random.integers(0, 14))
        columns = random.normal(size=(n, 2)).astype(np.float32)
        ring.write(columns)
        written = np.concatenate((written, columns))
        ago = int(random.integers(0, 9))
        size = int(random.integers(1, 11 - ago))
        end = len(written) - ago
        np.testing.assert_array_equal(ring.latest(size, ago=ago), written[end - size : end])


def test_a_run_is_a_view_without_copying():
    ring = ColumnRing(4, (3,))
    ring.write(np.ones((6, 3), np.float32))
    assert ring.latest(4).base is not None
    assert ring.latest(4).flags.c_contiguous
