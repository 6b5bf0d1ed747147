"""``traumer-live rerender``: from a take that the program made to a larger one."""

from __future__ import annotations

from argparse import Namespace

import av
import pytest

from tests.music import tune, write_wav
from traumer_live.cli import main
from traumer_live.cli.rerender import Company
from traumer_live.core.paths import data_file
from traumer_live.engine.session_log import Began, events

pytestmark = pytest.mark.gl


@pytest.fixture(scope="module")
def take(small_models, tmp_path_factory):
    folder = tmp_path_factory.mktemp("night")
    song = write_wav(folder / "song.wav", tune(2.0))
    words = ["run", "--headless", "--source", f"file:{song}", "--record-size", "96x64"]
    words += ["--backend", "onnx", "--record", str(folder / "take.mp4"), *small_models.options()]
    assert main(words) == 0
    return folder / "take.mp4"


def test_a_height_keeps_the_shape_and_nothing_is_overwritten(take, capsys):
    words = ["rerender", str(take), "--size", "128", "--fps", "60", "--backend", "onnx"]
    assert main(words) == 0
    movie = take.with_name("take-128p60.mp4")
    with av.open(str(movie)) as opened:
        video = opened.streams.video[0]
        assert (video.width, video.height, video.average_rate) == (192, 128, 60)
    before = movie.read_bytes()
    assert main(words) == 1
    assert "already exists" in capsys.readouterr().err
    assert movie.read_bytes() == before


def test_a_run_that_is_stopped_leaves_its_part_and_touches_nothing_else(take, capsys, monkeypatch):
    movie = take.with_name("kept.mp4")
    movie.write_bytes(b"an older movie")
    words = ["rerender", str(take), "--size", "64", "--fps", "30", "--backend", "onnx"]
    words += ["-o", str(movie), "--force"]

    def stop_after_a_second(bar, done_s, _total_s):
        bar.done_s = done_s
        if done_s >= 1.0:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("traumer_live.cli.rerender.ProgressBar.show", stop_after_a_second)
        assert main(words) == 130
    part = take.with_name("kept.unfinished.mp4")
    with av.open(str(part)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) in (29, 30)
    assert movie.read_bytes() == b"an older movie"
    assert f"{part} holds the first 1 s" in capsys.readouterr().out
    assert main(words) == 0
    assert "begins anew" in capsys.readouterr().out
    assert not part.exists()
    with av.open(str(movie)) as opened:
        assert sum(1 for _ in opened.decode(video=0)) > 30


def test_without_its_take_there_is_no_sound(take, tmp_path, capsys):
    log = tmp_path / "take.session"
    log.write_bytes(take.with_suffix(".session").read_bytes())
    assert main(["rerender", str(log)]) == 1
    assert "--take" in capsys.readouterr().err


def test_another_generator_uses_a_mapping_of_its_own(take, tmp_path, capsys):
    movie = tmp_path / "other.mp4"
    words = ["rerender", str(take), "--size", "64", "--fps", "30", "--backend", "onnx"]
    shipped = str(data_file("models/dream256.safetensors"))
    assert main([*words, "--generator", shipped, "-o", str(movie)]) == 0
    with av.open(str(movie)) as opened:
        frames = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    with av.open(str(take)) as opened:
        assert len(frames) == sum(1 for _ in opened.decode(video=0))
    assert frames[-1].std() > 1


def test_a_generator_of_the_same_w_plays_the_nights_own_mapping(tmp_path):
    words = ["run", "--headless", "--source", "tone", "--seconds", "1", "--record-size", "96x64"]
    words += ["--generator", "dream256", "--backend", "onnx", "--record", str(tmp_path / "t.mp4")]
    assert main(words) == 0
    began = next(e for e in events(tmp_path / "t.session") if isinstance(e, Began))
    asked = {"backend": "onnx", "threads": 1, "mapping": None}
    cast = Company(Namespace(generator="painter512", **asked)).cast(began)
    assert cast.generator.info.name == "painter512"
    assert cast.transfer is None  # the logged one, with all that was taught meanwhile
    asked["mapping"] = str(data_file("models/starter.safetensors"))
    assert Company(Namespace(generator="painter512", **asked)).cast(began).transfer is not None


def test_a_generator_that_changed_is_refused(take, small_models, capsys):
    kept = small_models.generator.read_bytes()
    small_models.generator.write_bytes(data_file("models/dream256.safetensors").read_bytes())
    try:
        assert main(["rerender", str(take), "--size", "64", "--fps", "24"]) == 1
    finally:
        small_models.generator.write_bytes(kept)
    assert "another version" in capsys.readouterr().err
