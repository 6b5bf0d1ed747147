"""Benchmarks that need no display run alone, print a table and write JSON; none is timed here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = {"mel": 2, "recorder": 2, "handover": 3, "ears": 2, "growth": 1}
SVG = "{http://www.w3.org/2000/svg}"


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ROUNDS)
def test_each_prints_and_writes_what_it_measured(name: str, tmp_path: Path) -> None:
    target = tmp_path / "measured.json"
    words = ["--rounds", str(ROUNDS[name]), "--json", str(target)]
    printed = run(f"benchmarks.{name}", *words)
    document = json.loads(target.read_text())
    assert len(document["rows"]) >= 3
    for row in document["rows"]:
        assert row["name"] in printed
        assert 0 < row["min"] <= row["p50"] <= row["p95"] <= row["p99"]
    machine = document["machine"]
    assert machine["cores"] >= 1
    assert {"load_1_min", "steal_percent", "packages"} <= machine.keys()


def test_the_budget_is_drawn_from_what_was_measured(tmp_path: Path) -> None:
    measured = ROOT / "benchmarks" / "results" / "pipeline.json"
    target = tmp_path / "budget.svg"
    run("benchmarks.budget", str(measured), "-o", str(target))
    drawing = ElementTree.parse(target).getroot()
    words = [text.text for text in drawing.iter(f"{SVG}text")]
    assert {"ears", "dreams", "main", "recorder", "next tick"} <= set(words)
    rows = {row["name"]: row for row in json.loads(measured.read_text())["rows"]}
    assert f"{rows['synthesis']['p50']:.1f}" in words
    widths = [float(bar.attrib["width"]) for bar in drawing.iter(f"{SVG}rect")]
    assert max(widths[1:]) == pytest.approx(17.0 * rows["synthesis"]["p50"], abs=0.1)
