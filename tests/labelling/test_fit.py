"""The fit finds a hidden transfer, is repeatable, and beats plain baselines."""

from __future__ import annotations

import numpy as np
import pytest

from tests.labelling.made_up import E_DIM, SPREAD, W_DIM, made_up_candidates, made_up_clips
from traumer_live.labelling.crossvalidation import folds, report, shuffled
from traumer_live.labelling.fit import Examples, enlivened, fit_transfer, l1, scaling
from traumer_live.labelling.matchmaking import examples
from traumer_live.latent.transfer import Transfer


@pytest.fixture(scope="module")
def labelled():
    """Clips labelled by a hidden transfer."""
    clips = made_up_clips()
    weight = 0.1 * np.random.default_rng(2).standard_normal((W_DIM, E_DIM))
    hidden = Transfer(
        weight.astype(np.float32), np.zeros(W_DIM, np.float32), SPREAD.mu, SPREAD.sigma
    )
    return clips, examples(clips, hidden(clips.typical))


def test_scaling_is_folded_into_the_plain_formula(labelled):
    _, known = labelled
    scale = scaling(known.embeddings, known.groups)
    rng = np.random.default_rng(3)
    weight = rng.standard_normal((scale.basis.shape[1], W_DIM)).astype(np.float32)
    bias = rng.standard_normal(W_DIM).astype(np.float32)
    plain = scale.folded(weight, bias, SPREAD)
    wanted = np.tanh(scale(known.embeddings) @ weight + bias)
    np.testing.assert_allclose(
        (plain(known.embeddings) - SPREAD.mu) / (2 * SPREAD.sigma), wanted, atol=2e-3
    )
    back, offset = scale.unfolded(plain)
    np.testing.assert_allclose(back, weight, atol=1e-2)
    np.testing.assert_allclose(offset, bias, atol=1e-2)


def test_a_hidden_transfer_is_found_on_pieces_never_heard(labelled):
    _, known = labelled
    found = report(known, SPREAD, decay=1e-3)
    assert found["transfer"] < 0.5 * found["average w"]
    assert found["transfer"] < found["nearest clip"]


def test_shuffled_labels_teach_nothing(labelled):
    _, known = labelled
    found = report(shuffled(known), SPREAD, decay=0.3)
    assert found["transfer"] > 0.95 * found["average w"]


def test_the_fit_is_repeatable_and_its_loss_falls(labelled):
    _, known = labelled
    first, second = (fit_transfer(known, SPREAD, decay=0.01) for _ in range(2))
    np.testing.assert_array_equal(first.transfer.weight, second.transfer.weight)
    assert first.losses[-1] < first.losses[0]


def test_a_warm_start_begins_where_the_last_fit_ended(labelled):
    _, known = labelled
    cold = fit_transfer(known, SPREAD, decay=0.01)
    warm = fit_transfer(known, SPREAD, decay=0.01, start=cold.transfer, steps=5)
    assert warm.losses[0] == pytest.approx(cold.losses[-1], rel=0.05)


def test_windows_of_a_clip_weigh_as_one_label(labelled):
    _, known = labelled
    doubled = Examples(
        *(np.concatenate([a, a]) for a in (known.embeddings, known.w)),
        np.concatenate([known.weight, known.weight]) / 2,
        np.concatenate([known.groups, known.groups]),
    )
    a, b = (fit_transfer(e, SPREAD, decay=0.01).transfer for e in (known, doubled))
    assert l1(a, known) == pytest.approx(l1(b, doubled), rel=0.02)


def test_enlivened_dreams_vary_as_pictures_do(labelled):
    clips, known = labelled
    timid = fit_transfer(known, SPREAD, decay=3.0).transfer
    pictures = SPREAD.normalised(made_up_candidates().w)
    lively = enlivened(timid, clips.typical, pictures)
    before, after = (SPREAD.normalised(t(clips.typical)).std(0).mean() for t in (timid, lively))
    assert before < 0.5
    assert 0.6 < after < 1.1


def test_folds_never_split_a_piece():
    groups = np.repeat([f"p{k}" for k in range(11)], 4)
    held = np.stack(list(folds(groups, 4)))
    np.testing.assert_array_equal(held.sum(0), 1)
    for fold in held:
        assert not set(groups[fold]) & set(groups[~fold])
