"""Every format that people have, and every way in which a file can be bad."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from traumer_live.audio.files import open_sound
from traumer_live.core.errors import SourceError

RATE = 44_100
SECONDS = 2.0


def melody(rate: int = RATE) -> np.ndarray:
    """Two seconds (n, 2): 440 Hz left, 660 Hz right."""
    t = np.arange(int(SECONDS * rate)) / rate
    return 0.5 * np.sin(2 * np.pi * np.outer(t, [440, 660])).astype(np.float32)


def write_av(path: Path, codec: str, form: str, rate: int = RATE) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.layout, stream.format, stream.bit_rate = "stereo", form, 192_000
        stream.options = {"strict": "experimental"}  # FFmpeg's own Vorbis encoder asks for it
        stream.codec_context.open()  # some encoders tell their frame size only now
        frame = av.AudioFrame.from_ndarray(melody(rate).reshape(1, -1), "flt", "stereo")
        frame.sample_rate = rate
        resampler = av.AudioResampler(form, "stereo", rate, stream.frame_size or None)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))


def write_wav24(path: Path) -> None:
    values = (melody() * (2**23 - 1)).astype("<i4")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(RATE)
        file.writeframes(values.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


def heard(path: Path) -> np.ndarray:
    return np.concatenate(list(open_sound(path).blocks()))  # (n, 2)


def loudest_hz(x: np.ndarray) -> float:
    middle = x[24_000:72_000] * np.hanning(48_000)
    return float(np.argmax(np.abs(np.fft.rfft(middle))))


FORMATS = [
    ("pcm16.wav", "pcm_s16le", "s16", RATE),
    ("float.wav", "pcm_f32le", "flt", RATE),
    ("double.wav", "pcm_f64le", "dbl", 96_000),
    ("song.flac", "flac", "s32", RATE),
    ("song.mp3", "libmp3lame", "fltp", RATE),
    ("song.ogg", "vorbis", "fltp", RATE),
    ("song.opus", "libopus", "flt", 48_000),
    ("song.m4a", "aac", "fltp", RATE),
    ("movie.mp4", "aac", "fltp", RATE),
]


@pytest.mark.parametrize(("name", "codec", "form", "rate"), FORMATS)
def test_plays_the_format(tmp_path: Path, name: str, codec: str, form: str, rate: int) -> None:
    path = tmp_path / name
    write_av(path, codec, form, rate)
    check_melody(path)


def test_plays_24_bit_wav(tmp_path: Path) -> None:
    write_wav24(tmp_path / "deep.wav")
    check_melody(tmp_path / "deep.wav")


def check_melody(path: Path) -> None:
    sound = open_sound(path)
    x = heard(path)
    assert x.dtype == np.float32
    assert len(x) == pytest.approx(SECONDS * 48_000, abs=3000)
    assert loudest_hz(x[:, 0]) == pytest.approx(440, abs=20)
    assert loudest_hz(x[:, 1]) == pytest.approx(660, abs=20)
    if path.suffix != ".ogg":  # FFmpeg's own Vorbis encoder is rough, and its time stamps are off
        assert sound.duration_s == pytest.approx(SECONDS, abs=0.1)
        assert np.abs(x[24_000:72_000]).max() == pytest.approx(0.5, abs=0.05)


def test_a_desk_of_32_channels_is_refused_in_a_sentence(tmp_path: Path) -> None:
    """Nobody says what each of them is, so they cannot be mixed."""
    path = tmp_path / "desk.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(32)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.full((4800, 32), 3000, "<i2").tobytes())
    with pytest.raises(SourceError, match=r"desk\.wav cannot be turned into stereo"):
        open_sound(path)


def test_numbers_that_are_none_are_silence(tmp_path: Path) -> None:
    path = tmp_path / "broken.wav"
    samples = np.full((RATE, 2), 0.25, "<f4")
    samples[1000:1100] = [np.nan, np.inf]
    data = samples.tobytes()
    head = struct.pack("<HHIIHH", 3, 2, RATE, 8 * RATE, 8, 32)  # 3: numbers are floating
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head
    body += b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    sound = heard(path)
    assert np.isfinite(sound).all()
    assert np.median(np.abs(sound)) == pytest.approx(0.25, abs=0.01)


def test_mono_keeps_its_level(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((melody(48_000)[:, 0] * 32767).astype("<i2").tobytes())
    x = heard(path)
    np.testing.assert_array_equal(x[:, 0], x[:, 1])
    assert x.max() == pytest.approx(0.5, abs=1e-3)


def test_wav_is_sample_exact(tmp_path: Path) -> None:
    path = tmp_path / "exact.wav"
    write_av(path, "pcm_f32le", "flt", 48_000)
    np.testing.assert_array_equal(heard(path), melody(48_000))


@pytest.mark.parametrize("name", ["song.mp3", "song.flac"])
def test_damage_in_the_middle_is_stepped_over(tmp_path: Path, name: str) -> None:
    codecs = {f[0]: f for f in FORMATS}
    path = tmp_path / name
    write_av(path, *codecs[name][1:])
    damage(path)
    x = heard(path)
    assert len(x) > 1.5 * 48_000
    assert np.abs(x[:24_000]).max() > 0.4
    assert np.abs(x[-20_000:-5_000]).max() > 0.4


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = np.random.default_rng(6).bytes(2000)
    path.write_bytes(data)


def test_a_damaged_ogg_loses_a_page_or_two(tmp_path: Path, shared_audio: Path) -> None:
    path = tmp_path / "rock.opus"
    path.write_bytes((shared_audio / "rock.opus").read_bytes())
    damage(path)
    assert len(heard(path)) > 20 * 48_000


def test_a_cut_off_file_plays_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.mp3"
    write_av(path, "libmp3lame", "fltp")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 0.7 * 48_000 < len(heard(path)) < 1.3 * 48_000


def one_sentence(error: SourceError, path: Path) -> None:
    text = str(error)
    assert path.name in text
    assert text.endswith(".")
    assert "\n" not in text


def test_bad_files_are_named_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("this is no music\n" * 100)
    (tmp_path / "noise.ogg").write_bytes(np.random.default_rng(7).bytes(5000))
    header = tmp_path / "header.wav"
    with wave.open(str(header), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
    for name in ("missing.wav", "empty.wav", "text.mp3", "noise.ogg", "header.wav"):
        with pytest.raises(SourceError) as caught:
            open_sound(tmp_path / name)
        one_sentence(caught.value, tmp_path / name)
    with pytest.raises(SourceError, match="is a folder"):
        open_sound(tmp_path)


def test_a_silent_movie_has_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), "rgb24")
        for _ in range(5):
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with pytest.raises(SourceError, match="no sound in it"):
        open_sound(path)


def test_reading_is_repeatable(tmp_path: Path) -> None:
    path = tmp_path / "twice.flac"
    write_av(path, "flac", "s16")
    sound = open_sound(path)
    first, second = (np.concatenate(list(sound.blocks())) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_excerpts_play(shared_audio: Path) -> None:
    sound = open_sound(shared_audio / "rock.opus")
    length = sum(map(len, sound.blocks()))
    assert sound.duration_s is not None
    assert length / 48_000 == pytest.approx(sound.duration_s, abs=0.05)


@pytest.mark.parametrize("name", ["12:30.wav", "http:remix.wav", "töne ✓ %d.wav", "-o.wav"])
def test_any_name_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A colon makes a protocol of a relative path, unless FFmpeg is told that it is a file."""
    write_wav24(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_sound(name).duration_s == pytest.approx(SECONDS)
    assert open_sound(f"~/{name}").duration_s == pytest.approx(SECONDS)
