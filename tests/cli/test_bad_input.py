"""Everything a person can get wrong: one sentence, a non-zero exit, nothing lost, no trace."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.music import tune, write_wav
from traumer_live.cli import main


@pytest.fixture
def refuse(capsys, small_models):
    """Run a command that must fail, and return its one sentence."""

    def run(*arguments, models=True):
        named = small_models.options() if models else []
        code = main([*map(str, arguments), *named])
        complaint = capsys.readouterr().err
        assert code == 1
        assert "Traceback" not in complaint
        assert complaint.startswith("traumer-live: ")
        assert complaint.count("\n") == 1
        return complaint

    return run


@pytest.fixture
def song(tmp_path):
    return write_wav(tmp_path / "song.wav", tune(0.5))


def headless(source, *more):
    return ("run", "--headless", "--seconds", "0.3", "--source", source, *more)


@pytest.mark.parametrize("source", ["radio", "file", "tone:440"])
def test_sources_that_are_none(refuse, source):
    assert "source" in refuse(*headless(source))


def test_a_missing_song(refuse, tmp_path):
    assert "none.wav" in refuse(*headless(f"file:{tmp_path}/none.wav"))
    assert "none.wav" in refuse("render", tmp_path / "none.wav", "-o", tmp_path / "m.mp4")


def test_a_folder_as_song(refuse, tmp_path):
    assert "folder" in refuse("render", tmp_path, "-o", tmp_path / "m.mp4")
    assert "folder" in refuse(*headless(f"file:{tmp_path}"))


@pytest.mark.parametrize("content", [b"", b"this is a letter to a friend, not music" * 40])
def test_a_song_that_is_none(refuse, tmp_path, content):
    (tmp_path / "letter.mp3").write_bytes(content)
    assert "letter.mp3" in refuse("render", tmp_path / "letter.mp3", "-o", tmp_path / "m.mp4")
    assert "letter.mp3" in refuse(*headless(f"file:{tmp_path}/letter.mp3"))


def test_no_sound_system_and_unknown_devices(refuse, monkeypatch):
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    assert "Foo" in refuse(*headless("mic:Foo"))
    assert refuse(*headless("loopback"))
    assert refuse(*headless("loopback:Foo"))


def test_no_display(refuse, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    assert "--headless" in refuse("run", "--source", "tone")
    assert "display" in refuse("kiosk", "--no-supervised", "--source", "tone")


def test_existing_outputs_are_kept(refuse, song, tmp_path):
    movie = tmp_path / "m.mp4"
    movie.write_bytes(b"precious")
    assert "--force" in refuse("render", song, "-o", movie)
    assert "--force" in refuse(*headless("tone", "--record", movie))
    assert movie.read_bytes() == b"precious"


def test_unwritable_outputs(refuse, song, tmp_path):
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "m.mp4"
    assert "m.mp4" in refuse("render", song, "-o", target)
    assert "m.mp4" in refuse(*headless("tone", "--record", target))
    assert "s.json" in refuse(*headless("tone", "--stats", tmp_path / "file" / "s.json"))
    assert "is a folder" in refuse(*headless("tone", "--stats", tmp_path))
    assert "does not end in .mp4" in refuse("render", song, "-o", tmp_path / "m.mkv")


def test_statistics_that_cannot_be_written_are_refused_before_the_show(refuse, tmp_path):
    (tmp_path / "file").touch()
    take = tmp_path / "take.mp4"
    refuse(*headless("tone", "--stats", tmp_path / "file" / "s.json", "--record", take))
    assert not take.exists()


def test_statistics_are_not_overwritten_silently(refuse, tmp_path):
    path = tmp_path / "s.json"
    path.write_text("precious")
    assert "--force" in refuse(*headless("tone", "--stats", path))
    assert path.read_text() == "precious"


@pytest.mark.gl
def test_statistics_are_overwritten_by_force(small_models, tmp_path):
    path = tmp_path / "s.json"
    path.write_text("old")
    words = [*headless("tone", "--stats", str(path), "--force"), *small_models.options()]
    assert main([str(word) for word in words]) == 0
    assert '"fps"' in path.read_text()


def test_a_song_is_never_overwritten_by_its_own_movie(refuse, song):
    movie = song.rename(song.with_suffix(".mp4"))  # what it holds is known by its content
    before = movie.read_bytes()
    assert "source itself" in refuse("render", movie, "-o", movie, "--force")
    assert "source itself" in refuse(*headless(f"file:{movie}", "--record", movie, "--force"))
    without_ending = movie.with_suffix("")  # becomes the song's own name
    assert "source itself" in refuse("render", movie, "-o", without_ending, "--force")
    assert "source itself" in refuse(*headless(f"file:{movie}", "--record", without_ending))
    assert movie.read_bytes() == before


def test_a_folder_for_takes_that_cannot_be_made(refuse, tmp_path):
    (tmp_path / "out").touch()
    assert "cannot be made" in refuse(*headless("tone", "--record", tmp_path / "out" / "%H.mp4"))


def test_controls_out_of_range(refuse):
    assert "truncation_psi is 5" in refuse(*headless("tone", "--psi", "5"))
    assert "seed is -1" in refuse(*headless("tone", "--seed", "-1"))
    assert "seed is -1" in refuse("render", "song.wav", "-o", "m.mp4", "--seed", "-1")
    movie = ("render", "song.wav", "-o", "m.mp4", "--set")
    assert "energy is 3" in refuse(*movie, "controls.energy=3")
    assert "changes nothing in a movie" in refuse(*movie, "controls.gain_db=6")


@pytest.mark.parametrize("option", ["--generator", "--encoder", "--mapping"])
def test_weights_that_are_missing_truncated_or_something_else(
    refuse,
    small_models,
    tmp_path,
    option,
):
    other = tmp_path / "other.safetensors"
    save_file({"x": np.zeros(3, np.float32)}, other, {"kind": "recipe"})
    truncated = tmp_path / "truncated.safetensors"
    truncated.write_bytes(small_models.generator.read_bytes()[:5000])
    for path in (tmp_path / "none.safetensors", other, truncated, tmp_path):
        complaint = refuse(
            "run", "--headless", "--seconds", "0.3", "--source", "tone", *small_models.options(),
            option, path, models=False,
        )  # fmt: skip
        assert path.name in complaint


def test_tampered_weights(refuse, small_models, tmp_path):
    content = bytearray(small_models.generator.read_bytes())
    content[-1000] ^= 0xFF
    tampered = tmp_path / "tampered.safetensors"
    tampered.write_bytes(content)
    complaint = refuse(
        *headless("tone"), "--mapping", small_models.mapping, "--generator", tampered, models=False
    )
    assert "tampered" in complaint


def test_a_mapping_for_another_generator(refuse, small_models, tmp_path):
    from tests.synthesis.random_generator import random_generator
    from traumer_live.synthesis.config import GeneratorConfig

    config = GeneratorConfig(resolution=32, channel_base=256, channel_max=32, w_dim=32, z_dim=32)
    other = random_generator(tmp_path / "other.safetensors", config)
    complaint = refuse(
        *headless("tone"), "--mapping", small_models.mapping, "--generator", other, models=False
    )
    assert "64 w numbers" in complaint
    assert "32" in complaint


def test_nonsense_options_are_explained(capsys):
    for arguments in (
        ["render", "a.wav", "-o", "m.mp4", "--size", "huge"],
        ["render", "a.wav", "-o", "m.mp4", "--fps", "0"],
        ["run", "--seconds", "-1"],
        ["run", "--preset", "centred"],
        ["dance"],
    ):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["run", "--headless", "--record-raw"], "--record"),
        (["run", "--record-raw"], "--record"),
        (["run", "--headless", "--fullscreen"], "--headless"),
    ],
)
def test_options_that_would_be_passed_over_in_silence(capsys, arguments, option):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    complaint = capsys.readouterr().err
    assert ended.value.code == 2
    assert complaint.startswith("traumer-live: ")
    assert complaint.count("\n") == 1
    assert option in complaint.replace("--record-raw", "")
