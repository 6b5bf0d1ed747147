"""The table of sources: what is there, what it is called, what the default is."""

from __future__ import annotations

import argparse

import pytest

from tests.pulse_server import PulseServer
from traumer_live.audio.capture import SourceInfo, SourceSpec
from traumer_live.cli import devices


def test_the_default_of_each_kind_has_a_star() -> None:
    lines = devices.table(
        [
            SourceInfo(SourceSpec("loopback", "speakers"), "Built-in Audio", is_default=True),
            SourceInfo(SourceSpec("loopback", "hdmi"), "Television"),
            SourceInfo(SourceSpec("mic", "usb"), "USB microphone", is_default=True),
        ]
    )
    assert lines == [
        "What this machine plays",
        "  * loopback:speakers  Built-in Audio",
        "    loopback:hdmi      Television",
        "",
        "Microphones and line inputs",
        "  * mic:usb            USB microphone",
        "",
        "* the default: --source loopback or mic means it.",
        "",
    ]


def test_without_a_sound_system_it_says_so_and_succeeds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(devices, "list_sources", list)  # a test machine may have a sound card
    assert devices.run(argparse.Namespace()) == 0
    assert "nothing to capture" in capsys.readouterr().out


@pytest.mark.pulse
def test_loopbacks_of_a_real_server_are_listed(
    pulse: PulseServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert devices.run(argparse.Namespace()) == 0
    said = capsys.readouterr().out
    assert "loopback:stage" in said
    assert "loopback:lounge" in said
    assert said.count("*") >= 2
