"""Training the generator: learns, stops, resumes exactly, exports what the show can load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tools.gallery.painter import paint_openly  # noqa: E402
from tools.gallery.underdrawing import underdrawing  # noqa: E402
from tools.training import checkpoint, trainer  # noqa: E402
from tools.training.losses import reduced  # noqa: E402
from tools.training.muon import orthogonal  # noqa: E402
from tools.training.network import Steering, dream, fold, new_generator  # noqa: E402
from tools.training.pool import Pool  # noqa: E402
from tools.training.schedule import ROUNDS, STAGES, next_round, stage_of  # noqa: E402
from traumer_live.synthesis.loading import load_generator  # noqa: E402

SMALL = replace(STAGES[0], batch=4, pool=8, fresh=0)


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
    losses = taught(run, 40, pool)
    assert np.mean(losses[-3:]) < 0.9 * np.mean(losses[:3])
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
    for mine, theirs in zip(run.muon.momenta, again.muon.momenta, strict=True):
        assert torch.equal(mine, theirs)
    lesson = pool.draw(SMALL.batch)
    before = {name: w.detach().clone() for name, w in run.generator.named_parameters()}
    for each in (run, again):  # and go on alike, whatever the memory order of what was read
        torch.manual_seed(4)
        each.set_rate(SMALL)
        each.step(SMALL, lesson)
    theirs = dict(again.generator.named_parameters())
    for name, weight in run.generator.named_parameters():
        if name.endswith("noise_strength"):
            continue  # the two workers draw their noise in either order
        # The two workers may add up in either order, which Adam makes large where all is small.
        moved = (weight - before[name]).abs().mean()
        assert (weight - theirs[name]).abs().mean() <= 0.05 * moved, name


def test_the_underdrawing_is_never_changed(run):
    before = {name: w.clone() for name, w in run.generator.synthesis.b8.named_parameters()}
    taught(run, 2, Pool(8, SMALL.size, bristles=False))
    for name, weight in run.generator.synthesis.b8.named_parameters():
        assert torch.equal(weight, before[name]), name


def test_folded_steering_paints_what_the_steering_painted():
    torch.manual_seed(3)
    network, steering, under = new_generator(), Steering(), underdrawing()
    for slope in steering.slope.values():
        torch.nn.init.normal_(slope, std=0.3)
    three = under.random_w(3).split(1)
    features, noise = under.features(three[0]), [torch.zeros(1, 1, s, s) for s in (64, 128, 256)]
    with torch.no_grad():
        steered, _ = dream(
            network, steering, features, under.touch(three[1]), under.palette(three[2]), noise,
            size=64,
        )  # fmt: skip
        fold(network, steering)
        w_plus = torch.cat(
            [w[:, None].repeat(1, n, 1) for w, n in zip(three, (5, 4, 5), strict=True)], 1
        )
        planes = network.synthesis.noise_inputs("none")
        folded = network.synthesis(w_plus, noise=planes, exit_resolution=64)
    assert (steered - folded).abs().mean() < 0.02 * folded.std()  # bfloat16 against float32


def test_muon_moves_along_all_directions_alike():
    torch.manual_seed(0)
    strong_and_weak = torch.randn(6, 1) @ torch.randn(1, 40) + 0.1 * torch.randn(6, 40)
    for matrix in (strong_and_weak, strong_and_weak.t()):
        before = torch.linalg.svdvals(matrix)
        after = torch.linalg.svdvals(orthogonal(matrix).float())
        assert before[0] > 10 * before[-1]
        assert after[0] < 2.5 * after[-1]


def test_the_export_is_a_generator_that_the_show_loads(run, tmp_path):
    path = tmp_path / "new.safetensors"
    run.export(path, status="provisional")
    generator = load_generator(path, threads=1)
    assert generator.info.resolution == 256
    w = generator.map(np.zeros((1, generator.info.z_dim), np.float32) + 0.1)
    assert np.isfinite(w).all()


def test_a_lesson_is_what_its_numbers_paint():
    torch.manual_seed(2)
    lesson = Pool(8, 64, bristles=True).draw(8)
    under = underdrawing()
    seen = paint_openly(
        under.fields(lesson.features), lesson.touch, lesson.palette, size=64, noise=lesson.noise
    )
    assert (lesson.pictures / 2 + 0.5 - seen.pictures).abs().mean() < 0.01
    assert (lesson.kinds / 2 + 0.5 - reduced(seen.kinds, 32)).abs().mean() < 0.01


def test_some_pictures_mix_levels_and_some_do_not():
    torch.manual_seed(2)
    pool = Pool(64, 64, bristles=False)
    under = underdrawing()
    # A picture whose three parts share one w is painted alike from that w alone.
    with torch.random.fork_rng():
        torch.manual_seed(2)
        w = [under.random_w(3 * 16).chunk(3), torch.rand(16)]
    alone = (pool.touch[:16] - under.touch(w[0][0])).abs().amax(1) < 1e-5
    assert 1 <= int(alone.sum()) <= 10


def test_an_early_exit_of_a_fresh_network_has_colours_only_where_the_palette_reaches():
    network = new_generator()
    w_plus = torch.randn(1, 14, 512)
    before = network.synthesis(w_plus, exit_resolution=32)
    assert before.abs().max() == 0
    assert network.synthesis(w_plus, exit_resolution=64).abs().max() > 0


def test_training_goes_on_from_what_is_shipped(run, tmp_path):
    model, state = tmp_path / "model.safetensors", tmp_path / "state.safetensors"
    taught(run, 2, Pool(8, SMALL.size, bristles=False))
    run.export(model, status="provisional")
    run.progress.seconds = 60.0  # in the midst of the first stage
    run.export_state(state)
    fresh = trainer.Trainer(tmp_path / "elsewhere")
    assert not fresh.resume()
    fresh.begin_with(model, state)
    assert fresh.progress.step == run.progress.step == 2
    assert stage_of(fresh.progress.stage).name == STAGES[0].name  # of the round after
    assert stage_of(fresh.progress.stage).rate < STAGES[0].rate
    for name in ("steering", "heads", "critic"):
        theirs = fresh.networks()[name].state_dict()
        kept = "average_steering" if name == "steering" else name
        for key, tensor in run.networks()[kept].state_dict().items():
            torch.testing.assert_close(
                tensor, theirs[key], rtol=1e-3, atol=1e-3, msg=f"{name} {key}"
            )


def test_rounds_follow_each_other_and_end(run, monkeypatch):
    assert [next_round(number) for number in (0, 1, 4, 5)] == [0, 4, 4, 8]
    seen = []
    monkeypatch.setattr(trainer.Trainer, "run_stage", lambda self, stage: seen.append(stage))
    run.run()
    assert len(seen) == ROUNDS * len(STAGES)
    assert [stage.name for stage in seen[4:8]] == [stage.name for stage in STAGES]
    assert all(later.rate < sooner.rate for sooner, later in zip(seen, seen[4:], strict=False))
