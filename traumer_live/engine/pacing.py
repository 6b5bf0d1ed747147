"""When the audience's picture is drawn anew: once for every tick that was heard.

In: the newest thought's and the newest picture's show index, host time.  Out: draw now or wait.
Thread: the drawing one. No clock inside, so a test plays any hour of it.

Ticks come evenly, pictures do not: a generator on a busy machine takes 13 ms for one and 30 for
the next. Drawn at each tick with the newest picture there is, the intervals on the screen are those
of the ticks, every slot of a take gets its own drawing, and the look answers the sound before the
generator does. A picture is up to a tick older for it. One that just missed its tick is drawn when
it comes, or the next would push it out unseen. Where the generator answers almost at once (a
graphics card) it is waited for, and look and picture speak of the same moment.
"""

from __future__ import annotations

from traumer_live.core.types import TICK_RATE

# Without a new tick (sound lost, ears behind) the look still moves.
REDRAW_AFTER_S = 1.5 / TICK_RATE
PATIENCE_S = 0.008  # a picture that usually comes within this after its thought is waited for
_QUICK_S = 0.75 * PATIENCE_S
_PUNCTUAL = 0.7  # share of ticks with a new picture, above which one that is late is an exception
_FORGETTING = 0.1  # how much one answer or tick weighs against those before


class Pacing:
    """Remembers what was drawn when, and how fast the generator answers."""

    def __init__(self) -> None:
        self.steps = 1  # drawings a tick
        self._step = 0  # of the present tick's drawings, how many were made besides the first
        self._tick_at = 0.0  # when the first was made
        self._drawn_at = float("-inf")
        self._drawn: int | None = None  # the thought that was drawn
        self._seen: int | None = None  # the newest thought
        self._seen_at = 0.0
        self._answered: int | None = None  # the newest picture that was timed
        self._answer_s = PATIENCE_S  # from a thought to its picture, on average
        self._has_picture = True  # the last drawing showed a new one
        self._punctual = 0.0  # share of the last ticks that had a new picture

    def is_due(self, now_s: float, *, thought: int | None, picture: int | None) -> bool:
        """Whether to draw now; both indices are None where there is none (``picture``: no new)."""
        if thought != self._seen:
            self._seen, self._seen_at = thought, now_s
        self._time_answer(now_s, picture)
        if thought is None and picture is not None:
            return True
        if thought is None or thought == self._drawn:
            just_missed = picture is not None and not self._has_picture
            is_worth_it = just_missed and self._punctual > _PUNCTUAL
            is_between = thought is not None and self._is_between(now_s)
            return is_worth_it or is_between or now_s - self._drawn_at >= REDRAW_AFTER_S
        is_answered = picture is not None and picture >= thought
        return is_answered or not self._is_worth_waiting(now_s)

    @property
    def is_last(self) -> bool:
        """Whether all drawings of the present tick were made."""
        return self._step + 1 >= self.steps

    def is_other(self, thought: int | None) -> bool:
        """Whether a drawing with ``thought`` would be its tick's first."""
        return thought != self._drawn

    def drawn(self, now_s: float, *, thought: int | None, with_new_picture: bool) -> None:
        """It was drawn at ``now_s``, with this thought and perhaps a picture not shown before."""
        if thought == self._drawn and self._is_between(now_s):
            self._step += 1
            self._drawn_at = now_s
            return
        if thought != self._drawn:
            self._punctual += _FORGETTING * (with_new_picture - self._punctual)
            self._step, self._tick_at = 0, now_s
        self._drawn_at, self._drawn = now_s, thought
        self._has_picture = with_new_picture

    def _is_between(self, now_s: float) -> bool:
        """The next of the drawings between this tick and the one to come."""
        step = self._step + 1
        return step < self.steps and now_s - self._tick_at >= step / (self.steps * TICK_RATE)

    def _is_worth_waiting(self, now_s: float) -> bool:
        return self._answer_s < _QUICK_S and now_s - self._seen_at < PATIENCE_S

    def _time_answer(self, now_s: float, picture: int | None) -> None:
        """Learn from the picture of the newest thought; older ones say nothing of its time."""
        if picture is None or picture == self._answered or picture != self._seen:
            return
        self._answered = picture
        self._answer_s += _FORGETTING * (now_s - self._seen_at - self._answer_s)
