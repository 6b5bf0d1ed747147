"""Write msd_vgg.safetensors: what the saved graph of MSD_vgg answers with MTT_vgg's weights.

    python -m tests.golden.make_msd_vgg musicnn-0.1.0-py3-none-any.whl

Both networks have the same tensors and are pooled otherwise, so the shipped weights will do, and
those of MSD_vgg need not be here. Needs what tools/convert_musicnn.py needs, and what
make_mtt_vgg.py imports. The graph is that of training, which lies beside the weights in the wheel.
In: the six mel windows of mtt_vgg.safetensors.  Out: embedding and tags of each.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from tests.golden.make_mtt_vgg import inference_graph, restore
from tools.convert_musicnn import check_wheel, tensorflow, unpack_checkpoint

HERE = Path(__file__).parent


def main() -> None:
    tf = tensorflow().compat.v1
    tf.disable_eager_execution()
    check_wheel(Path(sys.argv[1]))
    mel = load_file(HERE / "mtt_vgg.safetensors")["mel"].astype(np.float32)
    session = tf.Session(graph=tf.Graph())
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(sys.argv[1]) as wheel,
        session.graph.as_default(),
    ):
        pooled_as = unpack_checkpoint(wheel, Path(folder), "msd_vgg")
        tf.import_graph_def(inference_graph(tf, pooled_as), name="")
        restore(tf, session, unpack_checkpoint(wheel, Path(folder), "mtt_vgg"))
    asked = ("model/Flatten/flatten/Reshape:0", "model/Sigmoid:0")
    feeds = {"model/Placeholder:0": mel, "model/Placeholder_2:0": False}
    e, tags = session.run(asked, feeds)
    made_by = {"made_by": Path(__file__).name}
    save_file({"e": e, "tags": tags}, HERE / "msd_vgg.safetensors", made_by)


if __name__ == "__main__":
    main()
