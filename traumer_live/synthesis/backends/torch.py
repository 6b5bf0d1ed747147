"""Pictures by torch: CUDA where there is one, or the CPU as the reference of all others.

In: w_plus (num_ws, w_dim), noise gain and planes.  Out: (H, W, 4) uint8.  Thread: dreams.
Importing this module imports torch; the default CPU path does not come here.

On CUDA the upper resolutions are painted in half precision (half.py) and the whole step is one
recorded graph (torch_step.py). Numbers that halves cannot hold are painted again, and from then on,
in single precision.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from traumer_live.core.errors import reason_of
from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.alias_free_config import AliasFreeConfig
from traumer_live.synthesis.alias_free_networks import AliasFreeSynthesis
from traumer_live.synthesis.backends.torch_step import Paint, PictureStep, to_pixels
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.exits import exit_resolutions, later_colour
from traumer_live.synthesis.generator import (
    BackendError,
    Source,
    checked_exit,
    checked_w_plus,
    make_info,
)
from traumer_live.synthesis.half import HalfSynthesis, half_from
from traumer_live.synthesis.mapping import Mapping, WStatistics
from traumer_live.synthesis.networks import SynthesisNetwork, to_rgb255
from traumer_live.synthesis.noise import NoisePlanes

DEFAULT_THREADS = 1  # OpenMP waits badly when its threads share cores with sound and windows
HALF = "float16"
PREFIX = "synthesis."


class TorchGenerator:
    """A generator as a torch module; one device, one calling thread at a time."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        name: str = "generator",
        threads: int | None = None,
        device: str | None = None,
        class_index: int | None = None,
    ) -> None:
        threads = DEFAULT_THREADS if threads is None else threads
        torch.set_num_threads(threads)
        self.source = Source(checkpoint, {"name": name, "class_index": class_index})
        self._device = torch.device(device or default_device())
        self._mapping = Mapping(checkpoint, class_index=class_index)
        self._whole = _network(checkpoint).to(self._device)
        self._network = self._whole if self._device.type == "cpu" else in_halves(self._whole)
        self._noise = self._network.noise_inputs()
        self._steps: dict[int | None, PictureStep] = {}
        self.info = make_info(
            name,
            checkpoint,
            backend="torch",
            providers=(self._device.type,),
            threads=threads,
            precision="float32" if self._network is self._whole else HALF,
        )

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
        """Nothing: every exit is ready."""
        checked_exit(exit_resolution, self.info)

    def is_ready(self, exit_resolution: int | None = None) -> bool:
        """Always."""
        return True

    def synthesize(
        self,
        w_plus: Array,
        *,
        noise_gain: float = 1.0,
        noise: NoisePlanes | None = None,
        exit_resolution: int | None = None,
    ) -> Pixels:
        """The picture (H, W, 4) RGBA."""
        rows = checked_w_plus(w_plus, self.info)
        asked = (rows, noise_gain, noise, checked_exit(exit_resolution, self.info))
        try:
            pixels, level = self._picture(*asked)
            if not math.isfinite(level) and self._network is not self._whole:
                self._leave_halves()
                pixels, level = self._picture(*asked)
        except RuntimeError as error:  # torch's base of everything that a card may lack
            told = f"torch failed to paint with {self.info.name}"
            raise BackendError(f"{told} ({reason_of(error)}).") from error
        if not math.isfinite(level):
            raise BackendError(
                f"torch computed infinite or missing numbers for {self.info.name}; "
                "choose another backend."
            )
        return pixels

    def _leave_halves(self) -> None:
        """From now on in single precision: these numbers halves cannot hold."""
        self._network = self._whole
        self._steps.clear()
        self.info = replace(self.info, precision="float32")

    def _picture(
        self,
        rows: Array,
        noise_gain: float,
        noise: NoisePlanes | None,
        exit_resolution: int | None,
    ) -> tuple[Pixels, float]:
        """The pixels and their mean level, by the step of this size."""
        if noise is not None:  # other planes lie elsewhere, which a recorded step does not see
            with torch.inference_mode():
                image = self._image(rows, noise_gain, noise, exit_resolution)
                return to_pixels(image).cpu().numpy(), float(image.mean())
        step = self._steps.get(exit_resolution)
        if step is None:
            step = PictureStep(self._paint(exit_resolution), rows.shape, self._device)
            self._steps[exit_resolution] = step
        return step.picture(rows, noise_gain)

    def _paint(self, exit_resolution: int | None) -> Paint:
        """w_plus and gain to a picture of one size."""
        network, planes = self._network, self._noise
        options = {} if exit_resolution is None else {"exit_resolution": exit_resolution}

        def paint(w_plus: Tensor, gain: Tensor) -> Tensor:
            image: Tensor = network(w_plus, noise=planes, noise_gain=gain, **options)
            return image

        return paint

    def synthesize_float(
        self, w_plus: Array, *, noise_gain: float = 1.0, noise: NoisePlanes | None = None
    ) -> Array:
        """The picture (H, W, 3) on the scale 0..255 before it is cut to integers."""
        with torch.inference_mode():
            image = self._image(w_plus, noise_gain, noise, None)
            rgb: Array = _pixels_last(image).contiguous().cpu().numpy()
        return rgb

    def _image(
        self,
        w_plus: Array,
        noise_gain: float,
        noise: NoisePlanes | None,
        exit_resolution: int | None,
    ) -> Tensor:
        """(1, c, H, W) of about -1..1 on the device."""
        rows = torch.from_numpy(checked_w_plus(w_plus, self.info)).to(self._device)[None]
        planes = self._noise if noise is None else self._on_device(noise)
        exit_resolution = checked_exit(exit_resolution, self.info)
        options = {} if exit_resolution is None else {"exit_resolution": exit_resolution}
        image: Tensor = self._network(rows, noise=planes, noise_gain=noise_gain, **options)
        return image

    def _on_device(self, noise: NoisePlanes) -> Sequence[Tensor]:
        return [torch.from_numpy(plane).to(self._device)[None, None] for plane in noise]


def _pixels_last(image: Tensor) -> Tensor:
    """(1, c, H, W) to (H, W, 3) on the scale 0..255."""
    return to_rgb255(image)[0].permute(1, 2, 0)


def default_device() -> str:
    """CUDA where torch can use it, else the CPU."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def in_halves(
    network: SynthesisNetwork | AliasFreeSynthesis,
) -> SynthesisNetwork | AliasFreeSynthesis | HalfSynthesis:
    """``network`` with its upper resolutions in half precision, where it has such."""
    if isinstance(network, AliasFreeSynthesis):
        return network
    first = half_from(network.config.resolution)
    return network if first > network.config.resolution else HalfSynthesis(network, first=first)


def _network(checkpoint: Checkpoint) -> SynthesisNetwork | AliasFreeSynthesis:
    config = checkpoint.config
    network: SynthesisNetwork | AliasFreeSynthesis
    if isinstance(config, GeneratorConfig):
        network = SynthesisNetwork(config)
    elif isinstance(config, AliasFreeConfig):
        network = AliasFreeSynthesis(config)
    else:
        raise BackendError("Programs are ONNX graphs, which torch does not run.")
    network.load_state_dict(
        {
            name.removeprefix(PREFIX): torch.from_numpy(tensor)
            for name, tensor in checkpoint.tensors.items()
            if name.startswith(PREFIX)
        }
    )
    if isinstance(config, GeneratorConfig):
        for resolution in exit_resolutions(config)[:-1]:
            colour = torch.from_numpy(later_colour(checkpoint.tensors, config, resolution))
            network.get_buffer(f"later_colour{resolution}").copy_(colour.view(-1, 1, 1))
    return network.eval().requires_grad_(False)
