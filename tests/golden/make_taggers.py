"""Write taggers.safetensors: what the tagging benchmark's own networks answer.

    python make_taggers.py PATH-TO-ITS-training-FOLDER [FCN05-STATE-DICT.pt]

The folder is that of minzwon/sota-music-tagging-models on GitHub; its ``model.py`` is only run
here, on the CPU. Its networks get the seeded random weights of tests/embedding/random_taggers.py
(the 0.5-s FCN is its FCN with the pools of that variant), and a mel in place of sound: the last
frames of a seeded running mel. Kept are embeddings (what goes into the first dense layer) and tags.
The state dict is the real 0.5-s FCN of which only the answers to a mel are kept.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.embedding.random_taggers import decibel_mel, random_tagger  # noqa: E402

FRAMES = {
    "fcn-96-29s": 1813,
    "fcn-128-29s": 1813,
    "fcn-96-0.5s": 32,
    "fcn-128-0.5s": 32,
    "short-chunk": 231,
}
SHORT_POOLS = ((4, 2), (2, 2), (2, 2), (2, 2), (3, 2))


def original(name: str) -> torch.nn.Module:
    """The network of the benchmark, hearing decibel in place of sound."""
    import model

    if name == "short-chunk":
        # The network of the papers under its earlier name, where the file is older than that.
        made = getattr(model, "ShortChunkCNN_Res", None) or model.BoCCNN
        network = made(n_mels=128)
    else:
        network = model.FCN(n_mels=int(name.split("-")[1]))
    if name.endswith("0.5s"):
        for i, pool in enumerate(SHORT_POOLS, start=1):
            network.get_submodule(f"layer{i}").mp = torch.nn.MaxPool2d(pool)
    network.spec = network.to_db = torch.nn.Identity()
    return network.eval()


def stub_torchaudio() -> None:
    """The front end is left out, so its library need not be there."""
    stub: Any = ModuleType("torchaudio")
    stub.transforms = ModuleType("torchaudio.transforms")
    stub.transforms.MelSpectrogram = lambda **_: torch.nn.Identity()
    stub.transforms.AmplitudeToDB = torch.nn.Identity
    sys.modules["torchaudio"] = stub


@torch.no_grad()
def answers(network: torch.nn.Module, mel: Any) -> tuple[torch.Tensor, torch.Tensor]:
    heard = []
    first = network.get_submodule("dense1" if hasattr(network, "dense1") else "dense")
    first.register_forward_pre_hook(lambda _, inputs: heard.append(inputs[0]))
    tags = network(torch.from_numpy(mel.T[None].copy()))
    return heard[0][0].clone(), tags[0].clone()


def main() -> None:
    stub_torchaudio()
    sys.path.insert(0, sys.argv[1])
    made = {}
    for name, frames in FRAMES.items():
        network = original(name)
        tensors = {key: torch.from_numpy(value) for key, value in random_tagger(name).items()}
        network.load_state_dict(tensors, strict=False)
        bins = 96 if "-96-" in name else 128
        made[f"{name}.e"], made[f"{name}.tags"] = answers(network, decibel_mel(frames, bins))
    if len(sys.argv) > 2:
        network = original("fcn-128-0.5s")
        state = torch.load(sys.argv[2], weights_only=True)
        state = {key.removeprefix("model."): value for key, value in state.items()}
        network.load_state_dict(state, strict=False)
        made["fcn05.e"], made["fcn05.tags"] = answers(network, decibel_mel(32, 128))
    save_file(made, HERE / "taggers.safetensors", {"made_by": Path(__file__).name})


if __name__ == "__main__":
    main()
