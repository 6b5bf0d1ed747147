"""The transfer function, its file, truncation, modulation and the idle walk."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from traumer_live.core.errors import ModelError
from traumer_live.core.types import SHOW_RATE, Pulse
from traumer_live.latent.idle import IdleDrift
from traumer_live.latent.levels import level_rows
from traumer_live.latent.modulation import Modulation
from traumer_live.latent.pack import load_pack, save_pack
from traumer_live.latent.transfer import Transfer
from traumer_live.latent.truncation import truncate


def some_transfer(e_dim=5, w_dim=8, seed=0):
    rng = np.random.default_rng(seed)
    parts = ((w_dim, e_dim), (w_dim,), (w_dim,), (w_dim,))
    weight, bias, mu, sigma = (rng.standard_normal(shape).astype(np.float32) for shape in parts)
    return Transfer(weight, bias, mu, np.abs(sigma))


def test_the_formula_of_the_paper():
    transfer = some_transfer()
    e = np.arange(5, dtype=np.float32)
    expected = [
        m + 2 * s * np.tanh(row @ e + b)
        for row, b, m, s in zip(
            transfer.weight, transfer.bias, transfer.mu, transfer.sigma, strict=True
        )
    ]
    np.testing.assert_allclose(transfer(e), expected, rtol=1e-5)


def test_w_stays_within_two_sigma():
    transfer = some_transfer()
    w = transfer(np.full(5, 1e6, np.float32))
    assert (np.abs(w - transfer.mu) <= 2 * transfer.sigma * 1.0001).all()


def test_parts_that_do_not_fit_are_refused():
    good = some_transfer()
    with pytest.raises(ModelError, match="do not fit"):
        Transfer(good.weight, good.bias[:3], good.mu, good.sigma)


def test_a_pack_comes_back_as_it_was_written(tmp_path):
    transfer = some_transfer()
    save_pack(tmp_path / "m.safetensors", transfer, {"encoder": "x"})
    pack = load_pack(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(pack.transfer.weight, transfer.weight)
    assert pack.header["encoder"] == "x"


def test_bad_packs_are_refused_in_one_sentence(tmp_path):
    path = tmp_path / "m.safetensors"
    with pytest.raises(ModelError, match="There is no mapping"):
        load_pack(path)
    save_pack(path, some_transfer(), {})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a whole mapping"):
        load_pack(path)
    save_file({"a": np.zeros(1)}, path, {"kind": "generator"})
    with pytest.raises(ModelError, match="generator, not a mapping"):
        load_pack(path)
    save_file({"transfer.weight": np.zeros(1)}, path, {"kind": "mapping", "version": "1"})
    with pytest.raises(ModelError, match="not a whole mapping"):
        load_pack(path)


def test_a_pack_with_nan_is_refused(tmp_path):
    good = some_transfer()
    bad = Transfer(good.weight * np.nan, good.bias, good.mu, good.sigma)
    save_pack(tmp_path / "m.safetensors", bad, {})
    with pytest.raises(ModelError, match="not numbers"):
        load_pack(tmp_path / "m.safetensors")


def test_truncation_pulls_toward_the_average():
    w = np.ones((14, 4), np.float32)
    average = np.full(4, 3.0, np.float32)
    np.testing.assert_array_equal(truncate(w, average, 1.0), w)
    np.testing.assert_array_equal(truncate(w, average, 0.0), np.full((14, 4), 3.0))
    np.testing.assert_array_equal(truncate(w, average, 0.5), np.full((14, 4), 2.0))


def test_the_pulse_moves_fine_rows_only_and_as_strongly_as_asked():
    modulation = Modulation(np.ones(6, np.float32), num_ws=14, seed=1)
    w_plus = np.zeros((14, 6), np.float32)
    loud = Pulse(bass=1.0, onset=1.0)
    still = modulation.apply(w_plus, loud, 0.0, 1.0)
    np.testing.assert_array_equal(still.w_plus, w_plus)
    assert still.noise_gain == 1.0
    moved = modulation.apply(w_plus, loud, 1.0, 1.0)
    fine = level_rows(14)["fine"]
    assert not moved.w_plus[: fine.start].any()
    assert moved.w_plus[fine].all()
    assert moved.noise_gain > 1.5
    half = modulation.apply(w_plus, loud, 0.5, 1.0)
    np.testing.assert_allclose(half.w_plus * 2, moved.w_plus)


def idle(seed=0):
    return IdleDrift(lambda z: z[:, :4] * 2, z_dim=6, seed=seed)


def test_the_idle_walk_is_smooth_never_still_and_repeatable():
    times = np.arange(0, 30 * SHOW_RATE, 1600)
    walk = np.stack([idle().walk(int(t)) for t in times])
    steps = np.linalg.norm(np.diff(walk, axis=0), axis=1)
    assert steps.max() < 0.05 * np.ptp(walk)
    assert np.abs(walk[::90] - walk[1::90][: len(walk[::90])]).max() < 0.1
    np.testing.assert_array_equal(walk[100], idle().walk(int(times[100])))
    assert not np.array_equal(walk[100], idle(seed=1).walk(int(times[100])))
    assert (np.ptp(walk, axis=0) > 0.5).all()


def test_music_takes_over_from_the_idle_walk_and_silence_gives_it_back():
    drift = idle()
    music = np.full(4, 9.0, np.float32)
    seen = [drift.blend(music, 0.5, k * 1600) for k in range(60)]
    np.testing.assert_array_equal(seen[-1], music)
    assert np.abs(np.diff(np.stack(seen), axis=0)).max() < 2.0  # a fade, not a cut
    seen = [drift.blend(music, 0.0, (60 + k) * 1600) for k in range(120)]
    np.testing.assert_allclose(seen[-1], drift.walk(179 * 1600), rtol=1e-6)
