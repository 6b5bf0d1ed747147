"""Contact sheets and a walk.  In: a Subject, a folder.  Out: pictures and a movie in it."""

from __future__ import annotations

import math
from pathlib import Path

import av
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.evidence.subject import Subject
from tools.gallery.bristles import fresh_noise
from tools.gallery.painter import paint
from tools.gallery.sheets import save_sheet
from tools.gallery.underdrawing import underdrawing

WALK_S = 20
FPS = 30
STOPS = 8  # random pictures that the walk passes, back to the first


def contact_sheets(subject: Subject, folder: Path, name: str) -> None:
    """64 random pictures, truncation, style mixing, and 64 pictures of the gallery."""
    w = subject.w(64)
    save(subject.pictures(subject.everywhere(w)), folder / f"{name}-random.jpg")
    centre = subject.network.mapping.w_avg
    truncated = torch.cat([centre + psi * (w[:8] - centre) for psi in (0.5, 0.7, 1.0)])
    save(subject.pictures(subject.everywhere(truncated)), folder / f"{name}-truncation.jpg")
    mixed = subject.everywhere(w[:8]).repeat(4, 1, 1)  # columns share the composition
    mixed[:, subject.rows(1)] = w[8:12].repeat_interleave(8, 0)[:, None]  # rows share the touch
    mixed[:, subject.rows(2)] = w[16:48][:, None]  # every picture has its own palette
    save(subject.pictures(mixed), folder / f"{name}-mixing.jpg")
    others = underdrawing().random_w(64).split(8)
    gallery = [paint(v, v, v, size=subject.config.resolution, noise=fresh_noise(8)) for v in others]
    save(torch.cat(gallery), folder / "gallery.jpg")


def save(pictures: Tensor, path: Path) -> None:
    """A sheet at half size."""
    save_sheet(F.avg_pool2d(pictures, 2), path)


def walk(subject: Subject) -> Tensor:  # (frames, w_dim)
    """A closed path through random w that never stops: cubic (Catmull-Rom) between the stops."""
    stops = subject.w(STOPS)
    at = torch.arange(WALK_S * FPS) / (WALK_S * FPS) * STOPS
    k, t = at.long(), (at - at.floor())[:, None]
    a, b, c, d = (stops[(k + shift) % STOPS] for shift in (-1, 0, 1, 2))
    bends = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    return b + ((c - a) * t + bends) / 2


def walk_movie(subject: Subject, path: Path) -> tuple[float, float]:
    """Write the walk; returns the median and the largest change between frames.

    A change is the root mean square difference of the pictures, in levels of 0..255.
    """
    steps: list[float] = []
    last: Tensor | None = None
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=FPS, options={"crf": "23"})
        stream.width = stream.height = subject.config.resolution
        stream.pix_fmt = "yuv420p"
        for part in walk(subject).split(10):
            for picture in subject.pictures(subject.everywhere(part)):
                pixels = (picture * 255 + 0.5).byte().permute(1, 2, 0).contiguous().numpy()
                movie.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
                if last is not None:
                    steps.append(255 * math.sqrt(float((picture - last).square().mean())))
                last = picture
        movie.mux(stream.encode())
    return float(torch.tensor(steps).median()), max(steps)
