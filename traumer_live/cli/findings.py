"""What ``doctor`` can find, and how its checks ask other programs.

In: commands.  Out: findings and answers.  Thread: main.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum

CHILD_S = 20.0  # a cold start of Qt or a driver takes seconds


class Mark(Enum):
    """How good it is."""

    GOOD = "good"
    FAIR = "fair"  # the show runs, but something is missing
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    mark: Mark
    name: str  # what was looked at, at most 13 letters
    text: str
    advice: str = ""
    essential: bool = False  # when it is bad, the show cannot run at all


@dataclass(frozen=True)
class Answer:
    """What another program said."""

    worked: bool
    text: str  # its output; when it did not work, the last line of its complaint


def ask_python(code: str) -> Answer:
    """Run ``code`` in a Python of its own: a driver that crashes takes only that one along."""
    return ask([sys.executable, "-c", code])


def ask(command: list[str]) -> Answer:
    """Run a program and take what it prints."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=CHILD_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(False, str(error))
    if done.returncode == 0:
        return Answer(True, done.stdout.strip())
    complaint = done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"]
    return Answer(False, complaint[-1])
