"""How models/dream256.safetensors was made: a StyleGAN2 guided by our own painter.

    nice python -m tools.train_generator ~/.cache/traumer-training       # trains, resumes by itself
    python -m tools.train_generator ~/.cache/traumer-training --export models/dream256.safetensors

z is read by the painter as composition, touch and palette (tools/gallery). In training the coarse,
middle and fine rows get w of three different z; the target is the picture with the composition of
the first, the touch of the second and the palette of the third: style mixing with a known answer.
That never collapses, and makes the levels mean what the show needs. A gentle adversary on frozen
features then turns the smooth shapes into paint. Stop with SIGTERM or Ctrl-C: nothing is lost.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from tools.training import checkpoint
from tools.training.trainer import Trainer

THREADS = 1  # per operation; the trainer has two workers
# glibc would give every large tensor back to the system and fault its pages in again at each step:
# .33 s of processor time per step instead of .26. It reads these at start only.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "268435456",
}


def restart_with_steady_memory() -> None:
    """Replace this process by one that keeps its memory."""
    if not MEMORY.items() <= os.environ.items():
        os.environ.update(MEMORY)
        os.execv(sys.executable, [sys.executable, "-m", "tools.train_generator", *sys.argv[1:]])


def main() -> None:
    """Train, or write the running average of a run as a model."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="checkpoints, log and contact sheets")
    parser.add_argument("--export", type=Path, help="write the model and stop")
    parser.add_argument("--status", default="provisional", help="stored in the exported header")
    arguments = parser.parse_args()
    restart_with_steady_memory()
    torch.set_num_threads(THREADS)
    trainer = Trainer(arguments.folder)
    trainer.resume()
    if arguments.export:
        steps = trainer.progress.step
        checkpoint.export(arguments.export, trainer.average, status=arguments.status, steps=steps)
        return
    trainer.run()


if __name__ == "__main__":
    main()
