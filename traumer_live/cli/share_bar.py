"""How far work is, on one line.

In: shares, 0 to 1, or bytes.  Out: a bar on standard error, where that is a terminal.  Thread: one.
"""

from __future__ import annotations

import sys
from typing import Self

BAR = 32  # characters


class ShareBar:
    """One line on standard error for work whose end is known."""

    def __init__(self) -> None:
        self._drawn = ""

    def show(self, share: float) -> None:
        """Draw anew, if it looks any different."""
        self._draw(f"[{'#' * round(BAR * share):-<{BAR}}] {share:4.0%}")

    def end(self) -> None:
        """Leave the line."""
        if self._drawn:
            self._drawn = ""
            sys.stderr.write("\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _draw(self, line: str) -> None:
        if line != self._drawn and sys.stderr.isatty():
            self._drawn = line
            sys.stderr.write(f"\r{line}\x1b[K")
            sys.stderr.flush()


class DownloadBar(ShareBar):
    """The same for bytes, whose number is not always known."""

    def show(self, done: float, total: float = 0) -> None:
        """``done`` bytes of ``total``, 0 where nobody says how many."""
        share = min(done / total, 1.0) if total else 0.0
        of = f" of {total / 1e6:.1f}" if total else ""
        self._draw(f"[{'#' * round(BAR * share):-<{BAR}}] {done / 1e6:.1f}{of} MB")
