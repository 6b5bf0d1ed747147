"""The words of ``traumer-live models``.

In: the parser's list of commands.  Out: one more.  Only the standard library is imported here.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_models_command(commands: Any) -> None:
    """Add ``models`` and what follows it."""
    models = commands.add_parser("models", help="bring your own generators, taggers and mappings")
    actions = models.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_import(actions)
    actions.add_parser("list", help="what was imported, and what came with the program")
    _with_name(actions.add_parser("info", help="what is known of a model, and its speed here"))
    _add_fetch(actions)
    _add_export(actions)
    _with_name(actions.add_parser("remove", help="delete an imported model"))


def _add_import(actions: Any) -> None:
    command = actions.add_parser(
        "import", help="read a checkpoint once, safely, whatever program wrote it"
    )
    command.add_argument("file", type=Path, metavar="FILE")
    _add_notes(command)


def _add_fetch(actions: Any) -> None:
    command = actions.add_parser("fetch", help="download a checkpoint, check it and import it")
    command.add_argument("url", metavar="URL")
    command.add_argument("--sha256", metavar="HASH", help="what the file must have")
    _add_notes(command)


def _add_export(actions: Any) -> None:
    command = _with_name(actions.add_parser("export", help="write a generator for other programs"))
    command.add_argument("--onnx", action="store_true", required=True, help="as an ONNX graph")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: NAME.onnx")
    command.add_argument("--force", action="store_true", help="overwrite an existing file")


def _add_notes(command: argparse.ArgumentParser) -> None:
    command.add_argument("--name", metavar="NAME", help="default: after the file")
    command.add_argument("--origin", default="", metavar="TEXT", help="where it comes from")
    command.add_argument("--licence", default="", metavar="TEXT", help="what you may do with it")
    command.add_argument(
        "--encoder", metavar="NAME|FILE", help="the tagger that a transfer was made for"
    )
    command.add_argument(
        "--generator", metavar="NAME|FILE", help="the generator that a transfer was made for"
    )
    command.add_argument(
        "--statistics",
        metavar="NAME",
        help="imported mean and spread of w, for a transfer that was saved without",
    )
    command.add_argument(
        "--window",
        type=float,
        choices=(29.0, 0.5),
        metavar="SECONDS",
        help="how long a 128-mel FCN listens, where its file does not say: 29 or 0.5",
    )


def _with_name(command: argparse.ArgumentParser) -> argparse.ArgumentParser:
    command.add_argument("name", metavar="NAME")
    return command
