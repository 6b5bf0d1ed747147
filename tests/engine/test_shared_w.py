"""Two generators with one w: what somebody taught one of them, the other plays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from traumer_live.core.paths import data_file
from traumer_live.engine.models import Choice, keeping, load_choice
from traumer_live.latent.pack import load_pack, save_pack

PAINTER = Choice(generator="painter512", backend="onnx")


@pytest.fixture
def own_mapping(tmp_path):
    """Somebody's own, made with dream256."""
    starter = load_pack(data_file("models/starter.safetensors"))
    path = tmp_path / "mine.safetensors"
    save_pack(path, replace(starter.transfer, bias=starter.transfer.bias + 0.25), starter.header)
    return path


def test_a_mapping_of_ones_own_goes_along_to_the_painter(own_mapping):
    mine = load_choice(Choice(mapping=str(own_mapping), backend="onnx"))
    painter = load_choice(PAINTER)
    kept = keeping(painter, mine.choice)
    assert kept.choice == replace(PAINTER, mapping=str(own_mapping))
    np.testing.assert_array_equal(kept.transfer.bias, mine.transfer.bias)
    assert kept.generator is painter.generator


def test_it_stays_behind_where_it_means_nothing(own_mapping, small_models, tmp_path):
    other = load_choice(Choice(generator=str(small_models.generator), backend="onnx"))
    assert keeping(other, Choice(mapping=str(own_mapping))) is other
    painter = load_choice(PAINTER)
    assert keeping(painter, Choice(mapping=str(tmp_path / "gone.safetensors"))) is painter
    named = replace(painter, choice=replace(PAINTER, mapping="models/starter.safetensors"))
    assert keeping(named, Choice(mapping=str(own_mapping))) is named


def test_the_default_by_its_name_is_the_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Choice(generator="dream256", encoder="mtt_vgg").plain() == Choice()
    assert PAINTER.plain() == PAINTER
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dream256").write_bytes(b"a file of that name comes first")
    assert Choice(generator="dream256").plain().generator == "dream256"
