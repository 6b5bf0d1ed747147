"""Numbers for programs: the file behind ``--json`` of the commands that measure.

In: a path and a document.  Out: the file.  Thread: main.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traumer_live.core.files import refuse_overwrite, require_writable, written_atomically


def check_json_target(options: argparse.Namespace) -> None:
    """Fail before a minute of measuring, not after it.

    Raises:
        OutputError: the file exists and ``--force`` is not set, or cannot be written.
    """
    if options.json:
        refuse_overwrite(options.json, force=options.force)
        require_writable(options.json)


def write_json(path: Path | None, document: Mapping[str, Any]) -> None:
    """Write ``document`` where it was asked for.

    Raises:
        OutputError: the file cannot be written.
    """
    if path is not None:
        with written_atomically(path) as temporary:
            temporary.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
