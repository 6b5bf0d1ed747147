"""``traumer-live doctor``: what works on this machine, with one line of advice for what does not.

In: parsed options (none matter).  Out: findings on standard output; exit code 0 when the show can
run at all, else 1.  Thread: main.  Never fails itself: a check that breaks is a finding.
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from collections.abc import Callable, Iterator

from traumer_live.cli.findings import Finding, Mark

SIGNS = {Mark.GOOD: "✓", Mark.FAIR: "–", Mark.BAD: "✗"}
PLAIN_SIGNS = {Mark.GOOD: "+", Mark.FAIR: "-", Mark.BAD: "x"}  # for consoles without Unicode
WIDTH = 100
INDENT = 16

Check = Callable[[], Iterator[Finding]]


def run(options: argparse.Namespace) -> int:
    """Make every check and print what it found, as it is found."""
    from traumer_live.cli import machine_checks, show_checks

    signs = SIGNS if _prints("".join(SIGNS.values())) else PLAIN_SIGNS
    can_run = True
    for check in (*machine_checks.CHECKS, *show_checks.CHECKS):
        for finding in findings_of(check):
            print(described(finding, signs), flush=True)
            can_run &= not (finding.essential and finding.mark is Mark.BAD)
    print("\nThe show can run here." if can_run else "\nThe show cannot run here; see above.")
    return 0 if can_run else 1


def findings_of(check: Check) -> Iterator[Finding]:
    """What ``check`` finds; its own failure is one more finding."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  (a doctor must not fall ill over a sick machine)
        name = check.__name__.removeprefix("check_").replace("_", " ")
        yield Finding(Mark.BAD, name, f"could not be examined ({error!r})")


def described(finding: Finding, signs: dict[Mark, str]) -> str:
    """The finding as it is printed; advice stands below."""
    head = f"{signs[finding.mark]} {finding.name}".ljust(INDENT)
    lines = _wrapped(finding.text, head)
    if finding.advice:
        lines += _wrapped(finding.advice, " " * INDENT + "> ")
    return "\n".join(lines)


def _wrapped(text: str, head: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * INDENT,
        break_on_hyphens=False,
    )


def _prints(text: str) -> bool:
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
