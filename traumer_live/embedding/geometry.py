"""What MTT_vgg looks at: its pools, and all the sizes that follow from them.

In: nothing.  Out: constants.  Thread: any; everything here is immutable.

The network is five times (3x3 convolution, ReLU, batch norm, max-pool), drawn in ``networks.py``.
Its pools round down, so the last frames and the top mel bins of a window reach no output. What is
needed is computed here from the last pool back to the input, and the rest is never evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_FRAMES = 187  # mel frames the network was trained on: 3 s
CHANNELS = 128  # of every convolution
KERNEL = 3  # frames and bins


@dataclass(frozen=True)
class Pool:
    """One max-pool, 'valid': a size and a stride in time and in mel."""

    time: int
    mel: int
    time_stride: int
    mel_stride: int


@dataclass(frozen=True)
class LayerShape:
    """One layer as the streaming evaluation sees it: everything counted in input mel frames."""

    number: int  # 1..5
    pool: Pool
    dilation: int  # frames between neighbouring columns of this layer's input
    lag: int  # frames by which its newest input column starts before the newest mel frame
    bins_in: int
    bins_out: int  # of the convolution, before the pool
    bins_pooled: int

    @property
    def lag_out(self) -> int:
        """Frames by which its newest output of the convolution trails the newest mel frame."""
        return self.lag + self.dilation

    @property
    def bin_step(self) -> int:
        """A pool of one bin with a stride only skips bins, so they need not be computed."""
        return self.pool.mel_stride if self.pool.mel == 1 else 1


POOLS = (
    Pool(time=4, mel=1, time_stride=2, mel_stride=2),
    Pool(time=2, mel=2, time_stride=2, mel_stride=2),
    Pool(time=2, mel=2, time_stride=2, mel_stride=2),
    Pool(time=2, mel=2, time_stride=2, mel_stride=2),
    Pool(time=4, mel=4, time_stride=4, mel_stride=4),
)

# MSD_vgg has the same tensors, and from these follow the same frames, bins and columns.
MSD_POOLS = (
    Pool(time=4, mel=1, time_stride=4, mel_stride=1),
    Pool(time=1, mel=4, time_stride=1, mel_stride=4),
    *POOLS[2:],
)


def pooled_size(size: int, pool: int, stride: int) -> int:
    """How many outputs a valid pool gives."""
    return (size - pool) // stride + 1


def _needed_before(outputs: int, pool: int, stride: int) -> int:
    """Inputs of one layer that can reach ``outputs`` of its pool: the pool's span and one more,
    the right neighbour of the last convolution (its first one has zeros to the left)."""
    return (outputs - 1) * stride + pool + 1


def _embedding_columns() -> int:
    frames = WINDOW_FRAMES
    for pool in POOLS:
        frames = pooled_size(frames, pool.time, pool.time_stride)
    return frames


def _effective_frames() -> int:
    frames = EMBEDDING_COLUMNS
    for pool in reversed(POOLS):
        frames = _needed_before(frames, pool.time, pool.time_stride)
    return frames


def _layer_shapes() -> tuple[LayerShape, ...]:
    bins_in = [1]
    for pool in reversed(POOLS):
        bins_in.insert(0, _needed_before(bins_in[0], pool.mel, pool.mel_stride))
    layers: list[LayerShape] = []
    dilation, lag = 1, 0
    for number, pool in enumerate(POOLS, start=1):
        bins, pooled = bins_in[number - 1], bins_in[number]
        bins_out = pooled if pool.mel == 1 else bins - 1
        layers.append(LayerShape(number, pool, dilation, lag, bins, bins_out, pooled))
        lag += dilation + (pool.time - 1) * dilation
        dilation *= pool.time_stride
    return tuple(layers)


EMBEDDING_COLUMNS = _embedding_columns()  # 2: the last pool's columns, side by side in e
EMBEDDING_DIM = EMBEDDING_COLUMNS * CHANNELS  # 256
EFFECTIVE_FRAMES = _effective_frames()  # 161 of 187: 2.58 s
LAYERS = _layer_shapes()
EFFECTIVE_BINS = LAYERS[0].bins_in  # 94 of 96
