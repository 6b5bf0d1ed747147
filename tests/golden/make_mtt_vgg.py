"""Make mtt_vgg.safetensors: what the original network says about real music.

In: the musicnn 0.1.0 wheel and a folder of music.  Out: mtt_vgg.safetensors beside this script.

The original itself is asked: the TensorFlow-1 graph that its maker saved with the weights (`.meta`
in the wheel) is cut down to the path from mel to tags and run in compatibility mode, and the mel is
librosa's with musicnn's settings. Only two things are ours: the log is taken in float32, since
float16 overflows in loud bins, and the windows in the file are rounded to float16 to be small (the
network was asked about the rounded ones).

    pip install tensorflow-cpu==2.21.0 librosa==0.11.0 av safetensors
    pip download --no-deps musicnn==0.1.0
    python -m tests.golden.make_mtt_vgg musicnn-0.1.0-py3-none-any.whl MUSIC_FOLDER

Contents: mel (n, 187, 96) float16, e (n, 256), tags (n, 50) of single windows; mean_tags
(pieces, 50) over a window at every 31 frames (half a second), piece names in the metadata.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import librosa
import numpy as np
from safetensors.numpy import save_file

from tools.convert_musicnn import check_wheel, tensorflow, unpack_checkpoint

RATE = 16_000  # Hz
WINDOW = 187  # mel frames
STEP = 31  # mel frames between the windows of a mean: half a second
PIECES_WITH_WINDOWS = (
    "chiptune_disco",
    "folk_minstrels",
    "oriental",
    "rock",
    "strings_slow",
    "tropical",
)
Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def main() -> None:
    parser = argparse.ArgumentParser(description="golden arrays of the original MTT_vgg")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("music", type=Path)
    arguments = parser.parse_args()
    check_wheel(arguments.wheel)
    network = original_network(arguments.wheel)
    windows = {
        path.stem: windows_of(log_mel(path))
        for path in sorted(arguments.music.iterdir())
        if path.suffix == ".opus"
    }
    means = np.stack([network(w)[1].mean(axis=0) for w in windows.values()])
    chosen = np.stack([windows[name][8] for name in PIECES_WITH_WINDOWS])
    chosen = np.ascontiguousarray(chosen, np.float16)  # safetensors writes other orders wrongly
    e, tags = network(chosen.astype(np.float32))
    save_file(
        {"mel": chosen, "e": e, "tags": tags, "mean_tags": means},
        Path(__file__).with_name("mtt_vgg.safetensors"),
        {"pieces": json.dumps(list(windows)), "windows_of": json.dumps(PIECES_WITH_WINDOWS)},
    )


def log_mel(path: Path) -> np.ndarray:
    """As musicnn's extractor makes it (frames, 96), but for the precision of the log."""
    sound = decode(path)
    mel = librosa.feature.melspectrogram(y=sound, sr=RATE, hop_length=256, n_fft=512, n_mels=96).T
    rounded = mel.astype(np.float16).astype(np.float32)
    return np.log10(10_000 * rounded + 1)


def decode(path: Path) -> np.ndarray:
    """Mono at 16 kHz as librosa.load gives it; PyAV reads files that libsndfile refuses."""
    with av.open(path) as container:
        to_float = av.AudioResampler(format="fltp", layout="stereo", rate=48_000)
        frames = [part for frame in container.decode(audio=0) for part in to_float.resample(frame)]
    stereo = np.concatenate([frame.to_ndarray() for frame in frames], axis=1)
    return librosa.resample(stereo.mean(axis=0), orig_sr=48_000, target_sr=RATE)


def windows_of(mel: np.ndarray) -> np.ndarray:
    """(n, 187, 96) at every STEP frames."""
    starts = range(0, len(mel) - WINDOW + 1, STEP)
    return np.stack([mel[start : start + WINDOW] for start in starts])


def original_network(wheel_path: Path) -> Network:
    """The saved training graph, cut down to mel -> (embedding, tags), with its weights."""
    tf = tensorflow().compat.v1
    tf.disable_eager_execution()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel_path) as wheel:
        prefix = unpack_checkpoint(wheel, Path(folder))
        session = tf.Session(graph=tf.Graph())
        with session.graph.as_default():
            tf.import_graph_def(inference_graph(tf, prefix), name="")
            restore(tf, session, prefix)
    asked = ("model/Flatten/flatten/Reshape:0", "model/Sigmoid:0")

    def network(mel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        feeds = {"model/Placeholder:0": mel, "model/Placeholder_2:0": False}
        e, tags = session.run(asked, feeds)
        return e, tags

    return network


def inference_graph(tf: Any, prefix: Path) -> Any:
    meta = tf.MetaGraphDef()
    meta.ParseFromString(prefix.with_name(prefix.name + ".meta").read_bytes())
    for node in meta.graph_def.node:
        node.attr.pop("_output_shapes", None)  # newer versions infer other sizes for unused outputs
    wanted = ["model/Flatten/flatten/Reshape", "model/Sigmoid"]
    return tf.graph_util.extract_sub_graph(meta.graph_def, wanted)


def restore(tf: Any, session: Any, prefix: Path) -> None:
    """Assign every variable of the graph its value in the checkpoint."""
    checkpoint = tf.train.load_checkpoint(str(prefix))
    for operation in session.graph.get_operations():
        if operation.type in ("VariableV2", "Variable"):
            value = checkpoint.get_tensor(operation.name)
            session.run(tf.assign(operation.outputs[0], value))


if __name__ == "__main__":
    main()
