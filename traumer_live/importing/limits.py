"""How much a foreign file may cost before it is refused.

In: nothing.  Out: numbers.  Thread: any.

Real checkpoints stay far below: the largest StyleGAN snapshots have 400 MB, 30,000 pickle
instructions and 2,000 storages; a rosinality training checkpoint has 1.1 GB with its optimisers.
"""

from __future__ import annotations

MEBIBYTE = 1 << 20

LARGEST_FILE = 8 << 30  # bytes
INSTRUCTIONS = 500_000  # of one pickle
STACK = 100_000  # values waiting at once
MEMO = 500_000  # values kept for later
LINE = 64 * 1024  # bytes of one line in the old text instructions
NESTING = 100  # modules in modules
ARCHIVE_MEMBERS = 20_000
HEADER = 16 * MEBIBYTE  # bytes of JSON in a safetensors file
TENSORS = 20_000

# The child process that reads a file, beside what the file itself needs.
CHILD_MEMORY = 768 * MEBIBYTE  # bytes of address space for Python and numpy
PAINTING_MEMORY = 3072 * MEBIBYTE  # more, where a graph of somebody else paints a picture in it
MEMORY_PER_BYTE = (
    8  # of the file: raw, and twice as much for half precision as float32, being written
)
WRITTEN_PER_BYTE = 4  # of the file: small integers become float32
CHILD_SECONDS = 60  # of processor time, plus ...
SECONDS_PER_GIBIBYTE = 60
WALL_FACTOR = 4  # a busy machine may take this much longer than the processor time
OPEN_FILES = 64
