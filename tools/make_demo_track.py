"""Mix the demo track: six moods in eighty seconds, cut from freely licensed game music.

In: the unpacked Debian packages (below).  Out: assets/demo.opus.  Run again with:

    apt-get download wesnoth-1.16-music supertux-data
    for deb in *.deb; do dpkg-deb -x "$deb" packages; done
    python -m tools.make_demo_track packages assets/demo.opus

Every piece is GPL-2+ (assets/CREDITS.md names the authors), and so is the mix. Each is brought to
its loudness, begins on an attack of its own, and hands over by an equal-power crossfade: the new
piece's attack falls on the moment when the old one has just gone.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from traumer_live.audio.files import open_sound
from traumer_live.core.types import SHOW_RATE, Array

FADE_S = 1.5
OPENING_S = 0.05  # the first piece is there at once
ENDING_S = 4.0
SNAP_S = 0.6  # a cut may move so far to meet an attack
CEILING = 10 ** (-1.5 / 20)  # leaves room for what the codec adds
LOOKAHEAD = 240  # samples: 5 ms
BIT_RATE = 96_000
WESNOTH = "usr/share/games/wesnoth/1.16/data/core/music"
SUPERTUX = "usr/share/games/supertux2/music"


@dataclass(frozen=True)
class Passage:
    """What is taken from one piece."""

    path: str  # inside the unpacked packages
    attack: float  # s; near here the piece is first heard at full level
    length: float  # s, without the fades
    loudness: float  # LUFS; the mix has about -16, quiet moods a little less


PASSAGES = (
    Passage(f"{WESNOTH}/love_theme.ogg", attack=0.0, length=13.0, loudness=-18.0),
    Passage(f"{SUPERTUX}/antarctic/chipdisko.ogg", attack=20.0, length=14.0, loudness=-16.0),
    Passage(f"{WESNOTH}/vengeful.ogg", attack=118.0, length=13.0, loudness=-15.0),
    Passage(f"{WESNOTH}/nunc_dimittis.ogg", attack=196.0, length=9.0, loudness=-20.0),
    Passage(f"{SUPERTUX}/antarctic/bossattack.ogg", attack=60.0, length=13.0, loudness=-16.0),
    Passage(f"{WESNOTH}/traveling_minstrels.ogg", attack=28.0, length=14.0, loudness=-17.0),
)


def main() -> None:
    """Mix, limit, encode, and say how long and how loud it became."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path, help="folder the packages were unpacked into")
    parser.add_argument("track", type=Path, help="the .opus file to write")
    asked = parser.parse_args()
    track = limited(mix(asked.packages))
    encode(track, asked.track)
    seconds, peak = len(track) / SHOW_RATE, 20 * np.log10(np.abs(track).max())
    print(f"{asked.track}: {seconds:.1f} s, {loudness(track):.1f} LUFS, peak {peak:.1f} dBFS")


def mix(packages: Path) -> Array:
    """All passages one after the other, (n, 2)."""
    track = np.zeros((0, 2), np.float32)
    for number, passage in enumerate(PASSAGES):
        first, last = number == 0, number == len(PASSAGES) - 1
        sound = cut(decode(packages / passage.path), passage, first=first)
        sound *= 10 ** ((passage.loudness - loudness(sound)) / 20)
        fade_in(sound, OPENING_S if first else FADE_S)
        fade_in(sound[::-1], ENDING_S if last else FADE_S)
        track = overlap(track, sound, 0 if first else samples(FADE_S))
        print(f"{(len(track) - len(sound)) / SHOW_RATE:5.1f} s  {passage.path.split('/')[-1]}")
    return track


def decode(path: Path) -> Array:
    """The whole piece, (n, 2) at 48 kHz."""
    return np.concatenate(list(open_sound(path).blocks()))


def cut(sound: Array, passage: Passage, *, first: bool) -> Array:
    """The passage with room for its fades on both sides."""
    if first:
        start = audible(sound)
        return sound[start : start + samples(passage.length + FADE_S)].copy()
    attack = strongest_attack(sound, near=samples(passage.attack))
    start = attack - samples(FADE_S)
    return sound[start : attack + samples(passage.length + FADE_S)].copy()


def audible(sound: Array) -> int:
    """Where the piece is first louder than -40 dBFS."""
    return int(np.argmax(np.abs(sound).max(axis=1) > 0.01))


def strongest_attack(sound: Array, *, near: int) -> int:
    """The sample within SNAP_S of ``near`` where the energy rises most."""
    step = SHOW_RATE // 100
    start = max(near - samples(SNAP_S), 0)
    around = sound[start : near + samples(SNAP_S)].mean(axis=1)
    frames = around[: len(around) // step * step].reshape(-1, step)
    level = np.log((frames**2).mean(axis=1) + 1e-6)  # (frames,) of 10 ms
    rise = level[4:] - level[:-4]
    return start + (int(np.argmax(rise)) + 3) * step


def fade_in(sound: Array, seconds: float) -> None:
    """Sine ramp in place: together with its mirror image it keeps the power of unlike sounds."""
    n = samples(seconds)
    sound[:n] *= np.sin(np.linspace(0, np.pi / 2, n, dtype=np.float32))[:, None]


def overlap(before: Array, after: Array, shared: int) -> Array:
    """Both, of which ``shared`` samples sound together."""
    joint = len(before) - shared
    both = np.concatenate([before, np.zeros((len(after) - shared, 2), np.float32)])
    both[joint:] += after
    return both


def limited(sound: Array) -> Array:
    """No peak above the ceiling; the gain moves within 5 ms, before the peak comes."""
    peaks = np.abs(sound).max(axis=1)
    wanted = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-9))
    padded = np.pad(wanted, LOOKAHEAD, constant_values=1.0)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * LOOKAHEAD + 1)
    lowest = np.pad(windows.min(axis=1), LOOKAHEAD, mode="edge")
    shape = np.hanning(2 * LOOKAHEAD + 3)[1:-1]
    gain = np.convolve(lowest, shape / shape.sum(), mode="valid")
    return (sound * gain[:, None]).astype(np.float32)


def loudness(sound: Array) -> float:
    """Gated loudness in LUFS (ITU-R BS.1770)."""
    weighted = np.fft.irfft(
        np.fft.rfft(sound, axis=0) * k_weighting(len(sound))[:, None], len(sound), axis=0
    )
    block, hop = samples(0.4), samples(0.1)
    power = np.cumsum(np.pad((weighted**2).sum(axis=1), (1, 0)))
    blocks = (power[block::hop] - power[:-block:hop]) / block
    loud = blocks[blocks > lufs_to_power(-70)]
    loud = loud[loud > loud.mean() / 10]
    return float(-0.691 + 10 * np.log10(loud.mean()))


def lufs_to_power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def k_weighting(n: int) -> np.ndarray[tuple[int], np.dtype[np.complex128]]:
    """Response at the frequencies of an n-point real transform: head shelf, then high pass."""
    z = np.exp(-1j * np.linspace(0, np.pi, n // 2 + 1))  # one sample's delay
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high_pass = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    return shelf * high_pass


def encode(sound: Array, path: Path) -> None:
    """Opus in Ogg, with what players show."""
    with av.open(str(path), "w", format="opus") as container:
        container.metadata["title"] = "TräumerAI Live demo"
        container.metadata["copyright"] = "GPL-2.0-or-later; authors in CREDITS.md"
        stream = container.add_stream("libopus", rate=SHOW_RATE, layout="stereo")
        stream.bit_rate = BIT_RATE
        for start in range(0, len(sound), 960):
            packed = np.ascontiguousarray(sound[start : start + 960]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
            frame.sample_rate, frame.pts = SHOW_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def samples(seconds: float) -> int:
    return round(seconds * SHOW_RATE)


if __name__ == "__main__":
    main()
