"""Networks that look like ours from afar: what they are, so that a refusal can say it.

In: the names of tensors.  Out: what they belong to, or None.  Thread: any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# In order: the first that a name matches decides.
FOREIGN = (
    (r"mapping\.embed_proj\.|synthesis\.L\d+_.*\.0\.", "a StyleGAN-XL generator"),
    (r"(synthesis|main|generator)?\.?(feat_\d+|init\.init)\.", "a FastGAN or Projected GAN"),
    (r"(.*\.)?(progression\.|adain|g_synthesis\.|.*\.style_mod\.)", "a StyleGAN1 generator"),
    (r"synthesis\.blocks?\.\d+x\d+\.|.*\.epi\d\.", "a StyleGAN1 generator"),
    (r"(GAN\.)?(GE?|SE?|StyleGAN\.\w+)\.(blocks|net|to_initial_block)\b", "lucidrains' StyleGAN2"),
    (r"backbone\.|superresolution\.|renderer\.", "a three-dimensional generator (EG3D or alike)"),
    (r"(.*\.)?b\d+\.fromrgb\.|(.*\.)?epilogue\.", "a discriminator"),
)


def foreign_network(names: Iterable[str]) -> str | None:
    """What else these tensors belong to, if that is known."""
    present = list(names)
    for pattern, what in FOREIGN:
        if any(re.match(pattern, name) for name in present):
            return what
    return None
