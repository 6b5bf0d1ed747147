"""``traumer-live devices``: what can be captured here, and what each is called after --source.

In: parsed options (none matter).  Out: a table on standard output; exit code 0.  Thread: main.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from traumer_live.audio.capture import SourceInfo, list_sources

ALWAYS = "Always there: file:PATH, tone, silence."
NOTHING = "There is nothing to capture here: no sound system, or one without outputs and inputs."
KINDS = {"loopback": "What this machine plays", "mic": "Microphones and line inputs"}


def run(options: argparse.Namespace) -> int:
    """Print the table."""
    sources = list_sources()
    print("\n".join(table(sources)) if sources else NOTHING)
    print(ALWAYS)
    return 0


def table(sources: Sequence[SourceInfo]) -> list[str]:
    """The lines to print: one block per kind, the default of each marked with a star."""
    width = max(len(str(source.spec)) for source in sources)
    lines = []
    for kind, title in KINDS.items():
        block = [_line(source, width) for source in sources if source.spec.kind == kind]
        if block:
            lines += [title, *block, ""]
    return [*lines, f"* the default: --source {_short(sources)} means it.", ""]


def _line(source: SourceInfo, width: int) -> str:
    star = "*" if source.is_default else " "
    return f"  {star} {source.spec!s:{width}}  {source.description}"


def _short(sources: Sequence[SourceInfo]) -> str:
    """The kinds that have a default, as they are typed: ``loopback`` or ``mic``."""
    kinds = [kind for kind in KINDS if any(s.spec.kind == kind and s.is_default for s in sources)]
    return " or ".join(kinds or KINDS)
