"""From what was heard to what shall be dreamt: one object for shows, movies and nights repainted.

In: a Heard and the Controls of one tick.  Out: a Thought.  Thread: that of the ears.

    embedding ─ transfer ─ idle ─ levels ─ truncation ─┐
    pulse ────────────────────────────────── modulation

Everything here follows from what it was told: ``recent`` keeps so many ticks that another mind
which is told them again thinks the same to the last bit. A session log is written from that.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from traumer_live.core.controls import Controls
from traumer_live.core.types import TICK_RATE, Array, Pulse
from traumer_live.latent.idle import BEFORE_THE_SHOW, IdleDrift
from traumer_live.latent.level_transfer import AnyTransfer
from traumer_live.latent.levels import LEVELS, Level
from traumer_live.latent.modulation import Modulation
from traumer_live.latent.smoothing import StyleSmoother, preset_kernels
from traumer_live.latent.transfer_fade import TransferFade
from traumer_live.latent.truncation import truncate
from traumer_live.synthesis.generator import Generator

# The longest average looks back 12 s when it is slowed down to a quarter, and each w in it may come
# from mappings that faded for 2 s.
REMEMBERED_TICKS = 16 * TICK_RATE


@dataclass(frozen=True)
class Heard:
    """What one tick of sound meant, before smoothing."""

    sample_index: int  # show time of the newest sample
    pulse: Pulse
    tags: tuple[tuple[str, float], ...]  # the strongest, with their probability
    embedding: Array  # (e_dim,)
    confidence: float | None = None  # 0..1, how well labels cover it; None: the mapping cannot say


@dataclass(frozen=True)
class Thought:
    """What shall be dreamt at one tick."""

    heard: Heard
    w_plus: Array  # (num_ws, w_dim)
    noise_gain: float

    @property
    def sample_index(self) -> int:
        """Show time of the newest sample that this thought knows."""
        return self.heard.sample_index

    @property
    def pulse(self) -> Pulse:
        """The fast path at this tick."""
        return self.heard.pulse


@dataclass(frozen=True)
class State:
    """What a mind begins with."""

    transfer: AnyTransfer
    seed: int
    preset: str
    sigma: Array | None = None  # (w_dim,) along which the pulse sways; None: that of the transfer
    idle: tuple[float, int] = BEFORE_THE_SHOW


@dataclass(frozen=True)
class Told:
    """Everything that a mind was told for one tick, in the order in which it is told."""

    before: State  # before any of it
    seed: int | None  # another one from this tick on
    transfer: tuple[AnyTransfer, int] | None  # another mapping, from this show time on
    heard: Heard
    controls: Controls


class Mind:
    """Thinks in w_plus, tick by tick."""

    def __init__(self, state: State, generator: Generator, *, input_delay_s: float = 0.0) -> None:
        """``input_delay_s`` is the lag of the embeddings, which the preset "centred" takes back."""
        info = generator.info
        self._generator = generator
        self._preset = state.preset
        self._newest_transfer = state.transfer
        self._transfer = TransferFade(state.transfer)
        self._sigma = state.transfer.sigma if state.sigma is None else state.sigma
        self._sow(state.seed, state.idle)
        self._smoother = StyleSmoother(
            preset_kernels(state.preset, encoder_delay_s=input_delay_s),
            num_ws=info.num_ws,
            w_dim=info.w_dim,
            level_sizes=info.level_sizes,
        )
        self._waiting: deque[Heard] = deque()
        self._before: State | None = None  # what is about to change since the last tick
        self._new_seed: int | None = None
        self._new_transfer: tuple[AnyTransfer, int] | None = None
        self.recent: deque[Told] = deque(maxlen=REMEMBERED_TICKS)

    @property
    def smoothing_s(self) -> dict[Level, float]:
        """How late each level speaks of what was heard, in seconds."""
        return {level: self._smoother.delay_s[level] for level in LEVELS}

    @property
    def lookahead(self) -> int:
        """Ticks that a thought comes after its sound; 0 for every preset that can run live."""
        return self._smoother.lookahead

    def think(self, heard: Heard, controls: Controls) -> Thought | None:
        """The thought of this tick; None while a centred kernel still waits."""
        before = self._before or self._state()
        self.recent.append(Told(before, self._new_seed, self._new_transfer, heard, controls))
        self._before = self._new_seed = self._new_transfer = None
        if controls.preset != self._preset:
            self._preset = controls.preset
            self._smoother.change(preset_kernels(controls.preset))
        self._waiting.append(heard)
        w = self._transfer(heard.embedding, heard.sample_index)
        if self._preset != "paper":
            w = self._idle.stray(w, controls.drift, self._generator.w_avg, heard.sample_index)
            w = self._idle.blend(w, heard.pulse.loudness, heard.sample_index)
        self._smoother.hurry(_speeds(controls))
        w_plus = self._smoother.push(w, heard.sample_index)
        return None if w_plus is None else self._conclude(w_plus, controls)

    def again(self, told: Told) -> Thought | None:
        """Think what another mind was told, after everything that it was told before."""
        if told.seed is not None:
            self.change_seed(told.seed)
        if told.transfer is not None:
            self.change_transfer(*told.transfer)
        return self.think(told.heard, told.controls)

    def finish(self, controls: Controls) -> list[Thought]:
        """The thoughts still owed when the sound has ended."""
        return [self._conclude(w_plus, controls) for w_plus in self._smoother.finish()]

    def change_transfer(self, transfer: AnyTransfer, sample_index: int) -> None:
        """Go over to another mapping of the same embeddings to the same generator, softly."""
        self._before = self._before or self._state()
        self._new_transfer = (transfer, sample_index)
        self._newest_transfer = transfer
        self._transfer.change(transfer, sample_index)

    def change_seed(self, seed: int) -> None:
        """Walk and sway elsewhere from now on; the averages over time make it soft."""
        self._before = self._before or self._state()
        self._new_seed = seed
        self._sow(seed, self._idle.state)

    def _state(self) -> State:
        return State(self._newest_transfer, self._seed, self._preset, self._sigma, self._idle.state)

    def _sow(self, seed: int, idle: tuple[float, int]) -> None:
        info = self._generator.info
        self._seed = seed
        self._idle = IdleDrift(self._generator.map, z_dim=info.z_dim, seed=seed)
        self._idle.state = idle
        self._modulation = Modulation(
            self._sigma, num_ws=info.num_ws, seed=seed, level_sizes=info.level_sizes
        )

    def _conclude(self, w_plus: Array, controls: Controls) -> Thought:
        heard = self._waiting.popleft()
        strength = 0.0 if controls.preset == "paper" else controls.pulse_strength * controls.energy
        psi = controls.truncation_psi * self._modulation.psi(heard.pulse, strength)
        w_plus = truncate(w_plus, self._generator.w_avg, psi)
        asked = self._modulation.apply(w_plus, heard.pulse, strength, controls.noise_gain)
        return Thought(heard, asked.w_plus, asked.noise_gain)


def _speeds(controls: Controls) -> dict[Level, float]:
    return {
        "coarse": controls.coarse_speed,
        "middle": controls.middle_speed,
        "fine": controls.fine_speed,
    }
