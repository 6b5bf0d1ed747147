"""Bringing picture and sound together: the beat foreseen, and a disc to adjust by.

In: pulses, the latency offset.  Out: pulses as they will be; the disc's picture of this moment.
Thread: the drawing one.

Pictures that wait are the ears' doing (`Show`): they hear later, and everything follows. Pictures
that shall come sooner need a future. A steady beat has one, and so has a click each second.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from traumer_live.core.types import SHOW_RATE, Pixels, Pulse
from traumer_live.engine.mind import Thought
from traumer_live.video.look import LookState

CLICK_EVERY_S = 1.0
FLASH_S = 0.1
REST_S = 0.4  # after a flash: whatever plays, there are never more than three a second
ATTACK = 0.5  # of an onset, that is taken for a click
DISC_LOOK = LookState(fit="fit", limit_flashes=True)
_SIZE = (360, 640)  # pixels, height and width
_DISC, _RING = 0.22, 0.30  # radius, of the height; the disc is a seventh of the picture


def foreseen(pulse: Pulse, seconds: float) -> Pulse:
    """``pulse`` with its beat as it will stand in so many seconds, if the tempo goes on."""
    if seconds <= 0 or pulse.tempo <= 0:
        return pulse
    return replace(pulse, beat_phase=(pulse.beat_phase + seconds * pulse.tempo / 60.0) % 1.0)


class FlashDisc:
    """Lights up with every attack that is heard: with the click, or the offset needs adjusting."""

    def __init__(self) -> None:
        self._dark, self._lit = _drawn(lit=False), _drawn(lit=True)
        self._attack_at: int | None = None  # show time of the last attack
        self._flash_at = -SHOW_RATE  # show time of the last flash
        self.heard_at: int | None = None  # the last attack, for whoever tells that none come

    def picture(self, thought: Thought | None, latency_ms: float) -> Pixels:
        """The disc (360, 640, 4) at this thought."""
        if thought is None:
            return self._dark
        now = thought.sample_index
        rests = now - self._flash_at < REST_S * SHOW_RATE
        if thought.pulse.onset > ATTACK and not self._is_echo(now):
            self._attack_at = self.heard_at = now
            if latency_ms >= 0 and not rests:
                self._flash_at = now
        elif latency_ms < 0 and self._attack_at is not None and not rests:
            ahead_s = CLICK_EVERY_S + latency_ms / 1000
            if now - self._attack_at >= ahead_s * SHOW_RATE:
                self._flash_at, self._attack_at = now, None
        return self._lit if 0 <= now - self._flash_at < FLASH_S * SHOW_RATE else self._dark

    def _is_echo(self, now: int) -> bool:
        """The onset of one attack is seen at several ticks."""
        return self.heard_at is not None and now - self.heard_at < REST_S * SHOW_RATE


def _drawn(*, lit: bool) -> Pixels:
    height, width = _SIZE
    y, x = np.mgrid[:height, :width]
    radius = np.hypot(y - (height - 1) / 2, x - (width - 1) / 2)
    ring = np.clip(2.0 - np.abs(radius - _RING * height), 0.0, 1.0) * 0.35
    disc = np.clip(_DISC * height - radius + 0.5, 0.0, 1.0) * (1.0 if lit else 0.06)
    grey = np.round(255 * np.maximum(ring, disc)).astype(np.uint8)
    card = np.repeat(grey[..., None], 4, axis=2)
    card[..., 3] = 255
    return card
