"""What the program remembers between runs: one TOML file, versioned and written atomically.

In: the file in the platform's config folder.  Out: Settings; a broken file is set aside.
"""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from traumer_live.core.controls import Controls, checked
from traumer_live.core.errors import SettingsError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import config_dir

VERSION = 1


@dataclass(frozen=True)
class Settings:
    """What is remembered; everything has a default that works on a fresh machine."""

    source: str = ""  # as --source takes it; empty: choose by what there is
    generator: str = ""  # a file; empty: the shipped one
    mapping: str = ""  # a file; empty: the shipped one
    encoder: str = ""  # a file; empty: the shipped one
    seed: int = 0  # of idle drift and pulse directions
    record_folder: str = ""  # empty: the user's videos folder
    output_screen: str = ""  # the screen's name; empty: the second one, else the only one
    controls: Controls = field(default_factory=Controls)


def settings_path() -> Path:
    """Where the settings are kept."""
    return config_dir() / "settings.toml"


def load_settings(path: Path | None = None) -> tuple[Settings, str | None]:
    """The settings, and one sentence for the user when the file had to be set aside."""
    path = path or settings_path()
    try:
        return _parse(tomllib.loads(path.read_text(encoding="utf-8"))), None
    except FileNotFoundError:
        return Settings(), None
    except (OSError, ValueError, TypeError, SettingsError) as error:
        return Settings(), _set_aside(path, error)


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write ``settings``; the old file stays whole if anything goes wrong.

    Raises:
        OutputError: the folder cannot be written to.
    """
    # Never start in the dark, nor without the flash limiter.
    lasting = replace(
        settings.controls, blackout=False, fade=False, frozen=False, safe=False, limiter=True
    )
    document = {"version": VERSION, **asdict(replace(settings, controls=lasting))}
    with written_atomically(path or settings_path()) as temporary:
        temporary.write_text(tomli_w.dumps(document), encoding="utf-8")


def _parse(document: dict[str, Any]) -> Settings:
    if document.get("version") != VERSION:
        raise SettingsError(f"version {document.get('version')} is not {VERSION}")
    turned = document.pop("controls", {})
    if not isinstance(turned, dict):
        raise SettingsError("controls is not a table")
    controls = checked(Controls(**_known(turned, Controls())))
    return Settings(**{**_known(document, Settings()), "controls": controls})


def _known(found: dict[str, Any], defaults: Settings | Controls) -> dict[str, Any]:
    """Those of ``found`` that ``defaults`` knows, each of the same kind as there."""
    known = {f.name: getattr(defaults, f.name) for f in fields(defaults)}
    kept = {name: value for name, value in found.items() if name in known}
    for name, value in kept.items():
        kind = (int, float) if isinstance(known[name], float) else type(known[name])
        if not isinstance(value, kind):
            raise SettingsError(f"{name} is {value!r}")
    return kept


def _set_aside(path: Path, error: Exception) -> str:
    aside = path.with_suffix(".broken.toml")
    try:
        path.replace(aside)
    except OSError:
        return f"The settings in {path} could not be read ({error}); starting with the defaults."
    return (
        f"The settings in {path} could not be read ({error}); they were set aside as "
        f"{aside.name} and the defaults are used."
    )
