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
    size: int  # pixels: the network stops here, and so large are the targets
    batch: int
    rate: float  # Adam, at the beginning
    rate_end: float  # ... and at the end
    pool: int  # painted pictures kept in memory
    fresh: float  # of them replaced in every step
    picture_weight: float = 1.0  # distance from the painted picture
    guide_weight: float = 0.5  # distance of the thumbnails of both
    feature_weight: float = 0.0  # distance of frozen features (perceptual)
    plan_weight: float = 0.0  # distance from the painter's plan, read off the features
    code_weight: float = 0.0  # of the divergence of the composition code, per nat
    adversary_weight: float = 0.0  # 0: guidance only
    dreams: int = 0  # pictures of random codes in every step, which only the adversary judges
    bristles: bool = False  # random brush texture in the target


STAGES = (
    # Forms and palettes: an autoencoder of compositions, as sharp as its targets are smooth.
    Stage("form", 8.5, 64, 16, 4e-3, 2.5e-3, 128, 4, plan_weight=0.5, code_weight=1e-3),
    # From here the target holds from afar; what is near is the adversary's to invent. It also
    # judges pictures of random codes, which have no target.
    Stage("texture", 60, 128, 12, 2.5e-3, 1.5e-3, 512, 1, picture_weight=0.1, guide_weight=1.2,
          plan_weight=0.6, code_weight=3e-3, adversary_weight=0.05, dreams=0, bristles=True),
    Stage("finish", 60, 256, 8, 1.5e-3, 1e-3, 320, 0.3, picture_weight=0.1, guide_weight=1.2,
          plan_weight=0.6, code_weight=3e-3, adversary_weight=0.05, dreams=0, bristles=True),
)  # fmt: skip
