"""A scene: models, seed and controls of one moment, and how it is written down.

In: names and numbers.  Out: Scene, and plain tables for TOML.  Thread: any; a Scene never changes.

Controls are kept by the name of their field, whatever fields there are: a scene of a newer program
keeps what this one does not know, and one of an older program leaves alone what it never knew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from traumer_live.core.errors import SettingsError

VERSION = 1
SLOTS = range(1, 10)  # quick slots, one for each digit
LONGEST_NAME = 80
CROSSFADE_S = 4.0
CROSSFADE_LIMITS = (0.0, 60.0)  # seconds
TABLES = ("models", "controls")


@dataclass(frozen=True)
class Scene:
    """One moment to return to."""

    name: str
    controls: Mapping[str, Any] = field(default_factory=dict)  # by field of Controls
    models: Mapping[str, Any] = field(default_factory=dict)  # by field of engine.models.Choice
    seed: int = 0
    crossfade_s: float = CROSSFADE_S
    slot: int = 0  # 1..9; 0: none
    more: Mapping[str, Any] = field(default_factory=dict)  # what a newer program wrote besides
    thumbnail: bytes = b""  # JPEG; lies beside the table, not in it

    def named(self, name: str) -> Scene:
        """The same under another name."""
        return replace(self, name=checked_name(name))

    def in_slot(self, slot: int) -> Scene:
        """The same in another quick slot; 0 is none."""
        if slot and slot not in SLOTS:
            raise SettingsError(f"There is no slot {slot}; choose one from 1 to 9.")
        return replace(self, slot=slot)


def checked_name(name: str) -> str:
    """``name`` without spaces around it.

    Raises:
        SettingsError: it is empty, too long, or holds signs that cannot be seen.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise SettingsError(
            f"{name[:LONGEST_NAME]!r} is no name for a scene; "
            f"use 1 to {LONGEST_NAME} letters, digits, signs."
        )
    return name


def to_table(scene: Scene) -> dict[str, Any]:
    """The scene as a table for TOML, without its thumbnail; None has no word there and is left."""
    tables = {name: _stated(getattr(scene, name)) for name in TABLES}
    return {
        **scene.more,
        "version": VERSION,
        "name": scene.name,
        "slot": scene.slot,
        "seed": scene.seed,
        "crossfade_s": scene.crossfade_s,
        **tables,
    }


def from_table(table: Mapping[str, Any]) -> Scene:
    """The scene that a table describes.

    Raises:
        SettingsError: a value is of the wrong kind, or the version is not known.
    """
    version = table.get("version")
    if version != VERSION:
        raise SettingsError(f"version {version} is not {VERSION}; update traumer-live")
    known = {"version", "name", "slot", "seed", "crossfade_s", *TABLES}
    scene = Scene(
        name=checked_name(_typed(table, "name", str, "")),
        controls=_typed(table, "controls", dict, {}),
        models=_typed(table, "models", dict, {}),
        seed=_typed(table, "seed", int, 0),
        crossfade_s=float(_typed(table, "crossfade_s", (int, float), CROSSFADE_S)),
        more={key: value for key, value in table.items() if key not in known},
    )
    low, high = CROSSFADE_LIMITS
    if not low <= scene.crossfade_s <= high:
        raise SettingsError(f"crossfade_s is {scene.crossfade_s}; it goes from {low:g} to {high:g}")
    if scene.seed < 0:
        raise SettingsError(f"seed is {scene.seed}; it is a whole number from 0 up")
    return scene.in_slot(_typed(table, "slot", int, 0))


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value is not None
    }


def _typed(table: Mapping[str, Any], name: str, kind: Any, default: Any) -> Any:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise SettingsError(f"{name} is {value!r}")
    return value
