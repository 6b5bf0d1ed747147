"""What every generator backend promises, run on each of them and on each kind of network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_generator
from traumer_live.core.errors import ModelError
from traumer_live.core.types import Array
from traumer_live.synthesis import Generator, load_generator
from traumer_live.synthesis.checkpoint import load_checkpoint, save_checkpoint
from traumer_live.synthesis.config import GeneratorConfig
from traumer_live.synthesis.generator import BackendError
from traumer_live.synthesis.noise import noise_planes
from traumer_live.synthesis.widen import WIDE

GOLDEN = Path(__file__).parents[1] / "golden" / "synthesis"
BACKENDS = ["onnx", "openvino", "torch"]
TOLERANCE = 5e-5 * 255  # of the float tap, before it is cut to integers


NETWORKS = {
    "stylegan2-skip": {},
    "wide": {"aspect": WIDE},
    "stylegan2-resnet": {},
    "wide-resnet": {"aspect": WIDE},
    "stylegan2-classes": {"class_index": 2},
    "stylegan3-t": {},
    "stylegan3-r": {},
    "wide-stylegan3-t": {"aspect": WIDE},
    "wide-stylegan3-r": {"aspect": WIDE},
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_generator(tmp_path_factory.mktemp("weights") / "small.safetensors")


def network_file(network: str, weights: Path) -> Path:
    if network in ("stylegan2-skip", "wide"):
        return weights
    name = network.removeprefix("wide-")
    return GOLDEN / f"{'stylegan2-resnet' if name == 'resnet' else name}.safetensors"


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request: pytest.FixtureRequest) -> str:
    if request.param in ("openvino", "torch"):
        pytest.importorskip(request.param)
    return request.param


@pytest.fixture(params=NETWORKS, scope="module")
def network(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def generator(backend: str, network: str, weights: Path, own_cache: Path) -> Generator:
    options = NETWORKS[network]
    return load_generator(network_file(network, weights), backend=backend, threads=1, **options)


@pytest.fixture
def planes(network: str, weights: Path, generator: Generator) -> list[Array]:
    """Fresh noise of the sizes that the generator wants; none where it has no noise."""
    stored = noise_planes(load_checkpoint(network_file(network, weights)))
    stretch = generator.info.size[0] / generator.info.resolution
    rng = np.random.default_rng(2)
    sizes = [(plane.shape[0], round(plane.shape[1] * stretch)) for plane in stored]
    return [rng.standard_normal(size).astype(np.float32) for size in sizes]


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patched:
        for room in ("core.graph_store", "synthesis.mapping"):
            patched.setattr(f"traumer_live.{room}.cache_dir", lambda: folder)
        yield folder


def styled(generator: Generator, seed: int = 5) -> Array:
    """A w_plus whose rows all differ."""
    z = np.random.default_rng(seed).standard_normal((generator.info.num_ws, generator.info.z_dim))
    return generator.map(z.astype(np.float32))


def test_info_tells_the_sizes(backend: str, weights: Path, own_cache: Path) -> None:
    info = load_generator(weights, backend=backend, threads=1).info
    assert (info.resolution, info.num_ws, info.w_dim, info.z_dim) == (64, 10, 64, 48)
    assert info.size == (64, 64)
    assert info.architecture == "stylegan2-skip"
    assert info.name == "small"
    assert info.backend in BACKENDS
    assert info.providers
    assert info.threads == 1
    assert len(info.sha256) == 64


def test_frame_is_uint8_rgba_of_the_declared_size(generator: Generator) -> None:
    frame = generator.synthesize(styled(generator))
    assert frame.dtype == np.uint8
    width, height = generator.info.size
    assert frame.shape == (height, width, 4)
    assert frame.flags.c_contiguous
    assert (frame[..., 3] == 255).all()
    assert frame[..., :3].std() > 5


def test_same_w_plus_same_frame(generator: Generator) -> None:
    w_plus = styled(generator)
    first = generator.synthesize(w_plus)
    kept = first.copy()
    other = generator.synthesize(styled(generator, seed=6))
    np.testing.assert_array_equal(first, kept)  # a later call leaves handed-out pixels alone
    np.testing.assert_array_equal(first, generator.synthesize(w_plus))
    assert (first != other).any()


def test_every_row_of_w_plus_takes_part(generator: Generator) -> None:
    w_plus = styled(generator)
    picture = generator.synthesize_float(w_plus)
    for row in range(generator.info.num_ws):
        changed = w_plus.copy()
        changed[row] = -changed[row]
        assert np.abs(generator.synthesize_float(changed) - picture).max() > 0.1, row


def test_the_frame_is_the_float_tap_cut_to_integers(generator: Generator) -> None:
    w_plus = styled(generator)
    tap = generator.synthesize_float(w_plus)
    assert tap.dtype == np.float32
    width, height = generator.info.size
    assert tap.shape == (height, width, 3)
    assert tap.min() >= 0
    assert tap.max() <= 255
    np.testing.assert_array_equal(tap.astype(np.uint8), generator.synthesize(w_plus)[..., :3])


def test_noise_gain_changes_only_noise(generator: Generator, planes: list[Array]) -> None:
    w_plus = styled(generator)
    silent = tuple(np.zeros_like(plane) for plane in planes)
    without = generator.synthesize_float(w_plus, noise_gain=0.0)
    np.testing.assert_array_equal(
        without, generator.synthesize_float(w_plus, noise_gain=3.0, noise=silent)
    )
    assert (np.abs(generator.synthesize_float(w_plus) - without).max() > 1) == bool(planes)


def test_noise_gain_scales_the_given_planes(generator: Generator, planes: list[Array]) -> None:
    w_plus = styled(generator)
    gained = generator.synthesize_float(w_plus, noise=tuple(planes), noise_gain=0.5)
    halved = generator.synthesize_float(w_plus, noise=tuple(plane / 2 for plane in planes))
    np.testing.assert_allclose(gained, halved, atol=1e-3)
    assert (np.abs(gained - generator.synthesize_float(w_plus)).max() > 1) == bool(planes)


def test_a_foreign_w_plus_is_refused_in_one_sentence(generator: Generator) -> None:
    wanted = f"needs w_plus of shape ({generator.info.num_ws}, {generator.info.w_dim}) but got"
    with pytest.raises(ModelError, match=re.escape(wanted)):
        generator.synthesize(np.zeros((14, 512), np.float32))


def test_statistics_of_w_are_measured_once(backend: str, tmp_path: Path, own_cache: Path) -> None:
    path = random_generator(
        tmp_path / "other.safetensors", SMALL, seed=BACKENDS.index(backend) + 20
    )
    before = kept_statistics(own_cache)
    first = load_generator(path, backend=backend, threads=1).w_statistics()
    (new,) = kept_statistics(own_cache) - before
    again = load_generator(path, backend=backend, threads=1).w_statistics()
    assert kept_statistics(own_cache) - before == {new}
    assert (first.sigma > 0).all()
    np.testing.assert_array_equal(first.mu, again.mu)


def kept_statistics(cache: Path) -> set[Path]:
    return set(cache.glob("w_statistics/*"))


CONFIGS = {
    "64px": SMALL,
    "256px": GeneratorConfig(),
    "residual": replace(SMALL, architecture="resnet", conv_clamp=4.0),
    "own widths": replace(SMALL, widths=(20, 48, 12, 33, 7)),
    "grey": replace(SMALL, img_channels=1),
    "classes": replace(SMALL, num_classes=4, embed_dim=9, mapping_width=30, mapping_layers=3),
}


@pytest.mark.parametrize(
    ("config", "aspect"),
    [
        pytest.param(config, aspect, id=f"{name}-{aspect}")
        for name, config in CONFIGS.items()
        for aspect in (None, WIDE, (3, 4))
        if aspect is None or config.resolution == 64
    ],
)
def test_backends_agree(
    tmp_path: Path, own_cache: Path, config: GeneratorConfig, aspect: tuple[int, int] | None
) -> None:
    pytest.importorskip("torch")
    path = random_generator(tmp_path / "any.safetensors", config, seed=8)
    *graphs, torch = (
        load_generator(path, backend=name, threads=1, aspect=aspect)
        for name in installed_backends()
    )
    w_plus = styled(torch)
    for gain in (0.0, 1.0, 2.5):
        reference = torch.synthesize_float(w_plus, noise_gain=gain)
        assert reference.std() > 5
        for graph in graphs:
            mine = graph.synthesize_float(w_plus, noise_gain=gain)
            np.testing.assert_allclose(mine, reference, rtol=0, atol=TOLERANCE)


def test_an_exit_is_a_smaller_picture_of_the_same(generator: Generator) -> None:
    info, w_plus = generator.info, styled(generator)
    assert info.exits[-1] == info.resolution
    whole = generator.synthesize(w_plus)
    np.testing.assert_array_equal(
        whole, generator.synthesize(w_plus, exit_resolution=info.resolution)
    )
    for early in info.exits[:-1]:
        generator.prepare(early)
        picture = generator.synthesize(w_plus, exit_resolution=early)
        width, height = (side * early // info.resolution for side in info.size)
        assert picture.shape == (height, width, 4)
        assert (picture[..., 3] == 255).all()
        assert (picture != generator.synthesize(-w_plus, exit_resolution=early)).any()
    np.testing.assert_array_equal(whole, generator.synthesize(w_plus))  # nothing is left behind
    with pytest.raises(ModelError, match="cannot stop at 48 pixels"):
        generator.synthesize(w_plus, exit_resolution=48)


def test_backends_agree_at_exits(weights: Path, own_cache: Path) -> None:
    pytest.importorskip("torch")
    *graphs, torch = (
        load_generator(weights, backend=name, threads=1) for name in installed_backends()
    )
    w_plus = styled(torch)
    theirs = torch.synthesize(w_plus, exit_resolution=32).astype(int)
    assert theirs[..., :3].std() > 5
    for graph in graphs:
        ours = graph.synthesize(w_plus, exit_resolution=32).astype(int)
        assert np.abs(ours - theirs).max() <= 1  # cut to integers, so by at most one step


def test_nonsense_is_told_from_pictures(
    backend: str, own_cache: Path, tmp_path: Path, weights: Path
) -> None:
    """Weights that overflow give no picture but an error that names the backend."""
    tensors = load_checkpoint(weights).tensors
    tensors["synthesis.b64.torgb.weight"] = np.full((3, 8, 1, 1), 3e38, np.float32)
    path = tmp_path / "huge.safetensors"
    save_checkpoint(path, tensors, SMALL)
    generator = load_generator(path, backend=backend, threads=1)
    with pytest.raises(BackendError, match=f"{backend} computed infinite or missing numbers"):
        generator.synthesize(np.ones((SMALL.num_ws, SMALL.w_dim), np.float32))


def test_a_w_plus_that_is_not_finite_is_no_fault_of_the_backend(generator: Generator) -> None:
    w_plus = styled(generator)
    w_plus[1, 2] = np.nan
    with pytest.raises(ModelError, match="not finite") as refused:
        generator.synthesize(w_plus)
    assert not isinstance(refused.value, BackendError)


def test_bfloat16_is_declared_and_close(weights: Path, own_cache: Path) -> None:
    pytest.importorskip("openvino")
    from traumer_live.synthesis.backends.openvino import has_bfloat16

    if not has_bfloat16():
        with pytest.raises(BackendError, match="bfloat16"):
            load_generator(weights, backend="openvino-bf16")
        return
    exact, rough = (
        load_generator(weights, backend=name, threads=1) for name in ("onnx", "openvino-bf16")
    )
    assert (exact.info.precision, rough.info.precision) == ("float32", "bfloat16")
    w_plus = styled(exact)
    difference = exact.synthesize_float(w_plus) - rough.synthesize_float(w_plus)
    assert 0 < np.sqrt(np.square(difference).mean()) < 5


def installed_backends() -> list[str]:
    """Those that can be had here, the reference last."""
    return [name for name in BACKENDS if name == "onnx" or find_spec(name)]
