"""Draws where the milliseconds of a tick go, thread by thread, from what pipeline.py measured.

    python -m benchmarks.pipeline --json pipeline.json
    python -m benchmarks.budget pipeline.json -o docs/images/frame-budget.svg

In: that JSON.  Out: an SVG. Bars are medians, thin lines reach to p95. Each thread begins when the
one before has handed over: the generator paints tick k while the screen already shows the look of
tick k over the picture of tick k - 1.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

TICK_MS = 1000 / 30
LONGEST_MS = 40.0
LANES = ("ears", "dreams", "main", "recorder")
COLOURS = {
    "ears": "#3a7ca5",
    "synthesis": "#c8553d",
    "upload and look": "#588157",
    "read back": "#8f7a2e",
    "encode the take": "#6d597a",
}
LEFT, TOP, LANE, BAR, SCALE = 90, 62, 46, 24, 17.0  # px; SCALE: px a millisecond
FONT = 'font-family="DejaVu Sans, Helvetica, sans-serif"'


@dataclass(frozen=True)
class Bar:
    """One stage on the lane of its thread, in milliseconds after the tick."""

    lane: str
    stage: str
    start: float
    p50: float
    p95: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("measured", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    chosen = parser.parse_args()
    document = json.loads(chosen.measured.read_text(encoding="utf-8"))
    chosen.output.write_text(drawn(document), encoding="utf-8")


def bars(rows: dict[str, dict[str, Any]]) -> list[Bar]:
    """When each stage of one tick runs."""

    def bar(lane: str, stage: str, start: float) -> Bar:
        return Bar(lane, stage, start, rows[stage]["p50"], rows[stage]["p95"])

    ears = bar("ears", "ears", 0.0)
    heard = ears.start + ears.p50
    look = bar("main", "upload and look", heard)
    back = bar("main", "read back", look.start + look.p50)
    return [
        ears,
        bar("dreams", "synthesis", heard),
        look,
        back,
        bar("recorder", "encode the take", back.start + back.p50),
    ]


def drawn(document: dict[str, Any]) -> str:
    """The SVG."""
    rows = {row["name"]: row for row in document["rows"]}
    found = bars(rows)
    height = TOP + LANE * len(LANES) + 62
    width = LEFT + round(LONGEST_MS * SCALE) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" {FONT}>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(12, 22, "One tick of the show: 33.3 ms", size=15, weight="bold"),
        _text(12, 42, _about(document), size=11, colour="#555555"),
        *_grid(),
        *(part for bar in found for part in _bar(bar)),
        *_legend(height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _about(document: dict[str, Any]) -> str:
    machine = document["machine"]
    return (
        f"{machine['processor']}, {document['device']}, {document['size']}; bars: median, thin "
        f"lines: 95 of 100; {machine['busy_cores']} cores busy in all while measuring"
    )


def _grid() -> list[str]:
    bottom = TOP + LANE * len(LANES)
    parts = []
    for ms in range(0, int(LONGEST_MS) + 1, 5):
        x = LEFT + ms * SCALE
        parts.append(f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#e4e4e4"/>')
        parts.append(_text(x, bottom + 16, f"{ms}", size=11, anchor="middle", colour="#555555"))
    x = LEFT + TICK_MS * SCALE
    parts.append(f'<path d="M{x:.1f} {TOP - 8}V{bottom}" stroke="#222222" stroke-dasharray="4 3"/>')
    parts.append(_text(x + 5, TOP - 2, "next tick", size=11))
    for number, lane in enumerate(LANES):
        parts.append(_text(LEFT - 10, TOP + LANE * number + 28, lane, size=13, anchor="end"))
    return parts


def _bar(bar: Bar) -> list[str]:
    x, y = LEFT + bar.start * SCALE, TOP + LANE * LANES.index(bar.lane) + (LANE - BAR) / 2
    end, late = x + bar.p50 * SCALE, LEFT + min(bar.start + bar.p95, LONGEST_MS) * SCALE
    colour, middle = COLOURS[bar.stage], y + BAR / 2
    parts = [
        f'<path d="M{end:.1f} {middle}H{late:.1f}" stroke="{colour}" stroke-width="2"/>',
        f'<rect x="{x:.1f}" y="{y}" width="{max(end - x, 1.5):.1f}" height="{BAR}" '
        f'fill="{colour}"/>',
    ]
    if bar.p50 * SCALE > 44:  # px: room for the number
        number = f"{bar.p50:.1f}"
        parts.append(
            _text((x + end) / 2, middle + 4, number, size=12, anchor="middle", colour="#ffffff")
        )
    return parts


def _legend(height: int) -> list[str]:
    parts, x = [], float(LEFT)
    for stage, colour in COLOURS.items():
        parts.append(
            f'<rect x="{x:.0f}" y="{height - 26}" width="12" height="12" fill="{colour}"/>'
        )
        parts.append(_text(x + 17, height - 16, stage, size=12))
        x += 34 + 7.4 * len(stage)
    parts.append(_text(LEFT + LONGEST_MS * SCALE, height - 16, "ms", size=11, anchor="end"))
    return parts


def _text(
    x: float,
    y: float,
    words: str,
    *,
    size: int,
    anchor: str = "start",
    colour: str = "#222222",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'font-weight="{weight}" fill="{colour}">{escape(words)}</text>'
    )


if __name__ == "__main__":
    main()
