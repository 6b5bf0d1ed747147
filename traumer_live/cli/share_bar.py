"""How far work is whose end is known, on one line.

In: shares, 0 to 1.  Out: a bar on standard error, where that is a terminal.  Thread: one.
"""

from __future__ import annotations

import sys

BAR = 32  # characters


class ShareBar:
    """One line on standard error for work whose end is known."""

    def __init__(self) -> None:
        self._drawn = ""

    def show(self, share: float) -> None:
        """Draw anew, if it looks any different."""
        line = f"[{'#' * round(BAR * share):-<{BAR}}] {share:4.0%}"
        if line != self._drawn and sys.stderr.isatty():
            self._drawn = line
            sys.stderr.write(f"\r{line}\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._drawn:
            sys.stderr.write("\n")
