"""Pictures by torch: CUDA where there is one, or the CPU as the reference of all others.

In: w_plus (num_ws, w_dim), noise gain and planes.  Out: (H, W, 4) uint8.  Thread: dreams.
Importing this module imports torch; the default CPU path does not come here.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from traumer_live.core.types import Array, Pixels
from traumer_live.synthesis.alias_free_networks import AliasFreeSynthesis
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.generator import (
    BackendError,
    Source,
    checked_exit,
    checked_w_plus,
    make_info,
)
from traumer_live.synthesis.mapping import Mapping, WStatistics
from traumer_live.synthesis.networks import SynthesisNetwork, to_rgb255
from traumer_live.synthesis.noise import NoisePlanes

DEFAULT_THREADS = 1  # OpenMP waits badly when its threads share cores with sound and windows
OPAQUE = 255
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
        self._network = _network(checkpoint).to(self._device)
        self._noise = self._network.noise_inputs()
        self.info = make_info(
            name, checkpoint, backend="torch", providers=(self._device.type,), threads=threads
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
        with torch.inference_mode():
            image = self._image(w_plus, noise_gain, noise, exit_resolution)
            if not torch.isfinite(image.mean()):
                raise BackendError(
                    f"torch computed infinite or missing numbers for {self.info.name}; "
                    "choose another backend."
                )
            rgb = _pixels_last(image).to(torch.uint8)
            alpha = torch.full_like(rgb[..., :1], OPAQUE)
            pixels: Pixels = torch.cat((rgb, alpha), -1).cpu().numpy()
        return pixels

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


def _network(checkpoint: Checkpoint) -> SynthesisNetwork | AliasFreeSynthesis:
    config = checkpoint.config
    network: SynthesisNetwork | AliasFreeSynthesis
    if isinstance(config, GeneratorConfig):
        network = SynthesisNetwork(config)
    else:
        network = AliasFreeSynthesis(config)
    network.load_state_dict(
        {
            name.removeprefix(PREFIX): torch.from_numpy(tensor)
            for name, tensor in checkpoint.tensors.items()
            if name.startswith(PREFIX)
        }
    )
    return network.eval().requires_grad_(False)
