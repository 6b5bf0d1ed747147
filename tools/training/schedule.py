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
    exit_resolution: int  # the network stops here
    target_size: int  # pixels of the painted target; the picture is averaged down to it
    batch: int
    rate: float  # Adam, at the beginning
    rate_end: float  # ... and at the end
    pool: int  # painted pictures kept in memory
    fresh: int  # of them replaced in every step
    picture_weight: float = 1.0  # distance from the painted picture
    feature_weight: float = 0.0  # distance of frozen features (perceptual)
    plan_weight: float = 0.0  # distance from the painter's plan, read off the features
    adversary_weight: float = 0.0  # 0: guidance only
    spread: float = 1.0  # of the gallery; small is near the anchors, and learnt much sooner
    bristles: bool = False  # random brush texture in the target


SPREAD = 0.3
STAGES = (
    # Palettes first. Exit 128 from the first step, because the fine rows (10-13), which carry the
    # palette, are not in use below; the target is small, so painting stays cheap and steps many.
    Stage("palette", 17, 128, 64, 12, 5e-3, 5e-3, 4096, 5, plan_weight=1.0),
    # Composition alone, read off the features of the small layers, which is cheaper.
    Stage("plan", 12, 32, 64, 16, 5e-3, 4e-3, 4096, 5, picture_weight=0.0, plan_weight=1.0),
    # Of the endless gallery only blur was learnt in this time; near the anchors forms come.
    Stage("form", 240, 128, 64, 12, 4e-3, 2e-3, 4096, 5, plan_weight=1.0, spread=SPREAD),
    # From here the target holds from afar only; what is near is the adversary's to invent.
    Stage("texture", 90, 128, 128, 12, 2e-3, 1e-3, 768, 2, plan_weight=0.3,
          adversary_weight=0.25, spread=SPREAD, bristles=True),
    Stage("finish", 120, 256, 256, 8, 1e-3, 7e-4, 512, 1, plan_weight=0.3,
          adversary_weight=0.25, spread=SPREAD, bristles=True),
)  # fmt: skip
