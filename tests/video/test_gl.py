from __future__ import annotations

import os
import subprocess
import sys

import moderngl
import pytest

from traumer_live.video.gl import is_software

NO_GL = """
from traumer_live.core.errors import DisplayError
from traumer_live.video.offscreen import Offscreen
try:
    Offscreen((32, 32))
except DisplayError as error:
    print(error)
"""


def test_without_opengl_one_sentence_says_what_to_install() -> None:
    hidden = {"GLCONTEXT_LINUX_LIBEGL": "none.so", "GLCONTEXT_LINUX_LIBGL": "none.so"}
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux lets a test hide the libraries")
    done = subprocess.run(
        [sys.executable, "-c", NO_GL],
        env={**os.environ, **hidden},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert "install a graphics driver" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.gl
def test_mesas_software_drawing_is_recognised(ctx: moderngl.Context) -> None:
    assert is_software(ctx) == any(
        name in ctx.info["GL_RENDERER"].lower() for name in ("llvmpipe", "softpipe", "swiftshader")
    )
