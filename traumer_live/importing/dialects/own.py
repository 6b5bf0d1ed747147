"""Files that are ours already: exported, passed on, or shipped with another version.

In: Foreign with the header that we write.  Out: what it says it is.  Thread: child process.
Such a file goes into the library as it is: a pack may carry labels, an encoder a fingerprint.
"""

from __future__ import annotations

from typing import Any

from traumer_live.importing.reader import Foreign

OWN_KINDS = {
    "generator": "generator",
    "mapping": "mapping",
    "encoder": "encoder",
    "traumer-live encoder": "encoder",
}
TOLD = ("encoder", "generator", "provenance", "licence", "origin", "n_mels", "variant")


def own_description(foreign: Foreign) -> dict[str, Any]:
    """Kind and architecture by the header; the parent checks that it is true."""
    header = foreign.metadata
    architecture = header.get("architecture") or header.get("network") or "as its header says"
    return {
        "kind": OWN_KINDS[header["kind"]],
        "architecture": architecture[:60],
        "dialect": "TräumerAI Live file",
        "metadata": {key: header[key][:300] for key in TOLD if key in header},
    }
