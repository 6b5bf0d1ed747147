"""The end of every synthesis graph: colours on the scale 0..255 become the pixels of a Frame.

In: the value that holds the colours.  Out: the graph's outputs ``rgb``, ``rgba`` and ``level``.
Thread: any.

``level`` is the mean of the colours before they are clipped. Integers cannot tell that a runtime
computed nonsense; a mean that is no number can.
"""

from __future__ import annotations

import numpy as np

from traumer_live.core.onnx_writer import FLOAT, UINT8, GraphWriter, Value
from traumer_live.synthesis.config import Extent

RGB_GAIN, RGB_OFFSET = 127.5, 128.0  # -1..1 to 0..255
OPAQUE = 255


def write_picture(g: GraphWriter, image: Value, size: Extent, *, colours: int) -> None:
    """Clip, hand out the float tap, cut to integers, add alpha, put colours last."""
    height, width = size
    g.output(g.op("ReduceMean", image, keepdims=0), "level", (), kind=FLOAT)
    image = g.op("Clip", image, g.constant(0.0), g.constant(255.0))
    if colours == 1:
        image = g.op("Concat", image, image, image, axis=1)
    g.output(image, "rgb", (1, 3, height, width), kind=FLOAT)
    alpha = g.constant(np.full((1, 1, height, width), OPAQUE, np.uint8))
    rgba = g.op("Concat", g.op("Cast", image, to=UINT8), alpha, axis=1)
    planes = g.op("Reshape", rgba, g.constant([4, height * width]))
    pixels = g.op("Reshape", g.op("Transpose", planes, perm=[1, 0]), g.constant([height, width, 4]))
    g.output(pixels, "rgba", (height, width, 4), kind=UINT8)
