"""Python processes beside the show: started with one thread each, heard in JSON, gone with it.

In: a module and its one argument.  Out: a process; the lines that it says.  Thread: the caller's;
in the child ``end_with_parent`` starts one that waits for the end of standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def start_child(module: str, argument: str, *, idle: bool) -> subprocess.Popen[str]:
    """``python -m module argument`` with pipes; elsewhere than on Windows it lowers itself.

    ``idle`` children work only while nobody else does, the others stand back a little.

    Raises:
        OSError: it cannot be started.
    """
    flags = 0
    if sys.platform == "win32":
        lowest, below = subprocess.IDLE_PRIORITY_CLASS, subprocess.BELOW_NORMAL_PRIORITY_CLASS
        flags = lowest if idle else below
    return subprocess.Popen(
        [sys.executable, "-m", module, argument],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=dict(os.environ) | ONE_THREAD,
        creationflags=flags,
    )


def parsed(line: str) -> dict[str, object]:
    """What a child said in one line; nothing where it is no JSON object."""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def end_with_parent() -> None:
    """End this process when its standard input ends, however the parent did."""
    threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # files are written atomically, so nothing is half there
