"""What one step of a look is: a fragment shader that declares its own knobs in comments.

In: the text of a ``.frag`` file.  Out: a StepSource: knobs, passes, and what the program must give.
Thread: any; nothing here draws.

A knob is a uniform with a range, a unit if it has one, a default, and what it does:

    uniform float strength;  //! 0..3 = 0.7 · how much light is laid over the picture
    uniform vec2 turn;       //! -180..180 deg = 0 · turns the picture (handed over as cos, sin)

A step of several passes lists them, each with its size; a pass is the file compiled with that word
defined, and reads what the pass before it drew as ``before``:

    //! pass BRIGHT 1/4
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import SettingsError

# What the program gives to every step that declares it: name -> GLSL type.
GIVEN: dict[str, str] = {
    "picture": "sampler2D",  # the chain so far
    "before": "sampler2D",  # what the pass before this one drew
    "memory": "sampler2D",  # what this step drew last
    "texel": "vec2",  # size of one pixel of what is read
    "aspect": "float",  # width / height of the output
    "time": "float",  # seconds
    "dt": "float",  # seconds since the last drawing
    "bass": "float",  # these five in 0..1, times the strength of the pulse
    "mid": "float",
    "treble": "float",
    "onset": "float",
    "loudness": "float",
    "beat": "float",  # 1 on the beat, falling until the next, times how sure the tempo is
}
# What only the first and the last step of every look are given; see shaders/README.md.
GIVEN_TO_FRAME: frozenset[str] = frozenset(
    ("frame", "previous", "crossfade", "span", "shape", "other", "amount", "hue", "light")
)

_UNIFORM = re.compile(r"^\s*uniform\s+(?P<kind>\w+)\s+(?P<name>\w+)\s*;\s*(?P<rest>.*)$")
_NUMBER = r"-?\d+(?:\.\d+)?"
_KNOB = re.compile(
    rf"^//!\s*(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?:\s+(?P<unit>[^\s=]+))?"
    rf"\s*=\s*(?P<default>{_NUMBER})\s*·\s*(?P<meaning>.+?)\s*$"
)
_PASS = re.compile(r"^//!\s*pass\s+(?P<word>[A-Z][A-Z0-9_]*)\s+1(?:/(?P<scale>\d+))?\s*$")
_ANGLES = ("deg",)  # units that a vec2 knows how to be


class LookError(SettingsError):
    """A look or one of its shaders cannot be used; begins with ``file:line:`` where known."""


@dataclass(frozen=True)
class Knob:
    """One number that a step lets be turned."""

    name: str
    low: float
    high: float
    default: float
    unit: str  # such as "deg", "s"; empty for plain numbers
    meaning: str
    is_angle: bool = False  # handed to the shader as cosine and sine

    def clamp(self, value: float) -> float:
        """``value``, or the nearest end of the range."""
        return min(max(value, self.low), self.high)


@dataclass(frozen=True)
class PassPlan:
    """One drawing of a step."""

    word: str  # defined while compiling; empty when the step has one pass
    scale: int  # drawn at 1/scale of the output's size


@dataclass(frozen=True)
class StepSource:
    """A step's shader, and what it says of itself."""

    name: str
    path: Path
    text: str
    says: str
    knobs: tuple[Knob, ...]
    passes: tuple[PassPlan, ...]
    remembers: bool  # reads what it drew last

    def knob(self, name: str) -> Knob | None:
        """The knob of that name."""
        return next((knob for knob in self.knobs if knob.name == name), None)


def read_step(path: Path, *, given: frozenset[str] = frozenset(GIVEN)) -> StepSource:
    """The step in ``path``.

    Raises:
        LookError: the file cannot be read, or a declaration is not understood.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LookError(f"{path.name}: the shader cannot be read ({error}).") from error
    lines = text.splitlines()
    knobs = read_knobs(path.name, lines, given=given)
    passes = tuple(
        PassPlan(found["word"], int(found["scale"] or 1))
        for found in map(_PASS.match, lines)
        if found
    )
    says = lines[0].removeprefix("//").strip() if lines and lines[0].startswith("//") else ""
    return StepSource(
        name=path.stem,
        path=path,
        text=text,
        says=says,
        knobs=knobs,
        passes=_checked(passes, path.name) or (PassPlan("", 1),),
        remembers=any(re.match(r"\s*uniform\s+sampler2D\s+memory\s*;", line) for line in lines),
    )


def read_knobs(file: str, lines: list[str], *, given: frozenset[str]) -> tuple[Knob, ...]:
    """The knobs that ``lines`` of ``file`` declare.

    Raises:
        LookError: a uniform is neither a knob nor given by the program, or of another type.
    """
    knobs = []
    for number, line in enumerate(lines, start=1):
        found = _UNIFORM.match(line)
        if found is None:
            continue
        declared = _KNOB.match(found["rest"])
        if declared is not None:
            knobs.append(_knob(f"{file}:{number}", found["kind"], found["name"], declared))
        elif found["name"] in given:
            _check_given(f"{file}:{number}", found["kind"], found["name"])
        else:
            raise LookError(
                f"{file}:{number}: {found['name']!r} is not given by the program and no knob; "
                "a knob looks like this: uniform float x;  //! 0..1 = 0.5 · what it does"
            )
    return tuple(knobs)


def _check_given(where: str, kind: str, name: str) -> None:
    """A value of another type than is handed over could not be set while drawing."""
    if GIVEN.get(name, kind) != kind:
        raise LookError(f"{where}: {name!r} is given as a {GIVEN[name]}, not as a {kind}.")


def _knob(where: str, kind: str, name: str, found: re.Match[str]) -> Knob:
    low, high, default = (float(found[key]) for key in ("low", "high", "default"))
    unit = found["unit"] or ""
    if kind not in ("float", "vec2"):
        raise LookError(f"{where}: the knob {name!r} is a {kind}; it must be a float.")
    if kind == "vec2" and unit not in _ANGLES:
        raise LookError(f"{where}: the knob {name!r} is a vec2, which only angles (deg) can be.")
    if not low <= default <= high or low == high:
        raise LookError(
            f"{where}: the default {default:g} of {name!r} is not within {low:g}..{high:g}."
        )
    return Knob(name, low, high, default, unit, found["meaning"], is_angle=kind == "vec2")


def _checked(passes: tuple[PassPlan, ...], file: str) -> tuple[PassPlan, ...]:
    if passes and passes[-1].scale != 1:
        raise LookError(f"{file}: the last pass must be drawn at full size (1).")
    if any(not 1 <= plan.scale <= 64 for plan in passes):
        raise LookError(f"{file}: passes are drawn at 1 to 1/64 of the output's size.")
    return passes
