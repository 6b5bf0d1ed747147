"""Paint a golden file's z once more with the program that its names come from, and compare.

    python paint_by_originals.py rosinality   PATH-TO-ITS-CHECKOUT
    python paint_by_originals.py basicsr      PATH-TO-ITS-CHECKOUT
    python paint_by_originals.py mmgeneration PATH-TO-ITS-CHECKOUT

The checkouts (GitHub, commits in README.md) are only run here, on the CPU. Only the files with the
networks are loaded. What they import beside torch is stood in for: registries and decorators by
nothing, the two compiled operators by ``leaky`` and ``upfirdn`` below, written from what the
operators are described to do. Widths are 16 instead of 512, by the edits in ``SOURCES``. Printed
are the largest differences to what is stored: of w, and of the picture on the scale 0 to 255.
Needs torch and safetensors.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - its usual name

HERE = Path(__file__).parent
MMGEN = "mmgen.models.architectures"
# Module by module in the order of loading: its file, and what is replaced in it.
SOURCES: dict[str, list[tuple[str, str, tuple[str, str]]]] = {
    "rosinality": [("model", "model.py", (": 512,", ": 16,"))],
    "basicsr": [("basicsr.archs.stylegan2_arch", "basicsr/archs/stylegan2_arch.py", ("", ""))],
    "mmgeneration": [
        (f"{MMGEN}.{name}", f"{MMGEN}.{name}".replace(".", "/") + ".py", edit)
        for name, edit in (
            ("pggan.modules", ("", "")),
            ("stylegan.modules.styleganv2_modules", ("", "")),
            ("stylegan.generator_discriminator_v2", (": 512,", ": 16,")),
        )
    ],
}
CLASSES: dict[str, tuple[str, dict[str, float]]] = {
    "rosinality": ("Generator", {}),
    "basicsr": ("StyleGAN2Generator", {"narrow": 16 / 512}),
    "mmgeneration": ("StyleGANv2Generator", {}),
}
MAPPINGS = {"rosinality": "style", "basicsr": "style_mlp", "mmgeneration": "style_mapping"}


def leaky(x: Tensor, bias: Tensor, negative_slope: float = 0.2, scale: float = 2**0.5) -> Tensor:
    """The fused operator: bias of the channels, leaky ReLU, gain."""
    bias = bias.view(1, -1, *[1] * (x.ndim - 2))
    return F.leaky_relu(x + bias, negative_slope) * scale


class Leaky(nn.Module):
    """The same with a bias of its own."""

    def __init__(self, channel: int, *_: Any, negative_slope: float = 0.2, scale: float = 2**0.5):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channel))
        self.negative_slope, self.scale = negative_slope, scale

    def forward(self, x: Tensor) -> Tensor:
        return leaky(x, self.bias, self.negative_slope, self.scale)


def upfirdn(x: Tensor, kernel: Tensor, up: int = 1, down: int = 1, pad: Any = (0, 0)) -> Tensor:
    """Zeros in between, padding, a convolution, every ``down``-th sample."""
    n, channels, height, width = x.shape
    spread = x.new_zeros(n, channels, height, up, width, up)
    spread[:, :, :, 0, :, 0] = x
    padded = F.pad(spread.view(n, channels, height * up, width * up), (*pad, *pad))
    weight = kernel.flip(0, 1).expand(channels, 1, *kernel.shape)
    return F.conv2d(padded, weight, groups=channels)[:, :, ::down, ::down]


class Nothing:
    """Stands in for a registry, a decorator or a class that is not used."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *args: Any, **__: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else self

    def __getattr__(self, name: str) -> Any:
        return Nothing()


KNOWN: dict[str, Any] = {
    "FusedLeakyReLU": Leaky, "fused_leaky_relu": leaky, "upfirdn2d": upfirdn,
    "FusedBiasLeakyReLU": Leaky, "fused_bias_leakyrelu": leaky,
    "conv2d": F.conv2d, "conv_transpose2d": F.conv_transpose2d,
    "build_activation_layer": lambda cfg: nn.ReLU(), "ConvModule": nn.Module,
}  # fmt: skip


class Stub(ModuleType):
    """A module that holds whatever is asked of it."""

    __path__: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "conv2d_gradfix":
            return F
        for loaded in [m for n, m in sys.modules.items() if n.startswith("mmgen.")]:
            if not isinstance(loaded, Stub) and hasattr(loaded, name):
                return getattr(loaded, name)
        return KNOWN.get(name, Nothing())


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the program's other modules, and those of its libraries, empty."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.partition(".")[0] in ("op", "basicsr", "mmcv", "mmgen"):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> ModuleType:
        return Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def network(program: str, checkout: Path, sizes: dict[str, int]) -> Any:
    """The original generator, in fp32."""
    sys.meta_path.insert(0, Stubs())
    module = ModuleType("none")
    for name, file, (old, new) in SOURCES[program]:
        module = ModuleType(name)
        module.__package__ = name.rpartition(".")[0]
        sys.modules[name] = module
        text = (checkout / file).read_text()
        exec(compile(text.replace(old, new) if old else text, file, "exec"), module.__dict__)
    class_name, more = CLASSES[program]
    return getattr(module, class_name)(**sizes, **more).eval()


@torch.no_grad()
def paint(program: str, made: Any, z: Tensor) -> tuple[Tensor, Tensor]:
    """w (n, w_dim) and pictures (n, h, w, 3) on the scale 0 to 255, neither clipped nor rounded."""
    w = getattr(made, MAPPINGS[program])(z)
    styles = w if program == "mmgeneration" else [w]
    image = made(styles, input_is_latent=True, randomize_noise=False)
    image = image[0] if isinstance(image, tuple) else image
    return w, image.permute(0, 2, 3, 1) * 127.5 + 128


def main() -> None:
    program, checkout = sys.argv[1], Path(sys.argv[2])
    path = HERE / f"{program}.safetensors"
    stored = load_file(path)
    with safe_open(path, "pt") as file:
        told = dict(file.metadata())
    made = network(program, checkout, json.loads(told["init_kwargs"]))
    made.load_state_dict({n[6:]: value for n, value in stored.items() if n.startswith("state.")})
    w, image = paint(program, made, stored["z"])
    apart = [(w - stored["w"]).abs().max(), (image - stored["image"]).abs().max()]
    sys.stdout.write("w {:.1e}, picture {:.1e}\n".format(*apart))


if __name__ == "__main__":
    main()
