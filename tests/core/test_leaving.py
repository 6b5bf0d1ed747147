"""The end of the program, with and without a thread that is still at work."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import atexit, sys, threading, time
from traumer_live.core.leaving import at_the_end, leave
at_the_end(lambda: print("tidied up"))
atexit.register(lambda: print("python shut down"))
if {working}:
    threading.Thread(target=time.sleep, args=(300,), daemon=True).start()
print("all is written")
sys.exit(leave({code}))
"""


@pytest.mark.parametrize("code", [0, 130])
@pytest.mark.parametrize("working", [False, True])
def test_nobody_waits_for_a_thread_at_work_and_nothing_said_is_lost(working, code):
    script = SCRIPT.format(working=working, code=code)
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=buffered)
    assert done.returncode == code
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == "all is written"
    assert done.stdout.count("tidied up") == 1
    # Python's own end is what would abort beside a runtime: it must not begin then.
    assert ("python shut down" in done.stdout) is not working
