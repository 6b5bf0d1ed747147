"""Starting the child process that reads a foreign file, and judging what comes back.

In: a foreign file and a place for the result.  Out: the child's answer.  Thread: any; waits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traumer_live.importing import limits
from traumer_live.importing.errors import SafeLoadError

CHILD = "traumer_live.importing.child"
ANSWER = 64 * 1024  # characters
# What a process needs to start at all; nothing of the person's environment goes along.
KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def read_in_child(
    source: Path,
    target: Path,
    *,
    stated: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """Convert ``source`` to ``target`` in a process of its own; its answer.

    ``stated`` is what a person knows of the file and it does not say itself.

    Raises:
        SafeLoadError: the file was refused, or the process did not live to answer.
    """
    allowed = _wall_clock(source) if seconds is None else seconds
    command = [sys.executable, "-I", "-m", CHILD, str(source.resolve()), str(target)]
    command.append(json.dumps(dict(stated or {})))
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=allowed,
            env={name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SafeLoadError(
            f"{source.name} took longer to read than any model ({allowed:.0f} s) and was given up."
        ) from error
    except OSError as error:
        raise SafeLoadError(f"The process that reads models cannot start ({error}).") from error
    return _answer(source, done)


def _answer(source: Path, done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    text = done.stdout[:ANSWER].decode("utf-8", "replace").strip()
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    if done.returncode or not isinstance(answer, dict):
        raise SafeLoadError(
            f"{source.name} was given up: reading it took more memory or time than any model needs."
        )
    if not answer.get("ok"):
        raise SafeLoadError(str(answer.get("error", f"{source.name} was refused."))[:400])
    return answer


def _wall_clock(source: Path) -> float:
    size = source.stat().st_size
    seconds = limits.CHILD_SECONDS + limits.SECONDS_PER_GIBIBYTE * (size >> 30)
    return float(limits.WALL_FACTOR * seconds)
