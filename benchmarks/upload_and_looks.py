"""What drawing costs: uploads, every look at several sizes, windows, reading back.

    python -m benchmarks.upload_and_looks [--rounds 40] [--json FILE] [--sizes 640x360 ...]

In: pictures that move as a generator's do, a context without a window.  Out: milliseconds each,
waited for until drawn.
Baselines: a copy in memory for the uploads, the bare picture for looks, one window for windows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import moderngl
import numpy as np

from benchmarks._report import Report, in_turn, options, write_json
from benchmarks.recorder import moving
from traumer_live.core.types import Pixels, Pulse
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import LookState, Size
from traumer_live.video.looks import BARE_LOOK, DEFAULT_LOOK
from traumer_live.video.looks import Library as LookLibrary
from traumer_live.video.presenter import Presenter
from traumer_live.video.readback import Readback
from traumer_live.video.renderer import Renderer

PICTURES = (256, 512, 1024)  # px, of generators
LIMITED = "the default look, flashes limited"
OUTPUTS = (1, 2, 4)  # windows
FADED = 20  # drawings after which the fade from the first look to its own is over
PULSE = Pulse(loudness=0.7, onset=0.4, bass=0.6, mid=0.5, treble=0.3)


def main() -> None:
    parser = options(__doc__, rounds=40)
    parser.add_argument("--sizes", nargs="*", default=["640x360"])
    chosen = parser.parse_args()
    ctx = standalone_context()
    device = str(ctx.info["GL_RENDERER"])
    reports = [uploads(ctx, device, chosen.rounds)]
    for text in chosen.sizes:
        width, height = map(int, text.split("x"))
        reports.append(looks(ctx, device, (width, height), chosen.rounds))
        reports.append(windows_and_readback(ctx, device, (width, height), chosen.rounds))
    release_standalone(ctx)
    write_json(chosen.json, {"reports": [report.finish() for report in reports]})


def uploads(ctx: moderngl.Context, device: str, rounds: int) -> Report:
    """RGBA and RGB to a texture."""
    report = Report("upload, milliseconds a picture", device=device)
    for side in PICTURES:
        rgba = picture(side)
        rgb = np.ascontiguousarray(rgba[..., :3])
        there = np.empty_like(rgba)
        whole, part = ctx.texture((side, side), 4), ctx.texture((side, side), 3, alignment=1)
        tasks: dict[str, Callable[[], object]] = {
            f"{side} px, copy in memory": lambda a=there, b=rgba: np.copyto(a, b),
            f"{side} px, RGBA": lambda t=whole, p=rgba: _finished(ctx, t, p),
            f"{side} px, RGB": lambda t=part, p=rgb: _finished(ctx, t, p),
        }
        for name, times in in_turn(tasks, rounds).items():
            report.add(name, times)
        whole.release()
        part.release()
    report.compare(f"{PICTURES[0]} px, copy in memory")
    return report


def _finished(ctx: moderngl.Context, texture: moderngl.Texture, pixels: Pixels) -> None:
    texture.write(pixels)
    ctx.finish()


def looks(ctx: moderngl.Context, device: str, size: Size, rounds: int) -> Report:
    """Every look of the library, a fresh picture each time as in a show."""
    report = Report(f"looks at {size[0]}x{size[1]}, milliseconds a drawing", device=device)
    pictures = moving((256, 256))
    names = [*LookLibrary().names(), LIMITED]
    renderers = {name: Renderer(ctx, size) for name in names}
    tasks = {name: _drawing(ctx, renderer, name, pictures) for name, renderer in renderers.items()}
    for name, times in in_turn(tasks, rounds, warm_up=FADED).items():
        report.add(name, times)
    report.compare(BARE_LOOK)
    for renderer in renderers.values():
        renderer.release()
    return report


def _drawing(
    ctx: moderngl.Context, renderer: Renderer, look: str, pictures: list[Pixels]
) -> Callable[[], None]:
    moments = _moments()
    plain = LookState(
        look=DEFAULT_LOOK if look == LIMITED else look,
        pulse=PULSE,
        pulse_strength=0.6,
        limit_flashes=look == LIMITED,
    )

    def state(time_s: float) -> LookState:
        return replace(plain, time_s=time_s)

    def draw() -> None:
        time_s = next(moments)
        renderer.upload(pictures[round(time_s * 30) % len(pictures)])
        renderer.draw(state(time_s))
        ctx.finish()

    return draw


def _moments() -> Iterator[float]:
    frame = 0
    while True:
        yield frame / 30
        frame += 1


def windows_and_readback(ctx: moderngl.Context, device: str, size: Size, rounds: int) -> Report:
    """Presenting to more windows, and reading back at once or a frame late."""
    report = Report(f"outputs of {size[0]}x{size[1]}, milliseconds", device=device)
    renderer, presenter = Renderer(ctx, size, bicubic=False), Presenter(ctx)
    renderer.upload(picture(256))
    renderer.draw(LookState())
    textures = [ctx.texture(size, 4) for _ in range(max(OUTPUTS))]
    targets = [ctx.framebuffer([texture]) for texture in textures]
    late = Readback(ctx, size)

    def present(count: int) -> None:
        for target in targets[:count]:
            presenter.show(renderer.texture, target, size)
        ctx.finish()

    tasks: dict[str, Callable[[], object]] = {
        f"{count} window{'s' * (count > 1)}": lambda n=count: present(n) for count in OUTPUTS
    }
    tasks["read back at once"] = lambda: renderer.framebuffer.read(components=4)
    tasks["read back a frame late"] = lambda: late.exchange(renderer.framebuffer, 0)
    for name, times in in_turn(tasks, rounds).items():
        report.add(name, times)
    report.compare("1 window")
    late.release()
    presenter.release()
    renderer.release()
    for thing in (*targets, *textures):
        thing.release()
    return report


def picture(side: int, seed: int = 0) -> Pixels:
    """Noise (side, side, 4)."""
    noise = np.random.default_rng(seed).integers(0, 256, (side, side, 4), dtype=np.uint8)
    noise[..., 3] = 255
    return noise


if __name__ == "__main__":
    main()
