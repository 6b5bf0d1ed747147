"""An iterator on a thread of its own."""

from __future__ import annotations

import threading

import pytest

from tests.waiting import wait_until
from traumer_live.engine.ahead import Ahead


def test_it_works_ahead_and_keeps_the_order():
    made = []

    def items():
        for number in range(20):
            made.append((number, threading.current_thread().name))
            yield number

    ahead = Ahead(items(), most=4)
    assert wait_until(lambda: len(made) == 5)  # four wait, the fifth has no room yet
    assert list(ahead) == list(range(20))
    assert {name for _, name in made} == {"ahead"}


def test_an_error_comes_after_what_was_made_before_it():
    def items():
        yield 1
        raise ValueError("no more")

    taken = iter(Ahead(items(), most=4))
    assert next(taken) == 1
    with pytest.raises(ValueError, match="no more"):
        next(taken)


def test_it_ends_when_nobody_takes_any_more():
    ended = threading.Event()

    def items():
        try:
            while True:
                yield 0
        finally:
            ended.set()

    ahead = Ahead(items(), most=2)
    assert next(iter(ahead)) == 0
    ahead.close()
    assert not ahead._thread.is_alive()
    assert ended.is_set()
