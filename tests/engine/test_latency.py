"""From a click to a pixel: how many ticks it takes, and that the measuring finds what is there."""

from __future__ import annotations

import json

import numpy as np
import pytest

from traumer_live.audio.capture import SourceSpec
from traumer_live.cli import main
from traumer_live.core.controls import Controls
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Frame
from traumer_live.engine.ears import Ears
from traumer_live.engine.latency import (
    BLOCK,
    CLICK,
    Drawing,
    Ear,
    PixelWatch,
    click_track,
    spans_ms,
    traced,
)
from traumer_live.engine.screen import Screen
from traumer_live.engine.show import Show
from traumer_live.video.gl import release_standalone, standalone_context

SIZE = (96, 64)
CONTROLS = Controls(pulse_strength=1.0)


@pytest.fixture
def screen(small_models):
    settings = small_models.settings(controls=CONTROLS)
    show = Show(settings, small_models.load(), SourceSpec("silence"))
    ctx = standalone_context()
    made = Screen(show, ctx, SIZE)
    yield show, made
    made.close()
    release_standalone(ctx)


def sound_with_a_click(ticks, *, at):
    """(ticks, 1600, 2): silence, and 20 ms of noise that begin in the middle of tick ``at``."""
    sound = np.zeros((ticks * SAMPLES_PER_TICK, 2), np.float32)
    start = at * SAMPLES_PER_TICK + SAMPLES_PER_TICK // 4
    sound[start : start + CLICK] = np.random.default_rng(0).uniform(-0.9, 0.9, (CLICK, 1))
    return sound.reshape(ticks, SAMPLES_PER_TICK, 2)


@pytest.mark.gl
@pytest.mark.parametrize(("answer_s", "later"), [(0.020, 1), (0.003, 0)])
def test_the_look_answers_in_the_click_s_own_tick_and_the_generator_at_most_one_later(
    screen,
    small_models,
    answer_s,
    later,
):
    show, drawn = screen
    models = small_models.load()
    ears = Ears(models, preset="live", seed=0)
    watcher = PixelWatch(drawn, now=lambda: now)
    click_at = 80
    for tick, sound in enumerate(sound_with_a_click(90, at=click_at)):
        thought = ears.hear(sound, CONTROLS)
        pixels = models.generator.synthesize(thought.w_plus, noise_gain=thought.noise_gain)
        show.thought = thought
        looks = 0
        for step in range(33):  # milliseconds
            now = tick / TICK_RATE + step / 1000
            if step == round(1000 * answer_s):
                show.frames.put(Frame(pixels, thought.sample_index))
            if drawn.refresh(now):
                watcher.look(thought.pulse.onset)
                looks += 1
        assert tick < 60 or looks == 1  # one drawing a tick, whatever the generator does
    (click,) = traced([(click_at - 0.5) / TICK_RATE], watcher.drawings)
    assert int(click.look_s * TICK_RATE + 1e-6) == click_at
    assert int(click.picture_s * TICK_RATE + 1e-6) == click_at + later


def test_a_click_is_traced_to_what_answers_it_and_not_to_what_always_moves():
    quiet = [Drawing(k / 30, 0.0, 0.5, 0.4) for k in range(30)]
    answers = [
        Drawing(1.00, 0.0, 0.9, 0.7),  # the idle picture drifts
        Drawing(1.03, 0.8, 9.0, None),  # the look
        Drawing(1.07, 0.5, 8.0, 5.0),  # the generator
    ]
    (click,) = traced([0.98], quiet + answers, played=[0.2, 0.95])
    assert (click.played_s, click.look_s, click.picture_s) == (0.95, 1.03, 1.07)
    assert spans_ms([click], "ring_s", "look_s") == pytest.approx([50.0])
    (lonely,) = traced([3.0], quiet + answers)
    assert lonely.look_s is lonely.picture_s is lonely.played_s is None
    assert spans_ms([lonely], "ring_s", "look_s") == []


def test_the_ear_notes_each_click_once():
    times = iter(np.arange(2000) * 0.005)
    ear = Ear(now=lambda: float(now))
    begins = []
    for block, is_first in click_track():
        now = next(times, None)
        if now is None:
            break
        ear.note(block)
        if is_first:
            begins.append(float(now))
    assert len(begins) >= 4
    assert ear.heard == begins
    assert BLOCK * 4 == CLICK


@pytest.mark.gl
@pytest.mark.pulse
def test_the_command_plays_through_the_sound_server_and_finds_the_pixels(
    pulse,
    small_models,
    tmp_path,
    capsys,
):
    def measured(target):
        words = ["latency", "--clicks", "3", "--size", "96x64", "--json", str(target)]
        assert main([*words, *small_models.options()]) == 0
        return json.loads(target.read_text())

    # A busy machine skips drawings, so not every click is answered by look and generator alike.
    attempts = (measured(tmp_path / f"{number}.json") for number in range(5))
    document = next(d for d in attempts if any(s["seen"] for s in d["spans_ms"].values()))
    assert document["clicks"] == 3
    assert set(document["semantic_delay_s"]) == {"coarse", "middle", "fine"}
    look, _, sound = document["spans_ms"].values()
    assert sound["seen"] == look["seen"]
    assert not look["seen"] or sound["p50"] > look["p50"] > 0  # the server's way comes on top
    assert "sound to picture" in capsys.readouterr().out
    assert "traumer_live_latency" not in pulse.pactl("list", "short", "sinks")  # nothing is left


def test_a_click_cannot_be_played_into_a_file(small_models, capsys):
    assert main(["latency", "--source", "file:song.wav", *small_models.options()]) == 1
    assert "use loopback or mic" in capsys.readouterr().err
