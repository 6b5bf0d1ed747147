"""Which graph a generator needs, and under which name it is kept.

In: a Checkpoint, an exit.  Out: the path of a serialised ONNX graph (core/graph_store.py).
Thread: any.
"""

from __future__ import annotations

from pathlib import Path

from traumer_live.core.graph_store import OnnxModel, kept_graph, kept_path
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.program_config import PROGRAM, ProgramConfig

# Part of the file's name: raise it with every change of onnx_graph.py, alias_free_graph.py,
# onnx_picture.py, onnx_writer.py or exits.later_colour that changes a graph.
# It stands here because reading a kept graph must not import the onnx package.
GRAPH_VERSION = 7


def cached_graph(checkpoint: Checkpoint, exit_resolution: int | None = None) -> Path:
    """The graph of ``checkpoint``, or of its part up to an exit, from the cache or newly built."""

    def build() -> OnnxModel:
        if isinstance(checkpoint.config, ProgramConfig):  # the file brings its graph
            size = exit_resolution or checkpoint.config.resolution
            return OnnxModel((checkpoint.tensors[f"{PROGRAM}{size}"].data,))
        from traumer_live.synthesis.onnx_graph import build_graph

        return build_graph(checkpoint, exit_resolution)

    return kept_graph(_what(checkpoint, exit_resolution), GRAPH_VERSION, build)


def graph_path(checkpoint: Checkpoint, exit_resolution: int | None = None) -> Path:
    """Where the graph of ``checkpoint`` is kept."""
    return kept_path(_what(checkpoint, exit_resolution), GRAPH_VERSION)


def graphs_of(sha256: str) -> str:
    """How the names of all graphs of some weights begin."""
    return f"synthesis-{sha256[:32]}"


def _what(checkpoint: Checkpoint, exit_resolution: int | None) -> str:
    variant = f"-{checkpoint.variant}" if checkpoint.variant else ""
    end = "" if exit_resolution is None else f"-to{exit_resolution}"
    return graphs_of(checkpoint.sha256) + variant + end
