"""What is read of a running process: memory, its slope, threads; nothing of one that has ended."""

from __future__ import annotations

import os
import subprocess
import sys
from statistics import median

import pytest

from benchmarks._stage import Watched
from benchmarks.show import medians

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_this_process_is_seen_with_its_memory_and_threads():
    watched = Watched(os.getpid())
    watched.look()
    assert watched.memory[0][1] > 10  # MB: Python, numpy, pytest
    assert sum(watched.cpu_seconds().values()) > 0.1


def test_a_process_that_has_ended_leaves_no_memory_of_zero():
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # ended, and not yet buried
    watched = Watched(process.pid)
    watched.look()
    process.wait()
    watched.look()
    assert watched.memory == []


def test_the_slope_is_that_of_the_settled_part():
    watched = Watched(os.getpid())
    watched.memory = [(float(s), 100.0 + (s if s < 60 else 60) + s / 600) for s in range(0, 600, 5)]
    assert watched.memory_slope(skip_s=75) == pytest.approx(1.0, abs=1e-6)
    assert watched.memory_slope(skip_s=590) != watched.memory_slope(skip_s=590)  # too little: nan


def test_of_several_runs_the_middle_is_told():
    runs = [
        {
            "fps": fps,
            "interval_ms": {"p50": 33.3, "p95": 36.0, "p99": p99},
            "repeated_percent": 0.1,
            "cores": 1.0,
            "audio": {"overruns": 0},
            "memory_slope_mb_per_10_min": slope,
        }
        for fps, p99, slope in ((30.0, 38.0, 1.0), (29.0, 70.0, None), (29.9, 40.0, 2.0))
    ]
    told = medians(runs)
    assert told["pictures a second"] == median([30.0, 29.0, 29.9])
    assert told["p99 ms"] == 40.0
    assert told["MB in ten minutes"] == 1.5  # a run too short for a slope has none
