"""When the picture is drawn: once a tick, whatever the generator does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from traumer_live.engine.pacing import PATIENCE_S, REDRAW_AFTER_S, Pacing

TICK_S = 1 / 30
STEP_S = 0.001  # how often the drawing thread looks


def played(
    answer_s: Callable[[int], float], *, ticks: int, heard: Callable[[int], bool] = lambda _: True
) -> list[tuple[float, int, int | None]]:
    """(when, newest thought, picture shown or None) of every drawing of a show.

    Thought k comes at k ticks, its picture ``answer_s(k)`` later.
    """
    pacing, drawings = Pacing(), []
    thought, taken = None, None
    for step in range(round(ticks * TICK_S / STEP_S)):
        now = step * STEP_S
        thought = max((k for k in range(ticks) if k * TICK_S <= now and heard(k)), default=None)
        made = [k for k in range(ticks) if heard(k) and k * TICK_S + answer_s(k) <= now]
        newest = max(made, default=None)
        picture = newest if newest != taken else None
        if pacing.is_due(now, thought=thought, picture=picture):
            pacing.drawn(now, thought=thought, with_new_picture=picture is not None)
            taken = newest
            drawings.append((now, thought, picture))
    return drawings


def test_a_generator_that_takes_its_time_unevenly_does_not_make_the_screen_uneven() -> None:
    drawings = played(lambda k: 0.012 + 0.018 * (k % 3) / 2, ticks=40)
    times = [at for at, _, _ in drawings]
    intervals = [b - a for a, b in pairwise(times)]
    assert max(intervals) < TICK_S + 2 * STEP_S
    assert [thought for _, thought, _ in drawings] == list(range(40))  # each tick once
    assert [picture for _, _, picture in drawings[2:]] == list(range(1, 39))  # one tick older


def test_a_generator_that_answers_at_once_is_waited_for() -> None:
    drawings = played(lambda _: 0.003, ticks=60)[40:]
    assert all(picture == thought for _, thought, picture in drawings)
    assert all((at % TICK_S) < PATIENCE_S for at, _, _ in drawings)


def test_it_is_not_waited_for_longer_than_patience_allows() -> None:
    drawings = played(lambda k: 0.003 if k < 50 else 1.0, ticks=60)
    late = [at - thought * TICK_S for at, thought, _ in drawings[52:]]
    assert max(late) <= PATIENCE_S + STEP_S


def test_without_new_ticks_the_look_goes_on() -> None:
    drawings = played(lambda _: 0.01, ticks=30, heard=lambda k: k < 5)
    after = [at for at, _, _ in drawings if at > 6 * TICK_S]
    assert len(after) > 10
    assert all(b - a >= REDRAW_AFTER_S for a, b in pairwise(after))


def test_a_picture_that_missed_its_tick_is_shown_when_it_comes_and_not_lost() -> None:
    drawings = played(lambda k: 0.038 if k == 70 else 0.02, ticks=90)
    shown = [picture for _, _, picture in drawings if picture is not None]
    assert shown[60:80] == list(range(60, 80))
    extra = [(at, thought) for at, thought, picture in drawings if picture == 70]
    assert extra[0][1] == 71  # drawn again with the tick that was on the screen
    assert abs(extra[0][0] - (70 * TICK_S + 0.038)) < 2 * STEP_S


def test_a_slow_generator_leaves_a_drawing_at_every_tick() -> None:
    drawings = played(lambda _: 0.2, ticks=30)
    assert [thought for _, thought, _ in drawings] == list(range(30))


def test_a_picture_given_by_hand_is_drawn_at_once() -> None:
    pacing = Pacing()
    assert pacing.is_due(0.0, thought=None, picture=None)  # nothing was ever drawn
    pacing.drawn(0.0, thought=None, with_new_picture=False)
    assert not pacing.is_due(0.001, thought=None, picture=None)
    assert pacing.is_due(0.001, thought=None, picture=1600)
