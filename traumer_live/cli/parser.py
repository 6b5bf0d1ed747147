"""The words that ``traumer-live`` understands.

In: nothing.  Out: an argument parser.  Only the standard library is imported here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from traumer_live import __version__
from traumer_live.cli.kiosk_options import add_kiosk_flags
from traumer_live.cli.map_parser import add_map_command
from traumer_live.cli.measuring_parser import add_measuring_commands
from traumer_live.cli.models_parser import add_models_command
from traumer_live.cli.scenes_parser import add_scenes_command
from traumer_live.core.controls import CHOICES, RANGES

SIZE_LIMITS = (64, 7680)  # pixels; a movie's side
MISUSED = 2  # what programs end with when they were called wrongly


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of a command; the program ends with a sentence when they make no sense."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    options.words = tuple(sys.argv[1:] if arguments is None else arguments)
    if sentence := contradiction(options):
        parser.exit(MISUSED, f"{parser.prog}: {sentence}\n")
    return options


def contradiction(options: argparse.Namespace) -> str:
    """What would be passed over in silence, and what to do instead; empty when all is well."""
    raw = getattr(options, "record_raw", False) and options.record is None
    # The kiosk and its keys can begin a take later, bare frames included.
    if raw and options.command == "run":
        return "--record-raw says how to record, but nothing is recorded; add --record."
    if options.command == "run" and options.headless and options.fullscreen:
        return "--headless opens no window, so none can be fullscreen; leave one of them out."
    if options.command == "run" and options.headless and options.welcome:
        return "--headless opens no window for a --welcome; leave one of them out."
    if options.command == "run" and options.headless and options.small:
        return "--headless opens no window, so none can be small; leave one of them out."
    return ""


def build_parser() -> argparse.ArgumentParser:
    """The parser for all commands."""
    parser = argparse.ArgumentParser(
        prog="traumer-live",
        description="Listens to the music in the room and dreams pictures to it.",
    )
    parser.add_argument("--version", action="version", version=f"traumer-live {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands)
    _add_kiosk(commands)
    _add_settings(commands)
    _add_render(commands)
    _add_rerender(commands)
    add_map_command(commands)
    _add_label(commands)
    _add_fit(commands)
    add_models_command(commands)
    add_scenes_command(commands)
    add_measuring_commands(commands, add_models=_add_models, parse_size=parse_size)
    looks = commands.add_parser("looks", help="list the looks, or what can be turned in one")
    actions = looks.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="all looks, and where to put your own")
    actions.add_parser("show", help="the knobs of one look").add_argument("name", metavar="NAME")
    commands.add_parser("devices", help="list what can be captured: loopbacks and microphones")
    commands.add_parser("doctor", help="say what works on this machine, and what to do about it")
    return parser


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="open the studio, or run without a window (--headless)")
    _add_show(run)
    run.add_argument(
        "--headless", action="store_true", help="no window: draw offscreen, record if asked"
    )
    run.add_argument(
        "--demo",
        action="store_true",
        help="play the bundled track; without a display, leave a movie of it in ./out",
    )
    run.add_argument("--fullscreen", action="store_true", help="start with the output fullscreen")
    run.add_argument(
        "--welcome",
        action="store_true",
        help="show the welcome of the first start again: source, screen, ten seconds of measuring",
    )
    run.add_argument(
        "--small",
        action="store_true",
        help="listen along: start as a small window above all others; double-click: the studio",
    )


def _add_kiosk(commands: Any) -> None:
    kiosk = commands.add_parser("kiosk", help="the picture alone, fullscreen, without Qt")
    _add_show(kiosk)
    add_kiosk_flags(kiosk)


def _add_settings(commands: Any) -> None:
    shown = commands.add_parser(
        "settings", help="print what holds for run and kiosk, and where each value comes from"
    )
    _add_show(shown)
    add_kiosk_flags(shown)


def _add_render(commands: Any) -> None:
    render = commands.add_parser("render", help="turn a song into a movie")
    render.add_argument("song", type=Path, metavar="SONG", help="any sound or video file")
    render.add_argument("-o", "--output", type=Path, required=True, metavar="MOVIE")
    render.add_argument("--fps", type=_fps, default=30, help="frames a second (default 30)")
    render.add_argument(
        "--size", type=parse_size, default=(1280, 720), metavar="WxH", help="default 1280x720"
    )
    render.add_argument("--force", action="store_true", help="overwrite an existing movie")
    render.add_argument(
        "--set",
        action="append",
        metavar="controls.NAME=VALUE",
        help="any control by its name, as `traumer-live settings` lists them",
    )
    _add_models(render)
    _add_controls(render, presets=CHOICES["preset"])


def _add_label(commands: Any) -> None:
    label = commands.add_parser("label", help="choose pictures for clips of your own music")
    what = label.add_mutually_exclusive_group(required=True)
    what.add_argument("--music", type=Path, metavar="FOLDER", help="of your music")
    what.add_argument(
        "--import", dest="take_in", metavar="LABELS", help="add an export, or TräumerAI's labels"
    )
    what.add_argument("--export", type=Path, metavar="FILE.jsonl", help="write all labels out")
    label.add_argument("--force", action="store_true", help="overwrite an existing export")
    label.add_argument("--store", type=Path, metavar="FOLDER", help="default: your own labels")
    label.add_argument("--name", metavar="NAME", help="whose labels they are; for a new store")
    label.add_argument("--note", metavar="TEXT", help="kept with every label of this evening")
    label.add_argument("--generator", metavar="NAME|FILE", help="a StyleGAN2 or 3")
    label.add_argument("--encoder", metavar="NAME|FILE", help="a music tagger")
    label.add_argument("--seconds", type=_positive, metavar="N", help="end after N seconds")


def _add_fit(commands: Any) -> None:
    fit = commands.add_parser("fit", help="learn a mapping from your labels")
    fit.add_argument("--store", type=Path, metavar="FOLDER", help="default: your own labels")
    fit.add_argument("--generator", metavar="NAME|FILE", help="that the labels were made with")
    fit.add_argument("--encoder", metavar="NAME|FILE", help="that the labels were made with")
    fit.add_argument("-o", "--output", type=Path, required=True, metavar="PACK")
    fit.add_argument(
        "--start", metavar="NAME|FILE", help="an earlier mapping to begin the search at"
    )
    fit.add_argument(
        "--json", type=Path, metavar="FILE", help="write report and loss curve there too"
    )
    fit.add_argument("--force", action="store_true", help="overwrite existing files")


def _add_rerender(commands: Any) -> None:
    again = commands.add_parser(
        "rerender", help="paint a recorded night again from its session log, larger or otherwise"
    )
    again.add_argument("session", type=Path, metavar="SESSION", help="a .session file, or its take")
    again.add_argument(
        "-o", "--output", type=Path, metavar="MOVIE", help="default: beside the take"
    )
    again.add_argument(
        "--size", type=_height_or_size, default=1080, metavar="HEIGHT|WxH", help="default 1080"
    )
    again.add_argument("--fps", type=_fps, default=60, help="frames a second (default 60)")
    again.add_argument("--take", type=Path, metavar="MOVIE", help="where the sound is")
    again.add_argument("--force", action="store_true", help="overwrite an existing movie")
    again.add_argument(
        "--generator",
        metavar="NAME|FILE",
        help="another one, by its own mapping (or the night's, where it takes the same w)",
    )
    again.add_argument("--mapping", metavar="NAME|FILE", help="another mapping pack")
    again.add_argument("--backend", choices=("auto", "onnx", "openvino", "torch"), default="auto")
    again.add_argument("--threads", type=_threads, metavar="N", help="of the generator")


def _add_show(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="settings to read instead of your own"
    )
    command.add_argument(
        "--set",
        action="append",
        metavar="NAME=VALUE",
        help="any setting by its name, as `traumer-live settings` lists them",
    )
    command.add_argument(
        "--source",
        metavar="SOURCE",
        help="mic[:NAME], loopback[:SINK], file:PATH, tone or silence; "
        "default: the last one used, else what this machine plays, else a microphone",
    )
    command.add_argument("--seconds", type=_positive, metavar="N", help="end after N seconds")
    command.add_argument(
        "--record",
        nargs="?",
        const="",
        metavar="TARGET",
        help="keep a movie: a file, a folder, or a name with a time pattern such as %%H-%%M.mp4; "
        "alone: your videos folder",
    )
    command.add_argument(
        "--record-size",
        type=parse_size,
        metavar="WxH",
        help="of what the audience sees and of the take; default: 1280x720, or 640x360 where few "
        "cores must also encode",
    )
    command.add_argument(
        "--record-raw", action="store_true", help="record the generator's own frames instead"
    )
    command.add_argument(
        "--force", action="store_true", help="overwrite an existing recording or FILE.json"
    )
    command.add_argument(
        "--stats", type=Path, metavar="FILE.json", help="write what was measured when it ends"
    )
    command.add_argument(
        "--screen",
        choices=CHOICES["screen"],
        help="on a screen of another shape than the picture's: black bars, or cut edges",
    )
    command.add_argument("--scene", metavar="NAME", help="begin in a scene, by name or slot")
    command.add_argument("--hud", action="store_true", help="start with the status line shown")
    _add_models(command)
    _add_controls(command, presets=("paper", "live"))


def _add_models(command: argparse.ArgumentParser) -> None:
    command.add_argument("--generator", metavar="NAME|FILE", help="a StyleGAN2 or 3")
    command.add_argument(
        "--class",
        type=int,
        dest="class_index",
        metavar="N",
        help="which class a conditional generator paints, from 0; default: the mean of all",
    )
    command.add_argument(
        "--wide",
        action="store_true",
        help="paint 16:9 with a square StyleGAN, beyond the edges that it knows",
    )
    command.add_argument("--encoder", metavar="NAME|FILE", help="a music tagger")
    command.add_argument("--mapping", metavar="NAME|FILE", help="a mapping pack")
    command.add_argument(
        "--backend",
        choices=("auto", "onnx", "openvino", "openvino-bf16", "torch"),
        default="auto",
        help="what runs the generator; auto: the best of this machine, found while it plays",
    )
    command.add_argument(
        "--threads", type=_threads, metavar="N", help="of the generator; default: what suits it"
    )
    command.add_argument("--seed", type=int, help="of everything that is drawn by lot")


def _add_controls(command: argparse.ArgumentParser, *, presets: tuple[str, ...]) -> None:
    command.add_argument("--preset", choices=presets, help="how the music moves the picture")
    command.add_argument("--fit", choices=CHOICES["fit"], help="how squares fill the screen")
    command.add_argument("--look", metavar="NAME", help="see traumer-live looks list")
    command.add_argument(
        "--no-limiter", action="store_true", help="let flashes through that can cause seizures"
    )
    for name, option, what in (
        ("pulse_strength", "--pulse", "how strongly the beat shows"),
        ("truncation_psi", "--psi", "truncation, from the average picture to full variety"),
        ("noise_gain", "--noise", "the generator's own grain"),
    ):
        low, high = RANGES[name]
        command.add_argument(
            option, dest=name, type=float, metavar="N", help=f"{what}, {low:g} to {high:g}"
        )


def parse_size(text: str) -> tuple[int, int]:
    """``1280x720`` as (1280, 720), rounded to even numbers, as video needs."""
    width, _, height = text.lower().partition("x")
    low, high = SIZE_LIMITS
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x720")
    if not all(low <= side <= high for side in (int(width), int(height))):
        raise argparse.ArgumentTypeError(f"{text} is out of range; sides go from {low} to {high}")
    return int(width) // 2 * 2, int(height) // 2 * 2


def _height_or_size(text: str) -> tuple[int, int] | int:
    """``2160`` as a height, ``3840x2160`` as both sides."""
    if "x" in text.lower():
        return parse_size(text)
    return parse_size(f"{text}x{text}")[1]


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def _threads(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of threads from 1 to 64")
    return int(text)


def _fps(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 240:
        raise argparse.ArgumentTypeError(f"{text!r} is not a frame rate from 1 to 240")
    return int(text)
