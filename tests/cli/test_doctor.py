"""The doctor tells the truth about this machine and survives whatever it meets."""

from __future__ import annotations

import argparse
import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.synthesis.random_generator import random_generator
from traumer_live.cli import doctor, machine_checks, show_checks
from traumer_live.cli.findings import Finding, Mark, ask_python
from traumer_live.core.errors import ModelError
from traumer_live.importing.importer import Notes, import_model

NOTHING = argparse.Namespace()


def test_it_reports_and_its_code_says_whether_the_show_can_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = doctor.run(NOTHING)
    said = capsys.readouterr().out
    assert code == ("The show cannot run" in said)
    for name in ("program", "OpenGL", "display", "sound", "encoder", "disk", "onnxruntime"):
        assert f" {name}" in said
    assert max(map(len, said.splitlines())) <= doctor.WIDTH


def test_a_check_that_breaks_is_a_finding() -> None:
    def check_the_moon() -> Iterator[Finding]:
        yield Finding(Mark.GOOD, "moon", "up")
        raise ZeroDivisionError("no moon")

    first, second = doctor.findings_of(check_the_moon)
    assert first.mark is Mark.GOOD
    assert (second.mark, second.name) == (Mark.BAD, "the moon")
    assert "no moon" in second.text


@pytest.mark.parametrize(("essential", "code"), [(True, 1), (False, 0)])
def test_only_what_the_show_needs_makes_it_fail(
    monkeypatch: pytest.MonkeyPatch, essential: bool, code: int
) -> None:
    def check_it() -> Iterator[Finding]:
        yield Finding(Mark.BAD, "it", "is broken", "Mend it.", essential=essential)

    monkeypatch.setattr(machine_checks, "CHECKS", (check_it,))
    monkeypatch.setattr(show_checks, "CHECKS", ())
    assert doctor.run(NOTHING) == code


def test_a_driver_that_crashes_takes_only_its_own_process_along() -> None:
    answer = ask_python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert not answer.worked
    assert "-11" in answer.text


def test_without_opengl_the_advice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_checks, "_OPENGL", "raise SystemExit('no driver')")
    (finding,) = machine_checks.check_opengl()
    assert finding.mark is Mark.BAD
    assert finding.essential
    assert "no driver" in finding.text
    assert "libegl1" in finding.advice


def test_the_display_of_this_test_is_found(display: str) -> None:
    (finding,) = machine_checks.check_display()
    assert finding.mark is Mark.GOOD
    assert "1280x800" in finding.text


def test_no_display_is_no_disaster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    (finding,) = machine_checks.check_display()
    assert finding.mark is Mark.FAIR
    assert "--headless" in finding.advice


def test_a_model_is_compared_with_its_card(tmp_path: Path) -> None:
    weights = random_generator(tmp_path / "toy.safetensors")
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()

    def load(path: Path) -> object:
        return path.read_bytes()

    def examined() -> Finding:
        return show_checks.examined("generator", str(weights), "unused", load)

    assert examined().mark is Mark.GOOD
    weights.with_suffix(".md").write_text(f"sha256 `{digest}`")
    assert "as on its card" in examined().text
    weights.with_suffix(".md").write_text(f"sha256 `{'0' * 64}`")
    assert examined().mark is Mark.FAIR


def test_an_imported_model_is_found_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    weights = random_generator(tmp_path / "toy.safetensors")
    entry = import_model(weights, Notes(name="wiki"))
    loaded = []
    finding = show_checks.examined("generator", "wiki", "unused", loaded.append)
    assert loaded == [entry.path]
    assert (finding.mark, "wiki" in finding.text) == (Mark.GOOD, True)
    assert show_checks.examined("encoder", "wiki", "unused", loaded.append).mark is Mark.BAD


def test_large_models_are_hashed_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    path.write_bytes(bytes(50_000_000))
    tracemalloc.start()
    try:
        finding = show_checks.examined("generator", str(path), "unused", lambda _: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert hashlib.sha256(bytes(50_000_000)).hexdigest()[:12] in finding.text
    assert peak < 8_000_000


def test_a_model_that_does_not_load_is_told_in_its_own_words(tmp_path: Path) -> None:
    def load(path: Path) -> object:
        raise ModelError(f"{path.name} is damaged.")

    finding = show_checks.examined("encoder", str(tmp_path / "a.safetensors"), "unused", load)
    assert (finding.mark, finding.text) == (Mark.BAD, "a.safetensors is damaged.")
    assert finding.essential


def test_plain_signs_where_the_console_knows_no_others() -> None:
    finding = Finding(Mark.FAIR, "sound", "nothing", "Plug it in.")
    assert doctor.described(finding, doctor.PLAIN_SIGNS).splitlines() == [
        "- sound         nothing",
        "                > Plug it in.",
    ]
