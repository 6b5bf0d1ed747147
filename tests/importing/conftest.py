from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_library(tmp_path, monkeypatch):
    """A library and a cache of its own for every test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
