"""Looks as files: what they may say, what goes wrong with them, and what they do on the screen."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count
from pathlib import Path

import moderngl
import numpy as np
import pytest

from tests.video.conftest import read_texture
from traumer_live.core.types import Pixels, Pulse
from traumer_live.video.look import LookState
from traumer_live.video.looks import Library, Moment, Setting
from traumer_live.video.looks_chain import Chain, Target
from traumer_live.video.looks_steps import LookError, read_step
from traumer_live.video.passes import Shader, complaint
from traumer_live.video.renderer import Renderer

SIZE = (160, 90)
HEAD = 'version = 1\ntitle = "Mine"\nsays = "A test."\n'
STEP = """// Adds a little.
uniform sampler2D picture;  // the chain so far
uniform float more;         //! 0..1 = 0.25 · how much is added
in vec2 uv;
out vec4 colour;
void main() { colour = vec4(texture(picture, uv).rgb + more, 1.0); }
"""
_written = count(1)


def write(path: Path, text: str) -> Path:
    """Write a file with a time of its own: clocks of file systems are coarse."""
    path.write_text(text, encoding="utf-8")
    stamp = 1_700_000_000 + next(_written)
    os.utime(path, (stamp, stamp))
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    write(tmp_path / "mine.toml", HEAD + '[[step]]\nshader = "more"\n')
    write(tmp_path / "more.frag", STEP)
    return tmp_path


@pytest.fixture
def library(own: Path) -> Library:
    return Library(own=own)


@pytest.fixture
def renderer(ctx: moderngl.Context, library: Library):
    renderer = Renderer(ctx, SIZE, bicubic=False, library=library)
    renderer.upload(np.full((32, 32, 4), 100, np.uint8))
    yield renderer
    renderer.release()


def level(renderer: Renderer, look: LookState) -> float:
    return float(read_texture(renderer.draw(look))[..., :3].mean())


# -- files ---------------------------------------------------------------------------------------


def test_shipped_looks_and_the_users_stand_side_by_side(library: Library) -> None:
    names = library.names()
    assert names[0] == "plain"
    assert {"mine", "velvet", "mandala", "ink"} <= set(names)
    assert library.is_own("mine")
    assert not library.is_own("velvet")


def test_a_users_file_replaces_a_shipped_look_and_a_shipped_step(own: Path) -> None:
    write(own / "velvet.toml", HEAD + '[[step]]\nshader = "bloom"\nmore = 1.0\n')
    write(own / "bloom.frag", STEP)
    assert Library(own=own).look("velvet").steps[0].source.path == own / "bloom.frag"


@pytest.mark.parametrize("name", Library(own=Path("/nonexistent")).names())
def test_every_shipped_look_says_what_it_is(name: str) -> None:
    look = Library(own=Path("/nonexistent")).look(name)
    assert len(look.says) > 20
    assert look.title
    for _, knob, at in look.knobs():
        assert knob.low <= at <= knob.high


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version = 1\ntitle = \n", "mine.toml:2:"),
        ("version = 2\n", "version is 2; it must be 1"),
        (HEAD + "step = 3\n", "two brackets"),
        (HEAD + "colour = 3\n", "colour means nothing"),
        (HEAD + '[[step]]\nshader = "glitter"\n', "'glitter', which is not there; there are bloom"),
        (
            HEAD + '[[step]]\nshader = "bloom"\nstrenght = 1\n',
            "no knob 'strenght'; it has strength",
        ),
        (HEAD + '[[step]]\nshader = "bloom"\nstrength = 9\n', "strength is 9; choose 0 to 3"),
        (HEAD + '[[step]]\nshader = "bloom"\nstrength = "much"\n', "'much', which is not a number"),
        (HEAD + '[[step]]\nshader = "bloom"\nstrength = nan\n', "nan, which is not a number"),
        (HEAD + "[place]\nzoom = { at = 1, kick = 2 }\n", "speaks of 'kick'"),
        (HEAD + "[place]\nzoom = { at = 1, period_s = 0 }\n", "must be above 0"),
        (HEAD + '[[step]]\nshader = "../more"\n', "which is not there"),
    ],
)
def test_mistakes_are_told_in_one_sentence(own: Path, text: str, words: str) -> None:
    write(own / "mine.toml", text)
    with pytest.raises(LookError) as caught:
        Library(own=own).look("mine")
    assert words in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["nothing", "../mine", "looks/mine"])
def test_an_unknown_name_lists_those_there_are(library: Library, name: str) -> None:
    with pytest.raises(LookError, match="there are plain, bare"):
        library.look(name)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("uniform float wild;", "'wild' is not given by the program and no knob"),
        ("uniform float x;  //! 0..1 = 2 · too much", "default 2 of 'x' is not within 0..1"),
        ("uniform int x;  //! 0..9 = 2 · a number", "is a int; it must be a float"),
        ("uniform vec2 x;  //! 0..9 px = 2 · a number", "which only angles"),
        ("uniform vec3 bass;", "'bass' is given as a float, not as a vec3"),
    ],
)
def test_mistakes_in_a_step_name_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    path = write(tmp_path / "odd.frag", f"// Odd.\n{line}\n")
    with pytest.raises(LookError) as caught:
        read_step(path)
    assert str(caught.value).startswith("odd.frag:2: ")
    assert words in str(caught.value)


def test_what_a_step_declares_is_read(tmp_path: Path) -> None:
    text = "// Two passes.\n//! pass FIRST 1/4\n//! pass LAST 1\nuniform sampler2D memory;\n"
    text += "uniform vec2 turn;  //! -90..90 deg = 5 · how far it turns\n"
    step = read_step(write(tmp_path / "two.frag", text))
    assert (step.says, step.remembers) == ("Two passes.", True)
    assert [(plan.word, plan.scale) for plan in step.passes] == [("FIRST", 4), ("LAST", 1)]
    (knob,) = step.knobs
    assert (knob.low, knob.high, knob.default, knob.unit) == (-90, 90, 5, "deg")
    assert knob.is_angle


# -- what moves a knob ---------------------------------------------------------------------------


def test_a_knob_swings_and_answers_the_pulse_within_its_range(library: Library) -> None:
    setting = Setting(1.0, swing=0.5, period_s=8.0, answers=(("bass", 2.0),))
    assert setting.value(Moment(time_s=2.0)) == pytest.approx(1.5)
    assert setting.value(Moment(time_s=6.0, bass=0.5)) == pytest.approx(1.5)
    step = library.look("velvet").steps[1]
    loud = Moment(onset=1000.0)
    values = {knob.name: value for knob, value in step.values(loud, {})}
    assert values["strength"] == 3.0
    values = {k.name: v for k, v in step.values(Moment(), {"bloom.strength": 0.1})}
    assert values["strength"] == pytest.approx(0.1)


def test_the_pulse_reaches_a_look_as_strongly_as_it_is_wanted() -> None:
    pulse = Pulse(bass=0.8, beat_phase=0.0, confidence=0.5)
    moment = LookState(pulse=pulse, pulse_strength=0.5).moment
    assert moment.bass == pytest.approx(0.4)
    assert moment.beat == pytest.approx(0.25)
    assert LookState(pulse=pulse).moment == Moment()


# -- on the screen -------------------------------------------------------------------------------


@pytest.mark.gl
def test_a_look_of_ones_own_is_shown_and_turned(renderer: Renderer) -> None:
    look = LookState(look="mine")
    assert level(renderer, look) == pytest.approx(100 + 0.25 * 255, abs=1)
    assert level(renderer, replace(look, turned={"more.more": 0.5})) == pytest.approx(228, abs=1)
    assert level(renderer, replace(look, amount=0.5)) == pytest.approx(132, abs=1)
    assert level(renderer, replace(look, amount=0.0)) == pytest.approx(100, abs=1)


@pytest.mark.gl
def test_a_saved_file_is_taken_up_and_a_broken_one_is_told_and_survived(
    renderer: Renderer, own: Path
) -> None:
    look = LookState(look="mine")
    good = level(renderer, look)
    write(own / "more.frag", STEP.replace("+ more", "+ less"))
    broken = level(renderer, replace(look, time_s=1.0))
    assert broken == pytest.approx(good, abs=1)
    assert renderer.problem.startswith("more.frag:6: error: `less'")
    assert level(renderer, replace(look, time_s=1.1, blackout=1.0)) == 0
    write(own / "more.frag", STEP.replace("= 0.25", "= 0.1"))
    level(renderer, replace(look, time_s=2.0))
    assert renderer.problem == ""
    assert level(renderer, replace(look, time_s=9.0)) == pytest.approx(100 + 25.5, abs=1)


@pytest.mark.gl
def test_broken_settings_and_a_deleted_file_are_survived_too(renderer: Renderer, own: Path) -> None:
    look = LookState(look="mine")
    good = level(renderer, look)
    write(own / "mine.toml", HEAD + '[[step]]\nshader = "more"\nmore = 7\n')
    assert level(renderer, replace(look, time_s=1.0)) == pytest.approx(good, abs=1)
    assert "choose 0 to 1" in renderer.problem
    (own / "mine.toml").unlink()
    assert level(renderer, replace(look, time_s=2.0)) == pytest.approx(good, abs=1)
    assert "There is no look 'mine'" in renderer.problem
    write(own / "mine.toml", HEAD)
    level(renderer, replace(look, time_s=3.0))
    assert level(renderer, replace(look, time_s=9.0)) == pytest.approx(100, abs=1)


@pytest.mark.gl
def test_an_unknown_look_is_told_and_the_default_shown(renderer: Renderer) -> None:
    level(renderer, LookState(look="nothing"))
    assert "There is no look 'nothing'" in renderer.problem
    assert read_texture(renderer.texture)[45, 80, 0] == 100


@pytest.mark.gl
def test_looks_change_over_a_moment_and_not_at_a_stroke(renderer: Renderer) -> None:
    before = level(renderer, LookState(time_s=0.0))
    levels = [level(renderer, LookState(look="mine", time_s=0.1 * k)) for k in range(1, 10)]
    assert levels[0] == pytest.approx(before, abs=1)
    assert before + 10 < levels[3] < levels[-1] - 10
    assert levels == sorted(levels)


@pytest.mark.gl
def test_freeze_holds_a_look_that_moves(renderer: Renderer, corners: Pixels) -> None:
    renderer.upload(corners)
    for k in range(20):
        renderer.draw(LookState(look="comet", time_s=k / 30))
    held = read_texture(renderer.texture).copy()
    for k in range(20, 40):
        renderer.draw(LookState(look="comet", time_s=k / 30, freeze=True))
    np.testing.assert_array_equal(read_texture(renderer.texture), held)
    renderer.draw(LookState(look="comet", time_s=1.4))
    assert not np.array_equal(read_texture(renderer.texture), held)


@pytest.mark.gl
def test_trails_fade_at_the_same_speed_at_every_rate(ctx: moderngl.Context) -> None:
    library = Library(own=Path("/nonexistent"))
    white, black = Target.make(ctx, SIZE), Target.make(ctx, SIZE)
    white.framebuffer.clear(1.0, 1.0, 1.0, 1.0)
    left = []
    for rate in (10, 60):
        chain = Chain(ctx, library.look("comet"), SIZE)
        turned = {"trails.halflife": 0.5, "trails.lighten": 0.0, "bloom.strength": 0.0}
        chain.draw(white.texture, Moment(), 0.0, turned)
        for _ in range(rate // 2):
            done = chain.draw(black.texture, Moment(), 1 / rate, turned)
        left.append(int(read_texture(done)[45, 80, 0]))
        chain.release()
    assert left[0] == pytest.approx(127, abs=2)
    assert left[1] == pytest.approx(127, abs=2)


@pytest.mark.gl
def test_trails_end_in_black_however_long_they_are(ctx: moderngl.Context) -> None:
    chain = Chain(ctx, Library(own=Path("/nonexistent")).look("comet"), SIZE)
    white, black = Target.make(ctx, SIZE), Target.make(ctx, SIZE)
    white.framebuffer.clear(1.0, 1.0, 1.0, 1.0)
    turned = {"trails.halflife": 0.5, "trails.lighten": 0.5}
    chain.draw(white.texture, Moment(), 0.0, turned)
    for _ in range(30 * 6):
        done = chain.draw(black.texture, Moment(), 1 / 30, turned)
    assert read_texture(done)[..., :3].max() == 0  # eight bits would stick above it
    chain.release()


@pytest.mark.gl
def test_a_kaleidoscope_of_four_is_symmetric(ctx: moderngl.Context, corners: Pixels) -> None:
    renderer = Renderer(ctx, SIZE, bicubic=False)
    renderer.upload(corners)
    turned = {"kaleidoscope.mirrors": 4.0, "bloom.strength": 0.0, "finish.vignette": 0.0}
    image = read_texture(renderer.draw(LookState(look="mandala", turned=turned))).astype(int)
    assert np.abs(image - image[::-1]).mean() < 2
    assert np.abs(image - image[:, ::-1]).mean() < 2
    assert image[..., :3].std() > 20
    renderer.release()


@pytest.mark.gl
@pytest.mark.parametrize("name", Library(own=Path("/nonexistent")).names())
def test_every_look_draws_something_of_every_picture(
    ctx: moderngl.Context, corners: Pixels, name: str
) -> None:
    renderer = Renderer(ctx, SIZE)
    renderer.upload(corners)
    pulse = Pulse(bass=1.0, onset=1.0, treble=1.0)
    for k in range(8):
        look = LookState(look=name, time_s=100 + k / 30, pulse=pulse, pulse_strength=1.0)
        image = read_texture(renderer.draw(look))
    assert renderer.problem == ""
    assert image[..., :3].std() > 12
    assert (image[..., 3] == 255).all()
    assert read_texture(renderer.draw(replace(look, blackout=1.0)))[..., :3].max() == 0
    renderer.release()


@pytest.mark.gl
def test_hue_and_zoom_turn_every_look(ctx: moderngl.Context, corners: Pixels) -> None:
    renderer = Renderer(ctx, SIZE, bicubic=False)
    red = np.full((32, 32, 4), 255, np.uint8)
    red[..., 1:3] = 0
    renderer.upload(red)
    green = read_texture(renderer.draw(LookState(hue=120.0)))[45, 80]
    assert green[1] > 250
    assert green[0] < 5
    renderer.upload(corners)
    near = read_texture(renderer.draw(LookState(zoom=3.0)))
    far = read_texture(renderer.draw(LookState()))
    assert not np.array_equal(near, far)
    renderer.release()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("fragment_shader\n===\n0:12(5): error: `x' undeclared\n", "a.frag:12: error: `x'"),
        ("fragment_shader\n0(7) : error C1503: undefined\n", "a.frag:7: error C1503"),
        ("vertex_shader\nERROR: 0:3: 'y' : undeclared\n", "a.vert:3: 'y'"),
        ("linking failed\n", "a.frag: linking failed"),
    ],
)
def test_every_drivers_complaints_become_file_and_line(message: str, told: str) -> None:
    shaders = {"vertex": Shader("a.vert", ""), "fragment": Shader("a.frag", "")}
    assert complaint(message, **shaders).startswith(told)
