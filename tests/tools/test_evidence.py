"""The examination tells a good generator from a bad one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from tools.evidence.levels import changes, level_table  # noqa: E402
from tools.evidence.report import Findings, write_page  # noqa: E402
from tools.evidence.sheets import walk  # noqa: E402
from tools.evidence.subject import Subject  # noqa: E402
from tools.evidence.variety import Crowd, diversity, family_shares, frechet  # noqa: E402
from tools.gallery.families import FAMILIES  # noqa: E402
from traumer_live.synthesis.config import GeneratorConfig  # noqa: E402
from traumer_live.synthesis.networks import StyleGAN2  # noqa: E402

CONFIG = GeneratorConfig(resolution=32, channel_base=512, channel_max=32, w_dim=32, z_dim=16,
                         mapping_layers=2)  # fmt: skip
N_FAMILIES = len(FAMILIES)
EVEN = [1 / N_FAMILIES] * N_FAMILIES
FINDINGS = Findings("m", 10, 4, "| t |", 1.0, 2.0, 3.0, 0.5, EVEN, EVEN, 4.0, 1.0, 2.0, "")


@pytest.fixture
def subject() -> Subject:
    torch.manual_seed(5)
    network = StyleGAN2(CONFIG).requires_grad_(False)
    return Subject(network, (3, 3, 4), 0)


def test_frechet_is_zero_for_the_same_crowd_and_grows_with_distance():
    torch.manual_seed(0)
    here = Crowd(torch.randn(400, 12))
    assert frechet(here, here) == pytest.approx(0, abs=1e-6)
    near, far = (frechet(here, Crowd(torch.randn(400, 12) + shift)) for shift in (0.5, 2.0))
    assert near < far
    assert far == pytest.approx(12 * 4, rel=0.15)  # the squared distance of the means


def test_a_collapsed_crowd_has_no_diversity_and_one_family():
    torch.manual_seed(0)
    families = torch.arange(160) % N_FAMILIES
    known = Crowd(torch.randn(160, 12) + 6 * torch.eye(12)[families], families)
    collapsed = Crowd(known.vectors[:1].repeat(80, 1) + 0.01 * torch.randn(80, 12))
    assert diversity(collapsed) < diversity(known) / 20
    assert family_shares(collapsed, known).max() == 1
    assert family_shares(known, known).max() < 0.3


def test_the_level_table_finds_no_change_where_there_is_none(subject):
    pictures = subject.pictures(subject.everywhere(subject.w(4)))
    assert changes(pictures, pictures) == (0, 0, 0, 0)
    table = level_table(subject, pairs=4).splitlines()
    assert len(table) == 6
    for line in table[2:]:
        dreamt_and_painted = re.findall(r"\d\.\d\d", line)
        assert len(dreamt_and_painted) == 8
    painted = [float(number) for number in re.findall(r"\((\d\.\d\d)\)", "".join(table))]
    assert painted[11] > painted[3] > painted[8]  # the palette changes colours and moves nothing


def test_the_walk_is_closed_and_even(subject):
    steps = walk(subject)
    apart = (steps - steps.roll(1, 0)).norm(dim=1)
    assert apart[0] < 2 * apart.median()  # the last frame leads back to the first
    assert apart.max() < 5 * apart.median()


def test_a_new_measurement_replaces_the_old_one_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    write_page(page, FINDINGS)
    page.write_text("Before.\n" + page.read_text() + "After.\n")
    write_page(page, replace(FINDINGS, steps=20))
    text = page.read_text()
    assert text.startswith("Before.")
    assert text.endswith("After.\n")
    assert "20 steps" in text
    assert "10 steps" not in text
