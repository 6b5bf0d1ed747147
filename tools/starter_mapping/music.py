"""The collection: game music from Debian's packages, freely licensed, in many styles.

In: a cache folder.  Out: the pieces in it; the packages are fetched when they are missing.

Whatever is there already is kept, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from traumer_live.core.errors import SourceError

# Package -> folder of its music, and what its copyright file says of the music.
PACKAGES = {
    "wesnoth-1.16-music": ("usr/share/games/wesnoth", "GPL-2+"),
    "supertux-data": ("usr/share/games/supertux2/music", "CC-BY-SA / GPL-2+"),
    "hedgewars-data": ("usr/share/games/hedgewars/Data/Music", "GFDL-1.3 / GPL-2"),
    "extremetuxracer-data": ("usr/share/games/etr/music", "GPL-2+ / CC0"),
    "warzone2100-music": ("usr/share/games/warzone2100/music", "CC-BY-SA-3.0 / CC0 / GPL-2+"),
    "hyperrogue-music": ("usr/share", "CC-BY-SA"),
    "marsshooter-data": ("usr/share/games/marsshooter/audio", "CC-BY-SA"),
    "singularity-music": ("usr/share/games/singularity/music", "CC-BY-SA"),
    "planetblupi-music-ogg": ("usr/share", "GPL-3+"),
    "colobot-common-sounds": ("usr/share/games/colobot/music", "GPL-3+"),
    "trackballs-data": ("usr/share/games/trackballs/music", "GPL-2+"),
    "flare-game": ("usr/share/games/flare/mods/fantasycore/music", "CC-BY-SA-3.0"),
    "megaglest-data": ("usr/share/games/megaglest", "CC-BY-SA-3.0"),
    "asc-music": ("usr/share/games/asc/music", "GPL-2+"),
}
KINDS = (".ogg", ".opus", ".mp3", ".flac")
SMALLEST = 400_000  # bytes; shorter files are jingles
MOST = 20  # pieces of one package, so that no composer's style takes over


@dataclass(frozen=True)
class Piece:
    """One piece of the collection."""

    package: str
    path: Path

    @property
    def name(self) -> str:
        """Package and file, for people."""
        return f"{self.package}/{self.path.stem}"


def fetch(cache: Path) -> None:
    """Download and unpack the packages that are not in ``cache`` yet.

    Raises:
        SourceError: this is no Debian, or a package cannot be had.
    """
    missing = [package for package in PACKAGES if not (cache / package).is_dir()]
    if missing and not shutil.which("apt-get"):
        raise SourceError(
            f"The music packages {', '.join(missing)} are not in {cache} and there is no apt-get "
            "to fetch them; unpack each one into a folder of its name there."
        )
    for package in missing:
        _fetch(package, cache)


def _fetch(package: str, cache: Path) -> None:
    loading = cache / "loading"
    shutil.rmtree(loading, ignore_errors=True)
    loading.mkdir(parents=True)
    try:
        subprocess.run(["apt-get", "download", package], cwd=loading, check=True)
        (deb,) = loading.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", deb, loading / "content"], check=True)
    except (subprocess.CalledProcessError, ValueError) as error:
        raise SourceError(f"The package {package} could not be fetched; try it by hand.") from error
    (loading / "content").rename(cache / package)


def pieces(cache: Path) -> list[Piece]:
    """Up to MOST pieces of every package, evenly from its list."""
    found = []
    for package, (folder, _licence) in PACKAGES.items():
        files = sorted(filter(_is_music, (cache / package / folder).rglob("*")))
        unique = list({path.stem: path for path in files}.values())  # albums repeat tracks
        count = min(len(unique), MOST)
        found += [Piece(package, unique[k * len(unique) // count]) for k in range(count)]
    return found


def _is_music(path: Path) -> bool:
    """A sound file long enough; weather and footsteps lie among the music of some packages."""
    if path.suffix not in KINDS or path.stat().st_size < SMALLEST:
        return False
    return "sounds" not in path.parts and "ambient" not in path.stem
