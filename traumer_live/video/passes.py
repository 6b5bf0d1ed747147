"""Shader files compiled into passes that draw one triangle over a target.

In: names of files in ``shaders/`` and the variant's defines.  Out: a Pass.  Thread: the context's.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import moderngl

from traumer_live.core.paths import data_file

_VERSION = "#version 330 core\n"


@cache
def shader_source(name: str) -> str:
    """The text of ``shaders/<name>``."""
    return data_file(f"shaders/{name}").read_text(encoding="utf-8")


def complete(name: str, defines: Iterable[str] = ()) -> str:
    """A shader as the compiler wants it: version and defines first, then the file as line 1."""
    return (
        _VERSION
        + "".join(f"#define {word}\n" for word in defines)
        + "#line 1\n"
        + shader_source(name)
    )


class Pass:
    """One compiled program; ``draw`` runs it over every pixel of a framebuffer's viewport."""

    def __init__(
        self,
        ctx: moderngl.Context,
        fragment: str,
        *,
        vertex: str = "screen.vert",
        defines: Iterable[str] = (),
    ) -> None:
        defines = tuple(defines)
        self._ctx = ctx
        self._program = ctx.program(
            vertex_shader=complete(vertex, defines), fragment_shader=complete(fragment, defines)
        )
        self._triangle = ctx.vertex_array(self._program, [])

    def draw(
        self,
        target: moderngl.Framebuffer,
        *,
        textures: dict[str, moderngl.Texture] | None = None,
        uniforms: dict[str, float | tuple[float, ...]] | None = None,
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

    def _set(self, name: str, value: float | tuple[float, ...]) -> None:
        if name in self._program:
            self._program[name] = value
