"""One picture in fixed places of memory: what a graphics card can repeat without being told anew.

In: w_plus (num_ws, w_dim) and noise gain.  Out: pixels (H, W, 4) uint8 and their mean level.
Thread: the one that paints; a CUDA graph is captured on it at its first picture.

Small kernels cost less than asking for them. So the whole step, from w_plus to RGBA bytes, is
recorded once and repeated as one. Where recording fails the step runs piece by piece, as it does on
a processor. Pixels leave by a stream of their own into pinned memory, into two places in turn.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.networks import to_rgb255

WARM_UP = 3  # runs before recording: libraries choose their kernels in them
OPAQUE = 255
Made = tuple[Tensor, Tensor]  # rgba (H, W, 4) uint8, their mean level ()
Paint = Callable[[Tensor, Tensor], Tensor]  # (1, num_ws, w_dim), gain () -> (1, c, H, W)


class PictureStep:
    """Paints the same size again and again."""

    def __init__(self, paint: Paint, rows: tuple[int, int], device: torch.device) -> None:
        self._paint, self._device = paint, device
        self._w_plus = torch.zeros((1, *rows), device=device)
        self._gain = torch.ones((), device=device)
        self._outlet: Outlet | None = None
        self._recorded: tuple[torch.cuda.CUDAGraph, Made] | None = None
        self._to_record = device.type == "cuda"

    def picture(self, w_plus: Array, noise_gain: float) -> tuple[Pixels, float]:
        """The pixels, a copy of their own, and their mean."""
        with torch.inference_mode():
            self._w_plus.copy_(torch.from_numpy(w_plus)[None])
            self._gain.fill_(noise_gain)
            rgba, level = self._run()
            if self._outlet is None:
                self._outlet = Outlet(rgba)
            self._outlet.send(rgba, level)
            return self._outlet.receive()

    @property
    def is_recorded(self) -> bool:
        """Whether the step is repeated as one."""
        return self._recorded is not None

    def _run(self) -> Made:
        if self._to_record:
            self._to_record, self._recorded = False, self._record()
        if self._recorded is None:
            return self._compute()
        graph, made = self._recorded
        graph.replay()
        return made

    def _record(self) -> tuple[torch.cuda.CUDAGraph, Made] | None:
        """The step recorded, and where its results lie; None where that cannot be done."""
        try:
            aside = _stream(self._device)
            aside.wait_stream(torch.cuda.current_stream(self._device))
            with torch.cuda.stream(aside):
                for _ in range(WARM_UP):
                    self._compute()
            torch.cuda.current_stream(self._device).wait_stream(aside)
            graph = torch.cuda.CUDAGraph()
            # Other threads may open models meanwhile; only what this one does is recorded.
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                made = self._compute()
        except RuntimeError:
            return None
        return graph, made

    def _compute(self) -> Made:
        image = self._paint(self._w_plus, self._gain)
        return to_pixels(image), image.mean()


class Outlet:
    """The way of pictures from the card: the next may leave while one is read."""

    def __init__(self, rgba: Tensor) -> None:
        self._cuda = rgba.device.type == "cuda"
        self._places = [
            (torch.empty(rgba.shape, dtype=torch.uint8, pin_memory=self._cuda),
             torch.empty((), pin_memory=self._cuda))
            for _ in range(2)
        ]  # fmt: skip
        self._stream = _stream(rgba.device) if self._cuda else None
        self._sent: list[tuple[tuple[Tensor, Tensor], torch.cuda.Event | None]] = []
        self._turn = 0

    def send(self, rgba: Tensor, level: Tensor) -> None:
        """Begin to copy; at most two may be on their way."""
        pixels, number = place = self._places[self._turn]
        self._turn = 1 - self._turn
        if self._stream is None:
            pixels.copy_(rgba)
            number.copy_(level)
            self._sent.append((place, None))
            return
        painting = torch.cuda.current_stream(rgba.device)
        self._stream.wait_stream(painting)
        with torch.cuda.stream(self._stream):
            pixels.copy_(rgba, non_blocking=True)
            number.copy_(level, non_blocking=True)
            done = torch.cuda.Event()  # type: ignore[no-untyped-call]
            done.record(self._stream)
        painting.wait_event(done)  # the next picture lies in the same place of the card
        self._sent.append((place, done))

    def receive(self) -> tuple[Pixels, float]:
        """The picture that was sent first, once it is here."""
        (pixels, level), done = self._sent.pop(0)
        if done is not None:
            done.synchronize()
        return np.array(pixels.numpy()), float(level)


def _stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]


def to_pixels(image: Tensor) -> Tensor:
    """(1, c, H, W) of about -1..1 to (H, W, 4) uint8."""
    rgb = to_rgb255(image)[0].permute(1, 2, 0).to(torch.uint8)
    return torch.cat((rgb, torch.full_like(rgb[..., :1], OPAQUE)), -1)
