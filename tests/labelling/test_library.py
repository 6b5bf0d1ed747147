"""A folder of music becomes clips, whatever else lies in it and whatever happens to it."""

from __future__ import annotations

import shutil
import threading

import av
import numpy as np
import pytest

from tests.music import tune, write_wav
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.audio.files import open_sound
from traumer_live.audio.passages import is_protected, read_passage
from traumer_live.core.errors import SourceError
from traumer_live.core.types import SHOW_RATE
from traumer_live.embedding.encoder import load_encoder
from traumer_live.labelling import cutting
from traumer_live.labelling.boundaries import (
    LONGEST_S,
    SHORTEST_S,
    STEP_S,
    Overview,
    Place,
    boundaries,
    choose_places,
    novelty,
)
from traumer_live.labelling.clip_cache import ClipCache
from traumer_live.labelling.cutting import cut_file
from traumer_live.labelling.identity import file_identity
from traumer_live.labelling.library import Library, find_music, mixed_up

SHA = "e" * 64


def noise(seconds, *, low=True, seed=0):
    """Dull or bright noise (n,)."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * SHOW_RATE))
    dull = np.convolve(white, np.ones(64) / 64, "same")
    return (0.1 * (dull * 5 if low else white - dull)).astype(np.float32)


def overview(*parts):
    looked = Overview()
    for part in parts:
        for start in range(0, len(part), 7001):  # blocks of any size
            looked.push(part[start : start + 7001])
    return looked.bands_db


def stereo(sound):
    return np.stack([sound, sound], 1)


def test_novelty_peaks_where_the_sound_changes():
    found = novelty(overview(noise(20), noise(20, low=False), noise(20, seed=1)))
    for second in (20, 40):
        near = found[round((second - 1) / STEP_S) : round((second + 1) / STEP_S)]
        assert near.max() == pytest.approx(found[: round(30 / STEP_S)].max(), rel=0.3)
    assert found[round(10 / STEP_S)] < 0.1 * found.max()


def test_sections_begin_at_the_changes():
    begins = boundaries(overview(noise(20), noise(20, low=False), noise(20, seed=1))) * STEP_S
    np.testing.assert_allclose(begins, [0, 20, 40], atol=STEP_S)


def test_novelty_equals_the_checkerboard_on_the_similarity_matrix():
    """Foote's definition, with the tapered kernel written out."""
    bands = np.random.default_rng(3).standard_normal((90, 24)).astype(np.float32)
    known = bands - bands.mean(0)
    known = known / (known.std() + 1e-6)
    half = 32
    taper = np.exp(-0.5 * np.square(np.arange(half) / (half / 2)))
    taper /= taper.sum()
    side = np.concatenate([-taper[::-1], taper])
    checkerboard = np.outer(side, side)
    similarity = known @ known.T
    wanted = [
        (checkerboard * similarity[k - half : k + half, k - half : k + half]).sum()
        for k in range(half, 90 - half)
    ]
    np.testing.assert_allclose(novelty(bands)[half : 90 - half], wanted, rtol=1e-3, atol=1e-5)


def test_clips_come_from_different_sections_and_have_a_good_length():
    places = choose_places(overview(noise(25), noise(25, low=False), noise(25, seed=1)), 2)
    assert len(places) == 2
    starts = [place.start_s for place in places]
    assert 24 < starts[1] < 26 or 24 < starts[0] < 26
    assert all(SHORTEST_S <= place.length_s <= LONGEST_S for place in places)


def test_a_clip_begins_with_the_attack_after_a_pause():
    pause = np.zeros(10 * SHOW_RATE, np.float32)
    (place,) = choose_places(overview(pause, noise(30, low=False)), 1)
    assert place.start_s == pytest.approx(10, abs=STEP_S)


def test_no_clip_runs_into_the_end_of_a_piece_that_fades_out():
    fade = noise(14, seed=2) * np.geomspace(1, 1e-3, 14 * SHOW_RATE)
    piece = overview(noise(25), noise(25, low=False), fade.astype(np.float32))
    still = 50 + 14 * 24 / 60 + 1  # where it is FADED_DB below what it was
    for place in choose_places(piece, 4):
        assert place.start_s + place.length_s < still
    tail = np.zeros(10 * SHOW_RATE, np.float32)
    for place in choose_places(overview(noise(25), noise(9, low=False), tail), 4):
        assert place.start_s + place.length_s < 34 + 2 * STEP_S


def test_silence_has_no_clips():
    assert choose_places(overview(np.zeros(30 * SHOW_RATE, np.float32)), 3) == []
    assert choose_places(overview(), 3) == []


def test_a_passage_is_the_same_sound_from_anywhere(tmp_path):
    sound = tune(12)
    path = write_wav(tmp_path / "t.wav", sound)
    whole = np.concatenate(list(open_sound(path).blocks()))
    for start_s, length_s in ((0.0, 2.0), (3.21, 4.0), (11.0, 5.0)):
        first = round(start_s * SHOW_RATE)
        expected = whole[first : first + round(length_s * SHOW_RATE)]
        np.testing.assert_allclose(read_passage(path, start_s, length_s), expected, atol=1e-6)
    assert len(read_passage(path, 99.0, 1.0)) == 0


def test_a_mono_passage_is_as_loud_as_the_file(tmp_path):
    path = write_wav(tmp_path / "m.wav", tune(4)[:, :1])
    whole = np.concatenate(list(open_sound(path).blocks()))
    np.testing.assert_allclose(
        read_passage(path, 1.0, 2.0), whole[SHOW_RATE : 3 * SHOW_RATE], atol=1e-6
    )


def test_an_identity_follows_the_content_and_not_the_name(tmp_path):
    a = tmp_path / "a.bin"
    a.write_bytes(bytes(range(256)) * 2000)
    b = tmp_path / "b.bin"
    b.write_bytes(a.read_bytes())
    assert file_identity(a) == file_identity(b)
    b.write_bytes(a.read_bytes()[:-1] + b"x")
    assert file_identity(a) != file_identity(b)


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder, and what is kept of it when it was heard once."""
    base = tmp_path_factory.mktemp("heard")
    return music_in(base / "music"), scanned(base / "music", base)


@pytest.fixture
def folder(tmp_path):
    return music_in(tmp_path / "music")


def music_in(music):
    """Music, and everything else that lies in music folders."""
    (music / "album").mkdir(parents=True)
    write_wav(music / "one.wav", tune(14))
    write_wav(music / "album" / "two.wav", tune(14, seed=1))
    shutil.copy(music / "one.wav", music / "album" / "one again.wav")
    write_wav(music / "silent.wav", np.zeros((10 * SHOW_RATE, 2), np.float32))
    write_wav(music / "jingle.wav", tune(1))
    (music / "broken.mp3").write_bytes(np.random.default_rng(0).bytes(5000))
    (music / "empty.flac").write_bytes(b"")
    (music / "bought.m4p").write_bytes(b"locked")
    (music / "cover.jpg").write_bytes(b"\xff\xd8")
    (music / ".hidden.wav").write_bytes(b"")
    return music


def scanned(folder, tmp_path, encoder=load_encoder):
    library = Library(folder, encoder, SHA, cache=ClipCache(SHA, tmp_path / "cache"))
    library.start()
    library.wait(PATIENCE_S)
    return library


def test_a_folder_becomes_clips_and_says_what_was_left_out(heard):
    _, library = heard
    progress = library.progress
    assert progress.state == "done"
    assert (progress.files, progress.done) == (8, 8)
    assert progress.skipped == {"silent": 1, "too short": 1, "unreadable": 2, "protected": 1}
    assert {clip.piece for clip in library.clips} <= {"one", "album/two", "album/one again"}
    assert len({clip.file for clip in library.clips}) == 2  # a copy is no second piece
    for clip in library.clips:
        assert clip.embeddings.shape == (5, 256)
        assert clip.attributes.loudness > -40
        assert library.path_of(clip).exists()
    assert "left out" in str(progress)


def test_a_locked_file_is_known_whatever_its_ending(tmp_path):
    """Sold music is a usual container whose sample description says so (drms)."""
    sound = (0.5 * tune(3)[None, :, 0]).astype(np.float32)
    with av.open(str(tmp_path / "open.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=SHOW_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="mono")
        frame.sample_rate = SHOW_RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    plain = (tmp_path / "open.m4a").read_bytes()
    assert plain.count(b"mp4a") == 1
    (tmp_path / "locked.m4a").write_bytes(plain.replace(b"mp4a", b"drms"))
    assert not is_protected(tmp_path / "open.m4a")
    assert is_protected(tmp_path / "locked.m4a")


def test_a_second_scan_hears_nothing_again_even_when_files_were_moved(heard, tmp_path):
    music, first = heard
    folder = shutil.copytree(music, tmp_path / "moved")
    shutil.copytree(music.parent / "cache", tmp_path / "cache")
    (folder / "one.wav").rename(folder / "album" / "renamed.wav")

    def no_encoder():
        raise AssertionError("something was heard again")

    second = scanned(folder, tmp_path, no_encoder)
    assert second.progress.state == "done"
    first_clips = {clip.key: clip for clip in first.clips}
    assert first_clips.keys() == {clip.key for clip in second.clips}
    for clip in second.clips:
        np.testing.assert_array_equal(clip.embeddings, first_clips[clip.key].embeddings)


def test_a_stopped_scan_goes_on_where_it_was(folder, tmp_path):
    heard, hold = [], threading.Event()

    def encoder():
        heard.append(1)
        hold.wait(PATIENCE_S)
        return load_encoder()

    library = Library(folder, encoder, SHA, cache=ClipCache(SHA, tmp_path / "cache"))
    library.start()
    threading.Timer(0.2, hold.set).start()
    library.stop()
    assert library.progress.state == "stopped"
    assert library.progress.done < 8
    (folder / "album" / "two.wav").unlink()  # one piece is enough to be heard
    assert scanned(folder, tmp_path).progress.state == "done"


def test_a_folder_that_vanishes_is_said_and_what_was_heard_is_kept(folder, tmp_path):
    def encoder():
        folder.rename(tmp_path / "unplugged")
        return load_encoder()

    library = scanned(folder, tmp_path, encoder)
    assert library.progress.state == "vanished"
    assert "is gone" in library.progress.notice
    with pytest.raises(SourceError, match="no folder"):
        Library(folder, load_encoder, SHA)


def test_a_long_file_is_looked_at_in_stretches(tmp_path, monkeypatch):
    monkeypatch.setattr(cutting, "LONG_S", 60.0)
    monkeypatch.setattr(cutting, "STRETCHES", 3)
    monkeypatch.setattr(cutting, "STRETCH_S", 12.0)
    read = []
    plain = cutting.read_passage

    def watched(path, start_s, length_s):
        read.append(length_s)
        return plain(path, start_s, length_s)

    monkeypatch.setattr(cutting, "read_passage", watched)
    path = write_wav(tmp_path / "long.wav", np.tile(tune(12), (10, 1)))  # two minutes
    outcome = cut_file(path, "id", "long", load_encoder())
    assert len(outcome.clips) == 3
    assert [clip.start_s for clip in outcome.clips] == sorted(c.start_s for c in outcome.clips)
    assert sum(read) < 3 * (12 + 6 + 12) + 1


def test_a_clip_may_be_asked_for_before_its_piece_is_heard_whole(tmp_path, monkeypatch):
    (tmp_path / "music").mkdir()
    path = write_wav(tmp_path / "music" / "one.wav", tune(14))
    plain, hold = cutting._heard, threading.Event()
    monkeypatch.setattr(cutting, "choose_places", lambda *_: [Place(0.0, 5.0), Place(6.0, 5.0)])

    def slow(path, identity, piece, place, encoder):
        if place.start_s > 0:
            assert hold.wait(PATIENCE_S)
        return plain(path, identity, piece, place, encoder)

    monkeypatch.setattr(cutting, "_heard", slow)
    library = Library(path.parent, load_encoder, SHA, cache=ClipCache(SHA, tmp_path / "cache"))
    library.start()
    assert wait_until(lambda: len(library.clips) == 1)
    first = library.clips[0]
    assert (library.progress.done, library.progress.clips) == (0, 1)
    assert library.path_of(first) == path
    hold.set()
    assert library.wait(PATIENCE_S).clips == 2
    assert library.clips[0] is first, "earlier ones keep their places, none comes twice"


def test_an_encoder_that_cannot_be_had_is_told(folder, tmp_path):
    def none():
        raise ModelError("There is no encoder.")

    from traumer_live.core.errors import ModelError

    assert "There is no encoder" in scanned(folder, tmp_path, none).progress.notice


def test_files_come_in_a_mixed_but_steady_order(folder):
    files = list(find_music(folder))
    assert sorted(mixed_up(files)) == sorted(files)
    assert mixed_up(files) == mixed_up(files) != files
