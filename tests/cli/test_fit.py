"""``traumer-live fit``: from a store of labels to a pack and a report, by command."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.labelling.made_up import made_up_clips
from tests.models import E_DIM
from traumer_live.cli import main
from traumer_live.cli.fit import loss_line
from traumer_live.engine.models import Choice
from traumer_live.labelling.candidates import random_w
from traumer_live.labelling.label import Clip, Label, Pick, Screen
from traumer_live.labelling.store import Store
from traumer_live.labelling.workshop import open_workshop
from traumer_live.latent.pack import load_pack

PICTURES, SEED = 20, 5


@pytest.fixture
def fit(small_models, tmp_path):
    """Keeps labels in a store and runs the command on it."""
    workshop = open_workshop(Choice(generator=str(small_models.generator)))
    known = made_up_clips(8, 1)
    w = random_w(workshop.generator, PICTURES, SEED)

    def run(count, *more):
        with Store(tmp_path / "store", annotator="Ada") as store:
            for k in range(count):
                embeddings = workshop.music[37 * k] + np.zeros((5, E_DIM), np.float32)
                tags = np.zeros(len(workshop.tag_names), np.float32)
                heard = Clip(f"{k}", f"piece {k}", 0.0, 9.0, embeddings, tags, known.attributes[k])
                seen = (Screen(PICTURES, seed=SEED),)
                store.add(Label("", "", heard, (Pick(w[k]),), seen, workshop.ids))
        at = ["--store", str(tmp_path / "store"), "--generator", str(small_models.generator)]
        return main(["fit", *at, "-o", str(tmp_path / "mine.safetensors"), *more])

    return run


def test_labels_become_a_pack_with_a_report(fit, tmp_path, capsys):
    assert fit(7, "--json", str(tmp_path / "report.json")) == 0
    told = capsys.readouterr().out
    for name in ("average w", "nearest labelled clip", "ridge", "the plain paper version", "loss"):
        assert name in told
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["labels"] == 7
    assert all(0 < judged["rank"] <= 200 for judged in report["held_out"])
    assert load_pack(tmp_path / "mine.safetensors").transfer is not None
    assert fit(0, "--force", "--start", str(tmp_path / "mine.safetensors")) == 0
    assert fit(0) != 0, "a pack is not overwritten unasked"


def test_four_labels_are_refused_with_how_many_more_help(fit, tmp_path, capsys):
    assert fit(4) != 0
    told = capsys.readouterr().err
    assert "4 labels" in told
    assert len(told.strip().splitlines()) == 1
    assert not (tmp_path / "mine.safetensors").exists()


def test_the_loss_is_told_whichever_way_it_was_found():
    assert "solved in one step" in loss_line(())
    falling = loss_line((1.0, 0.5, 0.25))
    assert "█" in falling
    assert falling.endswith("1.000 to 0.250")
