"""Where scenes are kept: a readable TOML each in the user's data folder, its thumbnail beside it.

In: scenes, names, files to import.  Out: scenes; one file for many to give away.  Thread: any, one
at a time; every file is written atomically.

A file that cannot be read is passed over with a sentence and stays as it is. The file for giving
away is TOML too; thumbnails stand in it as base64, for it shall be one file.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import tomli_w

from traumer_live.core.errors import OutputError, SettingsError
from traumer_live.core.files import refuse_overwrite, written_atomically
from traumer_live.core.paths import user_data_dir
from traumer_live.scenes.scene import VERSION, Scene, from_table, to_table

FOLDER = "scenes"
ENDING = ".toml"
KIND = "traumer-scenes"  # of the file for giving away
LARGEST = 20_000_000  # bytes of a file to import
LARGEST_THUMBNAIL = 500_000  # bytes
JPEG = b"\xff\xd8\xff"


class SceneStore:
    """The user's scenes."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or user_data_dir() / FOLDER
        self.troubles: tuple[str, ...] = ()  # of the last look, one sentence per damaged file

    def scenes(self) -> list[Scene]:
        """All of them: by slot first, then by name."""
        return sorted((scene for _, scene in self._kept()), key=_order)

    def find(self, wanted: str) -> Scene:
        """The scene of this name, or in the slot of this number.

        Raises:
            SettingsError: there is none.
        """
        scenes = self.scenes()
        for scene in scenes:
            if scene.name.casefold() == wanted.strip().casefold():
                return scene
        for scene in scenes:
            if scene.slot and str(scene.slot) == wanted.strip():
                return scene
        known = ", ".join(scene.name for scene in scenes) or "none yet"
        raise SettingsError(f"There is no scene {wanted!r}; there are: {known}.")

    def save(self, scene: Scene, *, replacing: bool = False) -> Scene:
        """Keep ``scene``; one of its name is only replaced when that is wanted.

        Whoever had its slot gives it up.

        Raises:
            OutputError: the name is taken, or the folder cannot be written to.
        """
        path = self._path_of(scene.name)
        if path is not None and not replacing:
            raise OutputError(f"There is a scene {scene.name!r} already; choose another name.")
        if scene.slot:
            for place, other in self._kept():
                if other.slot == scene.slot and other.name.casefold() != scene.name.casefold():
                    self._write(other.in_slot(0), place)
        self._write(scene, path)
        return scene

    def remove(self, name: str) -> Scene:
        """Delete a scene and its thumbnail.

        Raises:
            SettingsError: there is none of this name.
        """
        scene = self.find(name)
        path = self._path_of(scene.name)
        if path is not None:
            path.unlink(missing_ok=True)
            _thumbnail_of(path).unlink(missing_ok=True)
        return scene

    def free_name(self, wanted: str) -> str:
        """``wanted``, or it with a number where it is taken."""
        taken = {scene.name.casefold() for scene in self.scenes()}
        if wanted.casefold() not in taken:
            return wanted
        numbers = (f"{wanted} {number}" for number in count(2))
        return next(name for name in numbers if name.casefold() not in taken)

    def export(self, scenes: Iterable[Scene], target: Path, *, force: bool = False) -> None:
        """Write scenes into one file.

        Raises:
            OutputError: it exists and ``force`` is not set, or it cannot be written.
        """
        refuse_overwrite(target, force=force)
        document = {"kind": KIND, "version": VERSION, "scenes": [_given(s) for s in scenes]}
        with written_atomically(target) as temporary:
            temporary.write_text(tomli_w.dumps(document), encoding="utf-8")

    def take_in(self, source: Path) -> list[Scene]:
        """Keep the scenes of a file: one scene, or those that were exported; nothing is replaced.

        A name that is taken gets a number, a slot that is taken stays with its owner.

        Raises:
            SettingsError: the file holds no scenes that this program can read.
            OutputError: the folder cannot be written to.
        """
        taken = {scene.slot for scene in self.scenes()}
        added = []
        for scene in _brought(source):
            free = 0 if scene.slot in taken else scene.slot
            taken.add(free)
            added.append(self.save(scene.named(self.free_name(scene.name)).in_slot(free)))
        return added

    def _path_of(self, name: str) -> Path | None:
        """The file that holds the scene ``name``, whatever the file is called."""
        same = (path for path, scene in self._kept() if scene.name.casefold() == name.casefold())
        return next(same, None)

    def _kept(self) -> list[tuple[Path, Scene]]:
        """Each file and what it holds; damaged ones are told in ``troubles``."""
        found, troubles = [], []
        for path in sorted(self.folder.glob(f"*{ENDING}")):
            try:
                found.append((path, _read(path)))
            except (OSError, ValueError, SettingsError) as error:
                troubles.append(f"The scene in {path} was passed over ({error}).")
        self.troubles = tuple(troubles)
        return found

    def _write(self, scene: Scene, path: Path | None) -> None:
        path = path or _first_free(self.folder / f"{_plain(scene.name)}{ENDING}")
        if scene.thumbnail:
            with written_atomically(_thumbnail_of(path)) as temporary:
                temporary.write_bytes(scene.thumbnail)
        with written_atomically(path) as temporary:
            temporary.write_text(tomli_w.dumps(to_table(scene)), encoding="utf-8")


def _order(scene: Scene) -> tuple[int, str]:
    return scene.slot or 10, scene.name.casefold()


def _read(path: Path) -> Scene:
    scene = from_table(tomllib.loads(path.read_text(encoding="utf-8")))
    try:
        return replace(scene, thumbnail=_jpeg(_thumbnail_of(path).read_bytes()))
    except FileNotFoundError:
        return scene


def _thumbnail_of(path: Path) -> Path:
    return path.with_suffix(".jpg")


def _jpeg(content: bytes) -> bytes:
    """``content`` if it can be a thumbnail, nothing otherwise: a picture never costs a scene."""
    return content if content.startswith(JPEG) and len(content) <= LARGEST_THUMBNAIL else b""


def _given(scene: Scene) -> dict[str, Any]:
    table = to_table(scene)
    if scene.thumbnail:
        table["thumbnail"] = base64.b64encode(scene.thumbnail).decode()
    return table


def _brought(source: Path) -> list[Scene]:
    try:
        if source.stat().st_size > LARGEST:
            raise SettingsError(f"{source.name} is too large for scenes.")
        document = tomllib.loads(source.read_text(encoding="utf-8"))
        if document.get("kind") != KIND:
            return [_read(source)]
        tables = document.get("scenes")
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            raise SettingsError("it has no list of scenes")
        return [_taken(table) for table in tables]
    except OSError as error:
        raise SettingsError(f"{source} cannot be read ({error.strerror}).") from error
    except (ValueError, SettingsError) as error:
        raise SettingsError(f"{source.name} holds no scenes to import ({error}).") from error


def _taken(table: Mapping[str, Any]) -> Scene:
    scene = from_table({key: value for key, value in table.items() if key != "thumbnail"})
    try:
        picture = base64.b64decode(str(table.get("thumbnail", "")), validate=True)
    except binascii.Error:
        picture = b""
    return replace(scene, thumbnail=_jpeg(picture))


def _plain(name: str) -> str:
    """A file name that every system takes."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", ascii_only).strip("-").lower()[:48] or "scene"


def _first_free(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}-{number}{ENDING}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())
