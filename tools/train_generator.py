"""How models/dream256.safetensors was made: a StyleGAN2 guided by our own painter.

    nice python -m tools.train_generator ~/.cache/traumer-training       # trains, resumes by itself
    python -m tools.train_generator ~/.cache/traumer-training --export models/dream256.safetensors

The first layers of the network keep weights drawn by lot, and the gallery (tools/gallery) paints
upon the layout that they make of w; what is learnt is only what their features become in paint. In
training the composition, the touch and the palette come from three w, and the target is the
painted picture: style mixing with a known answer. Features are asked what the painter had in mind
(tools/training/network.py), which teaches each layer its easy part. In the end frozen features and
a gentle adversary judge whether it looks painted.
Stop with SIGTERM or Ctrl-C: nothing is lost. Without a checkpoint the training goes on from the
shipped model and tools/training/state.safetensors; --anew begins with fresh networks.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from tools.training.trainer import Trainer

MODEL = Path(__file__).parents[1] / "models/dream256.safetensors"
STATE = Path(__file__).parent / "training/state.safetensors"
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
    parser.add_argument("--anew", action="store_true", help="do not begin with the shipped model")
    parser.add_argument("--export", type=Path, help="write the model and stop")
    parser.add_argument("--status", default="provisional", help="stored in the exported header")
    arguments = parser.parse_args()
    restart_with_steady_memory()
    torch.set_num_threads(THREADS)
    trainer = Trainer(arguments.folder)
    if not trainer.resume() and not arguments.anew:
        trainer.begin_with(MODEL, STATE)
    if arguments.export:
        trainer.export(arguments.export, status=arguments.status)
        trainer.export_state(STATE)
        return
    trainer.run()


if __name__ == "__main__":
    main()
