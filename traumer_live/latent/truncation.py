"""Truncation: pull w toward the average picture.

In: w_plus.  Out: w_plus.  Thread: ears.  (Karras et al. 2019, arXiv 1812.04948, appendix B.)
"""

from __future__ import annotations

from traumer_live.core.types import Array


def truncate(w_plus: Array, w_avg: Array, psi: float) -> Array:
    """w_plus at ``psi`` times its distance from ``w_avg``; 1 changes nothing, 0 is the average."""
    return w_avg + psi * (w_plus - w_avg)
