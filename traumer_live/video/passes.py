"""Shader files compiled into passes that draw one triangle over a target.

In: shaders and the variant's defines.  Out: a Pass.  Thread: the context's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import moderngl

from traumer_live.core.errors import DisplayError
from traumer_live.core.paths import data_file

_VERSION = "#version 330 core\n"
# How complaints begin: Mesa "0:12(5): error", NVIDIA "0(12) : error", others "ERROR: 0:12:".
_COMPLAINTS = (
    re.compile(r"^\d+:(?P<line>\d+)\(\d+\):\s*(?P<what>error.*)$", re.MULTILINE),
    re.compile(r"^\d+\((?P<line>\d+)\)\s*:\s*(?P<what>error.*)$", re.MULTILINE),
    re.compile(r"^ERROR:\s*\d+:(?P<line>\d+):\s*(?P<what>.*)$", re.MULTILINE),
)
Value = float | tuple[float, ...]


class ShaderError(DisplayError):
    """A shader does not compile: ``file:line: what the driver says``."""


@dataclass(frozen=True)
class Shader:
    """The text of one shader file."""

    name: str  # the file's name, for complaints
    text: str

    def complete(self, defines: Iterable[str] = ()) -> str:
        """As the compiler wants it: version and defines first, then the file as line 1."""
        words = "".join(f"#define {word}\n" for word in defines)
        return f"{_VERSION}{words}#line 1\n{self.text}"


@cache
def shader_source(name: str) -> str:
    """The text of ``shaders/<name>``, as it was when first wanted."""
    return data_file(f"shaders/{name}").read_text(encoding="utf-8")


def shipped(name: str) -> Shader:
    """``shaders/<name>``."""
    return Shader(name, shader_source(name))


class Pass:
    """One compiled program; ``draw`` runs it over every pixel of a framebuffer's viewport."""

    def __init__(
        self,
        ctx: moderngl.Context,
        fragment: str | Shader,
        *,
        vertex: str | Shader = "screen.vert",
        defines: Iterable[str] = (),
    ) -> None:
        """Raise ShaderError when the driver refuses the program."""
        defines = tuple(defines)
        self._ctx = ctx
        fragment, vertex = _loaded(fragment), _loaded(vertex)
        try:
            self._program = ctx.program(
                vertex_shader=vertex.complete(defines), fragment_shader=fragment.complete(defines)
            )
        except moderngl.Error as error:
            raise ShaderError(complaint(str(error), vertex=vertex, fragment=fragment)) from error
        self._triangle = ctx.vertex_array(self._program, [])

    def draw(
        self,
        target: moderngl.Framebuffer,
        *,
        textures: Mapping[str, moderngl.Texture] | None = None,
        uniforms: Mapping[str, Value] | None = None,
        blend: bool = False,
    ) -> None:
        """Draw; names that the compiler found unused are skipped."""
        target.use()
        self._set_state(blend)
        for unit, (name, texture) in enumerate((textures or {}).items()):
            texture.use(unit)
            self._set(name, unit)
        for name, value in (uniforms or {}).items():
            self._set(name, value)
        self._triangle.render(moderngl.TRIANGLES, vertices=3)

    def release(self) -> None:
        """Give the program back to the driver."""
        self._triangle.release()
        self._program.release()

    def _set_state(self, blend: bool) -> None:
        # Window libraries leave their own state behind, so ours is set before every draw.
        self._ctx.enable_only(moderngl.BLEND if blend else moderngl.NOTHING)
        if blend:  # the window's own alpha stays: it may be composited by the desktop
            self._ctx.blend_func = (  # type: ignore[assignment]  # four are meant too
                moderngl.SRC_ALPHA,
                moderngl.ONE_MINUS_SRC_ALPHA,
                moderngl.ZERO,
                moderngl.ONE,
            )

    def _set(self, name: str, value: Value) -> None:
        if name in self._program:
            self._program[name] = value


def complaint(message: str, *, vertex: Shader, fragment: Shader) -> str:
    """The first thing that the driver says, as ``file:line: what``."""
    shader = vertex if "vertex_shader" in message and "fragment_shader" not in message else fragment
    for pattern in _COMPLAINTS:
        found = pattern.search(message)
        if found is not None:
            return f"{shader.name}:{found['line']}: {found['what'].strip()}"
    lines = [line.strip() for line in message.splitlines() if line.strip(" =")]
    return f"{shader.name}: {lines[-1] if lines else 'the driver refuses it'}"


def _loaded(shader: str | Shader) -> Shader:
    return shipped(shader) if isinstance(shader, str) else shader
