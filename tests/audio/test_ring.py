"""The ring by absolute index, alone and between two threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from traumer_live.audio.ring import Overrun, Ring


def ramp(start: int, count: int) -> np.ndarray:
    """Samples that carry their own index, exact in float32 up to 16 million."""
    index = np.arange(start, start + count, dtype=np.float32)
    return np.stack([index, -index], axis=1)  # (count, 2)


def test_returns_what_was_written_across_the_seam() -> None:
    ring = Ring(100, 2)
    for start in range(0, 350, 70):
        ring.write(ramp(start, 70))
    np.testing.assert_array_equal(ring.read(250, 100), ramp(250, 100))
    assert ring.written == 350


def test_an_overwritten_start_says_where_to_go_on() -> None:
    ring = Ring(100, 2)
    ring.write(ramp(0, 130))
    with pytest.raises(Overrun) as caught:
        ring.read(29, 10)
    assert caught.value.oldest == 30
    np.testing.assert_array_equal(ring.read(30, 10), ramp(30, 10))


def test_more_than_fits_keeps_the_end() -> None:
    ring = Ring(64, 2)
    ring.write(ramp(0, 10))
    ring.write(ramp(10, 1000))
    np.testing.assert_array_equal(ring.read(1010 - 64, 64), ramp(1010 - 64, 64))


def test_the_future_cannot_be_read() -> None:
    ring = Ring(64, 1)
    ring.write(np.zeros((10, 1), np.float32))
    with pytest.raises(ValueError, match="not within"):
        ring.read(5, 6)
    with pytest.raises(ValueError, match="not within"):
        ring.read(-1, 2)
    assert ring.read(10, 0).shape == (0, 1)


def test_a_lap_during_the_copy_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer overtakes exactly while the reader copies."""
    ring = Ring(100, 2)
    ring.write(ramp(0, 100))
    real_empty = np.empty

    def empty_while_writing(*args: object) -> np.ndarray:
        ring.write(ramp(100, 50))
        return real_empty(*args)  # type: ignore[call-overload]

    monkeypatch.setattr(np, "empty", empty_while_writing)
    with pytest.raises(Overrun) as caught:
        ring.read(20, 60)
    assert caught.value.oldest == 50


def test_two_threads_never_see_torn_sound() -> None:
    """A writer as fast as it can, a reader close behind the oldest sample: right or Overrun."""
    ring = Ring(4096, 2)
    total = 4_000_000
    done = threading.Event()

    def write() -> None:
        at = 0
        rng = np.random.default_rng(2)
        while at < total:
            count = int(rng.integers(1, 1500))
            ring.write(ramp(at, count))
            at += count
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    reads = at = 0
    while not done.is_set():
        at = max(at, ring.oldest)
        count = min(1000, ring.written - at)
        try:
            block = ring.read(at, count)
        except Overrun as lapped:
            at = lapped.oldest
            continue
        np.testing.assert_array_equal(block[:, 0], np.arange(at, at + count, dtype=np.float32))
        reads += 1
        at += count
    writer.join()
    assert reads > 100
