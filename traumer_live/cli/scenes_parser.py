"""The words of ``traumer-live scenes``.

In: the parser's list of commands.  Out: one more.  Only the standard library is imported here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def add_scenes_command(commands: Any) -> None:
    """Add ``scenes`` and what follows it."""
    scenes = commands.add_parser("scenes", help="moments that were kept: list, give away, take in")
    actions = scenes.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="all of them, and where they lie")
    for action, what in (("show", "everything in one scene"), ("remove", "delete a scene")):
        command = actions.add_parser(action, help=what)
        command.add_argument("name", metavar="NAME", help="its name or the number of its slot")
    export = actions.add_parser("export", help="write scenes into one file, to give away")
    export.add_argument("file", type=Path, metavar="FILE")
    export.add_argument("names", nargs="*", metavar="NAME", help="default: all of them")
    export.add_argument("--force", action="store_true", help="overwrite an existing file")
    taken = actions.add_parser("import", help="add the scenes of a file; nothing is replaced")
    taken.add_argument("files", type=Path, nargs="+", metavar="FILE")
