"""Keeps the chosen look running: compiles it, reloads it when its files change, survives mistakes.

In: the name of a look.  Out: a Chain that works; what is wrong with the newest version, as a
sentence.  Thread: the context's.
"""

from __future__ import annotations

import moderngl

from traumer_live.core.errors import TraumerError
from traumer_live.video.look import Fit, Size
from traumer_live.video.looks import DEFAULT_LOOK, Library, Look
from traumer_live.video.looks_chain import Chain
from traumer_live.video.passes import Pass, Shader

LOOK_AGAIN_S = 0.5  # how often files are looked at
_DEFINES = {"mirror": "FIT_MIRROR", "fit": "FIT_INSIDE", "crop": "FIT_CROP"}


class Shelf:
    """The present look, and the programs of its first and last step."""

    def __init__(
        self, ctx: moderngl.Context, size: Size, *, bicubic: bool, library: Library | None = None
    ) -> None:
        self.library = library or Library()
        self.problem = ""  # why the newest version is not shown; empty while all is well
        self._ctx = ctx
        self._size = size
        self._bicubic = bicubic
        self._wanted = ""
        self._stamp: tuple[object, ...] = ()
        self._look_at_s = float("-inf")
        self._frame: dict[tuple[str, ...], Pass] = {}  # programs of place and finish, by variant
        self._texts = ("", "", "")  # what they were compiled from
        first = self.library.look(DEFAULT_LOOK)
        self._compile_frame(first)
        self.chain = Chain(ctx, first, size)  # the newest one that works

    def choose(self, name: str, *, now_s: float) -> Chain | None:
        """Go to the look ``name``; returns the chain that it replaced, which is the caller's now.

        Mistakes in its files become ``problem``, and the chain before stays.
        """
        if name == self._wanted and not self._has_changed(now_s):
            return None
        self._wanted = name
        try:
            look = self.library.look(name)
            self._stamp = look.stamp()
            self._compile_frame(look)
            chain = Chain(self._ctx, look, self._size)
        except TraumerError as error:
            self.problem = str(error)
            self._stamp = self.library.stamp()
            return None
        self.problem = ""
        replaced, self.chain = self.chain, chain
        return replaced

    def place(self, fit: Fit, *, crossfade: bool) -> Pass:
        """The program of the first step."""
        words = [_DEFINES[fit]] + ["BICUBIC"] * self._bicubic + ["CROSSFADE"] * crossfade
        return self._program("place", tuple(words))

    def finish(self, *, hue: bool, partly: bool) -> Pass:
        """The program of the last step."""
        return self._program("finish", ("HUE",) * hue + ("PARTLY",) * partly)

    def release(self) -> None:
        """Give everything back to the driver."""
        self.chain.release()
        for program in self._frame.values():
            program.release()

    def _has_changed(self, now_s: float) -> bool:
        if now_s - self._look_at_s < LOOK_AGAIN_S and now_s >= self._look_at_s:
            return False
        self._look_at_s = now_s
        # Whatever was written may mend it, so all files are looked at while something is wrong.
        newest: tuple[object, ...]
        newest = self.library.stamp() if self.problem else self.chain.look.stamp()
        return newest != self._stamp

    def _compile_frame(self, look: Look) -> None:
        """Take up new versions of the first and the last step, if they compile."""
        texts = (look.place_vertex, look.place.source.text, look.finish.source.text)
        if texts == self._texts:
            return
        before, self._texts = self._texts, texts
        programs: dict[tuple[str, ...], Pass] = {}
        try:
            for words in self._frame or (("place", _DEFINES["mirror"]), ("finish",)):
                programs[words] = self._compiled(words)
        except TraumerError:
            self._texts = before
            for program in programs.values():
                program.release()
            raise
        for program in self._frame.values():
            program.release()
        self._frame = programs

    def _program(self, kind: str, words: tuple[str, ...]) -> Pass:
        key = (kind, *words)
        if key not in self._frame:
            self._frame[key] = self._compiled(key)
        return self._frame[key]

    def _compiled(self, key: tuple[str, ...]) -> Pass:
        kind, *words = key
        vertex, place, finish = self._texts
        if kind == "finish":
            return Pass(self._ctx, Shader("finish.frag", finish), defines=words)
        return Pass(
            self._ctx,
            Shader("place.frag", place),
            vertex=Shader("place.vert", vertex),
            defines=words,
        )
