"""Named qualities: each is offered in the settings, and coarser ones make smaller files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from traumer_live.core.settings import RECORD_QUALITIES
from traumer_live.video import encoders
from traumer_live.video.encoders import Encoder
from traumer_live.video.qualities import QUALITIES, _turned, take_encoder
from traumer_live.video.take import Take

SIZE = (64, 64)


def size_of(folder: Path, encoder: Encoder) -> int:
    take = Take(folder / "take.mp4", SIZE, encoder=encoder)
    grain = np.random.default_rng(1).integers(0, 255, (10, 64, 64, 4), np.uint8)
    for slot, pixels in enumerate(grain):
        take.write_frame(pixels, slot)
    take.close()
    return (folder / "take.mp4").stat().st_size


def test_every_quality_of_the_settings_is_one_and_finer_ones_make_larger_files(tmp_path):
    assert tuple(QUALITIES) == RECORD_QUALITIES
    sizes = [size_of(tmp_path, take_encoder(name, hardware=False)) for name in RECORD_QUALITIES]
    assert sizes == sorted(sizes)
    assert sizes[0] < 0.8 * sizes[1] < 0.64 * sizes[2]


def test_every_hardware_encoder_has_its_own_dial_turned():
    for encoder in encoders._HARDWARE.values():
        coarse, fine = (_turned(encoder, QUALITIES[name].step) for name in ("small", "fine"))
        assert coarse.options != encoder.options != fine.options
        assert coarse.options.keys() == encoder.options.keys()
