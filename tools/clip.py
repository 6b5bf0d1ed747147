"""Makes the short silent clip at the top of the README: some seconds of the demo, as it is shown.

    python -m tools.clip docs/images/clip.webp [--start 38] [--seconds 8]

In: the shipped models and the demo track.  Out: an animated WebP, small enough for a page. Run it
again whenever the generator, the mapping or the default look changes, and look at what came out.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image

from traumer_live.core.paths import data_file

SIZE = (400, 224)  # pixels
FPS = 15
QUALITY = 58  # of the WebP: paint hides the rest


def main() -> None:
    """Render the demo, keep a part of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--start", type=float, default=38.0, help="seconds into the demo")
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        movie = Path(folder) / "demo.mp4"
        words = ["render", data_file("assets/demo.opus"), "-o", movie]
        words += ["--size", "{}x{}".format(*SIZE), "--fps", FPS]
        command = [sys.executable, "-m", "traumer_live", *map(str, words)]
        subprocess.run(command, check=True)
        first, *others = list(pictures(movie, options.start, options.start + options.seconds))
    first.save(
        options.clip,
        save_all=True,
        append_images=others,
        duration=round(1000 / FPS),
        loop=0,
        quality=QUALITY,
        method=6,
    )
    print(f"{options.clip}: {options.clip.stat().st_size / 1e6:.2f} MB")


def pictures(movie: Path, start: float, end: float) -> Iterator[Image.Image]:
    """The frames between two times, in seconds."""
    with av.open(str(movie)) as container:
        for frame in container.decode(video=0):
            if start <= frame.time < end:
                yield frame.to_image()


if __name__ == "__main__":
    main()
