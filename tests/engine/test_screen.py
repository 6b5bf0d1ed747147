"""What the audience sees of a show: looks, safety switches, and the limiter's word about it."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace

import moderngl
import numpy as np
import pytest

from traumer_live.audio.capture import SourceSpec
from traumer_live.core.controls import Controls
from traumer_live.core.errors import DisplayError
from traumer_live.core.types import Frame, Pulse
from traumer_live.engine.screen import Screen, hud_reading, look_state
from traumer_live.engine.show import Show
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.looks_settings import Setting

SIZE = (96, 54)


@pytest.fixture
def show(small_models):
    """A show that was never started: its pictures are put by hand."""
    return Show(small_models.settings(), small_models.load(), SourceSpec.parse("silence"))


@pytest.fixture
def ctx() -> moderngl.Context:
    try:
        context = standalone_context()
    except DisplayError as error:
        pytest.skip(str(error))
    yield context
    release_standalone(context)


class Audience:
    """Looks at the screen, a thirtieth of a second later each time."""

    def __init__(self, show: Show, ctx: moderngl.Context) -> None:
        self.show, self.screen = show, Screen(show, ctx, SIZE)
        self.start_s, self.ticks = time.monotonic(), 0

    def look(self, light: int | None = None, seconds: float = 0.0) -> float:
        """Mean of what is seen after a picture of ``light``, or after so many seconds."""
        for _ in range(max(round(seconds * 30), 1)):
            self.ticks += 1
            if light is not None:
                pixels = np.full((16, 16, 4), light, np.uint8)
                self.show.frames.put(Frame(pixels, self.ticks * 1600))
            self.screen.refresh(self.start_s + self.ticks / 30 + 1e-4)
        seen = np.frombuffer(self.screen.texture.read(), np.uint8).reshape(-1, 4)
        return float(seen[:, :3].mean())


@pytest.fixture
def audience(show: Show, ctx: moderngl.Context):
    audience = Audience(show, ctx)
    show.controls.change(preset="paper")  # the bare picture
    yield audience
    audience.screen.close()


def test_controls_become_a_look() -> None:
    knobs = {"ink/ink.width": 2.0, "neon/ink.width": 3.0}
    controls = Controls(look="ink", look_amount=0.5, look_knobs=knobs, zoom=1.5, hue=20.0)
    look = look_state(controls, Pulse(), time_s=1.0)
    assert (look.look, look.amount, look.zoom, look.hue) == ("ink", 0.5, 1.5, 20.0)
    assert look.turned == {"ink.width": 2.0}


def test_paper_shows_the_bare_picture_unless_a_look_is_chosen() -> None:
    assert look_state(Controls(), Pulse(), time_s=0.0).look == "plain"
    assert look_state(Controls(preset="paper"), Pulse(), time_s=0.0).look == "bare"
    assert look_state(Controls(preset="paper", look="ink"), Pulse(), time_s=0.0).look == "ink"


def test_the_limiter_is_on_unless_it_was_turned_off() -> None:
    assert look_state(Controls(), Pulse(), time_s=0.0).limit_flashes
    assert not look_state(Controls(limiter=False), Pulse(), time_s=0.0).limit_flashes


@pytest.mark.gl
def test_a_strobe_is_limited_and_the_status_says_so(audience: Audience) -> None:
    audience.look(128, seconds=1.0)
    assert not audience.show.status().limiting
    seen = [audience.look(255 * (k // 2 % 2)) for k in range(60)]
    assert audience.show.status().limiting
    assert hud_reading(audience.show.status()).limiting
    assert np.ptp(seen[30:]) < 200
    assert audience.show.stats.counters["limiter.pictures"] > 10


@pytest.mark.gl
def test_without_the_limiter_the_strobe_is_shown(audience: Audience) -> None:
    audience.show.controls.change(limiter=False)
    seen = [audience.look(255 * (k // 2 % 2)) for k in range(60)]
    assert np.ptp(seen[30:]) > 250
    assert not audience.show.status().limiting


@pytest.mark.gl
def test_a_fade_takes_its_time_to_black_and_back(audience: Audience) -> None:
    full = audience.look(200, seconds=0.5)
    audience.show.controls.change(fade=True, fade_s=2.0)
    half = audience.look(200, seconds=1.0)
    assert half == pytest.approx(full / 2, abs=8)
    assert audience.look(200, seconds=1.2) == 0
    audience.show.controls.change(fade=False, fade_s=1.0)
    assert audience.look(200, seconds=1.2) == pytest.approx(full, abs=1)


@pytest.mark.gl
def test_the_safe_scene_is_played_and_told(audience: Audience) -> None:
    audience.look(200)
    audience.show.controls.change(look="neon", hue=90.0)
    audience.show.controls.toggle_safe()
    assert audience.look(200, seconds=1.0) == pytest.approx(200, abs=1)
    assert hud_reading(audience.show.status()).safe
    audience.show.controls.change(blackout=True)
    assert audience.look(200, seconds=1.0) == 0


@pytest.mark.gl
def test_a_look_that_is_gone_never_ends_the_show(audience: Audience) -> None:
    audience.show.controls.change(look="gone")
    assert audience.look(200, seconds=1.0) > 150
    told = [notice for notice in audience.show.notices.drain() if "'gone'" in notice]
    assert len(told) == 1
    audience.show.controls.change(blackout=True)
    assert audience.look(200, seconds=1.0) == 0


@pytest.mark.gl
def test_seldom_pictures_fade_into_each_other(audience: Audience) -> None:
    for light in range(0, 201, 10):
        audience.look(light)
        seen = [audience.look() for _ in range(4)]  # five drawings a picture
    assert 190 < seen[0] < seen[2] < 200  # without sound every second one is drawn anew
    assert seen == sorted(seen)


def test_energy_moves_what_answers_and_what_swings_and_shaders_get_no_more_than_one() -> None:
    pulse = Pulse(bass=0.5, onset=0.9)
    for energy, bass, onset in ((0.0, 0.0, 0.0), (1.0, 0.3, 0.54), (2.0, 0.6, 1.0)):
        moment = look_state(Controls(energy=energy), pulse, time_s=0.0).moment
        assert (moment.bass, moment.onset) == pytest.approx((bass, onset))
        assert Setting(1.0, swing=0.5, period_s=4.0).value(
            replace(moment, time_s=1.0)
        ) == pytest.approx(1.0 + 0.5 * energy)


def test_a_fast_display_sees_pictures_fade_and_the_take_gets_each_whole(audience, monkeypatch):
    monkeypatch.setattr(Show, "wants_pixels", True)
    offered: list[tuple[float, int]] = []
    monkeypatch.setattr(
        audience.show,
        "offer",
        lambda pixels, at: offered.append((float(pixels[..., 0].mean()), at)),
    )
    audience.screen.follow_display(60.0, affordable=True)
    seen = []
    for half in range(1, 17):
        now_s = audience.start_s + half / 60 + (0.001 if half % 2 else 0.002)
        if half % 2:
            tick = half // 2 + 1
            audience.show.thought = SimpleNamespace(sample_index=1600 * tick, pulse=Pulse())
            light = np.full((16, 16, 4), 10 * tick, np.uint8)
            audience.show.frames.put(Frame(light, 1600 * tick))
        assert audience.screen.refresh(now_s)
        seen.append(np.frombuffer(audience.screen.texture.read(), np.uint8)[0::4].mean())
    np.testing.assert_allclose(np.diff(seen[4:]), 5.0, atol=1.0)  # half a picture each time
    assert [at for _, at in offered] == [1600 * tick for tick in range(1, len(offered) + 1)]
    for light, at in offered[1:]:
        assert light == pytest.approx(at / 160, abs=1.5)
