"""The painter: pictures in range, smooth in z, and levels that mean what they say."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from tools.gallery.painter import paint, paint_openly  # noqa: E402
from tools.gallery.parameters import N_COMPOSITION, N_FAMILIES, Z_DIM  # noqa: E402

SIZE = 32


@pytest.fixture
def z() -> torch.Tensor:
    return torch.randn(3, 12, Z_DIM, generator=torch.Generator().manual_seed(4))


def test_pictures_are_finite_colours_and_differ(z):
    pictures = paint(*z, size=SIZE)
    assert pictures.shape == (12, 3, SIZE, SIZE)
    assert pictures.isfinite().all()
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert torch.pdist(pictures.flatten(1)).min() > 1.0


def test_a_small_step_of_z_is_a_small_step_of_the_picture(z):
    near = paint(*(z + 0.001), size=SIZE, texture=False) - paint(*z, size=SIZE, texture=False)
    far = paint(*z.flip(1), size=SIZE, texture=False) - paint(*z, size=SIZE, texture=False)
    assert near.abs().mean() < far.abs().mean() / 50


def test_the_touch_never_moves_a_form_and_the_fields_know_composition_alone(z):
    one = paint_openly(*z, size=SIZE, texture=False)
    touched = z[1].clone()
    # Another touch of the same energy, which is all that a normalised z can differ in.
    touched[:, N_COMPOSITION:] = touched[:, N_COMPOSITION:].roll(3, 1)
    other = paint_openly(z[0], touched, z[2], size=SIZE, texture=False)
    strange = paint_openly(z[0].flip(0), z[1], z[2], size=SIZE, texture=False)
    families = slice(0, N_FAMILIES)
    assert torch.equal(one.fields[:, families], other.fields[:, families])
    moved = (one.fields - other.fields).abs().mean()
    assert moved < (one.fields - strange.fields).abs().mean() / 5
    assert (one.plans - other.plans).abs().mean() > 0.01  # ... but it is seen


def test_palette_changes_colours_but_not_forms(z):
    one = paint(z[0], z[1], z[2], size=SIZE, texture=False)
    other = paint(z[0], z[1], z[2].flip(0), size=SIZE, texture=False)

    def edges(p: torch.Tensor) -> torch.Tensor:
        grey = p.mean(1)
        grey = (grey - grey.mean((1, 2), keepdim=True)) / grey.std((1, 2), keepdim=True)
        return (grey.diff(dim=1)[:, :, :-1].abs() + grey.diff(dim=2)[:, :-1].abs()).flatten(1)

    same = torch.nn.functional.cosine_similarity(edges(one), edges(other)).mean()
    strange = torch.nn.functional.cosine_similarity(edges(one), edges(other.flip(0))).mean()
    assert same > strange + 0.15
