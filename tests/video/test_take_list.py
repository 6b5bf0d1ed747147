"""Which files of a folder are takes, and what is told of each without playing it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from tests.video.movies import solid
from traumer_live.video.take import Take
from traumer_live.video.take_list import last_takes, look_at


def movie(path: Path, grey: int, *, frames: int = 30, written_s: int = 0) -> Path:
    take = Take(path, (64, 36))
    for slot in range(frames):
        take.write_frame(np.ascontiguousarray(solid(grey)[:36, :64]), slot)
    take.close()
    os.utime(path, (written_s, written_s))
    return path


def test_the_newest_takes_come_first_and_other_movies_are_none_of_ours(tmp_path: Path):
    old = movie(tmp_path / "traumer-live_2026-01-01_10-00-00.mp4", 90, frames=1, written_s=100)
    named = movie(tmp_path / "my night.mp4", 90, frames=1, written_s=200)
    named.with_suffix(".session").touch()
    movie(tmp_path / "holiday.mp4", 90, frames=1, written_s=300)
    assert last_takes(tmp_path, 5) == [named, old]
    assert last_takes(tmp_path, 1) == [named]
    assert last_takes(tmp_path / "gone", 5) == []


def test_a_take_is_told_by_its_length_its_size_and_a_picture_of_its_own(tmp_path: Path):
    take = look_at(movie(tmp_path / "t.mp4", 200))
    assert take is not None
    assert round(take.seconds, 2) == 1.0
    assert take.size == (64, 36)
    assert take.log is None
    picture = Image.open(io.BytesIO(take.thumbnail))
    assert picture.size == (64, 36)
    assert abs(int(np.asarray(picture).mean()) - 200) < 6


def test_a_file_that_cannot_be_played_is_listed_without_a_picture(tmp_path: Path):
    broken = tmp_path / "b.mp4"
    broken.write_bytes(b"no movie")
    take = look_at(broken)
    assert take is not None
    assert (take.seconds, take.thumbnail, take.file_size) == (0.0, b"", 8)
    assert look_at(tmp_path / "gone.mp4") is None
