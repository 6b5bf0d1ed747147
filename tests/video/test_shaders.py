from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import moderngl
import pytest

from traumer_live.core.paths import data_file
from traumer_live.video.looks import Library
from traumer_live.video.looks_chain import Chain
from traumer_live.video.looks_steps import GIVEN, GIVEN_TO_FRAME, read_step
from traumer_live.video.passes import Pass, Shader

FOLDER = data_file("shaders")
UNIFORM = re.compile(r"^\s*uniform\s+(\w+)\s+(\w+)\s*;(.*)$", re.MULTILINE)
ROW = re.compile(r"^\| ((?:`\w+` ?)+) \| (\w+) \|", re.MULTILINE)
FILES = sorted(FOLDER.glob("*.[vf]*"))
STEPS = sorted((FOLDER / "steps").glob("*.frag"))


def listed() -> dict[str, str]:
    rows = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    return {name: kind for names, kind in rows for name in re.findall(r"\w+", names)}


def given(path: Path) -> dict[str, str]:
    """Uniforms that are not knobs."""
    found = UNIFORM.findall(path.read_text(encoding="utf-8"))
    return {name: kind for kind, name, comment in found if "//!" not in comment}


@pytest.mark.parametrize("path", FILES + STEPS, ids=lambda path: path.name)
def test_every_uniform_is_listed_and_explained(path: Path) -> None:
    assert given(path).items() <= listed().items()
    for line in path.read_text(encoding="utf-8").splitlines():
        assert not line.startswith("uniform") or "//" in line, line


def test_the_list_names_nothing_that_is_gone() -> None:
    declared = set().union(*(given(path) for path in FILES + STEPS))
    assert set(listed()) == declared | GIVEN.keys()  # steps of users may want what ours do not
    assert GIVEN.items() <= listed().items()


@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.name)
def test_every_step_says_what_it_does_and_what_its_knobs_do(path: Path) -> None:
    step = read_step(path)
    assert step.says.endswith((".", ":")) or len(step.says) > 20
    assert step.knobs
    for knob in step.knobs:
        assert len(knob.meaning) > 8
        assert knob.low <= knob.default <= knob.high


@pytest.mark.parametrize("name", ["place.vert", "place.frag", "finish.frag"])
def test_the_frame_of_every_look_declares_knobs_too(name: str) -> None:
    assert read_step(FOLDER / name, given=frozenset(GIVEN) | GIVEN_TO_FRAME).knobs


@pytest.mark.gl
@pytest.mark.parametrize("name", ["idle.frag", "present.frag", "hud.frag", "hold.frag"])
def test_single_passes_compile(ctx: moderngl.Context, name: str) -> None:
    Pass(ctx, name).release()


@pytest.mark.gl
@pytest.mark.parametrize("fit", ["FIT_MIRROR", "FIT_INSIDE", "FIT_CROP"])
def test_every_variant_of_the_first_step_compiles(ctx: moderngl.Context, fit: str) -> None:
    for bicubic, fading in product((False, True), repeat=2):
        defines = [fit] + ["BICUBIC"] * bicubic + ["CROSSFADE"] * fading
        Pass(ctx, "place.frag", vertex="place.vert", defines=defines).release()


@pytest.mark.gl
def test_every_variant_of_the_last_step_compiles(ctx: moderngl.Context) -> None:
    for hue, partly in product((False, True), repeat=2):
        Pass(ctx, "finish.frag", defines=["HUE"] * hue + ["PARTLY"] * partly).release()


@pytest.mark.gl
@pytest.mark.parametrize("path", STEPS, ids=lambda path: path.name)
def test_every_pass_of_every_step_compiles(ctx: moderngl.Context, path: Path) -> None:
    step = read_step(path)
    for plan in step.passes:
        defines = (plan.word,) if plan.word else ()
        Pass(ctx, Shader(path.name, step.text), defines=defines).release()


@pytest.mark.gl
def test_every_step_is_used_by_a_shipped_look(ctx: moderngl.Context, tmp_path: Path) -> None:
    library = Library(own=tmp_path)
    used = set()
    for name in library.names():
        look = library.look(name)
        used |= {step.source.name for step in look.steps}
        Chain(ctx, look, (64, 36)).release()
    assert used == {path.stem for path in STEPS}
