"""What bench says follows from what it measured, and it measures every stage."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from traumer_live.cli import bench
from traumer_live.cli.bench import Found, examine, told
from traumer_live.core.types import SAMPLES_PER_TICK
from traumer_live.engine import bench as engine_bench
from traumer_live.engine.bench import STAGES, beat
from traumer_live.engine.models import load_models

FAST = dict(zip(STAGES, (2.0, 8.0, 3.0, 0.2, 3.0), strict=True))
LARGE = dict(zip(STAGES, (2.0, 8.0, 40.0, 0.6, 9.0), strict=True))
FOUND = Found(
    cores=2,
    runs_on="onnx · CPU · 1 thread",
    draws_on="llvmpipe",
    hardware_encoder=None,
    stage_ms={"640x360": FAST, "1280x720": LARGE},
    fps=30.0,
    p95_ms=35.0,
)


def test_a_machine_with_room_hears_so():
    lines = told(FOUND)
    assert "making 8.0 ms" in lines[1]
    assert "two or three times" in lines[2]
    assert "steadily" in lines[3]
    assert "640x360 carries the show and a recording, with room" in lines[4]
    assert "1280x720 carries the show and a recording, with little room" in lines[5]


def test_each_size_is_judged_by_what_it_takes():
    assert FOUND.load("640x360", take=True) == pytest.approx(16.2 / (2 * 1000 / 30))
    assert FOUND.load("640x360", take=False) == pytest.approx(13.0 / (2 * 1000 / 30))
    lone = replace(FOUND, cores=1)
    assert "is too large here" in told(lone)[5]
    tight = replace(FOUND, stage_ms={"640x360": LARGE | {"upload and look": 46.0}})
    assert "but not a recording beside it" in told(tight)[4]


class SlowPath:
    """A machine that needs a second for every frame, by a clock of its own."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(engine_bench.time, "monotonic", lambda: self.now)

    def frame(self, sound):
        self.now += 1.0
        return dict.fromkeys(STAGES, 200.0)


def test_a_slow_machine_is_measured_on_fewer_frames(monkeypatch):
    path = SlowPath(monkeypatch)
    times = engine_bench.measure(path, 100, warm_up=5, longest_s=15.0)
    assert all(len(values) == 11 for values in times.values())
    assert path.now == 16.0
    path.now = 0.0
    assert len(engine_bench.measure(path, 100, warm_up=30, longest_s=15.0)["ears"]) == 1


def test_a_graphics_card_s_encoder_costs_the_processor_nothing():
    helped = replace(FOUND, hardware_encoder="h264_nvenc")
    assert helped.load("640x360", take=True) < FOUND.load("640x360", take=True)


def test_a_generator_that_is_too_slow_is_named():
    slow = replace(FOUND, fps=12.0, stage_ms={"640x360": FAST | {"synthesis": 250.0}})
    lines = told(slow)
    assert "makes 4.0 pictures a second" in lines[2]
    assert "with gaps" in lines[3]


def test_the_beat_goes_on_without_a_seam():
    ticks = [tick for tick, _ in zip(beat(), range(60), strict=False)]
    sound = np.concatenate(ticks)
    assert sound.shape == (60 * SAMPLES_PER_TICK, 2)
    assert 0.2 < np.abs(sound).max() < 0.9
    halves = sound[:24_000], sound[24_000:48_000]
    assert np.abs(np.diff(sound[:, 0])).max() < 0.3
    assert all(np.abs(half[:2000]).max() > 2 * np.abs(half[-2000:]).max() for half in halves)


@pytest.mark.gl
def test_every_stage_is_measured_and_a_show_was_run(small_models, tmp_path, monkeypatch, capsys):
    settings = small_models.settings()
    models = load_models(settings)
    examined = (
        examine(models, settings, ((64, 64),), frames=4, show_s=show_s) for show_s in (0.5, 4, 30)
    )
    found = next(one for one in examined if one.fps > 0)  # a busy machine needs a longer show
    assert set(found.stage_ms["64x64"]) == set(STAGES)
    assert min(found.stage_ms["64x64"].values()) > 0
    monkeypatch.setattr(bench, "examine", lambda *_: found)
    target = tmp_path / "bench.json"
    words = ["--size", "64x64", "--json", str(target), *small_models.options()]
    from traumer_live.cli import main

    assert main(["bench", *words]) == 0
    assert json.loads(target.read_text())["cores"] == found.cores
    assert "64x64" in capsys.readouterr().out
