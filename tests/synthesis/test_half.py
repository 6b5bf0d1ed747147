"""What paints on a graphics card, run on the processor: halves, fixed places, the way out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.synthesis.random_generator import SMALL, random_tensors
from traumer_live.synthesis.backends import torch as torch_room
from traumer_live.synthesis.backends.torch import TorchGenerator
from traumer_live.synthesis.backends.torch_step import Outlet, PictureStep
from traumer_live.synthesis.checkpoint import Checkpoint
from traumer_live.synthesis.half import HalfLayer, HalfSynthesis, half_from
from traumer_live.synthesis.networks import SynthesisLayer

W_PLUS = np.random.default_rng(1).standard_normal((SMALL.num_ws, SMALL.w_dim)).astype(np.float32)


def generator(architecture="skip", tensors=None):
    config = replace(SMALL, architecture=architecture)
    made = random_tensors(config) if tensors is None else tensors
    return TorchGenerator(Checkpoint(config, made, {}, "0" * 64), device="cpu")


def halves(some):
    """The same generator as it would be on a card."""
    some._network = HalfSynthesis(some._whole, first=16)
    some._steps.clear()
    return some


@pytest.mark.parametrize("exit_resolution", [None, 32])
@pytest.mark.parametrize("architecture", ["skip", "resnet"])
def test_halves_paint_the_same_picture(architecture, exit_resolution):
    if architecture == "resnet" and exit_resolution:
        pytest.skip("a residual network has one end")
    some = generator(architecture)
    exact = some.synthesize(W_PLUS, exit_resolution=exit_resolution).astype(int)
    rough = halves(some).synthesize(W_PLUS, exit_resolution=exit_resolution).astype(int)
    assert exact.shape == rough.shape
    assert 0 < np.abs(exact - rough).max() <= 3
    assert np.abs(exact - rough).mean() < 0.5


def test_styles_beyond_what_halves_hold_are_no_trouble():
    """Demodulation takes a common factor away again; in halves it would be infinite first."""
    layer = SynthesisLayer(SMALL.layers[0], SMALL)
    half = HalfLayer(layer, torch.float16)
    x, w = torch.randn(1, 64, 4, 4), 1e5 * torch.randn(1, SMALL.w_dim)
    with torch.no_grad():
        exact = layer(x, w, torch.zeros(1, 1, 4, 4))
        rough = half(x.half(), w, torch.zeros(1, 1, 4, 4))
    assert layer.affine(w).abs().max() > 65504
    np.testing.assert_allclose(rough.float(), exact, atol=2e-2, rtol=2e-2)


def test_numbers_that_halves_cannot_hold_are_painted_in_single_precision():
    tensors = random_tensors(SMALL)
    tensors["synthesis.b32.conv1.bias"] = tensors["synthesis.b32.conv1.bias"] + 1e5
    some = generator(tensors=tensors)
    exact = some.synthesize(W_PLUS)
    some = halves(some)
    np.testing.assert_array_equal(some.synthesize(W_PLUS), exact)
    assert some.info.precision == "float32"
    assert some._network is some._whole


def test_only_the_upper_resolutions_are_halves():
    assert [half_from(size) for size in (64, 256, 512, 1024)] == [64, 64, 64, 128]
    small = replace(SMALL, resolution=32)
    network = torch_room._network(Checkpoint(small, random_tensors(small), {}, "0" * 64))
    assert torch_room.in_halves(network) is network


def test_a_step_that_cannot_be_recorded_goes_piece_by_piece():
    """Without CUDA nothing can be recorded: what a card does whose driver refuses."""
    asked = []

    def paint(w_plus, gain):
        asked.append(float(gain))
        return w_plus.mean() * torch.ones(1, 3, 8, 8)

    step = PictureStep(paint, W_PLUS.shape, torch.device("cpu"))
    step._to_record = True
    first, level = step.picture(W_PLUS, 0.5)
    second, _ = step.picture(np.zeros_like(W_PLUS), 1.0)
    assert not step.is_recorded
    assert asked[-2:] == [0.5, 1.0]
    assert level == pytest.approx(W_PLUS.mean(), abs=1e-6)
    assert (second[..., :3] == 128).all()
    assert (first[..., 3] == 255).all()
    assert (first[..., 0] != second[..., 0]).any()  # a picture of its own


def test_two_pictures_may_be_on_their_way():
    pictures = [torch.full((2, 2, 4), shade, dtype=torch.uint8) for shade in (1, 2, 3)]
    outlet = Outlet(pictures[0])
    outlet.send(pictures[0], torch.tensor(0.1))
    outlet.send(pictures[1], torch.tensor(0.2))
    first, level = outlet.receive()
    outlet.send(pictures[2], torch.tensor(0.3))
    assert (first == 1).all()
    assert level == pytest.approx(0.1)
    assert (outlet.receive()[0] == 2).all()
    assert (outlet.receive()[0] == 3).all()
