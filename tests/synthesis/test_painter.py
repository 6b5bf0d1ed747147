"""Who paints: the best runtime is found while the show plays, and one that fails is dropped."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.synthesis.random_generator import SMALL, random_generator
from tests.waiting import wait_until
from traumer_live.core.errors import ModelError
from traumer_live.synthesis import candidates as candidates_room
from traumer_live.synthesis import load_generator, painter
from traumer_live.synthesis.backends.graph import GraphGenerator
from traumer_live.synthesis.backends.onnx import OnnxRuntime
from traumer_live.synthesis.candidates import (
    Candidate,
    KeptChoice,
    candidates,
    keep_choice,
    kept_choice,
)
from traumer_live.synthesis.generator import BackendError, Source
from traumer_live.synthesis.painter import Painter, is_better, psnr

ONE, TWO, OTHER = Candidate("onnx", 1), Candidate("onnx", 2), Candidate("openvino", 1)
ROUGH = Candidate("openvino-bf16", 1)


class Watch(threading.local):
    """Made-up seconds, of each thread its own: what else the machine does takes no time."""

    now_s = 0.0

    def perf_counter(self):
        return self.now_s


watch = Watch()


class Runtime:
    """A generator whose speed and health a test decides."""

    def __init__(self, info, candidate, *, ms=0.0, shade=100, trouble=None):
        self.info = replace(
            info,
            backend=candidate.backend.removesuffix("-bf16"),
            threads=candidate.threads,
            precision="float32" if candidate.exact else "bfloat16",
        )
        self.source = Source(None, {})
        self.w_avg = np.zeros(info.w_dim, np.float32)
        self.ms, self.shade, self.trouble = ms, shade, trouble
        self.painted = 0
        self.ready = {64}

    def prepare(self, exit_resolution=None):
        self.ready.add(exit_resolution)

    def is_ready(self, exit_resolution=None):
        return exit_resolution in self.ready

    def synthesize(self, w_plus, *, noise_gain=1.0, noise=None, exit_resolution=None):
        if self.trouble is not None:
            raise self.trouble
        watch.now_s += self.ms / 1000
        self.painted += 1
        return np.full((4, 4, 4), self.shade, np.uint8)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(candidates_room, "cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr(painter, "FIRST_MS", 0.0)
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def info(tmp_path_factory):
    path = random_generator(tmp_path_factory.mktemp("weights") / "small.safetensors")
    return load_generator(path, backend="onnx").info


@pytest.fixture
def stage(info, monkeypatch):
    """Makes a painter of pretended runtimes; the first is the one that was given."""

    def make(*runtimes, explore=True):
        by_candidate = dict(runtimes)
        made = {c: Runtime(info, c, **settings) for c, settings in by_candidate.items()}

        def opened_by(source, backend, threads, *, opened=None):
            candidate = Candidate(backend, threads)
            if candidate not in made:
                raise BackendError(f"{backend} is not installed")
            return made[candidate]

        monkeypatch.setattr(painter, "generator_of", opened_by)
        monkeypatch.setattr(painter, "time", watch)
        first, *rivals = by_candidate
        told = []
        return (
            Painter(made[first], explore=explore, tell=told.append, rivals=rivals),
            made,
            told,
        )

    return make


def paint(some, times=1, *, now_s=0.0, resolution=64):
    for _ in range(times):
        pixels, _ = some.paint(
            np.zeros((SMALL.num_ws, SMALL.w_dim)),
            noise_gain=1.0,
            resolution=resolution,
            now_s=now_s,
        )
    return pixels


def calibrate(some):
    def painted():
        paint(some)
        return not some.calibrating

    assert wait_until(painted)
    paint(some)


def test_the_faster_of_two_that_hold_the_rate_is_found_and_kept(stage, info, own_cache):
    some, made, told = stage((ONE, {"ms": 9}), (OTHER, {"ms": 3}))
    calibrate(some)
    assert some.generator is made[OTHER]
    assert told == []
    kept = kept_choice(made[ONE].info)
    assert kept.candidate == OTHER
    assert kept.ms == pytest.approx(3.0, rel=0.03)
    assert kept.resolution == 64


def test_a_kept_choice_paints_soon_without_being_compared(stage, info):
    _, made, _ = stage((ONE, {"ms": 1}), (OTHER, {"ms": 1}))
    keep_choice(made[ONE].info, KeptChoice(OTHER, 64, 1.0))
    again, made, _ = stage((ONE, {"ms": 1}), (OTHER, {"ms": 1}))
    paint(again)
    assert made[ONE].painted == 1  # the first picture does not wait
    assert wait_until(lambda: paint(again) is not None and again.generator is made[OTHER])
    assert not again.comparing


def test_a_rival_whose_size_nobody_paints_any_more_is_made_ready_for_the_new_one(stage):
    some, made, _ = stage((ONE, {"ms": 9}), (OTHER, {"ms": 3}))
    made[OTHER].ready.clear()
    made[OTHER].prepare = lambda exit_resolution: made[OTHER].ready.add(32)  # what was asked first

    def asked_for_another_size():
        paint(some)
        return 32 in made[OTHER].ready

    assert wait_until(asked_for_another_size)
    del made[OTHER].prepare
    calibrate(some)
    assert made[OTHER].ready == {32, 64}
    assert some.generator is made[OTHER]


def test_a_switch_begins_with_the_kept_choice(stage, info):
    _, made, _ = stage((ONE, {}), (OTHER, {}))
    keep_choice(made[ONE].info, KeptChoice(OTHER, 64, 1.0))
    some, made, _ = stage((ONE, {}), (OTHER, {}))
    some.open_kept(64)
    assert some.generator is made[OTHER]
    assert not some.calibrating


def test_a_kept_choice_that_is_gone_is_looked_for_anew(stage, info, monkeypatch):
    some, made, _ = stage((ONE, {"ms": 2}), (TWO, {"ms": 2}))
    keep_choice(made[ONE].info, KeptChoice(OTHER, 64, 1.0))
    monkeypatch.setattr(candidates_room, "candidates", lambda info: (TWO, OTHER))
    some, made, told = stage((ONE, {"ms": 2}), (TWO, {"ms": 2}))
    calibrate(some)
    assert some.generator is made[ONE]
    (notice,) = told
    assert notice.startswith("openvino with 1 thread cannot be used here (openvino is not install")


def test_a_failing_runtime_is_dropped_for_the_next_with_one_notice(stage):
    some, made, told = stage((ONE, {}), (OTHER, {"shade": 101}), explore=False)
    assert paint(some)[0, 0, 0] == 100
    made[ONE].trouble = BackendError("onnx computed infinite or missing numbers")
    assert paint(some, 5)[0, 0, 0] == 101  # the same picture, at once
    assert told == [
        "onnx with 1 thread failed (onnx computed infinite or missing numbers); "
        "openvino with 1 thread paints instead."
    ]


def test_a_rival_that_cannot_be_opened_is_told_once(stage):
    some, made, told = stage((ONE, {"ms": 1}), (OTHER, {"trouble": RuntimeError("illegal code")}))
    calibrate(some)
    assert some.generator is made[ONE]
    assert told == ["openvino with 1 thread cannot be used here (illegal code); the others can."]


def test_a_rival_that_fails_while_it_is_compared_is_dropped(stage):
    some, made, told = stage((ONE, {"ms": 2}), (OTHER, {"ms": 1}))

    def comparing():
        paint(some)
        return some.comparing

    assert wait_until(comparing)
    made[OTHER].trouble = BackendError("nonsense")
    calibrate(some)
    assert some.generator is made[ONE]
    assert len(told) == 1


def test_a_card_that_fails_hands_over_to_onnxruntime(stage):
    card = Candidate("torch", 1)
    some, made, told = stage((card, {}), (ONE, {"shade": 101}), explore=False)
    some._candidates = ()  # with torch nobody is looked for
    made[card].trouble = RuntimeError("CUDA out of memory")
    assert paint(some)[0, 0, 0] == 101
    assert told == [
        "torch with 1 thread failed (CUDA out of memory); onnx with 1 thread paints instead."
    ]


def test_the_last_one_is_never_dropped(stage):
    some, made, told = stage((ONE, {"trouble": MemoryError("no room")}), explore=False)
    for _ in range(2):
        with pytest.raises(MemoryError):
            paint(some)
    made[ONE].trouble = None
    assert paint(some)[0, 0, 0] == 100
    assert told == []


def test_a_w_plus_of_another_model_is_nobodys_fault(stage):
    some, made, told = stage((ONE, {"trouble": ModelError("another shape")}), (OTHER, {}))
    with pytest.raises(ModelError, match="another shape"):
        paint(some)
    assert some.generator is made[ONE]
    assert told == []


@pytest.mark.parametrize(("shade", "taken"), [(100, True), (101, True), (110, False)])
def test_approximate_is_taken_only_where_exact_is_too_slow_and_nobody_can_see_it(
    stage, shade, taken
):
    some, made, _ = stage((ONE, {"ms": 40}), (ROUGH, {"ms": 5, "shade": shade}))
    calibrate(some)
    assert (some.generator is made[ROUGH]) == taken


def test_an_approximate_runtime_is_judged_by_more_than_one_picture(stage):
    some, made, _ = stage((ONE, {"ms": 40}), (ROUGH, {"ms": 5}))
    honest = made[ROUGH].synthesize

    def synthesize(w_plus, **asked):
        made[ROUGH].shade = 100 if made[ROUGH].painted < 4 else 110  # the third would be seen
        return honest(w_plus, **asked)

    made[ROUGH].synthesize = synthesize
    calibrate(some)
    assert some.generator is made[ONE]


@pytest.mark.parametrize(
    ("rival", "ours", "wins"),
    [
        ((TWO, 8.0), (ONE, 12.0), False),  # 16 ms of processor instead of 12
        ((OTHER, 9.0), (ONE, 12.0), True),
        ((OTHER, 11.9), (ONE, 12.0), False),  # not worth a change
        ((TWO, 20.0), (ONE, 35.0), True),  # only this holds the rate
        ((TWO, 200.0), (ONE, 300.0), True),  # neither does: the faster
        ((ROUGH, 5.0), (ONE, 12.0), False),  # exact holds the rate
        ((ROUGH, 15.0), (ONE, 40.0), True),
        ((ONE, 12.0), (ROUGH, 5.0), True),
    ],
)
def test_who_is_better(rival, ours, wins):
    assert is_better(rival, ours, whole=1.0) is wins


def test_it_is_the_whole_picture_that_must_hold_the_rate():
    assert not is_better((ROUGH, 5.0), (ONE, 12.0), whole=1.0)
    assert is_better((ROUGH, 5.0), (ONE, 12.0), whole=4.0)


def test_a_calibration_of_a_busy_machine_is_repeated(stage, monkeypatch):
    monkeypatch.setattr(painter, "RETRY_S", 1.0)
    some, made, _ = stage((ONE, {"ms": 12}), (OTHER, {"ms": 16}))
    calibrate(some)
    assert some.generator is made[ONE]
    made[ONE].ms, made[OTHER].ms = 4, 1  # the other load is gone
    paint(some, 60, now_s=100.0)
    assert not some.calibrating  # it may be a moment only
    paint(some, 1, now_s=120.0)
    assert some.calibrating
    calibrate(some)
    assert some.generator is made[OTHER]
    assert some.kept.ms < 4


@pytest.mark.parametrize(
    ("ms", "is_questioned"), [(2.0, True), (8.0, False), (16.0, False), (24.0, True)]
)
def test_what_was_kept_of_smaller_pictures_is_questioned_by_their_work(
    stage, info, ms, is_questioned
):
    """A busy hour had made them small; where they are whole again, the choice may be wrong."""
    small, share = info.exits[-2], info.work[-2] / info.work[-1]
    _, made, _ = stage((ONE, {}), (OTHER, {}))
    keep_choice(made[ONE].info, KeptChoice(ONE, small, 8.0 * share))
    some, made, _ = stage((ONE, {"ms": ms}), (OTHER, {"ms": ms}))
    paint(some, 60, now_s=1000.0)
    assert not some.calibrating
    paint(some, now_s=1020.0)
    assert some.calibrating == is_questioned


def test_a_machine_that_turned_slow_is_noticed_though_pictures_turned_small(stage, info):
    small, share = info.exits[-2], info.work[-2] / info.work[-1]
    _, made, _ = stage((ONE, {}), (OTHER, {}))
    keep_choice(made[ONE].info, KeptChoice(ONE, 64, 8.0))
    some, made, _ = stage((ONE, {"ms": 32.0}), (OTHER, {"ms": 2.0}))
    paint(some, 60, now_s=1000.0)
    made[ONE].ms = 32.0 * share
    paint(some, 60, now_s=1001.0, resolution=small)  # the ladder did not wait
    assert not some.calibrating
    paint(some, now_s=1020.0, resolution=small)
    assert some.calibrating


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"version": 1}', '{"version": 9, "backend": "onnx"}']
)
def test_a_damaged_calibration_is_no_calibration(info, damage, own_cache):
    keep_choice(info, KeptChoice(ONE, 64, 5.0))
    (path,) = (own_cache / "calibration").iterdir()
    assert kept_choice(info) == KeptChoice(ONE, 64, 5.0)
    path.write_text(damage)
    assert kept_choice(info) is None


def test_a_calibration_names_only_what_is_there(info, own_cache):
    keep_choice(info, KeptChoice(Candidate("abacus", 1), 64, 5.0))
    assert kept_choice(info) is None
    (path,) = (own_cache / "calibration").iterdir()
    assert json.loads(path.read_text())["backend"] == "abacus"


def test_candidates_leave_a_core_to_the_rest(info, monkeypatch):
    monkeypatch.setattr(candidates_room, "find_spec", lambda name: None)
    assert candidates(info, cores=1) == ()
    assert candidates(info, cores=2) == (TWO,)
    assert candidates(info, cores=8) == (Candidate("onnx", 7),)
    assert candidates(replace(info, backend="torch"), cores=8) == ()


def test_psnr_of_equal_pictures_is_infinite():
    some = np.zeros((2, 2, 4), np.uint8)
    assert psnr(some, some) == float("inf")
    assert psnr(some, some + 1) == pytest.approx(48.13, abs=0.01)


def test_real_nonsense_is_painted_again_by_the_next_real_runtime(tmp_path: Path) -> None:
    """onnxruntime overflows, is caught by its own check, and another session paints the picture."""
    real = load_generator(random_generator(tmp_path / "small.safetensors"), backend="onnx")
    w_plus = np.tile(real.w_avg, (SMALL.num_ws, 1)).astype(np.float32)
    told: list[str] = []

    class Overflowing(GraphGenerator):
        def synthesize(self, w_plus, **asked):
            return super().synthesize(np.full_like(w_plus, 1e35), **asked)

    ill = Overflowing(real.source.checkpoint, OnnxRuntime(1), name="small")
    with pytest.raises(BackendError, match="infinite or missing numbers"):
        ill.synthesize(w_plus)
    some = Painter(ill, explore=False, tell=told.append, rivals=[TWO])
    pixels, _ = some.paint(w_plus, noise_gain=1.0, resolution=64, now_s=0.0)
    assert np.abs(pixels.astype(int) - real.synthesize(w_plus)).max() <= 1
    assert some.generator.info.threads == 2
    assert [sentence.partition(" (")[0] for sentence in told] == ["onnx with 1 thread failed"]


def test_real_runtimes_compete(tmp_path: Path) -> None:
    """No pretence: onnxruntime with two threads, and OpenVINO where it is installed."""
    generator = load_generator(random_generator(tmp_path / "small.safetensors"), backend="onnx")
    told: list[str] = []
    some = Painter(generator, explore=True, tell=told.append)
    w_plus = np.tile(generator.w_avg, (SMALL.num_ws, 1))
    exact = generator.synthesize(w_plus).astype(int)

    def calibrated() -> bool:
        pixels, _ = some.paint(w_plus, noise_gain=1.0, resolution=64, now_s=0.0)
        assert np.abs(pixels.astype(int) - exact).max() <= 2
        return not some.calibrating

    assert wait_until(calibrated)
    assert told == []
