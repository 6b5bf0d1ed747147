"""The words of ``traumer-live map``.

In: the parser's list of commands.  Out: one more.  Only the standard library is imported here.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

PICTURES = (200, 20_000)


def add_map_command(commands: Any) -> None:
    """Add ``map``: alone it makes a starter mapping; its actions do everything else with packs."""
    whole = commands.add_parser(
        "map",
        help="mappings: make one for another generator, share, blend, compare, translate",
        description="Alone: a starter mapping for a generator, made from the shipped clips.",
    )
    _add_make(whole)
    actions = whole.add_subparsers(dest="action", metavar="ACTION")
    _add_blend(actions)
    _add_agreement(actions)
    _add_translate(actions)
    _add_store_actions(actions)


def _add_make(whole: argparse.ArgumentParser) -> None:
    whole.add_argument("--generator", metavar="NAME|FILE", help="default: the shipped one")
    _add_output(whole, "PACK", required=False)
    whole.add_argument(
        "--pack", metavar="NAME|FILE", help="whose clips are taken; default: the shipped pack"
    )
    _add_candidates(whole)
    whole.add_argument("--seed", type=int, default=1, help="of these pictures")


def _add_blend(actions: Any) -> None:
    blend = actions.add_parser("blend", help="two people's taste in one pack, with a fader")
    blend.add_argument("first", metavar="A", help="a mapping, by name or file")
    blend.add_argument("second", metavar="B")
    blend.add_argument(
        "--share", type=_share, default=0.5, metavar="0..1", help="of B (default 0.5)"
    )
    _add_output(blend, "PACK")


def _add_agreement(actions: Any) -> None:
    agree = actions.add_parser("agreement", help="how far two mappings agree about the same music")
    agree.add_argument("first", metavar="A")
    agree.add_argument("second", metavar="B")
    _add_json(agree)


def _add_translate(actions: Any) -> None:
    carry = actions.add_parser(
        "translate",
        help="carry a personal mapping to another generator by the look of its pictures",
    )
    carry.add_argument("pack", metavar="PACK", help="a mapping with labels, by name or file")
    carry.add_argument(
        "--generator", metavar="NAME|FILE", help="to which; default: the shipped one"
    )
    carry.add_argument(
        "--from",
        dest="source",
        metavar="NAME|FILE",
        help="the pack's own generator, where its pictures were never measured",
    )
    _add_candidates(carry)
    _add_output(carry, "PACK")


def _add_store_actions(actions: Any) -> None:
    taken = actions.add_parser("import", help="add the labels of a mapping pack to your own")
    taken.add_argument("pack", metavar="PACK", help="a mapping with labels, by name or file")
    _add_store(taken)
    doubts = actions.add_parser(
        "contradictions", help="labels that say opposite things of music that sounds alike"
    )
    _add_store(doubts)
    _add_models(doubts)
    _add_json(doubts)
    where = actions.add_parser("coverage", help="your music as a map, coloured by what is known")
    _add_store(where)
    _add_models(where)
    where.add_argument(
        "--music", type=Path, metavar="FOLDER", help="default: the labelled and the shipped clips"
    )
    where.add_argument("-o", "--output", type=Path, metavar="FILE.png", help="write a picture")
    _add_json(where)


def _add_output(command: argparse.ArgumentParser, what: str, *, required: bool = True) -> None:
    command.add_argument("-o", "--output", type=Path, required=required, metavar=what)
    command.add_argument("--force", action="store_true", help="overwrite an existing file")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", type=Path, metavar="FILE", help="write the same as data")
    command.add_argument("--force", action="store_true", help="overwrite existing files")


def _add_store(command: argparse.ArgumentParser) -> None:
    command.add_argument("--store", type=Path, metavar="FOLDER", help="default: your own labels")


def _add_models(command: argparse.ArgumentParser) -> None:
    command.add_argument("--generator", metavar="NAME|FILE", help="default: the shipped one")
    command.add_argument("--encoder", metavar="NAME|FILE", help="default: the shipped one")


def _add_candidates(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--candidates",
        type=_pictures,
        default=1200,
        metavar="N",
        help="pictures to choose among (default 1200)",
    )


def _pictures(text: str) -> int:
    low, high = PICTURES
    if not text.isdecimal() or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of pictures, {low} to {high}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share between 0 and 1")
    return share
