"""The shipped painter: it paints what the gallery paints, and shares the w of the network."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tools.gallery.painter import paint  # noqa: E402
from tools.make_painter import planes  # noqa: E402
from traumer_live.core.files import hash_file  # noqa: E402
from traumer_live.core.model_library import resolve, shipped_file  # noqa: E402
from traumer_live.engine.models import Choice, load_choice  # noqa: E402
from traumer_live.synthesis.checkpoint import load_checkpoint  # noqa: E402
from traumer_live.synthesis.loading import load_generator  # noqa: E402

COUNT = 6


@pytest.fixture(scope="module")
def both():
    """The network and the painter that taught it."""
    return tuple(
        load_generator(shipped_file(name), backend="onnx") for name in ("dream256", "painter512")
    )


@pytest.fixture(scope="module")
def w(both):
    z = np.random.default_rng(3).standard_normal((COUNT, both[0].info.z_dim), np.float32)
    return both[0].map(z)


def picture(generator, w, *, size=256, **more) -> np.ndarray:  # (size, size, 3)
    rows = np.repeat(w[None], generator.info.num_ws, 0)
    pixels = generator.synthesize(rows, exit_resolution=size, **more)
    return pixels[..., :3].astype(np.float32)


def test_one_w_space_and_one_mapping_for_both(both, w):
    network, painter = both
    assert painter.info.w_space == network.info.sha256 == hash_file(shipped_file("dream256"))
    assert painter.info.level_sizes == network.info.level_sizes
    z = np.random.default_rng(3).standard_normal((COUNT, network.info.z_dim), np.float32)
    np.testing.assert_array_equal(painter.map(z), w)
    np.testing.assert_array_equal(painter.w_avg, network.w_avg)
    models = load_choice(Choice(generator="painter512", backend="onnx"))
    assert models.unmapped is None
    assert models.pack is not None
    assert models.pack.header["generator_sha256"] == network.info.sha256


def test_it_paints_what_the_gallery_paints(both, w):
    tensors = load_checkpoint(resolve("dream256", "generator")).tensors
    noise = [torch.from_numpy(plane)[None, None] for plane in planes(tensors)]
    for one in w[:3]:
        vector = torch.from_numpy(one)[None]
        with torch.no_grad():
            (wanted,) = paint(vector, vector, vector, size=256, noise=noise)
        apart = np.abs(picture(both[1], one) - 255 * wanted.permute(1, 2, 0).numpy())
        assert apart.mean() < 2.0  # the underdrawing's weights are stored in half precision


def test_at_equal_w_the_network_dreams_what_it_learnt_of_the_painters_picture(both, w):
    """Compared as thumbnails, against the pictures of other w."""
    dreamt, painted = (np.stack([thumbnail(picture(g, one)) for one in w]) for g in both)
    apart = np.abs(dreamt[:, None] - painted[None]).mean((2, 3, 4))  # (dreamt, painted)
    assert (apart.argmin(1) == np.arange(COUNT)).all()
    strangers = apart[~np.eye(COUNT, dtype=bool)].mean()
    assert apart.diagonal().mean() < 0.45 * strangers


def test_noise_gain_turns_the_bristles(both, w):
    smooth, painted = (picture(both[1], w[0], noise_gain=gain) for gain in (0.0, 1.0))
    assert np.abs(np.diff(painted, axis=0)).mean() > 1.1 * np.abs(np.diff(smooth, axis=0)).mean()


def thumbnail(picture: np.ndarray) -> np.ndarray:  # (256, 256, 3) -> (16, 16, 3)
    return picture.reshape(16, 16, 16, 16, 3).mean((1, 3))


def test_the_larger_picture_is_the_same_one_sharper(both, w):
    assert both[1].info.exits == (256, 512)
    large, small = (picture(both[1], w[1], size=size) for size in (512, 256))
    reduced = large.reshape(256, 2, 256, 2, 3).mean((1, 3))
    assert np.abs(reduced - small).mean() < 6.0
    stretched = small.repeat(2, 0).repeat(2, 1)
    assert np.abs(large - stretched).mean() > 1.0
