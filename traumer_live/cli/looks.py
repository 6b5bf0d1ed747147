"""``traumer-live looks``: which looks there are, and what can be turned in each.

In: parsed options.  Out: a table on standard output; exit code 0.  Thread: main.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from traumer_live.core.errors import TraumerError
from traumer_live.video.looks import Library, Look, Setting


def run(options: argparse.Namespace) -> int:
    """Print the list, or one look.

    Raises:
        LookError: there is no look of that name, or its files cannot be used.
    """
    library = Library()
    lines = one(library.look(options.name)) if options.action == "show" else every(library)
    print("\n".join(lines))
    return 0


def every(library: Library) -> Iterator[str]:
    """One line for each look, broken ones included, and where to put one's own."""
    names = library.names()
    width = max(len(name) for name in names)
    for name in names:
        own = " (yours)" if library.is_own(name) else ""
        try:
            yield f"  {name:{width}}  {library.look(name).says}{own}"
        except TraumerError as error:
            yield f"  {name:{width}}  cannot be used: {error}{own}"
    yield ""
    yield f"Your own looks and steps go into {library.own}"


def one(look: Look) -> Iterator[str]:
    """A look and all its knobs: where it sets them, in which range, and what they do."""
    yield f"{look.title}: {look.says}"
    yield str(look.path)
    width = max(len(name) for name, _, _ in look.knobs())
    settings = {
        f"{step.name}.{knob}": setting
        for step in (look.place, *look.steps, look.finish)
        for knob, setting in step.settings.items()
    }
    for name, knob, at in look.knobs():
        unit = f" {knob.unit}" if knob.unit else ""
        moves = _moves(settings[name]) if name in settings else ""
        yield (
            f"  {name:{width}}  {at:>6g}  {knob.low:g}..{knob.high:g}{unit}  {knob.meaning}{moves}"
        )


def _moves(setting: Setting) -> str:
    """What moves a knob by itself, in words."""
    parts = [f"{name} {gain:+g}" for name, gain in setting.answers]
    if setting.swing:
        parts.insert(0, f"swings by {setting.swing:g} in {setting.period_s:g} s")
    return f" ({', '.join(parts)})" if parts else ""
