"""The list of looks, the knobs of one, and names that do not exist."""

from __future__ import annotations

import pytest

from traumer_live.cli import main
from traumer_live.cli.parser import build_parser
from traumer_live.cli.session import apply_options
from traumer_live.core.paths import config_dir
from traumer_live.core.settings import Settings
from traumer_live.video.looks import Library


def test_the_list_has_every_look_and_the_users_folder(capsys) -> None:
    assert main(["looks", "list"]) == 0
    told = capsys.readouterr().out
    for name in Library().names():
        assert f"  {name} " in told
    assert str(config_dir() / "looks") in told


def test_a_broken_look_of_ones_own_is_told_in_its_line(capsys) -> None:
    own = config_dir() / "looks"
    own.mkdir(parents=True, exist_ok=True)
    broken = own / "broken.toml"
    broken.write_text("version = 1\ncolour = 3\n")
    try:
        assert main(["looks", "list"]) == 0
    finally:
        broken.unlink()
    told = capsys.readouterr().out
    assert "cannot be used: broken.toml: colour means nothing in a look. (yours)" in told


def test_every_knob_of_a_look_is_shown_with_its_range(capsys) -> None:
    assert main(["looks", "show", "velvet"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Velvet: Light spills over")
    for name, knob, _ in Library().look("velvet").knobs():
        assert name in told
        assert knob.meaning in told
    assert "(onset +0.5)" in told
    assert "swings by 0.05 in 53 s" in told


def test_an_unknown_name_is_one_sentence(capsys) -> None:
    assert main(["looks", "show", "nothing"]) == 1
    assert "There is no look 'nothing'; there are plain," in capsys.readouterr().err


@pytest.mark.parametrize("command", [["run"], ["kiosk"], ["render", "song.ogg", "-o", "a.mp4"]])
def test_every_show_takes_a_look_and_can_turn_the_limiter_off(command: list[str]) -> None:
    parser = build_parser()
    plain = apply_options(Settings(), parser.parse_args(command)).controls
    assert (plain.look, plain.limiter) == ("plain", True)
    options = parser.parse_args([*command, "--look", "ink", "--no-limiter"])
    turned = apply_options(Settings(), options).controls
    assert (turned.look, turned.limiter) == ("ink", False)
