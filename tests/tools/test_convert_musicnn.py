"""What is said of a tagger of musicnn; its numbers need TensorFlow, which is not here."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tools.convert_musicnn import describe, read_tags, unpack_checkpoint

FILES = {
    "configuration.py": "SR = 16000\nMTT_LABELS = ['guitar']\nMSD_LABELS = ['rock', '00s']\n",
    **{f"{folder}/{part}": folder for folder in ("MTT_vgg", "MSD_vgg")
       for part in (".index", ".data-00000-of-00001", ".meta")},
}  # fmt: skip


@pytest.fixture
def wheel(tmp_path: Path) -> zipfile.ZipFile:
    """Laid out like musicnn's."""
    with zipfile.ZipFile(tmp_path / "wheel", "w") as made:
        for name, content in FILES.items():
            made.writestr(f"musicnn/{name}", content)
        made.writestr("musicnn-0.1.0.dist-info/LICENSE.md", "ISC\n")
    return zipfile.ZipFile(tmp_path / "wheel")


@pytest.mark.parametrize(
    ("network", "tags", "folder"),
    [("mtt_vgg", ["guitar"], "MTT_vgg"), ("msd_vgg", ["rock", "00s"], "MSD_vgg")],
)
def test_each_network_gets_its_own_tags_and_numbers(wheel, tmp_path, network, tags, folder):
    told = describe(wheel, network)
    assert (told["network"], json.loads(told["tags"])) == (network, tags)
    assert folder in told["origin"]
    prefix = unpack_checkpoint(wheel, tmp_path, network)
    assert Path(f"{prefix}.index").read_text() == folder


def test_a_wheel_without_labels(wheel):
    with pytest.raises(SystemExit, match="lists no OTHER_LABELS"):
        read_tags(wheel, "OTHER_LABELS")
