"""``traumer-live settings`` says what holds and who says so."""

from __future__ import annotations

from traumer_live.cli import main


def test_every_value_is_printed_with_its_origin(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('version = 1\nseed = 4\n[controls]\npreset = "paper"\n')
    named = ["--config", str(file), "--set", "kiosk.keep_gb=2", "--take-minutes", "5"]
    assert main(["settings", *named, "--source", "tone"]) == 0
    printed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:])
    assert printed["seed"].split() == ["4", "file"]
    assert printed["controls.preset"].split() == ['"paper"', "file"]
    assert printed["kiosk.keep_gb"].split() == ["2", "flag"]
    assert printed["kiosk.take_minutes"].split() == ["5", "flag"]
    assert printed["source"].split() == ['"tone"', "flag"]
    assert printed["kiosk.keys"].split() == ["false", "default"]


def test_a_knob_of_a_look_goes_by_the_name_that_it_is_listed_by(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text('version = 1\n[controls.look_knobs]\n"neon/bloom.strength" = 0.5\n')
    words = ["settings", "--config", str(file)]
    name = "controls.look_knobs.neon/bloom.strength"
    assert main([*words, "--set", f"{name}=1.5"]) == 0
    (line,) = (x for x in capsys.readouterr().out.splitlines() if x.startswith(name))
    assert line.split() == [name, "1.5", "flag"]


def test_a_kiosk_goes_by_what_is_set(capsys):
    assert main(["kiosk", "--set", "kiosk.hours=noon"]) == 1
    assert "opening hours" in capsys.readouterr().err


def test_a_named_file_that_is_broken_is_one_sentence(tmp_path, capsys):
    file = tmp_path / "mine.toml"
    file.write_text("version = 1\nseed = nonsense")
    assert main(["settings", "--config", str(file)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
