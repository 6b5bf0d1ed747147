"""The search in blocks meets what the formula says, whatever is put together."""

from __future__ import annotations

import numpy as np

from traumer_live.labelling.descent import BLOCK, descend, task

KEPT, W_DIM, ROWS = 5, BLOCK + 7, 40


def made_up():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((ROWS // 2, KEPT)).astype(np.float32)
    x = np.concatenate([x, x[::-1]])  # every window has two pictures
    target = np.tanh(rng.standard_normal((ROWS, W_DIM))).astype(np.float32)
    share = rng.random(ROWS).astype(np.float32)
    return x, target, share / share.sum(), rng


def loss(x, target, share, weight, bias, decay):
    off = np.abs(np.tanh(x.astype(np.float64) @ weight + bias) - target)
    return 2 * (share @ off.mean(1) + decay * np.square(weight).sum(0).mean())


def test_pictures_of_one_window_are_put_together():
    x, target, share, _ = made_up()
    together = task(x, target, share, decay=0.0, home=None)
    assert together.targets.shape == (2, ROWS // 2, W_DIM)
    assert together.shares.sum() == np.float32(share.sum())
    np.testing.assert_array_equal(together.x, x[: ROWS // 2])
    np.testing.assert_array_equal(together.targets[1][::-1], target[ROWS // 2 :])


def test_the_loss_is_the_formulas_and_the_first_step_goes_down_its_slope():
    x, target, share, rng = made_up()
    weight = 0.3 * rng.standard_normal((KEPT, W_DIM)).astype(np.float32)
    bias = 0.1 * rng.standard_normal(W_DIM).astype(np.float32)
    decay, rate = 0.2, 1e-4
    found, offset, losses = descend(
        task(x, target, share, decay=decay, home=None), weight, bias, steps=1, rate=rate
    )
    before = loss(x, target, share, weight, bias, decay)
    assert np.isclose(losses[0], before, rtol=1e-5)
    # Adam's first step is as long as the rate, against the sign of the slope.
    dreamt = np.tanh(x.astype(np.float64) @ weight + bias)
    pull = np.sign(dreamt - target) * (1 - dreamt**2) * share[:, None]
    np.testing.assert_array_equal(np.sign(weight - found), np.sign(x.T @ pull + 2 * decay * weight))
    np.testing.assert_array_equal(np.sign(bias - offset), np.sign(pull.sum(0)))
    np.testing.assert_allclose(np.abs(weight - found), rate, rtol=1e-2)
    assert loss(x, target, share, found, offset, decay) < before
