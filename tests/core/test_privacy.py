"""Nothing of a show leaves the machine: the runtime's own reports are off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOADS_A_MODEL = """
import traumer_live
import onnx
import onnxruntime
from onnx import helper
one = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
two = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [one], [two])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
"""


def test_the_runtime_keeps_no_id_and_no_events_of_the_user(tmp_path: Path) -> None:
    # XDG_CACHE_HOME would hide the home folder, which is where the id would appear.
    hidden = ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")
    outside = {name: value for name, value in os.environ.items() if name not in hidden}
    subprocess.run(
        [sys.executable, "-c", LOADS_A_MODEL], env=outside | {"HOME": str(tmp_path)}, check=True
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
