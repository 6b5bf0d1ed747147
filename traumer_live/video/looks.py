"""Looks: ordered lists of steps with their settings, kept as readable TOML files.

In: ``shaders/looks/*.toml`` and ``shaders/steps/*.frag``, and the same kinds of file in the user's
folder (``looks`` in the config folder), which come first.  Out: Look.  Thread: any; nothing draws.

    version = 1
    title = "Velvet"
    says = "Light spills over soft edges."
    [place]                                    # the first step of every look: shaders/place.*
    zoom = { at = 1.05, swing = 0.03, period_s = 47, bass = 0.03 }
    [[step]]                                   # any number of these, in this order
    shader = "bloom"
    strength = 0.8
    [finish]                                   # the last: shaders/finish.frag
    vignette = 0.4
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traumer_live.core.paths import config_dir, data_file
from traumer_live.video.looks_settings import Moment, Setting, Step, read_settings
from traumer_live.video.looks_steps import (
    GIVEN,
    GIVEN_TO_FRAME,
    Knob,
    LookError,
    StepSource,
    read_step,
)

__all__ = ["Library", "Look", "Moment", "Setting", "Step"]

VERSION = 1
DEFAULT_LOOK = "plain"
BARE_LOOK = "bare"
_ABOUT = ("version", "title", "says", "place", "step", "finish")


@dataclass(frozen=True)
class Look:
    """A whole chain, as its file describes it."""

    name: str
    title: str
    says: str
    path: Path
    place: Step
    place_vertex: str  # text of the vertex shader that goes with the first step
    steps: tuple[Step, ...]
    finish: Step

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that this look is made of."""
        frame = self.finish.source.path.parent
        shaders = (step.source.path for step in (self.place, *self.steps, self.finish))
        return (self.path, *shaders, frame / "place.vert")

    def stamp(self) -> tuple[int, ...]:
        """Changes whenever one of the look's files is written or goes; costs a few stats."""
        return tuple(_written_at(path) for path in self.files)

    def knobs(self) -> Iterator[tuple[str, Knob, float]]:
        """("step.knob", what it is, where this look sets it), in the order of the chain."""
        for step in (self.place, *self.steps, self.finish):
            for knob in step.source.knobs:
                setting = step.settings.get(knob.name)
                yield f"{step.name}.{knob.name}", knob, setting.at if setting else knob.default


class Library:
    """All looks that there are, shipped and the user's own."""

    def __init__(self, own: Path | None = None) -> None:
        shaders = data_file("shaders")
        self.own = config_dir() / "looks" if own is None else own
        self._folders = (self.own, shaders / "looks")
        self._step_folders = (self.own, shaders / "steps")
        self._frame = shaders

    def names(self) -> list[str]:
        """All looks, the default first."""
        found = {path.stem for folder in self._folders for path in folder.glob("*.toml")}
        return sorted(found, key=lambda name: (name != DEFAULT_LOOK, name != BARE_LOOK, name))

    def is_own(self, name: str) -> bool:
        """Whether the user made this look, or a version of a shipped one."""
        return (self.own / f"{name}.toml").is_file()

    def stamp(self) -> tuple[tuple[str, int], ...]:
        """Changes whenever any file of any look does; a hundred stats, so not for every drawing."""
        folders = {*self._folders, *self._step_folders, self._frame}
        paths = sorted(path for folder in folders for path in folder.glob("*.*"))
        return tuple((str(path), _written_at(path)) for path in paths)

    def look(self, name: str) -> Look:
        """The look ``name``.

        Raises:
            LookError: there is none of that name, or its files cannot be used.
        """
        path = self._find(self._folders, f"{name}.toml")
        if path is None or "/" in name or "\\" in name:
            raise LookError(f"There is no look {name!r}; there are {', '.join(self.names())}.")
        document = _read_toml(path)
        given = frozenset(GIVEN) | GIVEN_TO_FRAME
        place = read_step(self._frame / "place.frag", given=given)
        corner = read_step(self._frame / "place.vert", given=given)
        whole = StepSource(
            "place",
            place.path,
            place.text,
            place.says,
            corner.knobs + place.knobs,
            place.passes,
            False,
        )
        finish = read_step(self._frame / "finish.frag", given=given)
        return Look(
            name=name,
            title=str(document.get("title", name.capitalize())),
            says=str(document.get("says", "")),
            path=path,
            place=read_settings("place", whole, document.get("place", {}), path.name),
            place_vertex=corner.text,
            steps=tuple(self._steps(document.get("step", []), path.name)),
            finish=read_settings("finish", finish, document.get("finish", {}), path.name),
        )

    def _steps(self, tables: Any, file: str) -> Iterator[Step]:
        if not isinstance(tables, list):
            raise LookError(f"{file}: steps are written as [[step]], with two brackets.")
        seen: dict[str, int] = {}
        for number, table in enumerate(tables, start=1):
            shader = table.get("shader") if isinstance(table, dict) else None
            path = self._find(self._step_folders, f"{shader}.frag")
            if not isinstance(shader, str) or path is None:
                raise LookError(
                    f"{file}: step {number} names the shader {shader!r}, which is not there; "
                    f"there are {', '.join(self._shaders())}."
                )
            seen[shader] = seen.get(shader, 0) + 1
            name = shader if seen[shader] == 1 else f"{shader}{seen[shader]}"
            rest = {key: value for key, value in table.items() if key != "shader"}
            yield read_settings(name, read_step(path), rest, file)

    def _shaders(self) -> list[str]:
        return sorted(
            {path.stem for folder in self._step_folders for path in folder.glob("*.frag")}
        )

    @staticmethod
    def _find(folders: Sequence[Path], name: str) -> Path | None:
        return next((path for folder in folders if (path := folder / name).is_file()), None)


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_in(str(error))
        raise LookError(f"{path.name}:{line}: {error}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise LookError(f"{path.name}: the look cannot be read ({error}).") from error
    if document.get("version") != VERSION:
        raise LookError(
            f"{path.name}: version is {document.get('version')!r}; it must be {VERSION}."
        )
    unknown = document.keys() - set(_ABOUT)
    if unknown:
        raise LookError(f"{path.name}: {', '.join(sorted(unknown))} means nothing in a look.")
    return document


def _line_in(message: str) -> str:
    """The line number in the parser's message: ``... (at line 3, column 5)``."""
    return message.rpartition("at line ")[2].partition(",")[0] if "at line " in message else "1"
