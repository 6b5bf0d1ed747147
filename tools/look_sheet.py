"""A contact sheet of every look, on the demo and on painted pictures, to be looked at.

    python -m tools.look_sheet docs/images/looks.jpg

In: the shipped models and the demo track, the gallery (torch).  Out: a JPEG.  Every cell is the
last of a second and a half of the show, so that trails and swings look as for the audience.
"""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from tools.gallery.bristles import fresh_noise
from tools.gallery.painter import paint
from tools.gallery.underdrawing import underdrawing
from traumer_live.audio.files import open_sound
from traumer_live.core.controls import Controls
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings
from traumer_live.core.types import SAMPLES_PER_TICK, TICK_RATE, Pixels, Pulse
from traumer_live.engine.ears import Ears
from traumer_live.engine.models import load_models
from traumer_live.video.look import LookState
from traumer_live.video.looks import Library
from traumer_live.video.offscreen import Offscreen

CELL = (320, 180)
GAP, HEAD = 4, 22
LENGTH = 45  # ticks that a cell is the last of
MOMENT_S = 41.0  # of the demo
PICTURES = (0, 3)  # of the gallery's
PULSE = 0.6

Film = list[tuple[Pixels, Pulse]]


def main() -> None:
    """Paint the sheet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sheet", type=Path)
    options = parser.parse_args()
    played = demo()
    films = [played] + [[(p, pulse) for _, pulse in played] for p in gallery()]
    names = Library().names()
    rows = [row(name, films) for name in names]
    half = (len(rows) + 1) // 2
    size = rows[0].size
    sheet = Image.new("RGB", (2 * size[0] + 4 * GAP, half * (size[1] + GAP)), (14, 15, 18))
    for number, image in enumerate(rows):
        left = (number // half) * (size[0] + 4 * GAP)
        sheet.paste(image, (left, (number % half) * (size[1] + GAP)))
    options.sheet.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(options.sheet, quality=86)


def demo() -> Film:
    """A second and a half of the demo as the shipped generator sees it."""
    models = load_models(Settings())
    ears, controls = Ears(models, preset="live", seed=0), Controls()
    sound = np.concatenate(list(open_sound(data_file("assets/demo.opus")).blocks()))
    first = round(MOMENT_S * TICK_RATE) - LENGTH
    ticks = len(sound) // SAMPLES_PER_TICK
    heard = (
        ears.hear(sound[k * SAMPLES_PER_TICK : (k + 1) * SAMPLES_PER_TICK], controls)
        for k in range(ticks)
    )
    thoughts = [thought for thought in islice(heard, first + LENGTH) if thought][-LENGTH:]
    paint_one = models.generator.synthesize
    return [(paint_one(t.w_plus, noise_gain=t.noise_gain), t.pulse) for t in thoughts]


def gallery() -> list[Pixels]:
    """Some of the pictures that the generator is taught with."""
    torch.manual_seed(5)
    w = underdrawing().random_w(max(PICTURES) + 1)
    with torch.no_grad():
        pictures = paint(w, w, w, size=256, noise=fresh_noise(len(w)))
    colours = (pictures.permute(0, 2, 3, 1).numpy() * 255).clip(0, 255).astype(np.uint8)
    opaque = np.full((*colours.shape[:3], 1), 255, np.uint8)
    return [np.concatenate([colours[k], opaque[k]], -1) for k in PICTURES]


def row(name: str, films: list[Film]) -> Image.Image:
    """One look on every film, its name above."""
    width, height = CELL
    image = Image.new("RGB", (len(films) * (width + GAP), height + HEAD), (14, 15, 18))
    font = ImageFont.truetype(str(data_file("assets/fonts/DejaVuSansMono.ttf")), 13)
    ImageDraw.Draw(image).text((4, 3), name, font=font, fill=(231, 233, 238))
    for number, film in enumerate(films):
        image.paste(Image.fromarray(last(name, film)), (number * (width + GAP), HEAD))
    return image


def last(name: str, film: Film) -> Pixels:
    """What the audience sees at the end of ``film``, (height, width, 3), drawn twice as large."""
    with Offscreen((2 * CELL[0], 2 * CELL[1])) as stage:
        for number, (pixels, pulse) in enumerate(film):
            time_s = MOMENT_S + number / TICK_RATE
            look = LookState(look=name, pulse=pulse, pulse_strength=PULSE, time_s=time_s)
            seen = stage.render(pixels, look)
        if stage.renderer.problem:
            raise SystemExit(stage.renderer.problem)
    small = Image.fromarray(seen[..., :3]).resize(CELL, Image.Resampling.LANCZOS)
    return np.asarray(small)


if __name__ == "__main__":
    main()
