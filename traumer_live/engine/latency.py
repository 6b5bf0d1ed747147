"""How long a click takes to become a pixel: the running show, watched at both of its ends.

In: a Show whose source hears clicks.  Out: for every click when it was played, when it came from
the sound system (the ring), when a pixel changed because the look answered, and when one that the
generator made for it was drawn.  Thread: the one that owns the OpenGL context; the ring's end is
noted on the capture's own thread.

A pixel counts when it is finished in the texture that windows present. Scan-out is the monitor's.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from traumer_live.audio.capture import Capture, SourceSpec, open_capture
from traumer_live.audio.capture.synthetic import SyntheticCapture
from traumer_live.audio.capture.types import Health, OnBlock, OnLost, SourceInfo
from traumer_live.audio.listener import Listener
from traumer_live.core.clock import host_time
from traumer_live.core.types import SHOW_RATE, Array, Pixels
from traumer_live.engine.screen import Screen
from traumer_live.engine.show import Show
from traumer_live.video.gl import release_standalone, standalone_context
from traumer_live.video.look import Size

BLOCK = SHOW_RATE // 200  # samples: 5 ms, of what is played
CLICK = SHOW_RATE // 50  # samples: 20 ms of noise
QUIET_S = 4.0  # before the first click: the show's clock settles
PAUSE_S = (0.9, 1.5)  # between clicks, by lot: they shall meet ticks at every phase
LOUD = 0.25  # a sample above this is the click
FRESH_S = 0.4  # silence before a loud sample that makes it a click
ANSWER_S = 0.6  # within which an answer belongs to its click
POLL_S = 0.001
_STEP = 4  # every fourth pixel is looked at
_CHANGE = 0.6  # grey levels on average that surely are a change
_ABOVE_QUIET = 2.0  # times the most that changes in the silence before: the idle picture drifts
_QUIET_S = 0.3  # of that silence
_ONSET = 0.2  # of the pulse that was drawn; without one it was not the look that answered


@dataclass(frozen=True)
class Drawing:
    """What one drawing of the screen showed, against the drawing before."""

    at_s: float  # host time at which it was finished
    onset: float  # of the pulse that was drawn
    changed: float  # mean difference of the screen's pixels, in grey levels
    made: float | None  # the same of the generator's picture; None when it is the old one


@dataclass(frozen=True)
class Click:
    """One click's way; host times in seconds, None for what was never seen."""

    ring_s: float
    played_s: float | None
    look_s: float | None
    picture_s: float | None


def click_track(seed: int = 0) -> Iterator[tuple[Array, bool]]:
    """Blocks (240, 2) for ever, and whether a click begins with each."""
    random = np.random.default_rng(seed)
    noise = random.uniform(-0.9, 0.9, (CLICK, 1)).astype(np.float32)
    noise[0] = 0.9  # the very first sample is loud
    click = np.repeat(noise, 2, axis=1).reshape(-1, BLOCK, 2)
    silence = np.zeros((BLOCK, 2), np.float32)
    pause_s = QUIET_S
    while True:
        for _ in range(round(pause_s * SHOW_RATE / BLOCK)):
            yield silence, False
        for number, block in enumerate(click):
            yield block, number == 0
        pause_s = random.uniform(*PAUSE_S)


def click_source() -> SyntheticCapture:
    """The clicks as a source of their own, where there is no sound system to play them into."""
    info = SourceInfo(SourceSpec("silence"), "clicks")
    return SyntheticCapture(info, lambda: (block for block, _ in click_track()), channels=2)


class ClickPlayer:
    """Writes the clicks into something on a thread of its own, and notes when each was taken."""

    def __init__(self, write: Callable[[Array], None]) -> None:
        self.played: list[float] = []
        self.trouble: Exception | None = None
        self._write = write
        self._quit = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clicks", daemon=True)

    def start(self) -> None:
        """Begin with some silence."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present block."""
        self._quit.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        try:
            for block, begins in click_track():
                if self._quit.is_set():
                    return
                self._write(block)
                if begins:
                    self.played.append(host_time())
        except Exception as error:  # noqa: BLE001  (the thread's edge: the main thread tells it)
            self.trouble = error


class Ear:
    """Listens in where blocks come from the sound system, and notes when a click does."""

    def __init__(self, now: Callable[[], float] = host_time) -> None:
        self.heard: list[float] = []
        self._now = now
        self._quiet_since = float("-inf")

    def opener(self, open_it: Callable[[SourceSpec], Capture]) -> Callable[[SourceSpec], Capture]:
        """``open_it``, with this ear at what it opens."""

        def opened(spec: SourceSpec) -> Capture:
            return _Overheard(open_it(spec), self)

        return opened

    def note(self, block: Array) -> None:
        """Take ``block`` (n, channels) as it comes."""
        if not (np.abs(block) > LOUD).any():
            return
        now = self._now()
        if now - self._quiet_since > FRESH_S:
            self.heard.append(now)
        self._quiet_since = now


class _Overheard:
    """A capture whose blocks pass an ear on their way."""

    def __init__(self, capture: Capture, ear: Ear) -> None:
        self._capture, self._ear = capture, ear

    @property
    def info(self) -> SourceInfo:
        return self._capture.info

    @property
    def sample_rate(self) -> int:
        return self._capture.sample_rate

    @property
    def channels(self) -> int:
        return self._capture.channels

    @property
    def finished(self) -> bool:
        return self._capture.finished

    def open(self, on_block: OnBlock, on_lost: OnLost) -> None:
        def passed_on(block: Array) -> None:
            on_block(block)
            self._ear.note(block)

        self._capture.open(passed_on, on_lost)

    def close(self) -> None:
        self._capture.close()

    def health(self) -> Health:
        return self._capture.health()


def overhear(show: Show, ear: Ear, open_it: Callable[[SourceSpec], Capture] = open_capture) -> None:
    """Put ``ear`` at the source of ``show``; before it is started."""
    show.listener = Listener(show.listener.spec, opener=ear.opener(open_it))


def watch(
    show: Show,
    *,
    size: Size,
    until: Callable[[], bool],
    tell: Callable[[str], None] = lambda _sentence: None,
) -> list[Drawing]:
    """Draw the running ``show`` until ``until()``, and look at every drawing.

    Raises:
        DisplayError: there is no OpenGL at all.
    """
    ctx = standalone_context()
    screen = Screen(show, ctx, size)
    watcher = PixelWatch(screen)
    try:
        while not until():
            if screen.refresh(time.monotonic()):
                watcher.look(show.thought.pulse.onset if show.thought else 0.0)
            else:
                time.sleep(POLL_S)
            for notice in show.notices.drain():
                tell(notice)
    finally:
        screen.close()
        release_standalone(ctx)
    return watcher.drawings


class PixelWatch:
    """Compares each drawing with the one before."""

    def __init__(self, screen: Screen, now: Callable[[], float] = host_time) -> None:
        self.drawings: list[Drawing] = []
        self._screen = screen
        self._now = now
        self._last: Pixels | None = None
        self._picture: Pixels | None = None

    def look(self, onset: float) -> None:
        """Read what was just drawn, with the onset of the pulse that it answers."""
        width, height = self._screen.size
        raw = np.frombuffer(self._screen.texture.read(), np.uint8)  # waits for the drawing
        at_s = self._now()
        pixels = raw.reshape(height, width, -1)[::_STEP, ::_STEP, :3]
        picture = self._screen.picture
        made = None if picture is self._picture else _difference(picture, self._picture)
        self.drawings.append(Drawing(at_s, onset, _difference(pixels, self._last), made))
        self._last, self._picture = pixels, picture


def _difference(a: Pixels | None, b: Pixels | None) -> float:
    if a is None or b is None or a.shape != b.shape:
        return 0.0
    return float(np.abs(a.astype(np.int16) - b).mean())


def traced(
    heard: Sequence[float], drawings: Sequence[Drawing], played: Sequence[float] = ()
) -> list[Click]:
    """Each click that came, with what was played before it and drawn after it."""
    clicks = []
    for ring_s in heard:
        before = [d for d in drawings if ring_s - _QUIET_S < d.at_s <= ring_s]
        after = [d for d in drawings if ring_s < d.at_s <= ring_s + ANSWER_S]
        written = [at for at in played if ring_s - ANSWER_S < at <= ring_s]
        clicks.append(
            Click(
                ring_s=ring_s,
                played_s=written[-1] if written else None,
                look_s=_first(after, _limit([d.changed for d in before]), of_look=True),
                picture_s=_first(after, _limit([d.made for d in before]), of_look=False),
            )
        )
    return clicks


def _limit(quiet: Sequence[float | None]) -> float:
    """What counts as a change, given how much changed in the silence before."""
    return _CHANGE + _ABOVE_QUIET * max((q for q in quiet if q is not None), default=0.0)


def _first(drawings: Sequence[Drawing], limit: float, *, of_look: bool) -> float | None:
    for drawing in drawings:
        by_look = of_look and drawing.onset > _ONSET and drawing.changed > limit
        by_generator = not of_look and drawing.made is not None and drawing.made > limit
        if by_look or by_generator:
            return drawing.at_s
    return None


def spans_ms(clicks: Sequence[Click], start: str, end: str) -> list[float]:
    """Milliseconds between two moments of every click that has both."""
    pairs = [(getattr(click, start), getattr(click, end)) for click in clicks]
    return [1e3 * (b - a) for a, b in pairs if a is not None and b is not None]
