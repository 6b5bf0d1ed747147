"""The mapping that plays before there is one: varied as the generator, the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from traumer_live.core.types import SHOW_RATE
from traumer_live.latent.first_mapping import VARIED, first_transfer
from traumer_live.latent.transfer import REACH, Transfer
from traumer_live.latent.transfer_fade import FADE_S, TransferFade

E_DIM, W_DIM = 40, 96


@pytest.fixture(scope="module")
def music():
    """Embeddings whose channels differ a hundredfold, and one that says nothing."""
    rng = np.random.default_rng(0)
    mixed = rng.standard_normal((300, 20)) @ rng.standard_normal((20, E_DIM))
    channels = mixed * np.geomspace(0.1, 10, E_DIM) + 3
    channels[:, 7] = 1.25
    return channels.astype(np.float32)


@pytest.fixture(scope="module")
def pictures():
    """w with a few wide directions and many narrow ones, and a component that never changes."""
    rng = np.random.default_rng(1)
    scores = rng.standard_normal((1500, W_DIM)) * np.geomspace(4, 0.05, W_DIM)
    w = scores @ np.linalg.qr(rng.standard_normal((W_DIM, W_DIM)))[0] + 0.7
    w[:, 5] = 0.3
    return w.astype(np.float32)


def made(music, pictures, seed=0):
    return first_transfer(music, pictures, mu=pictures.mean(0), sigma=pictures.std(0), seed=seed)


def deviations(w, pictures):
    return (w - pictures.mean(0)) / np.maximum(pictures.std(0), 1e-3)


def test_dreams_vary_as_much_as_pictures_do_in_every_principal_component(music, pictures):
    natural = deviations(pictures, pictures)
    dreamt = deviations(made(music, pictures)(music), pictures)
    _, _, loads = np.linalg.svd(natural - natural.mean(0), full_matrices=False)
    loads = loads[:VARIED]
    # What tanh bends spills a little into the narrowest.
    spread, wanted = (dreamt @ loads.T).std(0), (natural @ loads.T).std(0)
    np.testing.assert_allclose(spread, wanted, rtol=0.02, atol=0.02 * wanted[0])


def test_no_dream_leaves_what_the_generator_knows(music, pictures):
    transfer = made(music, pictures)
    assert (np.abs(deviations(transfer(music * 10), pictures)) <= REACH + 1e-3).all()
    assert transfer(music)[:, 5] == pytest.approx(0.3, abs=1e-4)  # what never changes stays


def test_the_same_seed_gives_the_same_mapping_and_another_one_another(music, pictures):
    first, again = made(music, pictures), made(music, pictures)
    np.testing.assert_array_equal(first.weight, again.weight)
    other = made(music, pictures, seed=1)
    assert np.abs(first(music) - other(music)).mean() > 0.1 * pictures.std(0).mean()


def test_similar_music_gives_similar_pictures(music, pictures):
    transfer = made(music, pictures)
    nearby = music + 0.02 * music.std(0) * np.random.default_rng(2).standard_normal(music.shape)
    moved = np.abs(transfer(nearby) - transfer(music)).mean()
    apart = np.abs(transfer(music[::-1]) - transfer(music)).mean()
    assert moved < apart / 5


def test_music_that_never_changes_is_no_trouble(pictures):
    same = np.ones((50, E_DIM), np.float32)
    assert np.isfinite(made(same, pictures)(same)).all()


def constant(value):
    zero = np.zeros(3, np.float32)
    return Transfer(np.zeros((3, 2), np.float32), zero, zero + value, zero)


def test_one_mapping_gives_way_to_another_without_a_jump():
    fade = TransferFade(constant(0))
    e = np.zeros(2, np.float32)
    assert fade(e, 0)[0] == 0
    fade.change(constant(10), 5 * SHOW_RATE)
    seconds = np.linspace(0, FADE_S, 61)
    values = [fade(e, round((5 + s) * SHOW_RATE))[0] for s in seconds]
    assert values[0] == 0
    assert values[-1] == 10
    assert 0 < np.diff(values).max() < 0.3
    assert (np.diff(values) >= 0).all()


def test_a_third_mapping_may_come_before_the_second_has_taken_over():
    fade = TransferFade(constant(0))
    e = np.zeros(2, np.float32)
    fade.change(constant(10), 0)
    half = fade(e, SHOW_RATE)[0]
    fade.change(constant(-10), SHOW_RATE)
    assert fade(e, SHOW_RATE)[0] == pytest.approx(half)
    assert fade(e, round((1 + FADE_S) * SHOW_RATE))[0] == -10
