"""The painter: pictures in range, smooth in w, and levels that mean what they say."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from tools.gallery.bristles import fresh_noise, smeared  # noqa: E402
from tools.gallery.families import FAMILIES  # noqa: E402
from tools.gallery.painter import family_shares, paint, paint_openly  # noqa: E402
from tools.gallery.underdrawing import N_FIELDS, underdrawing  # noqa: E402

SIZE = 64
COUNT = 12


@pytest.fixture
def w() -> list[torch.Tensor]:
    torch.manual_seed(4)
    return list(underdrawing().random_w(3 * COUNT).chunk(3))


def test_pictures_are_finite_colours_and_differ(w):
    pictures = paint(*w, size=SIZE, noise=fresh_noise(COUNT))
    assert pictures.shape == (COUNT, 3, SIZE, SIZE)
    assert pictures.isfinite().all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert torch.pdist(pictures.flatten(1)).min() > 1.0


def test_a_small_step_of_w_is_a_small_step_of_the_picture(w):
    before = paint(*w, size=SIZE)
    near = paint(*(v + 0.001 * torch.randn_like(v) for v in w), size=SIZE) - before
    far = paint(*(v.flip(0) for v in w), size=SIZE) - before
    assert near.abs().mean() < far.abs().mean() / 50


def test_layouts_are_varied_without_a_frame_and_never_jump():
    torch.manual_seed(1)
    under = underdrawing()
    w = under.random_w(256)
    fields = under.fields(under.features(w))
    assert fields.shape[1] == N_FIELDS
    free = fields[:, 2:]
    assert (free.std((0, 2, 3)) > 0.5).all()
    # What all layouts share is little beside what makes each one different, at the border too.
    shared = free.mean(0)
    border = torch.cat([shared[:, 0], shared[:, -1], shared[:, :, 0], shared[:, :, -1]], 1)
    assert border.square().mean() < 0.05 * free.square().mean()
    # One picture's fields have little to do with another's.
    flat = torch.nn.functional.normalize(free.flatten(1), dim=1)
    alike = flat @ flat.t() - torch.eye(len(flat))
    assert alike.abs().mean() < 0.2
    nearby = under.fields(under.features(torch.lerp(w[:-1], w[1:], 0.01)))
    assert (nearby - fields[:-1]).abs().mean() < (fields[1:] - fields[:-1]).abs().mean() / 20


def test_height_and_breadth_know_where_they_are():
    torch.manual_seed(1)
    under = underdrawing()
    fields = under.fields(under.features(under.random_w(128)))
    at = torch.linspace(-1, 1, fields.shape[-1])
    down, right = fields[:, 0].mean((0, 2)), fields[:, 1].mean((0, 1))
    for mean in (down, right):
        assert torch.corrcoef(torch.stack([mean, at]))[0, 1] > 0.9


def test_the_numbers_of_touch_and_palette_are_about_standard_normal():
    torch.manual_seed(2)
    under = underdrawing()
    w = under.random_w(2000)
    for numbers in (under.touch(w), under.palette(w)):
        assert numbers.mean(0).abs().max() < 0.3
        assert (numbers.std(0) - 1).abs().max() < 0.3


def test_the_touch_never_moves_a_form(w):
    under = underdrawing()
    fields = under.fields(under.features(w[0]))
    m, p = under.touch(w[1]), under.palette(w[2])
    other = m.clone()
    other[:, : len(FAMILIES)] = m[:, : len(FAMILIES)].roll(1, 0)  # other kinds of picture
    one, changed = (paint_openly(fields, numbers, p, size=SIZE) for numbers in (m, other))
    assert torch.equal(one.kinds, changed.kinds)
    assert (one.plans - changed.plans).abs().mean() > 0.02  # ... but it is seen


def test_every_kind_is_the_strongest_in_a_fair_share_of_pictures():
    torch.manual_seed(2)
    under = underdrawing()
    shares = family_shares(under.touch(under.random_w(2000)))
    torch.testing.assert_close(shares.sum(1), torch.ones(len(shares)))
    counts = torch.bincount(shares.argmax(1), minlength=len(FAMILIES)) / len(shares)
    assert counts.min() > 0.6 / len(FAMILIES)


def test_bristles_follow_their_directions():
    torch.manual_seed(3)
    noise = torch.randn(4, 1, SIZE, SIZE)
    across = torch.zeros(4, 2, SIZE, SIZE)
    across[:, 0] = 1.0
    paint_height = smeared(noise, across)
    rough = paint_height.diff(dim=1).abs().mean()
    assert paint_height.diff(dim=2).abs().mean() < 0.6 * rough


def test_palette_changes_colours_but_not_forms(w):
    one = paint(w[0], w[1], w[2], size=SIZE)
    other = paint(w[0], w[1], w[2].flip(0), size=SIZE)

    def edges(p: torch.Tensor) -> torch.Tensor:
        grey = p.mean(1)
        grey = (grey - grey.mean((1, 2), keepdim=True)) / grey.std((1, 2), keepdim=True)
        return (grey.diff(dim=1)[:, :, :-1].abs() + grey.diff(dim=2)[:, :-1].abs()).flatten(1)

    same = torch.nn.functional.cosine_similarity(edges(one), edges(other)).mean()
    strange = torch.nn.functional.cosine_similarity(edges(one), edges(other.flip(0))).mean()
    assert same > strange + 0.15
