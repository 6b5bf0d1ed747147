"""Which sound file this is, wherever it lies and whatever it is called.

In: a path.  Out: 32 hexadecimal digits.  Thread: any; three short reads, however long the file is.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

PROBE = 65_536  # bytes read at the beginning, in the middle and at the end


def file_identity(path: Path) -> str:
    """A hash of the file's size and of three places in it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        digest = hashlib.sha256(size.to_bytes(8, "big"))
        for start in (0, max(size // 2 - PROBE // 2, 0), max(size - PROBE, 0)):
            file.seek(start)
            digest.update(file.read(PROBE))
    return digest.hexdigest()[:32]
