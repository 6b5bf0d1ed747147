"""The running show: threads for ears and dreams, a recorder when asked, and how to ask.

In: settings, models, a source of sound.  Out: the newest Frame and Thought for whoever draws.
Thread: made and stopped by the main thread; ``ears``, ``dreams`` and ``tweens`` start here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from traumer_live.audio.capture import SourceSpec
from traumer_live.audio.listener import Listener
from traumer_live.audio.preamp import Preamp
from traumer_live.audio.ring import Overrun
from traumer_live.core.clock import host_time
from traumer_live.core.controls import ControlBoard
from traumer_live.core.errors import OutputError, TraumerError
from traumer_live.core.mailbox import Latest
from traumer_live.core.priority import stand_back
from traumer_live.core.settings import Settings
from traumer_live.core.stats import Stats
from traumer_live.core.types import (
    SAMPLES_PER_TICK,
    SHOW_RATE,
    TICK_RATE,
    Array,
    Frame,
    Pixels,
    Pulse,
)
from traumer_live.engine.dreamer import Dreamer
from traumer_live.engine.ears import Ears, Moment, Thought
from traumer_live.engine.models import Models, device
from traumer_live.engine.rest import ASLEEP_NAP_S, Effort, Rest, is_turn
from traumer_live.engine.session_log import Header, SessionLog
from traumer_live.engine.shown import Shown
from traumer_live.engine.status import Notices, RecordingStatus, ShowStatus
from traumer_live.engine.switching import Companion, Crossfade, Following, ReadTick, check, prepare
from traumer_live.engine.tween import Tween, resized
from traumer_live.engine.why import Reasons
from traumer_live.latent.levels import Level
from traumer_live.video.qualities import TakeWish
from traumer_live.video.recorder import Recorder

POLL_S = 0.004  # how often ears look what came, at least; a tenth of a tick
LATE_POLL_S = 0.002  # the same while a tick is due and its sound has not come
CATCH_UP_TICKS = 5 * TICK_RATE  # after a longer stall the sound in between is skipped
LIMITER_SEEN_S = 1.5  # how long it is told that the flash limiter acted
ERROR_PAUSE_S = 0.5  # a stage that fails rests this long before it tries again


class Show:
    """Hears and dreams on threads of its own until stopped."""

    teaching = ""  # what is being learnt beside the show, as its status tells

    def __init__(self, settings: Settings, models: Models, source: SourceSpec) -> None:
        self.controls = ControlBoard(settings.controls)
        self.stats = Stats()
        self.notices = Notices()
        self.frames: Latest[Frame] = Latest()
        self.thought: Thought | None = None  # the newest; one reference, so never half a thought
        self.listener, self.preamp, self.rest = Listener(source), Preamp(), Rest()
        self.recorder: Recorder | None = None
        self.mapping_share: float | None = None  # of a mapping that is made beside the show
        self.take_wish = TakeWish(settings.record_quality, settings.record_hardware)
        self._records_raw = False
        self._log: SessionLog | None = None  # beside the take
        self._changing_take = threading.RLock()
        self._models = self._next_models = models
        self._ears = Ears(models, preset=settings.controls.preset, seed=settings.seed)
        self._seed = settings.seed
        self._switching = threading.Lock()  # of what is handed to the ears
        self._following: Latest[Following] = Latest()  # models that ears take up between ticks
        # The present models with another mapping, and with another seed.
        self._remapped, self._reseeded = Latest[Models](), Latest[int]()
        self._companions: list[Companion] = []
        self._painted: tuple[Models, Frame] | None = None  # the last picture, and by whom
        self._fade: Crossfade | None = None
        self._thoughts: Latest[tuple[Thought, Models]] = Latest()
        self._dreamer = Dreamer(self.notices.tell)
        self._tween, self._reasons, self.shown = Tween(), Reasons(), Shown()
        self._ticks: Latest[int] = Latest()  # for tweens, while pictures are key frames
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(name, step), name=name, daemon=True)
            for name, step in (
                ("ears", self._listen),
                ("dreams", self._dream),
                ("tweens", self._tween_keys),
            )
        ]
        self.limited_at_s = float("-inf")  # host time at which the flash limiter last acted
        self._source_notice = ""  # the last one that was passed on
        self._heard = self._complete = 0  # show time up to which ears heard, up to which sound is

    def start(self) -> None:
        """Open the source and begin.

        Raises:
            SourceError: the source cannot be opened.
        """
        self.listener.start()
        for thread in self._threads:
            thread.start()
        for companion in self._companions:
            companion.follow(self._models)

    def stop(self) -> None:
        """End the take, what works beside the show, the threads and the source, in that order."""
        self.stop_recording()
        for companion in self._companions:
            companion.stop()
        self._stopping.set()
        self._thoughts.close()
        self._ticks.close()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        self.listener.stop()

    def __enter__(self) -> Show:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def finished(self) -> bool:
        """The source is a file, and all of it was heard."""
        return self.listener.finished and self._heard + SAMPLES_PER_TICK > self._complete

    @property
    def delay_s(self) -> dict[Level, float]:
        """How late each level of the picture speaks of the music, in seconds."""
        return self._ears.delay_s

    @property
    def models(self) -> Models:
        """What hears and paints now."""
        return self._models

    @property
    def next_models(self) -> Models:
        """What plays within a tick or two: that which was switched to last."""
        return self._next_models

    @property
    def lately(self) -> tuple[Moment, ...]:
        """What was heard in the last ten seconds, tick by tick, the newest last."""
        return tuple(self._ears.lately)

    def accompany(self, companion: Companion) -> None:
        """Let ``companion`` work beside the show, from its start to its end."""
        self._companions.append(companion)

    def switch_source(self, source: SourceSpec) -> None:
        """Listen to something else; the picture goes on.

        Raises:
            SourceError: it cannot be opened; the old source goes on.
        """
        self.listener.switch(source)

    def switch_models(self, models: Models) -> None:
        """Go on with other models, without a gap in sound or picture.

        They are warmed up on the calling thread, which takes about a second, so let it not be that
        of a window; then the show takes them up between two ticks and fades to their pictures.

        Raises:
            ModelError: these models cannot take over; the old ones go on.
        """
        check(models, self._models, raw_take=self.recorder is not None and self._records_raw)
        following = prepare(
            models,
            self._models,
            heard=lambda: self._heard,
            read=self._read_again(),
            controls=lambda: self.controls.played,
            seed=self._seed,
            start_of=self._dreamer.start_of,
        )
        with self._switching:
            if following.start is not None:
                self._dreamer.expect(following.start)
            self._following.put(following)
            self._next_models = models
        for companion in self._companions:
            companion.follow(models)

    def change_mapping(self, models: Models) -> None:
        """Go over to the mapping of ``models``, softly; nothing if others play by then.

        ``models`` are the present ones, or those that were just switched to, with another transfer.
        """
        with self._switching:
            if models.encoder is self._next_models.encoder:
                self._remapped.put(models)
                self._next_models = models

    @property
    def seed(self) -> int:
        """Of everything that is drawn by lot."""
        return self._seed

    def change_seed(self, seed: int) -> None:
        """Draw lots anew: another walk in silence, other directions of the pulse."""
        self._seed = seed  # models that are switched to begin with it
        self._reseeded.put(seed)

    def start_recording(
        self, target: str | Path, *, size: tuple[int, int], force: bool = False, raw: bool = False
    ) -> None:
        """Begin a take of ``size`` (width, height); ``raw`` takes bare generator frames.

        Raises:
            OutputError: the file cannot be written.
        """
        with self._changing_take:
            if raw:
                size = self._models.generator.info.size
            self.stop_recording()
            start = self._heard
            recorder = Recorder(
                target,
                size,
                start_index=start,
                read_sound=self._read_sound,
                sound_ready=lambda: self._heard,
                force=force,
                sound_lost=Overrun,
                encoder=self.take_wish.encoder(),
            )
            recorder.start()
            if recorder.note:
                self.notices.tell(recorder.note)
            self._records_raw = raw
            self.recorder = recorder
            self._begin_log(recorder, start, size, raw=raw)

    def stop_recording(self) -> None:
        """End the take, if there is one, and make it an ordinary file."""
        with self._changing_take:
            recorder = self.recorder
            if recorder is not None:
                frames = recorder.stop().frames
                log, self._log = self._log, None
                if log is not None:
                    log.close(frames)
                self.recorder = None  # only now: who sees None finds a finished file
                self._note_recorder(recorder)

    def offer(self, pixels: Pixels, sample_index: int) -> None:
        """Hand a picture as the audience sees it to the take, if one is running."""
        recorder = self.recorder
        if recorder is not None and not self._records_raw:
            recorder.offer(pixels, sample_index)

    @property
    def wants_pixels(self) -> bool:
        """A take of what the audience sees is running, so it must be read back."""
        return self.recorder is not None and not self._records_raw

    def watch_recorder(self) -> None:
        """Let a take go that ended by itself (disk full), and tell why; never waits for it."""
        recorder = self.recorder
        if recorder is None:
            return
        status = recorder.status()
        if status.error and not status.running:
            self.stop_recording()

    def status(self) -> ShowStatus:
        """One look at everything that windows display."""
        thought = self.thought
        heard = thought.heard if thought else None
        self.watch_recorder()
        return ShowStatus(
            fps=self.stats.recent_fps(),
            p95_ms=self.stats.recent_p95_ms(),
            dropped=self.frames.dropped,
            source=self.listener.description,
            source_state=self.listener.state,
            pulse=heard.pulse if heard else Pulse(),
            tags=heard.tags if heard else (),
            delay_s=self.delay_s,
            recording=self._recording_status(),
            limiting=host_time() - self.limited_at_s < LIMITER_SEEN_S,
            safe=self.controls.now.safe,
            device=device(self._dreamer.info or self._models.generator.info),
            rung=self._dreamer.rung,
            mapping_share=self.mapping_share,
            teaching=self.teaching,
            why=self._reasons.why(self._models, self.lately),
            preamp=self.preamp.state,
        )

    def report(self) -> dict[str, object]:
        """Everything measured so far, as ``--stats`` writes it."""
        counters = self.listener.counters
        for name in ("overruns", "filled", "late_discarded"):
            self.stats.counters[f"audio.{name}"] = getattr(counters, name)
        self.stats.counters["frames.dropped"] = self.frames.dropped
        return self.stats.report(
            delay_s={str(level): late for level, late in self.delay_s.items()},
            source=self.listener.description,
            device=device(self._dreamer.info or self._models.generator.info),
            rung=self._dreamer.rung,
        )

    # -- the threads ---------------------------------------------------------------------------

    def _run(self, name: str, step: Callable[[], None]) -> None:
        """Repeat ``step`` until the show ends; its errors become notices, the picture stays."""
        if name == "dreams":
            stand_back()  # on a machine with too much to do pictures suffer, never sound
        while not self._stopping.is_set():
            try:
                step()
            except TraumerError as error:
                self.notices.tell(str(error))
                self._stopping.wait(ERROR_PAUSE_S)
            except Exception as error:  # noqa: BLE001  (the thread's edge: a bug must not end the show)
                self.notices.tell(f"The {name} stage failed ({error!r}); the show goes on.")
                self._stopping.wait(ERROR_PAUSE_S)
            self.stats.thread_cpu(name)

    def _listen(self) -> None:
        with self.stats.stage("capture"):
            self._complete = self.listener.pump()
        self._pass_on(self.listener.notice)
        self._take_up()
        now = self.listener.clock.index_at(host_time()) - round(self._held_s * SHOW_RATE)
        due = min(self._complete, now)
        if due - self._heard > CATCH_UP_TICKS * SAMPLES_PER_TICK:
            self._skip(due)
        thought, before = None, self._heard
        thinks = self.effort != "drowsy" or is_turn(before, due)
        while due - self._heard >= SAMPLES_PER_TICK and not self._stopping.is_set():
            # Of ticks that come late together only the last asks the tagger: that is most of the
            # work, and the pulse must catch up.
            is_last = due - self._heard < 2 * SAMPLES_PER_TICK
            thought = self._hear_tick(fresh=is_last and thinks) or thought
        if thought is None:
            self._stopping.wait(self._until_due())
            return
        self.thought = thought
        effort = self.effort  # anew: the first sound wakes a drowsy show
        if effort == "asleep" or (effort == "drowsy" and not is_turn(before, self._heard)):
            return
        self._thoughts.put((thought, self._models))
        if self._dreamer.keyed:
            self._ticks.put(thought.sample_index)

    @property
    def effort(self) -> Effort:
        """What this moment is worth; a take is always worth everything."""
        return "full" if self.recorder is not None else self.rest.effort

    def _until_due(self) -> float:
        """Seconds to sleep: until the next tick, or a moment where its sound is late."""
        if self.effort == "asleep":
            return ASLEEP_NAP_S
        due_at = self.listener.clock.host_at(self._heard + SAMPLES_PER_TICK) + self._held_s
        left = due_at - host_time()
        if left <= 0:
            return LATE_POLL_S
        return left if self.effort == "drowsy" else min(left, POLL_S)

    @property
    def _held_s(self) -> float:
        """How much later than it comes sound shall be heard, and with it everything be seen."""
        return max(self.controls.now.latency_ms, 0.0) / 1000

    def _take_up(self) -> None:
        """Cut over to the models that are ready, if there are any."""
        with self._switching:  # both at once: a mapping may be for models that follow
            following, remapped = self._following.take(), self._remapped.take()
        if following is not None:
            try:
                following.hear_until(self._heard, self.controls.played)
            except Exception:
                with self._switching:  # these go on, unless others come already
                    if self._next_models.encoder is following.models.encoder:
                        self._next_models = self._models
                raise
            following.ears.go_on_from(self._ears)
            self._ears, self._models = following.ears, following.models
        if remapped is not None and remapped.encoder is self._models.encoder:
            self._ears.change_transfer(remapped.transfer)
            self._models = remapped
        seed = self._reseeded.take()
        if seed is not None:
            self._ears.change_seed(seed)

    def _read_again(self) -> ReadTick:
        """Reads ticks of the past, each (1600, 2), as the ears heard them; silence where gone."""
        preamp = Preamp()

        def read(start: int) -> Array:
            try:
                sound = self.listener.ring.read(start, SAMPLES_PER_TICK)
            except Overrun:
                sound = np.zeros((SAMPLES_PER_TICK, 2), np.float32)
            return preamp.push(sound, self.controls.played)

        return read

    def _pass_on(self, notice: str) -> None:
        """Tell what became of the source, each time that it happens."""
        if notice != self._source_notice:
            self._source_notice = notice
            if notice:
                self.notices.tell_again(notice)

    def _hear_tick(self, *, fresh: bool) -> Thought | None:
        try:
            sound = self.listener.ring.read(self._heard, SAMPLES_PER_TICK)  # (1600, 2)
        except Overrun as lapped:
            self._skip(lapped.oldest + SHOW_RATE)
            return None
        self._heard += SAMPLES_PER_TICK
        with self.stats.stage("ears"):
            controls = self.controls.played
            thought = self._ears.hear(self.preamp.push(sound, controls), controls, fresh=fresh)
        self._take_lesson()
        if thought is not None:
            self.rest.heard(thought.pulse.loudness, thought.sample_index)
        log = self._log
        if log is not None:
            log.hear(self._ears, self._models)
        return thought

    def _take_lesson(self) -> None:
        """The noise of the room is learned, or could not be."""
        lesson = self.preamp.take_lesson()
        if lesson is not None and lesson.floor:
            self.controls.change(noise_floor=lesson.floor, gate=True)
        elif lesson is not None:
            self.notices.tell_again(lesson.why_not)

    def _skip(self, index: int) -> None:
        lost = (index - self._heard) // SAMPLES_PER_TICK
        self.stats.count("audio.skipped_ticks", lost)
        self._heard += lost * SAMPLES_PER_TICK
        self._ears.skip_to(self._heard)

    def _dream(self) -> None:
        item = self._thoughts.take(timeout=0.2)
        if item is None or self.controls.now.frozen:
            return
        thought, models = item
        pixels = self._dreamer.first_of(models)
        if pixels is None:
            with self.stats.stage("synthesis"):
                pixels = self._dreamer.paint(
                    thought.w_plus, thought.noise_gain, models, time.monotonic()
                )
        self.shown.add(thought.sample_index, thought.w_plus, pixels, models.generator)
        self.stats.count("frames.made")
        seen = self._seen()
        if self._dreamer.keyed:
            frame = Frame(pixels, thought.sample_index)
            self._tween.key(frame, self._heard, seen=seen, lasts_s=self._dreamer.expected_s)
            self._painted, self._fade = (models, frame), None
        else:
            frame = Frame(self._faded(pixels, thought.sample_index, models), thought.sample_index)
            self._painted = models, frame
            self._tween.forget()
            self._hand_out(frame)

    def _tween_keys(self) -> None:
        """Between key frames: what is seen at this tick."""
        now = self._ticks.take(timeout=0.2)
        if now is None or self.controls.now.frozen:
            return
        frame = self._tween.at(now)
        if frame is not None:
            self._hand_out(frame)

    def _hand_out(self, frame: Frame) -> None:
        """To whoever draws, and to a take of bare pictures, which never change their size."""
        self.frames.put(frame)
        recorder = self.recorder
        if recorder is not None and self._records_raw:
            size = self._models.generator.info.size
            recorder.offer(resized(frame.pixels, size), frame.sample_index)

    def _seen(self) -> Frame | None:
        """The picture of this moment; None before the first."""
        painted = self._painted[1] if self._painted is not None else None
        return self._tween.at(self._heard) or painted

    def _faded(self, pixels: Pixels, index: int, models: Models) -> Pixels:
        """``pixels``, or on their way from other models, another size, or key frames."""
        if self._is_other(pixels, models) or self._tween.at(self._heard) is not None:
            last = self._seen()
            assert last is not None
            self._fade = Crossfade(last.pixels, index - SAMPLES_PER_TICK)
        if self._fade is not None and self._fade.done(index):
            self._fade = None
        return pixels if self._fade is None else self._fade.mix(pixels, index)

    def _is_other(self, pixels: Pixels, models: Models) -> bool:
        """Whether the last picture was of other models, or of another size."""
        if self._painted is None:
            return False
        by, last = self._painted
        # A switch always brings an encoder of its own; with another mapping alone w fades.
        return by.encoder is not models.encoder or last.pixels.shape != pixels.shape

    # -- the take ------------------------------------------------------------------------------

    def _read_sound(self, start: int, count: int) -> Array:
        return self.listener.ring.read(start, count)

    def _begin_log(
        self, recorder: Recorder, start: int, size: tuple[int, int], *, raw: bool
    ) -> None:
        """A take is worth having without its log, so trouble with that is only told."""
        take = recorder.status().path
        try:
            self._log = SessionLog(take, Header(take.name, start, size, raw), self.notices.tell)
        except OutputError as error:
            self.notices.tell(str(error))

    def _note_recorder(self, recorder: Recorder) -> None:
        status = recorder.status()
        self.stats.count("frames.repeated", status.repeated)
        self.stats.add_cpu("recorder", status.cpu_s)
        if status.error:
            self.notices.tell(status.error)
        else:
            self.notices.tell(f"Recorded {status.path} ({status.seconds:.0f} s).")

    def _recording_status(self) -> RecordingStatus | None:
        recorder = self.recorder
        if recorder is None:
            return None
        status = recorder.status()
        return RecordingStatus(status.path, status.seconds, status.bytes / 1e6, status.repeated)
