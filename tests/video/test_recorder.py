from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tests.video.movies import SIZE, beeps, flash, offsets, read_movie, solid
from tests.waiting import PATIENCE_S
from traumer_live.core.errors import OutputError
from traumer_live.core.types import Array, Pixels
from traumer_live.video.encoders import Encoder, software_encoder
from traumer_live.video.recorder import Recorder
from traumer_live.video.slots import Slots
from traumer_live.video.take_names import reserve_take

START = 123_457  # a take begins in the middle of a show


class Sound:
    """The show's sound as the recorder sees it; the test moves its end."""

    def __init__(self) -> None:
        self.ready = START
        self.lost: range = range(0)

    def read(self, start: int, count: int) -> Array:
        assert start + count <= self.ready
        if self.lost and start < self.lost.stop and start + count > self.lost.start:
            raise LookupError("overwritten")
        return beeps(start, count)


def recorder(target: Path, sound: Sound, **options: object) -> Recorder:
    return Recorder(
        target,
        SIZE,
        start_index=START,
        read_sound=sound.read,
        sound_ready=lambda: sound.ready,
        **{"min_free": 0, "encoder": software_encoder(2), **options},  # type: ignore[arg-type]
    )


def offer(keeper: Recorder, pixels: Pixels, sample_index: int) -> None:
    """Offer until there is room: these tests run faster than any show."""
    while keeper.status().running:
        before = keeper.status().refused
        keeper.offer(pixels, sample_index)
        if keeper.status().refused == before:
            return
        threading.Event().wait(0.002)


def play(
    keeper: Recorder, sound: Sound, seconds: float, *, made: Callable[[int], bool] = lambda _: True
) -> None:
    """A show of 30 ticks a second; pictures come half a tick late, or not at all."""
    for tick in range(round(seconds * 30)):
        sound.ready = START + (tick + 1) * 1600
        index = sound.ready - 800
        if made(tick):
            offer(keeper, flash(index), index)


def test_flashes_meet_beeps_however_the_pictures_come(tmp_path: Path) -> None:
    sound = Sound()
    keeper = recorder(tmp_path / "a.mp4", sound)
    keeper.start()
    play(keeper, sound, 6, made=lambda tick: tick % 5 not in (1, 2))  # 18 a second, unevenly
    status = keeper.stop()
    movie = read_movie(tmp_path / "a.mp4")
    assert status.error is None
    assert status.repeated == 72
    assert len(movie.times) == status.frames == 180
    np.testing.assert_allclose(movie.times, np.arange(180) / 30, atol=1e-4)
    assert len(movie.sound) / 48_000 == pytest.approx(6.0, abs=0.03)
    found = offsets(movie)
    assert len(found) >= 4
    assert abs(np.median(found)) <= 1
    assert np.abs(found).max() <= 2


def test_a_stalled_picture_is_repeated_and_the_movie_goes_on(tmp_path: Path) -> None:
    sound = Sound()
    keeper = recorder(tmp_path / "s.mp4", sound)
    keeper.start()
    offer(keeper, solid(200), START + 1600)
    sound.ready = START + 4 * 48_000
    status = keeper.stop()
    movie = read_movie(tmp_path / "s.mp4")
    assert len(movie.times) == 120
    assert status.repeated == 119
    assert movie.bright.min() > 150


def test_before_the_first_picture_stands_the_first_picture(tmp_path: Path) -> None:
    sound = Sound()
    keeper = recorder(tmp_path / "b.mp4", sound)
    keeper.start()
    sound.ready = START + 16_000
    offer(keeper, solid(200), START + 8000)
    keeper.stop()
    assert read_movie(tmp_path / "b.mp4").bright.min() > 150


def test_without_any_picture_it_is_black_and_as_long_as_its_sound(tmp_path: Path) -> None:
    sound = Sound()
    keeper = recorder(tmp_path / "n.mp4", sound)
    keeper.start()
    sound.ready = START + 48_000
    keeper.stop()
    movie = read_movie(tmp_path / "n.mp4")
    assert (len(movie.times), movie.bright.max() < 20) == (30, True)


def test_lost_sound_becomes_silence_of_the_same_length(tmp_path: Path) -> None:
    sound = Sound()
    sound.lost = range(START, START + 48_000)
    keeper = recorder(tmp_path / "l.mp4", sound)
    keeper.start()
    play(keeper, sound, 3)
    assert keeper.stop().error is None
    movie = read_movie(tmp_path / "l.mp4")
    assert np.abs(movie.sound[:40_000]).max() < 0.01
    assert len(movie.sound) / 48_000 == pytest.approx(3.0, abs=0.03)
    assert np.abs(offsets(movie)).max() <= 2


def test_offer_never_waits_and_what_finds_no_room_is_counted(tmp_path: Path) -> None:
    sound = Sound()
    entered, release = threading.Event(), threading.Event()

    def stuck(start: int, count: int) -> Array:
        entered.set()
        release.wait(PATIENCE_S)
        return sound.read(start, count)

    keeper = Recorder(
        tmp_path / "q.mp4",
        SIZE,
        start_index=START,
        read_sound=stuck,
        sound_ready=lambda: sound.ready,
        encoder=software_encoder(2),
        min_free=0,
    )
    keeper.start()
    sound.ready = START + 16_000
    assert entered.wait(PATIENCE_S)
    for tick in range(100):  # would hang here if it waited: the recorder thread is held
        keeper.offer(solid(50), START + tick * 100)
    assert keeper.status().refused >= 90
    release.set()
    assert keeper.stop().error is None


def test_one_wrong_index_does_not_fill_the_disk(tmp_path: Path) -> None:
    sound = Sound()
    keeper = recorder(tmp_path / "w.mp4", sound)
    keeper.start()
    sound.ready = START + 16_000
    offer(keeper, solid(50), START + 10**12)
    offer(keeper, solid(50), START - 10**12)
    status = keeper.stop()
    assert status.frames <= 10 + 30


def test_odd_pictures_lose_their_last_row_and_column(tmp_path: Path) -> None:
    sound = Sound()
    keeper = Recorder(
        tmp_path / "odd.mp4",
        (65, 49),
        start_index=START,
        read_sound=sound.read,
        sound_ready=lambda: sound.ready,
        min_free=0,
    )
    keeper.start()
    sound.ready = START + 16_000
    keeper.offer(solid(90, (65, 49)), START + 1600)
    assert keeper.stop().error is None
    assert len(read_movie(tmp_path / "odd.mp4").times) == 10


def test_it_does_not_start_on_a_nearly_full_disk_and_leaves_older_takes(tmp_path: Path) -> None:
    old = tmp_path / "old.mp4"
    old.write_bytes(b"precious")
    keeper = recorder(old, Sound(), min_free=10**18, force=True)
    with pytest.raises(OutputError, match="MB are free"):
        keeper.start()
    assert old.read_bytes() == b"precious"


def test_it_ends_properly_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traumer_live.video import recorder as module

    monkeypatch.setattr(module, "_DISK_EVERY_S", 0.0)
    sound = Sound()
    keeper = recorder(tmp_path / "d.mp4", sound)
    keeper.start()
    play(keeper, sound, 1)
    keeper._min_free = 10**18
    while keeper.status().running:
        threading.Event().wait(0.01)
    status = keeper.stop()
    assert status.error is not None
    assert "complete until now" in status.error
    assert len(read_movie(tmp_path / "d.mp4").times) == 30


def test_slots_repeat_gaps_and_let_the_newer_win() -> None:
    written: list[tuple[int, int]] = []
    black, *pictures = (solid(value) for value in (0, 1, 2, 3))
    slots = Slots(lambda pixels, slot: written.append((int(pixels[0, 0, 0]), slot)), nothing=black)
    slots.put(pictures[0], 1)
    slots.put(pictures[1], 1)  # the same slot again
    slots.put(pictures[2], 4)
    slots.reach(6)
    assert written == [(1, 0), (2, 1), (2, 2), (2, 3), (3, 4), (3, 5)]
    assert (slots.repeated, slots.replaced) == (4, 1)


NOW = datetime(2026, 2, 3, 4, 5, 6)


def test_a_folder_gets_a_name_by_time_and_a_number(tmp_path: Path) -> None:
    names = [reserve_take(f"{tmp_path}/new/", now=NOW).name for _ in range(3)]
    stem = "traumer-live_2026-02-03_04-05-06"
    assert names == [f"{stem}.mp4", f"{stem}-2.mp4", f"{stem}-3.mp4"]
    assert reserve_take(tmp_path / "new", now=NOW).name == f"{stem}-4.mp4"


def test_a_pattern_is_filled_in_and_numbered(tmp_path: Path) -> None:
    names = [reserve_take(tmp_path / "new" / "set-%H%M", now=NOW).name for _ in range(2)]
    assert names == ["set-0405.mp4", "set-0405-2.mp4"]


def test_a_folder_is_made_with_all_above_it(tmp_path: Path) -> None:
    assert reserve_take(f"{tmp_path}/Videos/takes/", now=NOW).is_file()


def test_a_plain_name_is_kept_and_never_overwritten_without_force(tmp_path: Path) -> None:
    path = tmp_path / "show.mp4"
    assert reserve_take(path) == path
    with pytest.raises(OutputError, match="--force"):
        reserve_take(path)
    assert reserve_take(path, force=True) == path


@pytest.mark.parametrize("name", ["missing/show.mp4", "file/show.mp4", "show.avi"])
def test_where_nothing_can_be_written_one_sentence_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError) as caught:
        reserve_take(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_an_encoder_that_does_not_start_leaves_the_take_to_software(tmp_path: Path) -> None:
    """It had passed its probe, but another program has all its sessions, or pictures are small."""
    sound = Sound()
    keeper = recorder(tmp_path / "a.mp4", sound, encoder=Encoder("h264_nvenc"))
    keeper.start()
    width, height = SIZE
    assert keeper.note == f"h264_nvenc cannot keep {width}x{height} now; libx264 does."
    play(keeper, sound, 0.5)
    assert keeper.stop().error is None
    assert len(read_movie(tmp_path / "a.mp4").times) == 15


def test_an_unwritable_target_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        recorder(tmp_path / "missing" / "a.mp4", Sound()).start()
