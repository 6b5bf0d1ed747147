"""The program answers at once: what a command does not need is not imported for it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "onnxruntime", "onnx", "torch", "av", "moderngl", "glfw", "PyQt6", "openvino")
MOST = 200  # modules; Python itself takes about 60

ASK = f"""
import sys
from traumer_live.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
heavy = sorted(name for name in {HEAVY!r} if name in sys.modules)
print("\\nimported", code, len(sys.modules), ",".join(heavy), file=sys.stderr)
"""


def imported(*words: str) -> tuple[str, int, str]:
    """Exit code, number of modules, and which heavy ones there are."""
    done = subprocess.run([sys.executable, "-c", ASK, *words], capture_output=True, text=True)
    _, code, count, *heavy = done.stderr.strip().splitlines()[-1].split(" ")
    return code, int(count), heavy[0] if heavy else ""


def test_help_and_version_need_nothing_but_the_standard_library():
    for words in (("--help",), ("--version",), ("latency", "--help"), ("bench", "--help")):
        code, count, heavy = imported(*words)
        assert (code, heavy) == ("0", "")
        assert count < MOST


def test_a_word_that_is_none_is_refused_without_loading_anything():
    code, count, heavy = imported("dance")
    assert (code, heavy) == ("2", "")
    assert count < MOST
