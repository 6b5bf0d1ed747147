"""The child process that makes a mapping, with few pictures and an equal's share of the machine."""

from __future__ import annotations

import sys

from traumer_live.labelling import starter, starter_child

if __name__ == "__main__":
    starter.affordable = lambda generator: 200
    starter_child.give_way = lambda: None
    starter_child.main(sys.argv[1])
