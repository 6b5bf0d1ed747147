"""How old the program was when the first picture came that music drove."""

from __future__ import annotations

import subprocess
import sys
import time

from traumer_live.core.stats import Stats, process_age_s


def test_only_a_picture_by_music_counts_and_only_the_first():
    stats = Stats()
    stats.shown(0.0)
    assert stats.report(delay_s={})["first_music_picture_s"] is None
    before = process_age_s()
    stats.shown(0.1, by_music=True)
    first = stats.first_music_s
    stats.shown(0.2, by_music=True)
    assert before <= first <= process_age_s()
    assert stats.first_music_s == first
    assert stats.report(delay_s={})["first_music_picture_s"] == round(first, 3)
    assert stats.counters["frames.shown"] == 3


def test_the_age_is_that_of_the_process_and_grows():
    began = time.monotonic()
    asked = "from traumer_live.core.stats import process_age_s; print(process_age_s())"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    spent = time.monotonic() - began
    assert 0 < float(done.stdout) <= spent + 0.05  # the kernel counts in hundredths
    first = process_age_s()
    time.sleep(0.02)
    assert process_age_s() > first
