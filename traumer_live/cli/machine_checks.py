"""What ``doctor`` looks at on the machine: Python, processor, OpenGL, display, sound, disk.

In: nothing but this machine.  Out: findings.  Thread: main.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from traumer_live import __version__
from traumer_live.audio.capture import SourceInfo, list_sources
from traumer_live.cli.findings import Finding, Mark, ask, ask_python
from traumer_live.core.cores import usable_cores
from traumer_live.core.paths import cache_dir, config_dir, videos_dir
from traumer_live.video.encoders import probe_hardware_encoder

ENOUGH_CORES = 4
LITTLE_DISK_GB = 5.0  # about three hours of takes

# The context is made where a crash of the driver is only an answer.
_OPENGL = """
from traumer_live.video.gl import is_software, standalone_context
ctx = standalone_context()
print("software" if is_software(ctx) else "hardware")
print(ctx.info["GL_RENDERER"])
print(ctx.info["GL_VERSION"])
"""
_QT = "from PyQt6 import QtOpenGLWidgets, QtWidgets"
_MONITORS = """
import glfw
from traumer_live.core.errors import DisplayError
from traumer_live.kiosk.surface import require_display
try:
    require_display()
except DisplayError as error:
    raise SystemExit(str(error))
for monitor in glfw.get_monitors():
    name, mode = glfw.get_monitor_name(monitor), glfw.get_video_mode(monitor)
    name = name.decode(errors="replace") if isinstance(name, bytes) else name
    print(f"{name} ({mode.size.width}x{mode.size.height})")
"""


def check_program() -> Iterator[Finding]:
    """Versions, processor, and what the programs stand on."""
    yield Finding(
        Mark.GOOD,
        "program",
        f"traumer-live {__version__}, Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()} on {platform.machine()}",
    )
    cores = usable_cores()
    if cores >= ENOUGH_CORES:
        yield Finding(Mark.GOOD, "processor", f"{cores} cores")
    else:
        yield Finding(
            Mark.FAIR,
            "processor",
            f"{cores} cores",
            "Few: pictures and takes are 640x360 unless --record-size says otherwise.",
        )


def check_opengl() -> Iterator[Finding]:
    """Whether pictures can be drawn, and by what."""
    answer = ask_python(_OPENGL)
    if not answer.worked:
        yield Finding(
            Mark.BAD,
            "OpenGL",
            f"no OpenGL 3.3 ({answer.text})",
            "Install a graphics driver, or Mesa's (Debian: libegl1 libgl1-mesa-dri).",
            essential=True,
        )
        return
    kind, renderer, gl_version = answer.text.splitlines()[:3]
    text = f"{renderer}, OpenGL {gl_version}"
    if kind == "hardware":
        yield Finding(Mark.GOOD, "OpenGL", text)
    else:
        advice = "The processor draws: keep windows small, or install a graphics driver."
        yield Finding(Mark.FAIR, "OpenGL", text, advice)


def check_display() -> Iterator[Finding]:
    """Whether windows can be opened, and on which monitors."""
    answer = ask_python(_MONITORS)
    if answer.worked and answer.text:
        yield Finding(Mark.GOOD, "display", ", ".join(answer.text.splitlines()))
    else:
        yield Finding(
            Mark.FAIR,
            "display",
            answer.text or "no monitor is connected",
            "Without windows: traumer-live run --headless --record FILE.mp4, or render.",
        )


def check_studio() -> Iterator[Finding]:
    """Whether Qt loads with all its libraries."""
    try:
        installed = version("PyQt6")
    except PackageNotFoundError:
        yield Finding(Mark.FAIR, "studio", "PyQt6 is not installed", "pip install PyQt6")
        return
    answer = ask_python(_QT)
    if answer.worked:
        yield Finding(Mark.GOOD, "studio", f"PyQt6 {installed}")
    else:
        advice = "Install the library it names (README, system packages); kiosk runs without Qt."
        yield Finding(
            Mark.FAIR, "studio", f"PyQt6 {installed} does not load: {answer.text}", advice
        )


def check_gpu() -> Iterator[Finding]:
    """An NVIDIA card, which makes large pictures possible."""
    if not shutil.which("nvidia-smi"):
        advice = "Not needed for 256 pixels; an NVIDIA card with its driver makes larger ones live."
        yield Finding(Mark.FAIR, "GPU", "no NVIDIA driver", advice)
        return
    asked = "--query-gpu=name,driver_version,memory.total"
    answer = ask(["nvidia-smi", asked, "--format=csv,noheader"])
    if answer.worked:
        yield Finding(Mark.GOOD, "GPU", "; ".join(answer.text.splitlines()))
    else:
        advice = "Reinstall the NVIDIA driver, or restart after an update."
        yield Finding(Mark.FAIR, "GPU", f"nvidia-smi fails: {answer.text}", advice)


def check_sound() -> Iterator[Finding]:
    """What can be captured."""
    sources = list_sources()
    loopbacks = [source for source in sources if source.spec.kind == "loopback"]
    microphones = [source for source in sources if source.spec.kind == "mic"]
    if not sources:
        yield Finding(
            Mark.FAIR,
            "sound",
            "nothing to capture",
            "Start PipeWire or PulseAudio, or connect a microphone; files play without.",
        )
    elif not loopbacks:
        yield Finding(
            Mark.FAIR,
            "sound",
            f"{_named(microphones, 'microphone')}, no loopback",
            "To hear what this machine plays, see the README on loopback.",
        )
    else:
        both = (_named(loopbacks, "loopback"), _named(microphones, "microphone"))
        yield Finding(Mark.GOOD, "sound", ", ".join(words for words in both if words))


def check_movie_encoder() -> Iterator[Finding]:
    """What writes takes."""
    import av

    hardware = probe_hardware_encoder()
    if hardware:
        yield Finding(Mark.GOOD, "encoder", f"{hardware} (tried), FFmpeg by PyAV {av.__version__}")
    elif "libx264" in av.codecs_available:
        yield Finding(
            Mark.FAIR,
            "encoder",
            f"libx264 on the processor, PyAV {av.__version__}; no hardware encoder works",
            "Fine for 1280x720 with four cores; with fewer keep to 640x360.",
        )
    else:
        advice = "Install PyAV from its wheel: pip install --force-reinstall av"
        yield Finding(Mark.BAD, "encoder", "no H.264 encoder: nothing can be recorded", advice)


def check_disk() -> Iterator[Finding]:
    """Room for takes, and folders that can be written."""
    folder = _existing(videos_dir())
    free = shutil.disk_usage(folder).free / 1e9
    text = f"{free:.1f} GB free for takes in {videos_dir()}"
    if free >= LITTLE_DISK_GB:
        yield Finding(Mark.GOOD, "disk", text)
    else:
        yield Finding(Mark.FAIR, "disk", text, "Make room, or record elsewhere: --record FOLDER.")
    for needed in (videos_dir(), config_dir(), cache_dir()):
        if not os.access(_existing(needed), os.W_OK):
            advice = "Give yourself the right to write there."
            yield Finding(Mark.FAIR, "disk", f"{needed} cannot be written to", advice)


CHECKS = (
    check_program,
    check_opengl,
    check_display,
    check_studio,
    check_gpu,
    check_sound,
    check_movie_encoder,
    check_disk,
)


def _named(sources: list[SourceInfo], what: str) -> str:
    """``2 loopbacks (default: Built-in Audio)``."""
    if not sources:
        return ""
    default = next((s.description for s in sources if s.is_default), None)
    count = f"{len(sources)} {what}" + ("s" if len(sources) > 1 else "")
    return f"{count} (default: {default})" if default else count


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
