"""A generator as a static graph, whichever runtime computes it.

In: a Checkpoint and a Runtime.  Out: a Generator.  Thread: one that paints; ``prepare`` from any.

Graphs of other exits are opened when they are first wanted, and only two are kept, the one that
paints and the one that was opened last: of a large network each holds most of the weights.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from traumer_live.core.errors import reason_of
from traumer_live.core.memory import return_soon, return_when_gone
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.generator import (
    BackendError,
    Source,
    checked_exit,
    checked_w_plus,
    first_exit,
    make_info,
)
from traumer_live.synthesis.graph_cache import cached_graph
from traumer_live.synthesis.mapping import Mapping as MappingNetwork
from traumer_live.synthesis.mapping import WStatistics
from traumer_live.synthesis.noise import NoisePlanes, noise_planes

KEPT = 2  # opened graphs
Feed: TypeAlias = Mapping[str, NDArray[Any]]
Run: TypeAlias = Callable[[Sequence[str], Feed], list[Any]]  # names of outputs, inputs -> outputs


class Runtime(Protocol):
    """Something that computes ONNX graphs."""

    backend: str  # such as "onnx"
    providers: tuple[str, ...]  # what really computes
    threads: int
    precision: str  # "float32" is exact

    def open(self, graph: Path, name: str) -> Run:
        """The ``graph`` in a file made ready; BackendError when this runtime cannot."""


class GraphGenerator:
    """One network on one runtime."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        runtime: Runtime,
        *,
        name: str = "generator",
        class_index: int | None = None,
        opened: int | None = None,
    ) -> None:
        """Open the graph of the exit ``opened``; by default of that which a show begins with."""
        self.source = Source(checkpoint, {"name": name, "class_index": class_index})
        self._runtime = runtime
        self._mapping = MappingNetwork(checkpoint, class_index=class_index)
        self._noise = noise_planes(checkpoint)
        self._opened: dict[int | None, Run] = {}  # the oldest first
        self._opening = threading.Lock()
        self._painting: Run | None = None
        return_when_gone(self)
        self.info = make_info(
            name,
            checkpoint,
            backend=runtime.backend,
            providers=runtime.providers,
            threads=runtime.threads,
            precision=runtime.precision,
        )
        self.prepare(first_exit(self.info) if opened is None else opened)
        self.info = replace(self.info, providers=runtime.providers)  # known once a graph is open

    @property
    def w_avg(self) -> Array:
        """The average w (w_dim,)."""
        return self._mapping.w_avg

    def map(self, z: Array) -> Array:
        """w (n, w_dim) of z (n, z_dim)."""
        return self._mapping(z)

    def w_statistics(self) -> WStatistics:
        """mu and sigma of w."""
        return self._mapping.statistics()

    def prepare(self, exit_resolution: int | None = None) -> None:
        """Open the graph of an exit, so that its first picture is not late; takes up to seconds."""
        self._graph(checked_exit(exit_resolution, self.info))

    def is_ready(self, exit_resolution: int | None = None) -> bool:
        """Whether the graph of an exit is open."""
        return checked_exit(exit_resolution, self.info) in self._opened

    def synthesize(
        self,
        w_plus: Array,
        *,
        noise_gain: float = 1.0,
        noise: NoisePlanes | None = None,
        exit_resolution: int | None = None,
    ) -> Pixels:
        """The picture (H, W, 4) RGBA."""
        pixels, level = self._run(("rgba", "level"), w_plus, noise_gain, noise, exit_resolution)
        if not math.isfinite(level):
            raise BackendError(
                f"{self.info.backend} computed infinite or missing numbers for {self.info.name}; "
                "choose another backend."
            )
        picture: Pixels = pixels
        return picture

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The picture (H, W, 3) on the scale 0..255 before it is cut to integers."""
        planes = self._run(("rgb",), w_plus, noise_gain, noise, None)[0]  # (1, 3, H, W)
        return np.ascontiguousarray(planes[0].transpose(1, 2, 0))

    def _run(
        self,
        outputs: Sequence[str],
        w_plus: Array,
        noise_gain: float,
        noise: NoisePlanes | None,
        exit_resolution: int | None,
    ) -> list[Any]:
        feed: dict[str, NDArray[Any]] = {"w_plus": checked_w_plus(w_plus, self.info)}
        exit_resolution = checked_exit(exit_resolution, self.info)
        if self._noise:
            planes = self._noise if noise is None else noise
            feed |= {f"noise_{i}": plane for i, plane in enumerate(planes)}
            feed["noise_gain"] = np.array(noise_gain, np.float32)
        run = self._painting = self._graph(exit_resolution)
        try:
            return run(outputs, feed)
        except BackendError:
            raise
        except Exception as error:  # the runtimes' exceptions share no narrower base
            told = f"{self.info.backend} failed to paint with {self.info.name}"
            raise BackendError(f"{told} ({reason_of(error)}).") from error

    def _graph(self, exit_resolution: int | None) -> Run:
        run = self._opened.get(exit_resolution)
        if run is not None:
            return run
        with self._opening:
            if exit_resolution not in self._opened:
                graph = cached_graph(self.source.checkpoint, exit_resolution)
                opened = self._runtime.open(graph, self.info.name)
                while len(self._opened) >= KEPT:
                    self._close_one()
                self._opened[exit_resolution] = opened
            return self._opened[exit_resolution]

    def _close_one(self) -> None:
        """Let the oldest graph go that is not painting."""
        idle = (key for key, run in self._opened.items() if run is not self._painting)
        del self._opened[next(idle)]
        return_soon()
