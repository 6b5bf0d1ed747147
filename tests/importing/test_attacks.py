"""Hostile files: none runs anything, none hangs, none takes much; each is refused in a sentence."""

from __future__ import annotations

import base64
import contextlib
import json
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tests.importing import hostile_files
from tests.importing.foreign_files import golden, snapshot, tensorflow_snapshot, tensors, torch_file
from tests.waiting import PATIENCE_S
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.importing import confined, limits
from traumer_live.importing.dialects.recognise import convert
from traumer_live.importing.errors import SafeLoadError
from traumer_live.importing.importer import import_model
from traumer_live.importing.reader import read_foreign

CANARY = "canary-that-must-not-sing"
CORPUS = Path(__file__).with_name("fuzz_corpus.json")
SENTENCE = 400  # characters
# Counting their every object takes long; the child process counts for them.
SLOW = ("tuples a million deep", "millions of nothing", "too many members")
PLENTY = 100 * limits.MEBIBYTE  # of Python objects, for files that are 6 MB or smaller
FILES = hostile_files.all_files(CANARY)
LEAST = 40
DOCS = Path(__file__).parents[2] / "docs" / "models.md"


@pytest.fixture(autouse=True)
def cage(tmp_path, monkeypatch):
    """An empty folder in which any trace would be seen."""
    folder = tmp_path / "cage"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    assert list(folder.iterdir()) == [], "something ran"


def is_one_sentence(error):
    text = str(error.value)
    assert "\n" not in text
    assert 20 < len(text) < SENTENCE
    assert "Traceback" not in text
    assert text.isprintable()
    return text


def test_there_are_as_many_as_the_documentation_says():
    """``python -m tests.importing.hostile_files`` counts them family by family."""
    count = len(set(FILES.values()))
    assert count == len(FILES) > LEAST
    assert f"with {count} hostile files" in " ".join(DOCS.read_text(encoding="utf-8").split())


@pytest.mark.parametrize("name", sorted(FILES.keys() - set(SLOW)))
def test_hostile_files_are_refused(tmp_path, name):
    path = tmp_path / "evil.pkl"
    path.write_bytes(FILES[name])
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(SafeLoadError) as refused:
            convert(read_foreign(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < limits.CHILD_SECONDS  # counted objects and all
    assert "evil.pkl" in is_one_sentence(refused)
    assert peak < PLENTY + 12 * len(FILES[name])


@pytest.mark.parametrize(
    "name",
    [
        *SLOW,
        "call os.system",
        "nested storage is a pickle",
        "lists a million deep",
        "overlapping members",
        "a network in itself",
    ],
)
def test_the_whole_way_through_the_child(tmp_path, name):
    path = tmp_path / "evil.pkl"
    path.write_bytes(FILES[name])
    with pytest.raises(ModelError) as refused:
        import_model(path)
    is_one_sentence(refused)
    assert model_library.entries() == []
    assert list(model_library.library_dir().iterdir()) == []


def test_a_file_that_runs_a_command_by_ordinary_loading_is_inert_here(tmp_path):
    """The canary sings when the same call is made by Python's own unpickler."""
    import pickle

    canary = tmp_path / "sung"

    class Evil:
        def __reduce__(self):
            return (open, (str(canary), "w"))

    path = tmp_path / "evil.pkl"
    path.write_bytes(pickle.dumps({"G_ema": Evil()}))
    with pytest.raises(SafeLoadError):
        read_foreign(path)
    assert not canary.exists()
    pickle.loads(path.read_bytes())["G_ema"].close()
    assert canary.exists()


def test_program_text_in_a_snapshot_never_runs(tmp_path):
    canary = tmp_path / "sung"
    state, _ = golden("ada_skip")
    source = f"open({str(canary)!r}, 'w').close()\nclass Generator: pass"
    import_model(snapshot(tmp_path / "net.pkl", state, source=source))
    assert not canary.exists()


def test_names_that_a_terminal_would_obey_are_quoted_harmlessly(tmp_path):
    """Found by the fuzzer: sentences quote names from the file."""
    path = tmp_path / "evil.pkl"
    state, _ = golden("tf_skip")
    evil = {**state, "synthesis/\x1b]0;owned\x07\nsecond line": np.zeros(3, np.float32)}
    with pytest.raises(SafeLoadError) as refused:
        convert(read_foreign(tensorflow_snapshot(path, evil)))
    is_one_sentence(refused)


@pytest.mark.parametrize("kind", ["snapshot", "new", "old"])
def test_files_cut_off_anywhere(tmp_path, kind):
    whole = real_file(tmp_path, kind)
    path = tmp_path / "cut.pkl"
    for share in np.linspace(0, 0.999, 25):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(SafeLoadError) as refused:
            convert(read_foreign(path))
        is_one_sentence(refused)


@pytest.mark.parametrize("kind", ["snapshot", "new", "old"])
def test_files_with_flipped_bits(tmp_path, kind):
    """Most flips hit numbers and go unseen or are caught by the sum; none may do anything else."""
    whole = real_file(tmp_path, kind)
    rng = np.random.default_rng(3)
    path = tmp_path / "flipped.pkl"
    for _ in range(60):
        content = bytearray(whole)
        for at in rng.integers(0, len(content), 3):
            content[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(content)
        with contextlib.suppress(SafeLoadError):
            convert(read_foreign(path))


def real_file(tmp_path, kind):
    state, _ = golden("tf_skip")
    small = {
        "synthesis.b4.const": state["synthesis/4x4/Const/const"][0],
        "mapping.w_avg": np.ones(4),
    }
    if kind == "snapshot":
        return snapshot(tmp_path / "s.pkl", small).read_bytes()
    value = {"state_dict": tensors(small)}
    return torch_file(tmp_path / "s.pt", value, new=kind == "new").read_bytes()


def test_what_the_fuzzer_found_interesting(tmp_path):
    """A small part of the corpus of ``tools/fuzz_importing.py``, and the input that once failed."""
    path = tmp_path / "fuzzed"
    for coded in json.loads(CORPUS.read_text()):
        path.write_bytes(base64.b64decode(coded))
        with pytest.raises(SafeLoadError) as refused:
            convert(read_foreign(path))
        is_one_sentence(refused)


def test_the_child_is_given_up_when_it_takes_too_long(tmp_path):
    path = tmp_path / "slow.pkl"
    path.write_bytes(FILES["millions of nothing"])
    with pytest.raises(SafeLoadError, match="given up"):
        confined.read_in_child(path, tmp_path / "t.safetensors", seconds=0.05)


def test_the_child_cannot_take_more_memory_than_its_limit(tmp_path):
    """The walls themselves: a process of the same confinement fails to allocate."""
    done = in_the_walls("bytearray(3 << 30)", tmp_path)
    assert "MemoryError" in done.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        "import os; os.system('touch trace')",
        "import subprocess; subprocess.run(['touch', 'trace'])",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import os; os.fork()",
        "import os; os.execv('/bin/true', ['true'])",
        "import ctypes; ctypes.CDLL(None)",
    ],
)
def test_the_walls_hold_even_code_that_runs(tmp_path, attempt):
    done = in_the_walls(attempt, tmp_path)
    assert "forbidden" in done.stderr


def in_the_walls(code, tmp_path):
    import subprocess
    import sys

    program = f"from traumer_live.importing.child import confine; confine(0); {code}"
    return subprocess.run(
        [sys.executable, "-I", "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path / "cage",
        env={"OPENBLAS_NUM_THREADS": "1"},
        timeout=PATIENCE_S,
        check=False,
    )
