"""The mapping that a show lacks: made beside it, handed over, kept, and let go of at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.music import tune, write_wav
from tests.synthesis.random_generator import SMALL, random_generator
from tests.waiting import PATIENCE_S, wait_until
from traumer_live.audio.capture import SourceSpec
from traumer_live.cli import main
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.engine import mappings
from traumer_live.engine.mappings import Pair, Unmapped
from traumer_live.engine.models import load_models
from traumer_live.engine.show import Show
from traumer_live.labelling import mapmaker, starter
from traumer_live.labelling.clips import from_labels, to_labels
from traumer_live.labelling.mapmaker import CHILD, Mapmaker
from traumer_live.labelling.starter import affordable, make_starter
from traumer_live.labelling.starter_child import from_json, to_json
from traumer_live.latent.pack import load_pack, save_pack
from traumer_live.synthesis.loading import load_generator

QUICK_CHILD = "tests.labelling.quick_child"


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    for kind in ("DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))


@pytest.fixture
def foreign(tmp_path):
    return random_generator(tmp_path / "foreign.safetensors", SMALL, seed=3)


@pytest.fixture
def few_clips(tmp_path):
    """The shipped pack with sixty clips: choosing and fitting take a moment only."""
    pack = load_pack(data_file(mappings.SHIPPED_MAPPING))
    clips = from_labels(pack.labels).where(np.arange(len(pack.labels)) < 60)
    save_pack(
        tmp_path / "few.safetensors",
        pack.transfer,
        pack.header,
        labels=to_labels(clips, pack.labels.w[:60]),
    )
    return tmp_path / "few.safetensors"


@pytest.fixture
def show(foreign, few_clips, tmp_path, monkeypatch):
    monkeypatch.setattr("traumer_live.engine.models.source_of_labels", lambda _: few_clips)
    monkeypatch.setattr(mapmaker, "CHILD", QUICK_CHILD)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    settings = Settings(generator=str(foreign))
    running = Show(settings, load_models(settings), SourceSpec.parse("tone"))
    running.accompany(Mapmaker(running))
    yield running
    running.stop()


def test_the_show_plays_at_once_and_goes_over_to_the_mapping_when_it_is_made(show, foreign):
    first = show.models
    show.start()
    assert wait_until(lambda: show.stats.counters["frames.made"] > 3)
    assert show.models.unmapped is not None
    assert show.status().mapping_share is not None
    assert wait_until(lambda: show.models.unmapped is None)
    assert show.models.generator is first.generator  # nothing was loaded anew
    heard = np.linspace(-1, 1, first.encoder.e_dim, dtype=np.float32)
    assert np.abs(show.models.transfer(heard) - first.transfer(heard)).max() > 0
    told = [n for n in show.notices.drain() if "mapping" in n]
    assert len(told) == 1
    assert "takes over" in told[0]
    assert wait_until(lambda: show.status().mapping_share is None)
    before = show.stats.counters["frames.made"]
    assert wait_until(lambda: show.stats.counters["frames.made"] > before + 3)
    show.stop()
    again = load_models(Settings(generator=str(foreign)))
    assert again.unmapped is None
    np.testing.assert_array_equal(again.transfer(heard), show.models.transfer(heard))


def test_a_show_that_ends_first_leaves_no_process(show):
    show.start()
    maker = show._companions[0]
    assert wait_until(lambda: maker._child is not None and maker._child.poll() is None)
    child = maker._child
    show.stop()
    assert child.poll() is not None
    assert show.notices.drain() == []  # nobody wants to hear of it
    assert not show.models.unmapped.target.exists()


def test_other_models_end_what_nobody_wants_any_more(show):
    show.start()
    maker = show._companions[0]
    assert wait_until(lambda: maker._child is not None)
    child = maker._child
    show.switch_models(load_models(Settings()))
    assert wait_until(lambda: child.poll() is not None)
    assert show.mapping_share is None
    assert wait_until(lambda: show.models.unmapped is None)


def request(foreign, source, tmp_path):
    info = load_generator(foreign, threads=1).info
    return Unmapped(Pair(info.sha256, "e" * 64), info.name, foreign, "onnx", source)


def test_what_is_asked_of_the_child_arrives_whole(foreign, few_clips, tmp_path):
    asked = request(foreign, few_clips, tmp_path)
    assert from_json(to_json(asked)) == asked
    shipped = Unmapped(Pair("a", "b", 3), "dream", None, "auto", None)
    assert from_json(to_json(shipped)) == shipped


def test_the_child_ends_with_whoever_started_it(foreign, tmp_path):
    source = data_file(mappings.SHIPPED_MAPPING)
    child = subprocess.Popen(
        [sys.executable, "-m", CHILD, to_json(request(foreign, source, tmp_path))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    if sys.platform != "win32":
        niceness = partial(os.getpriority, os.PRIO_PROCESS)
        assert wait_until(lambda: niceness(child.pid) > niceness(0))
    child.stdin.close()
    assert child.wait(PATIENCE_S) == 0
    child.stdout.close()


def test_a_generator_that_is_gone_is_one_sentence(foreign, few_clips, tmp_path):
    asked = request(foreign, few_clips, tmp_path)
    foreign.unlink()
    with subprocess.Popen(
        [sys.executable, "-m", QUICK_CHILD, to_json(asked)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        (said,) = child.stdout.readlines()
        child.stdin.close()
    assert "no weights file" in json.loads(said)["error"]


def test_what_was_painted_is_not_painted_again(foreign, few_clips, tmp_path, monkeypatch):
    asked = request(foreign, few_clips, tmp_path)
    monkeypatch.setattr(starter, "affordable", lambda _: 200)

    class StoppedError(Exception):
        pass

    def stop_half_way(share):
        if share > 0.4:
            raise StoppedError

    with pytest.raises(StoppedError):
        make_starter(asked, share=stop_half_way)
    painted = []
    monkeypatch.setattr(
        "traumer_live.labelling.candidates.paint",
        lambda generator, w, paint=starter.paint: painted.append(w) or paint(generator, w),
    )
    make_starter(asked)
    assert 0 < len(painted) < 150
    assert load_pack(asked.target).header["generator_sha256"] == asked.pair.generator_sha256


def test_slow_generators_get_fewer_pictures_to_choose_among(foreign, monkeypatch):
    generator = load_generator(foreign, threads=1)
    assert affordable(generator) == 1200
    monkeypatch.setattr(starter, "PAINTING_S", 0.0)
    assert affordable(generator) == 200


def test_render_makes_what_is_missing_first(foreign, few_clips, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("traumer_live.engine.models.source_of_labels", lambda _: few_clips)
    monkeypatch.setattr(starter, "affordable", lambda _: 200)
    song = write_wav(tmp_path / "song.wav", tune(1))
    words = ["render", str(song), "--generator", str(foreign), "--size", "128x72"]
    assert main([*words, "-o", str(tmp_path / "a.mp4")]) == 0
    assert "one is made first" in capsys.readouterr().out
    assert main([*words, "-o", str(tmp_path / "b.mp4")]) == 0
    assert "one is made first" not in capsys.readouterr().out
