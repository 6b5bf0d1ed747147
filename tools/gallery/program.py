"""The painter as the graph of a generator: w_plus and noise in, the pixels of a frame out.

In: the network whose w and underdrawing it shares.  Out: an ONNX graph with the inputs and outputs
of traumer_live/synthesis/onnx_graph.py.

The shipped network was taught by this painter upon one and the same underdrawing. So both take the
same w: what the network dreams of a w is what it learnt of the picture that this graph paints.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from tools.gallery.bristles import NOISE_SIZES
from tools.gallery.painter import paint_openly
from tools.gallery.underdrawing import CONFIG, LAID_AT, underdrawing
from traumer_live.synthesis.networks import StyleGAN2

OPSET = 17  # as traumer_live/core/onnx_writer.py
OPAQUE = 255
INPUTS = ("w_plus", "noise_gain", *(f"noise_{i}" for i in range(len(NOISE_SIZES))))
OUTPUTS = ("rgba", "rgb", "level")


class Program(nn.Module):
    """Paints one picture of ``size`` pixels; rows of w_plus steer composition, touch and palette.

    The composition takes each of its rows where the network does, layer by layer; touch and palette
    take the mean of theirs.
    """

    def __init__(self, network: StyleGAN2, levels: tuple[int, int, int], size: int) -> None:
        super().__init__()
        self.network, self.levels, self.size = network, levels, size

    def forward(
        self, w_plus: Tensor, noise_gain: Tensor, *noise: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """rgba (size, size, 4) uint8, rgb (1, 3, size, size) of 0..255, and the mean level ()."""
        under = underdrawing()
        _, touch, palette = (rows.mean(0, keepdim=True) for rows in w_plus.split(list(self.levels)))
        fields = under.fields(self.laid(w_plus))
        planes = [noise_gain * plane[None, None] for plane in noise]
        seen = paint_openly(
            fields, under.touch(touch), under.palette(palette), size=self.size, noise=planes
        )
        rgb = 255 * seen.pictures + 0.5  # so that cutting rounds
        level = rgb.mean()
        rgb = rgb.clamp(0, 255)
        alpha = torch.full((self.size, self.size, 1), OPAQUE, dtype=torch.uint8)
        rgba = torch.cat([rgb[0].permute(1, 2, 0).to(torch.uint8), alpha], -1)
        return rgba, rgb, level

    def laid(self, w_plus: Tensor) -> Tensor:  # -> (1, c, LAID_AT, LAID_AT)
        """The underdrawing, with a row for every layer."""
        x = self.network.synthesis.block(4).const[None]
        for spec in CONFIG.layers:
            if spec.resolution <= LAID_AT:
                layer = self.network.synthesis.layer(spec)
                x = layer(x, w_plus[spec.row : spec.row + 1], torch.zeros(()))
        return x


def graph(program: Program) -> bytes:
    """``program`` as an ONNX model."""
    noise = [torch.randn(size, size) for size in NOISE_SIZES]
    inputs = (torch.randn(CONFIG.num_ws, CONFIG.w_dim), torch.ones(()), *noise)
    with torch.no_grad():
        program(*inputs)  # so that what is worked out once is a constant of the graph
        written = io.BytesIO()
        with warnings.catch_warnings():
            # Tracing is old, but needs no package beside torch; sizes are meant to be constant.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                program.eval(),
                inputs,
                written,
                input_names=list(INPUTS),
                output_names=list(OUTPUTS),
                opset_version=OPSET,
                dynamo=False,
                do_constant_folding=False,  # runtimes do that; here it would keep weights twice
            )
    return in_halves(written.getvalue())


def in_halves(model: bytes) -> bytes:
    """The same graph with weights as float16 where that loses nothing; it widens them itself."""
    graph = onnx.load_model_from_string(model)
    casts = []
    for weight in graph.graph.initializer:
        numbers = numpy_helper.to_array(weight)
        narrow = numbers.astype(np.float16)
        if numbers.dtype != np.float32 or not np.array_equal(narrow, numbers):
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(narrow, f"{name}.half"))
        casts.append(helper.make_node("Cast", [weight.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.graph.node]
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph, full_check=True)
    written: bytes = graph.SerializeToString()
    return written
