"""What is trained when.

Out: the stages, in order, each a few numbers.  Minutes are minutes of work: a paused process
(`kill -STOP`) loses nothing, because a step is never counted as longer than STEP_LIMIT_S.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_LIMIT_S = 4.0  # longest time that one step may count


@dataclass(frozen=True)
class Stage:
    """One stretch of training."""

    name: str
    minutes: float
    size: int  # pixels: the network stops here, and so large are the targets; 0: no pictures
    batch: int
    rate: float  # Adam, at the beginning
    rate_end: float  # ... and at the end
    pool: int  # painted pictures kept in memory
    fresh: float  # of them replaced in every step
    picture_weight: float = 1.0  # distance from the painted picture
    guide_weight: float = 0.5  # distance of the thumbnails of both
    plan_weight: float = 0.0  # distance from the painter's fields and plan, read off the features
    adversary_weight: float = 0.0  # 0: guidance only
    bristles: bool = False  # random brush texture in the target


STAGES = (
    # What w can tell by itself, before any picture: thousands of z in every step.
    Stage("foresight", 5, 0, 2048, 2e-2, 2e-3, 0, 0),
    # Forms and palettes: what is where and in which colours, on small, cheap pictures.
    Stage("form", 40, 64, 16, 3e-3, 5e-4, 256, 6, plan_weight=1.5),
    # From here the target holds from afar; what is near is the adversary's to invent.
    Stage("texture", 20, 128, 12, 1.5e-3, 1e-3, 512, 1, picture_weight=0.3, guide_weight=1.2,
          plan_weight=0.5, adversary_weight=0.05, bristles=True),
    Stage("finish", 30, 256, 8, 1e-3, 5e-4, 512, 1, picture_weight=0.3, guide_weight=1.2,
          plan_weight=0.5, adversary_weight=0.05, bristles=True),
)  # fmt: skip
