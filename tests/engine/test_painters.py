"""Several painters: the same pictures in the same order, whatever their number; errors arrive."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.music import tune
from traumer_live.core.controls import Controls
from traumer_live.core.errors import ModelError, OutputError
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.engine.ears import Ears
from traumer_live.engine.painters import AHEAD, Painters
from traumer_live.synthesis import load_generator
from traumer_live.video.take_writer import TakeWriter


@pytest.fixture(scope="module")
def models(small_models):
    return small_models.load()


@pytest.fixture(scope="module")
def thoughts(models):
    ears = Ears(models, preset="live", seed=0)
    ticks = tune(1.0).reshape(-1, SAMPLES_PER_TICK, 2)
    return [ears.hear(tick, Controls()) for tick in ticks]


def test_pictures_do_not_depend_on_the_number_of_painters(models, thoughts):
    with Painters(models.generator, 1) as one, Painters(models.generator, 3) as three:
        assert (one.count, three.count) == (1, 3)
        alone, together = list(one.paint(thoughts)), list(three.paint(thoughts))
    assert [thought for thought, _ in together] == thoughts
    for (_, a), (_, b) in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)
    direct = models.generator.synthesize(thoughts[7].w_plus, noise_gain=thoughts[7].noise_gain)
    np.testing.assert_array_equal(alone[7][1], direct)


def test_openvino_paints_on_every_core_too(small_models, thoughts):
    pytest.importorskip("openvino")
    generator = load_generator(small_models.generator, backend="openvino", threads=2)
    with Painters(generator, 3) as painters:
        assert painters.count == 3
        pictures = [pixels for _, pixels in painters.paint(thoughts)]
    asked = thoughts[7]
    direct = generator.synthesize(asked.w_plus, noise_gain=asked.noise_gain)
    assert np.abs(pictures[7].astype(int) - direct).max() <= 1


def test_only_a_few_thoughts_are_taken_ahead(models, thoughts):
    taken = []
    with Painters(models.generator, 2) as painters:
        pictures = painters.paint(taken.append(t) or t for t in thoughts)
        next(pictures)
        assert len(taken) == AHEAD * painters.count + 1
        pictures.close()


def test_an_error_of_a_painter_arrives_where_its_picture_is_awaited(models, thoughts):
    wrong = replace(thoughts[3], w_plus=thoughts[3].w_plus[:, :-1])
    with Painters(models.generator, 2) as painters:
        pictures = painters.paint([*thoughts[:3], wrong, *thoughts[4:8]])
        assert len([next(pictures) for _ in range(3)]) == 3
        with pytest.raises(ModelError):
            next(pictures)


class BrokenTake:
    """Takes two pictures; then the disk is full."""

    def __init__(self):
        self.path = Path("a.mp4")
        self.written, self.closed = [], False

    def write_frame(self, pixels, slot):
        if slot == 2:
            raise OutputError("The disk of a.mp4 is full; what was written is kept.")
        self.written.append(slot)

    def close(self):
        self.closed = True


def write_all(writer, slots):
    for slot in slots:
        writer.write_frame(np.zeros((4, 4, 4), np.uint8), slot)


def test_a_full_disk_ends_the_writing_with_its_sentence():
    take = BrokenTake()
    writer = TakeWriter(take)
    with pytest.raises(OutputError, match=r"disk of .* is full"):
        write_all(writer, range(100))
    with pytest.raises(OutputError, match=r"disk of .* is full"):
        writer.close()
    assert take.written == [0, 1]
    assert not take.closed  # it let go of the file by itself


def test_what_waits_is_written_before_the_end():
    take = BrokenTake()
    writer = TakeWriter(take)
    write_all(writer, (10, 11, 12))
    writer.close()
    assert take.written == [10, 11, 12]
    assert take.closed
