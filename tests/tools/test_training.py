"""Training the generator: learns, stops, resumes exactly, exports what the show can load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tools.gallery.painter import paint_openly  # noqa: E402
from tools.gallery.parameters import Z_DIM  # noqa: E402
from tools.training import checkpoint, trainer  # noqa: E402
from tools.training.losses import reduced  # noqa: E402
from tools.training.network import new_generator  # noqa: E402
from tools.training.pool import Pool  # noqa: E402
from tools.training.schedule import STAGES  # noqa: E402
from traumer_live.synthesis.loading import load_generator  # noqa: E402

SMALL = replace(STAGES[1], batch=4, pool=8, fresh=0, adversary_weight=0.0)


@pytest.fixture
def run(tmp_path: Path) -> trainer.Trainer:
    torch.manual_seed(1)
    return trainer.Trainer(tmp_path)


def taught(run: trainer.Trainer, steps: int, pool: Pool) -> list[float]:
    """The likeness loss of every step."""
    losses = []
    for _ in range(steps):
        run.set_rate(SMALL)
        run.step(SMALL, pool.draw(SMALL.batch))
        total, count = run.meter.sums["near"]
        losses.append(total / count)
        run.meter.sums = {}
    return losses


def test_it_learns_and_resumes_where_it_was(run, tmp_path):
    pool = Pool(8, SMALL.size, bristles=False)
    losses = taught(run, 8, pool)
    assert np.mean(losses[-3:]) < 0.97 * np.mean(losses[:3])
    run.save()
    again = trainer.Trainer(tmp_path)
    again.resume()
    assert again.progress == run.progress
    for mine, theirs in zip(run.networks().values(), again.networks().values(), strict=True):
        for name, tensor in mine.state_dict().items():
            assert torch.equal(tensor, theirs.state_dict()[name]), name
    remembered, recalled = (checkpoint.memory(r.adam) for r in (run, again))
    assert remembered.keys() == recalled.keys()
    assert all(torch.equal(remembered[key], recalled[key]) for key in remembered)
    lesson = pool.draw(SMALL.batch)
    before = {name: w.detach().clone() for name, w in run.generator.named_parameters()}
    for each in (run, again):  # and go on alike, whatever the memory order of what was read
        torch.manual_seed(4)
        each.set_rate(SMALL)
        each.step(SMALL, lesson)
    theirs = dict(again.generator.named_parameters())
    for name, weight in run.generator.named_parameters():
        # The two workers may add up in either order, which Adam makes large where all is small.
        moved = (weight - before[name]).abs().mean()
        assert (weight - theirs[name]).abs().mean() <= 0.05 * moved, name


def test_w_learns_to_foretell_colours_and_fields_before_any_picture(run):
    stage = replace(STAGES[0], batch=128)
    losses = []
    for _ in range(30):
        run.set_rate(stage)
        run.step(stage, None)
        losses.append([run.meter.sums[name][0] for name in ("paints", "glance")])
        run.meter.sums = {}
    first, last = np.mean(losses[:5], 0), np.mean(losses[-5:], 0)
    assert (last < 0.8 * first).all()


def test_the_export_is_a_generator_that_the_show_loads(run, tmp_path):
    path = tmp_path / "new.safetensors"
    checkpoint.export(path, run.average, status="provisional", steps=0)
    generator = load_generator(path, threads=1)
    assert generator.info.resolution == 256
    w = generator.map(np.zeros((1, Z_DIM), np.float32) + 0.1)
    assert np.isfinite(w).all()


def test_a_lesson_is_what_its_z_paints_level_by_level():
    torch.manual_seed(2)
    lesson = Pool(8, 64, bristles=False).draw(8)
    seen = paint_openly(*lesson.z.transpose(0, 1), size=64, texture=False)
    torch.testing.assert_close(lesson.pictures / 2 + 0.5, seen.pictures, atol=0.01, rtol=0)
    torch.testing.assert_close(lesson.fields, reduced(seen.fields, 32), atol=0.02, rtol=0)


def test_some_pictures_mix_levels_and_some_do_not():
    torch.manual_seed(2)
    z = Pool(64, 64, bristles=False).z
    same = (z[:, 0] == z[:, 1]).all(1) & (z[:, 0] == z[:, 2]).all(1)
    assert 4 < int(same.sum()) < 32


def test_an_early_exit_of_a_fresh_network_has_colours_only_where_the_palette_reaches():
    network = new_generator()
    w_plus = torch.randn(1, 14, 512)
    before = network.synthesis(w_plus, exit_resolution=32)
    assert before.abs().max() == 0
    assert network.synthesis(w_plus, exit_resolution=64).abs().max() > 0


def test_training_goes_on_from_what_is_shipped(run, tmp_path):
    model, state = tmp_path / "model.safetensors", tmp_path / "state.safetensors"
    taught(run, 2, Pool(8, SMALL.size, bristles=False))
    checkpoint.export(model, run.average, status="provisional", steps=2)
    checkpoint.export_state(state, run.networks(), vars(run.progress))
    fresh = trainer.Trainer(tmp_path / "elsewhere")
    assert not fresh.resume()
    fresh.begin_with(model, state)
    assert fresh.progress == run.progress
    for name in ("heads", "critic", "average"):
        theirs = fresh.networks()[name].state_dict()
        for key, tensor in run.networks()[name].state_dict().items():
            torch.testing.assert_close(
                tensor, theirs[key], rtol=1e-3, atol=1e-3, msg=f"{name} {key}"
            )
