"""The switches that must work whatever else is turned: blackout, fade, freeze, safe scene."""

from __future__ import annotations

import pytest

from traumer_live.core.controls import SAFE_PSI, SAFE_PULSE, ControlBoard, Controls, safe_scene
from traumer_live.core.errors import SettingsError
from traumer_live.core.settings import Settings, load_settings, save_settings

WILD = Controls(
    look="neon",
    look_amount=0.5,
    look_knobs={"neon/bloom.strength": 3.0},
    zoom=2.0,
    hue=90.0,
    fit="crop",
    pulse_strength=1.0,
    truncation_psi=1.2,
    noise_gain=3.0,
    limiter=False,
)


def test_the_safe_scene_is_calm_and_known() -> None:
    played = safe_scene(WILD)
    assert played == Controls(
        pulse_strength=SAFE_PULSE, truncation_psi=SAFE_PSI, noise_gain=1.0, limiter=True
    )


def test_the_safe_scene_never_stirs_up_what_was_calmer() -> None:
    calm = Controls(pulse_strength=0.0, truncation_psi=0.1, noise_gain=0.2)
    assert safe_scene(calm) == calm


def test_one_key_leads_there_and_back_to_what_was_turned() -> None:
    board = ControlBoard(WILD)
    board.change(blackout=True, frozen=True, fade=True)
    now = board.toggle_safe()
    assert now.safe
    assert (now.blackout, now.frozen, now.fade) == (False, False, False)
    assert board.played.look == "plain"
    assert board.now.look == "neon"  # nothing that was turned is lost
    board.change(hue=10.0)
    assert board.played.hue == 0.0
    board.toggle_safe()
    assert board.played == board.now
    assert board.now.hue == 10.0


def test_black_is_reached_from_the_safe_scene_too() -> None:
    board = ControlBoard()
    board.toggle_safe()
    board.toggle("blackout")
    assert board.played.blackout
    board.toggle("fade")
    assert board.played.fade
    board.toggle("frozen")
    assert board.played.frozen


def test_nothing_dark_and_nothing_dangerous_is_remembered(tmp_path) -> None:
    path = tmp_path / "settings.toml"
    dark = Controls(blackout=True, fade=True, frozen=True, safe=True, limiter=False, look="ink")
    save_settings(Settings(controls=dark), path)
    settings, trouble = load_settings(path)
    assert trouble is None
    assert settings.controls == Controls(look="ink")


def test_knobs_of_looks_are_remembered(tmp_path) -> None:
    path = tmp_path / "settings.toml"
    turned = Controls(look="ink", look_knobs={"ink/ink.width": 2.5}, zoom=1.5, fade_s=10.0)
    save_settings(Settings(controls=turned), path)
    assert load_settings(path)[0].controls == turned


@pytest.mark.parametrize(
    "wrong",
    [
        {"zoom": 0.1},
        {"hue": 181.0},
        {"fade_s": 0.0},
        {"look_amount": 1.5},
        {"look_knobs": {"a/b.c": "much"}},
    ],
)
def test_values_out_of_range_change_nothing(wrong) -> None:
    board = ControlBoard()
    with pytest.raises(SettingsError):
        board.change(**wrong)
    assert board.now == Controls()
