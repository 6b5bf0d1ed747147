"""What large objects leave behind goes back to the system."""

from __future__ import annotations

import sys
import threading

import pytest

from tests.waiting import PATIENCE_S
from traumer_live.core import memory


class Large:
    pass


@pytest.fixture
def trimmed(monkeypatch):
    """Set when memory was returned."""
    returned = threading.Event()
    monkeypatch.setattr(memory, "_trim", lambda: lambda pad: returned.set())
    monkeypatch.setattr(memory, "SETTLE_S", 0.0)
    memory._gone.cache_clear()
    yield returned
    memory._gone.cache_clear()


def test_memory_goes_back_when_its_owner_is_gone_and_not_before(trimmed):
    large = Large()
    memory.return_when_gone(large)
    assert not trimmed.is_set()
    del large
    assert trimmed.wait(PATIENCE_S)


def test_it_can_be_asked_for(trimmed):
    memory.return_soon()
    assert trimmed.wait(PATIENCE_S)


def test_elsewhere_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    memory._gone.cache_clear()
    memory.return_soon()
    assert memory._gone() is None
    memory._gone.cache_clear()
