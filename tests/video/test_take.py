from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video.movies import SIZE, beeps, flash, offsets, read_movie, solid
from traumer_live.core.errors import OutputError
from traumer_live.video.encoders import (
    default_take_size,
    even_size,
    probe_hardware_encoder,
    software_encoder,
)
from traumer_live.video.fragments import boxes
from traumer_live.video.take import Take


def record(take: Take, seconds: int) -> None:
    for slot in range(seconds * 30):
        take.write_sound(beeps(slot * 1600, 1600))
        take.write_frame(flash(slot * 1600), slot)


@pytest.mark.parametrize("cores", [2, 8], ids=["ultrafast", "veryfast"])
def test_frames_are_constant_and_flashes_meet_beeps(tmp_path: Path, cores: int) -> None:
    take = Take(tmp_path / "a.mp4", SIZE, encoder=software_encoder(cores))
    record(take, 5)
    take.close()
    movie = read_movie(take.path)
    np.testing.assert_allclose(movie.times, np.arange(150) / 30, atol=1e-4)
    assert len(movie.sound) / 48_000 == pytest.approx(5.0, abs=0.03)
    found = offsets(movie)
    assert len(found) == 4
    assert np.abs(np.median(found)) <= 1
    assert np.abs(found).max() <= 2


def test_colours_are_tagged_bt709_and_come_back(tmp_path: Path) -> None:
    colour = (30, 200, 60)
    pixels = solid(255)
    pixels[..., :3] = colour
    take = Take(tmp_path / "c.mp4", SIZE)
    for slot in range(30):
        take.write_frame(pixels, slot)
        take.write_sound(beeps(slot * 1600, 1600))
    take.close()
    with av.open(str(take.path)) as movie:
        frame = next(movie.decode(video=0))
        context = movie.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)
        assert context.pix_fmt == "yuv420p"
        back = frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1).to_ndarray()
        sound = movie.streams.audio[0]
        assert (sound.rate, sound.layout.name) == (48_000, "stereo")
    np.testing.assert_allclose(back.reshape(-1, 3).astype(int), [colour] * (64 * 48), atol=3)


def test_a_closed_take_is_an_ordinary_mp4(tmp_path: Path) -> None:
    take = Take(tmp_path / "o.mp4", SIZE)
    record(take, 2)
    take.close()
    kinds = [box.kind for box in boxes(take.path)]
    assert kinds[0] == b"ftyp"
    assert sorted(kinds[1:]) == [b"free", b"mdat", b"moov"]


def test_the_same_picture_may_be_given_again(tmp_path: Path) -> None:
    take, picture = Take(tmp_path / "r.mp4", SIZE), solid(90)
    for slot in range(30):
        take.write_frame(picture, slot)
        take.write_sound(beeps(slot * 1600, 1600))
    take.close()
    assert len(read_movie(take.path).times) == 30


CHILD = """
import sys, time
from pathlib import Path
from tests.video.movies import SIZE, beeps, flash
from traumer_live.video.fragments import boxes
from traumer_live.video.take import Take
take = Take(Path(sys.argv[1]), SIZE)
for slot in range(100_000):
    take.write_sound(beeps(slot * 1600, 1600))
    take.write_frame(flash(slot * 1600), slot)
    print(slot, flush=True)
    time.sleep(0.002)  # lets the parent read along
"""


def test_killed_while_recording_it_plays_up_to_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "k.mp4"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    written = 0
    for line in child.stdout:
        written = int(line)
        if written >= 200:
            break
    child.kill()
    child.wait()
    child.stdout.close()
    assert child.returncode == -signal.SIGKILL
    movie = read_movie(path)
    assert written - len(movie.times) <= 31
    np.testing.assert_allclose(movie.times, np.arange(len(movie.times)) / 30, atol=1e-4)
    assert np.abs(offsets(movie)).max() <= 2


FULL = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from tests.video.movies import beeps
from traumer_live.core.errors import OutputError
from traumer_live.video.fragments import boxes
from traumer_live.video.take import Take
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
take = Take(Path(sys.argv[1]), (160, 96))
rng = np.random.default_rng(1)
try:
    for slot in range(3000):
        take.write_sound(beeps(slot * 1600, 1600))
        take.write_frame(rng.integers(0, 255, (96, 160, 4), dtype=np.uint8), slot)
except OutputError as error:
    print(slot, error)
"""


def test_when_no_more_can_be_written_the_rest_still_plays(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    path = tmp_path / "f.mp4"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    slot, sentence = done.stdout.strip().split(" ", 1)
    assert "kept" in sentence
    assert "\n" not in sentence
    assert int(slot) - len(read_movie(path).times) <= 45


@pytest.fixture
def small_disk(tmp_path: Path):
    folder = tmp_path / "small"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    # A container that failed may hold its file a moment longer.
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_one_sentence_and_the_rest_still_plays(small_disk: Path) -> None:
    rng = np.random.default_rng(1)
    take = Take(small_disk / "d.mp4", (160, 96))
    with pytest.raises(OutputError, match=r"disk .* is full"):  # noqa: PT012
        for slot in range(3000):
            take.write_sound(beeps(slot * 1600, 1600))
            take.write_frame(rng.integers(0, 255, (96, 160, 4), dtype=np.uint8), slot)
    assert len(read_movie(take.path).times) >= take.frames - 45


def test_no_file_no_take(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        Take(tmp_path / "none" / "x.mp4", SIZE)


def test_a_name_with_a_colon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    take = Take(Path("20:15.mp4"), SIZE)
    record(take, 1)
    take.close()
    assert len(read_movie(tmp_path / "20:15.mp4").times) == 30


def test_sizes_are_even_and_hardware_is_asked_quickly_and_silently(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert even_size((321, 181)) == (320, 180)
    assert even_size((1, 1)) == (2, 2)
    before = time.process_time()
    probe_hardware_encoder.cache_clear()
    name = probe_hardware_encoder()
    assert time.process_time() - before < 5
    assert name is None or name.startswith("h264_")
    assert default_take_size() in ((1280, 720), (640, 360))
    assert capfd.readouterr() == ("", "")
