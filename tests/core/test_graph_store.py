"""Graphs that are written piece by piece, and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from traumer_live.core import graph_store, onnx_writer
from traumer_live.core.graph_store import OnnxModel, forget, kept_graph, kept_path
from traumer_live.core.onnx_writer import GraphWriter


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(graph_store, "cache_dir", lambda: tmp_path)
    return tmp_path


def shifted(numbers: np.ndarray) -> OnnxModel:
    """A graph that adds ``numbers``."""
    g = GraphWriter("shifted")
    x = g.input("x", numbers.shape)
    g.output(g.op("Add", x, g.constant(numbers)), "y", numbers.shape)
    return g.finish()


@pytest.mark.parametrize("shape", [(3,), (40, 1000), ()])
def test_pieces_are_a_model_with_all_its_numbers(shape, monkeypatch):
    """Also one that is too large to be checked when it is written."""
    monkeypatch.setattr(onnx_writer, "CHECKED", 0)
    numbers = np.asarray(np.random.default_rng(0).standard_normal(shape), np.float32)
    model = onnx.load_from_string(shifted(numbers).to_bytes())
    onnx.checker.check_model(model, full_check=True)
    stored = onnx.numpy_helper.to_array(model.graph.initializer[0])
    np.testing.assert_array_equal(stored, numbers)


def test_a_newer_version_takes_the_place_of_the_older(cache):
    write = lambda: shifted(np.ones(2, np.float32))  # noqa: E731
    old, other = kept_graph("net", 1, write), kept_graph("net-to64", 1, write)
    new = kept_graph("net", 2, write)
    assert (new.exists(), old.exists(), other.exists()) == (True, False, True)
    forget("net")
    assert list((cache / "graphs").iterdir()) == []


def test_without_a_cache_a_graph_lies_elsewhere(cache):
    (cache / "graphs").write_text("a file where the folder should be")
    path = kept_graph("net", 1, lambda: shifted(np.ones(2, np.float32)))
    assert path != kept_path("net", 1)
    assert onnx.load(path).graph.node
