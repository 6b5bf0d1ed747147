"""A source that is only remembered never blocks the start; one that was named is told about."""

from __future__ import annotations

from argparse import Namespace

import pytest

from tests.music import tune, write_wav
from traumer_live.audio.capture import SourceSpec
from traumer_live.audio.listener import Listener
from traumer_live.cli.session import _source, _started
from traumer_live.core.errors import SourceError
from traumer_live.engine.models import load_models


@pytest.fixture
def only_files_open(monkeypatch):
    """The devices of this machine are all in use by others."""

    def start(listener, real=Listener.start):
        if listener.spec.kind != "file":
            raise SourceError(f"The input {listener.spec} cannot be opened.")
        real(listener)

    monkeypatch.setattr(Listener, "start", start)


@pytest.mark.parametrize("loop", [False, True])
def test_a_remembered_file_begins_again_where_it_shall(small_models, tmp_path, loop):
    song = write_wav(tmp_path / "song.wav", tune(1))
    settings = small_models.settings(source=f"file:{song}")
    options = Namespace(source=None, loop=loop, headless=False)
    assert _source(settings, options) == SourceSpec("file", str(song), loop=loop)


def test_a_remembered_source_that_does_not_open_gives_way(
    only_files_open,
    small_models,
    capsys,
):
    settings = small_models.settings()
    models = load_models(settings)
    show = _started(settings, models, SourceSpec("mic", "gone"), is_named=False)
    try:
        assert show.listener.spec.kind == "file"
    finally:
        show.stop()
    assert "mic:gone cannot be opened" in capsys.readouterr().out
    with pytest.raises(SourceError, match="mic:gone"):
        _started(settings, models, SourceSpec("mic", "gone"), is_named=True)
