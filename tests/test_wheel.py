"""A wheel built here and installed elsewhere runs the same, from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import av
import pytest

from tests.conftest import ROOT
from tests.models import SmallModels
from tests.waiting import PATIENCE_S
from traumer_live import __version__

DATA = ("shaders", "models", "assets")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment of its own, which borrows only the libraries of this one."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    programs = home / ("Scripts" if sys.platform == "win32" else "bin")
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", str(programs / "python")]
    install = [*pip, "install", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # A path in a .pth file is searched, but .pth files in it are not read: the checkout, which is
    # installed there in place, stays out of sight.
    (site_packages(home) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return programs


def site_packages(home: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))


def run(program: Path, *arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [str(program), *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_carries_program_data_and_licence(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in DATA:
        wanted = {f"traumer_live/_data/{folder}/{name}" for name in files_in(ROOT / folder)}
        assert wanted <= names
    assert "traumer_live/_data/assets/CREDITS.md" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "tools/", "benchmarks/"))]


def test_the_installed_program_finds_its_own_data(programs: Path, tmp_path: Path) -> None:
    code = "from traumer_live.core.paths import data_file; print(data_file('assets/demo.opus'))"
    answer = run(programs / "python", "-c", code, folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    found = Path(answer.stdout.strip())
    assert programs.parent in found.parents
    assert found.read_bytes() == (ROOT / "assets" / "demo.opus").read_bytes()


def test_the_installed_command_knows_its_version(programs: Path, tmp_path: Path) -> None:
    answer = run(programs / "traumer-live", "--version", folder=tmp_path)
    assert answer.stdout.strip() == f"traumer-live {__version__}"


@pytest.mark.gl
def test_the_installed_show_runs(
    programs: Path,
    tmp_path: Path,
    small_models: SmallModels,
) -> None:
    take = tmp_path / "take.mp4"
    answer = run(
        programs / "traumer-live",
        *("run", "--headless", "--source", "silence", "--seconds", 0.5, "--record", take),
        *("--record-size", "128x72", *small_models.options()),
        folder=tmp_path,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    with av.open(str(take)) as movie:
        assert sum(1 for _ in movie.decode(video=0)) > 0
