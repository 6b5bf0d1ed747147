"""What is trained when.

Out: the stages, in order, each a few numbers.  Minutes are minutes of work: a paused process
(`kill -STOP`) loses nothing, because a step is never counted as longer than STEP_LIMIT_S.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STEP_LIMIT_S = 4.0  # longest time that one step may count


ROUNDS = 5  # after them nothing is left of rates and minutes
AGAIN = 0.7  # rates and minutes of a round, of those of the round before


@dataclass(frozen=True)
class Stage:
    """One stretch of training."""

    name: str
    minutes: float
    size: int  # pixels: the network stops here, and so large are the targets
    batch: int
    rate: float  # at the beginning
    rate_end: float  # ... and at the end
    pool: int  # painted pictures kept in memory
    fresh: float  # of them replaced in every step
    picture_weight: float = 1.0  # distance from the painted picture
    guide_weight: float = 0.0  # distance of the thumbnails of both
    plan_weight: float = 1.0  # distance from kinds and plan, read off the features
    manner_weight: float = 0.0  # distance of the statistics of features: how it is painted
    adversary_weight: float = 0.0  # 0: guidance only
    bristles: bool = False  # brush texture in the target, painted from the network's own noise
    noise_strength: float = 0.0  # of the layers that the stage adds, at its beginning

    def in_round(self, number: int) -> Stage:
        """This stage in a later round (0 is the first)."""
        less = AGAIN**number
        return replace(
            self,
            minutes=self.minutes * less,
            rate=self.rate * less,
            rate_end=self.rate_end * less,
        )

    @property
    def is_judged(self) -> bool:
        """Whether frozen features look at the pictures."""
        return self.manner_weight > 0 or self.adversary_weight > 0


# One round. Training goes round after round, each at lower rates: forms are cheap to learn at 64
# pixels, and whatever they miss there no later stage puts right.
STAGES = (
    # Forms and palettes: what the underdrawing becomes, on small, cheap pictures.
    Stage("form", 14, 64, 16, 7e-3, 1.5e-3, 512, 0.6, plan_weight=1.0),
    # Bristles where the noise is.
    Stage("bristles", 20, 128, 12, 5e-3, 1.5e-3, 384, 0.5, plan_weight=1.0, bristles=True,
          noise_strength=0.15),
    # All of it at full size; then frozen features judge what it looks like.
    Stage("finish", 16, 256, 8, 4e-3, 1.5e-3, 320, 0.4, plan_weight=0.7, guide_weight=0.5,
          bristles=True, noise_strength=0.2),
    Stage("judged", 15, 256, 8, 2e-3, 4e-4, 320, 0.4, picture_weight=0.4, plan_weight=0.5,
          guide_weight=0.5, manner_weight=0.5, adversary_weight=0.04, bristles=True),
)  # fmt: skip


def stage_of(number: int) -> Stage:
    """The stage with this number, counted through all rounds."""
    rounds, within = divmod(number, len(STAGES))
    return STAGES[within].in_round(rounds)


def next_round(number: int) -> int:
    """The number of the first stage of the next round, or ``number`` where that begins one."""
    return -(-number // len(STAGES)) * len(STAGES)
