from __future__ import annotations

import re
from itertools import product

import moderngl
import pytest

from traumer_live.core.paths import data_file
from traumer_live.video.passes import Pass, shader_source

FOLDER = data_file("shaders")
UNIFORM = re.compile(r"^\s*uniform\s+(\w+)\s+(\w+)\s*;", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)


def listed() -> dict[str, str]:
    return dict(ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8")))


def declared(name: str) -> dict[str, str]:
    return {word: kind for kind, word in UNIFORM.findall(shader_source(name))}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.[vf]*")), ids=lambda path: path.name)
def test_every_uniform_is_listed_and_explained(path) -> None:
    uniforms = declared(path.name)
    assert uniforms.items() <= listed().items()
    for line in shader_source(path.name).splitlines():
        assert not line.startswith("uniform") or "//" in line, line


def test_the_list_names_nothing_that_is_gone() -> None:
    names = [path.name for path in FOLDER.glob("*.[vf]*")]
    assert set(listed()) == set().union(*(declared(name) for name in names))


@pytest.mark.gl
@pytest.mark.parametrize("name", ["idle.frag", "present.frag", "hud.frag"])
def test_single_passes_compile(ctx: moderngl.Context, name: str) -> None:
    Pass(ctx, name).release()


@pytest.mark.gl
@pytest.mark.parametrize("fit", ["FIT_MIRROR", "FIT_INSIDE", "FIT_CROP"])
def test_every_variant_of_the_look_compiles(ctx: moderngl.Context, fit: str) -> None:
    for bicubic, fading in product((False, True), repeat=2):
        defines = [fit] + ["BICUBIC"] * bicubic + ["CROSSFADE"] * fading
        Pass(ctx, "look.frag", vertex="look.vert", defines=defines).release()
