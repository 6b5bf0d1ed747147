"""What the program remembers between runs: one TOML file, versioned and written atomically.

In: the file in the platform's config folder, or one that was named.  Out: Settings, and which of
them the file says; a broken file of ours is set aside, a broken one that was named is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import tomli_w

from traumer_live.core.controls import Controls, checked
from traumer_live.core.errors import SettingsError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import config_dir

VERSION = 1
RECORD_QUALITIES = ("small", "standard", "fine")


@dataclass(frozen=True)
class KioskSettings:
    """What only the kiosk knows; it reads these and never writes them."""

    name: str = "kiosk"  # of the folder with its state; two kiosks need two names
    monitor: str = ""  # by name or number from 1; empty: the saved screen, else the second
    windowed: bool = False
    keys: bool = False  # whether the keyboard is heard
    supervised: bool = True  # a small parent starts it again after a crash
    hours: str = ""  # when it is open, such as "mon-fri 10:00-18:00, sat 12:00-02:00"
    scenes: str = ""  # which plays when, such as "10:00 Dawn, fri-sat 22:00 Dusk"
    record: str = ""  # where takes go; empty: nothing is kept
    take_minutes: float = 0.0  # after which a new take begins; 0: never
    take_mb: float = 0.0  # the same by size
    keep_gb: float = 0.0  # own oldest takes are deleted beyond this; 0: never
    status_port: int = 0  # of the status page on 127.0.0.1; 0: none
    loop: bool = False  # a file begins again when it has ended


@dataclass(frozen=True)
class Settings:
    """What is remembered; everything has a default that works on a fresh machine."""

    source: str = ""  # as --source takes it; empty: choose by what there is
    generator: str = ""  # a file; empty: the shipped one
    mapping: str = ""  # a file; empty: the shipped one
    encoder: str = ""  # a file; empty: the shipped one
    seed: int = 0  # of idle drift and pulse directions
    record_folder: str = ""  # empty: the user's videos folder
    record_quality: str = "standard"  # one of RECORD_QUALITIES
    record_hardware: bool = True  # encode takes on the graphics card where that is proved to work
    output_screen: str = ""  # the screen's name; empty: the second one, else the only one
    output_device: str = ""  # its maker, model and serial number: found at another connector too
    small_window: str = ""  # where the small window is, such as 480x270+1400+780
    welcomed: bool = False  # the studio's welcome was seen
    controls: Controls = field(default_factory=Controls)
    kiosk: KioskSettings = field(default_factory=KioskSettings)


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


def read_settings(path: Path) -> Settings:
    """The settings in a file that somebody named; it is never moved or written.

    Raises:
        SettingsError: it cannot be read, or says something that makes no sense.
    """
    try:
        return _parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, SettingsError) as error:
        raise SettingsError(f"The settings in {path} make no sense ({error}).") from error


def said_in(path: Path) -> frozenset[str]:
    """Dotted names that the file at ``path`` gives a value; none where there is no such file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return frozenset(flat(document)) & frozenset(flat(asdict(Settings())))


def flat(tables: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Nested tables as one, with dotted names: ``{"kiosk": {"keys": True}}`` as ``kiosk.keys``."""
    found: dict[str, Any] = {}
    for name, value in tables.items():
        if isinstance(value, dict):
            found |= flat(value, f"{within}{name}.")
        else:
            found[within + name] = value
    return found


KNOBS = "controls.look_knobs."  # and the name of one, which may have dots of its own


def with_value(settings: Settings, name: str, text: str) -> Settings:
    """``settings`` with the value ``text`` for the dotted ``name``, such as ``controls.preset``.

    Raises:
        SettingsError: there is no such setting, or ``text`` is no value for it.
    """
    *within, last = name.split(".")
    table = asdict(settings)
    if name not in flat(table):
        known = ", ".join(sorted(flat(table)))
        raise SettingsError(f"There is no setting named {name!r}; there are {known}.")
    value: Any = _value(text, flat(table)[name], name)
    if name.startswith(KNOBS):
        knobs = {**settings.controls.look_knobs, name.removeprefix(KNOBS): value}
        return replace(settings, controls=checked(replace(settings.controls, look_knobs=knobs)))
    if not within:
        return _checked(replace(settings, **{last: value}))
    part: Any = replace(getattr(settings, within[0]), **{last: value})
    if isinstance(part, Controls):
        part = checked(part)
    return replace(settings, **{within[0]: part})


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
    shown = document.pop("kiosk", {})
    if not isinstance(shown, dict):
        raise SettingsError("kiosk is not a table")
    kiosk = KioskSettings(**_known(shown, KioskSettings()))
    known = _known(document, Settings())
    return _checked(Settings(**{**known, "controls": controls, "kiosk": kiosk}))


def _checked(settings: Settings) -> Settings:
    """``settings`` itself when they make sense together."""
    if settings.record_quality not in RECORD_QUALITIES:
        raise SettingsError(
            f"record_quality is {settings.record_quality!r}; "
            f"choose one of {', '.join(RECORD_QUALITIES)}."
        )
    return settings


def _value(text: str, like: object, name: str) -> object:
    """``text`` as a value of the same kind as ``like``."""
    if isinstance(like, bool):
        if text.lower() not in ("true", "false"):
            raise SettingsError(f"{name} is {text!r}; choose true or false.")
        return text.lower() == "true"
    try:
        return type(like)(text)  # type: ignore[call-arg]  # str, int or float
    except ValueError:
        raise SettingsError(f"{name} is {text!r}, which is not a number.") from None


def _known(found: dict[str, Any], defaults: Settings | Controls | KioskSettings) -> dict[str, Any]:
    """Those of ``found`` that ``defaults`` knows, each of the same kind as there."""
    known = {f.name: getattr(defaults, f.name) for f in fields(defaults)}
    kept = {name: value for name, value in found.items() if name in known}
    for name, value in kept.items():
        kind = (int, float) if isinstance(known[name], float) else type(known[name])
        is_wrong_bool = isinstance(value, bool) and not isinstance(known[name], bool)
        if is_wrong_bool or not isinstance(value, kind):
            raise SettingsError(f"{name} is {value!r}")
    return kept


def _set_aside(path: Path, error: Exception) -> str:
    number = 1
    aside = path.with_suffix(".broken.toml")
    while aside.exists():  # what was set aside before may still be wanted
        number += 1
        aside = path.with_suffix(f".broken-{number}.toml")
    try:
        path.replace(aside)
    except OSError:
        return f"The settings in {path} could not be read ({error}); starting with the defaults."
    return (
        f"The settings in {path} could not be read ({error}); they were set aside as "
        f"{aside.name} and the defaults are used."
    )
