"""Convert a vgg tagger of the PyPI package musicnn, as into models/mtt_vgg.safetensors.

In: the musicnn 0.1.0 wheel.  Out: a safetensors file with weights, tags, mel spec and licence.

Needs, in an environment of its own (none of it is needed to run the program)::

    pip install tensorflow-cpu==2.21.0 safetensors numpy
    pip download --no-deps musicnn==0.1.0
    python -m tools.convert_musicnn musicnn-0.1.0-py3-none-any.whl -o models/mtt_vgg.safetensors

``--network msd_vgg`` converts the one of the same shape that was trained on the Million Song
Dataset, with other tags; ``traumer-live models import`` takes the result.

Run it from the top of the checkout. Nothing of musicnn's code is run: the checkpoint is read as
data, the tag names are read from its source as a literal. The same wheel gives the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from traumer_live.core.types import MelSpec
from traumer_live.embedding.checkpoint import KIND, NETWORK, fingerprint

WHEEL_SHA256 = "f38a4890c648c1ddbb141c5d96d2b0a8cfcd36746002d896989f7b88beb65cfa"
ORIGIN = "PyPI musicnn 0.1.0, {} (Jordi Pons, Music Technology Group, Universitat Pompeu Fabra)"
FOLDERS = {NETWORK: "MTT_vgg", "msd_vgg": "MSD_vgg"}
LABELS = {NETWORK: "MTT_LABELS", "msd_vgg": "MSD_LABELS"}
MEL_SPEC = MelSpec(n_mels=96)

_NORM = {
    "gamma": "gamma",
    "beta": "beta",
    "mean": "moving_mean",
    "variance": "moving_variance",
}


def main() -> None:
    """Convert, and say what was written."""
    parser = argparse.ArgumentParser(description="a vgg of musicnn 0.1.0 to safetensors")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--network", choices=sorted(FOLDERS), default=NETWORK)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    check_wheel(arguments.wheel)
    with zipfile.ZipFile(arguments.wheel) as wheel:
        tensors = read_tensors(wheel, arguments.network)
        metadata = describe(wheel, arguments.network)
    metadata["fingerprint"] = fingerprint(tensors, metadata)
    content = safetensors_bytes(tensors, metadata)
    arguments.output.write_bytes(content)
    print(f"{arguments.output}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


def check_wheel(path: Path) -> None:
    """Stop unless this is the very wheel that the shipped weights were made from."""
    if not path.is_file():
        sys.exit(f"There is no wheel at {path}; run: pip download --no-deps musicnn==0.1.0")
    if hashlib.sha256(path.read_bytes()).hexdigest() != WHEEL_SHA256:
        sys.exit(f"{path} is not the musicnn 0.1.0 wheel (its sha256 differs).")


def read_tensors(wheel: zipfile.ZipFile, network: str = NETWORK) -> dict[str, np.ndarray]:
    """The trained variables under our names; the optimiser's are left behind."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = unpack_checkpoint(wheel, Path(folder), network)
        variables = tensorflow().train.load_checkpoint(str(prefix))
        return {
            ours: np.ascontiguousarray(variables.get_tensor(theirs), "<f4")
            for ours, theirs in variable_names().items()
        }


def unpack_checkpoint(wheel: zipfile.ZipFile, folder: Path, network: str = NETWORK) -> Path:
    """Copy the checkpoint, whose files have no name but a suffix, to a named prefix."""
    prefix = folder / network
    for suffix in (".index", ".data-00000-of-00001", ".meta"):
        content = wheel.read(f"musicnn/{FOLDERS[network]}/{suffix}")
        prefix.with_name(prefix.name + suffix).write_bytes(content)
    return prefix


def tensorflow() -> Any:
    """TensorFlow, or a sentence that says how to get it."""
    try:
        import tensorflow
    except ImportError:
        sys.exit("This tool reads a TensorFlow checkpoint; run: pip install tensorflow-cpu==2.21.0")
    return tensorflow


def variable_names() -> dict[str, str]:
    """Our name of each tensor -> its name in the checkpoint."""
    names = {f"input_norm.{ours}": f"batch_normalization/{it}" for ours, it in _NORM.items()}
    for n in range(1, 6):
        names |= {f"layer{n}.{part}": f"{n}CNN/{part}" for part in ("kernel", "bias")}
        names |= {
            f"layer{n}.norm.{ours}": f"batch_normalization_{n}/{it}" for ours, it in _NORM.items()
        }
    return names | {f"dense.{part}": f"dense/{part}" for part in ("kernel", "bias")}


def describe(wheel: zipfile.ZipFile, network: str = NETWORK) -> dict[str, str]:
    """What the file says about itself."""
    return {
        "kind": KIND,
        "network": network,
        "tags": json.dumps(read_tags(wheel, LABELS[network])),
        "mel_spec": json.dumps(asdict(MEL_SPEC)),
        "origin": ORIGIN.format(FOLDERS[network]),
        "origin_sha256": WHEEL_SHA256,
        "licence": "ISC",
        "licence_text": wheel.read("musicnn-0.1.0.dist-info/LICENSE.md").decode().strip(),
    }


def read_tags(wheel: zipfile.ZipFile, listed: str) -> list[str]:
    """The 50 tags under this name, in the order of the outputs."""
    source = ast.parse(wheel.read("musicnn/configuration.py"))
    for statement in source.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == listed:
            return list(ast.literal_eval(statement.value))
    sys.exit(f"The wheel lists no {listed}; is it musicnn 0.1.0?")


def safetensors_bytes(tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> bytes:
    """The file format by hand: the library stores metadata in random order, we want equal bytes."""
    header: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    body = bytearray()
    for name in sorted(tensors):
        start = len(body)
        body += tensors[name].tobytes()
        shape = list(tensors[name].shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [start, len(body)]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # the numbers start at a multiple of eight bytes
    return len(text).to_bytes(8, "little") + text + bytes(body)


if __name__ == "__main__":
    main()
