"""Starting the child process that reads a foreign file, and judging what comes back.

In: a foreign file and a place for the result.  Out: the child's answer, and on the way how far it
is.  Thread: any; waits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traumer_live.core.children import ONE_THREAD
from traumer_live.importing import limits
from traumer_live.importing.errors import SafeLoadError

CHILD = "traumer_live.importing.child"
Progress = Callable[[float], None]  # share that is done, 0..1
ANSWER = 64 * 1024  # bytes of one line
# What a process needs to start at all; nothing of the person's environment goes along.
KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP")


def read_in_child(
    source: Path,
    target: Path,
    *,
    stated: Mapping[str, str] | None = None,
    seconds: float | None = None,
    progress: Progress = lambda share: None,
) -> dict[str, Any]:
    """Convert ``source`` to ``target`` in a process of its own; its answer.

    ``stated`` is what a person knows of the file and it does not say itself; ``progress`` is told
    the share that is done.

    Raises:
        SafeLoadError: the file was refused, or the process did not live to answer.
    """
    allowed = _wall_clock(source) if seconds is None else seconds
    command = [sys.executable, "-I", "-m", CHILD, str(source.resolve()), str(target)]
    command.append(json.dumps(dict(stated or {})))
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD,
        )
    except OSError as error:
        raise SafeLoadError(f"The process that reads models cannot start ({error}).") from error
    expired = threading.Event()

    def give_up() -> None:
        expired.set()
        child.kill()

    clock = threading.Timer(allowed, give_up)
    clock.start()
    try:
        last = _listened(child, progress)
    finally:
        clock.cancel()
        child.kill()  # nothing if it has ended; else our own thread was interrupted
        child.wait()
    if expired.is_set():
        raise SafeLoadError(
            f"{source.name} took longer to read than any model ({allowed:.0f} s) and was given up."
        )
    return _answer(source, child.returncode, last)


def _listened(child: subprocess.Popen[bytes], progress: Progress) -> bytes:
    """What the child said last, once it has ended; shares go to ``progress``."""
    last = b""
    assert child.stdout is not None
    with child.stdout as said:
        while line := said.readline(ANSWER):
            last = line
            share = _parsed(line).get("share")
            if isinstance(share, float) and 0.0 <= share <= 1.0:
                progress(share)
    child.wait()
    return last


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _answer(source: Path, code: int, line: bytes) -> dict[str, Any]:
    answer = _parsed(line)
    if code or "ok" not in answer:
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
