"""Music taggers of the tagging benchmark: Choi's FCN and ShortChunkCNN_Res.

In: a plain state dict, or the one inside of a PyTorch-Lightning checkpoint.  Out: Converted.
Thread: child process. Names stay as the benchmark has them: ``spec.*``, ``spec_bn.*``,
``layerN.*``, ``dense*``.

Tensors cannot tell how long a window a tagger was trained for (the 29-s and the 0.5-s FCN have the
same shapes), so the class that a Lightning checkpoint states is kept as ``variant``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from traumer_live.importing.arrays import Numbers
from traumer_live.importing.dialects.types import Converted, as_float32
from traumer_live.importing.inert import Opaque

FCN, SHORT_CHUNK = "fcn", "short-chunk-cnn-res"
RECOGNISED_BY = {FCN: "layer1.conv.weight", SHORT_CHUNK: "layer1.conv_1.weight"}
COUNTERS = ".num_batches_tracked"
VARIANTS = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,40}")
VISITED = 10_000  # objects looked at for the class


def is_tagger(names: Mapping[str, Any]) -> bool:
    """Whether tensors of these names are a tagger's."""
    return "spec_bn.weight" in names and any(key in names for key in RECOGNISED_BY.values())


def convert_tagger(tensors: Mapping[str, Numbers], *, beside: Any = None) -> Converted:
    """The tagger; ``beside`` is what else the file holds."""
    kept = {name: value for name, value in tensors.items() if not name.endswith(COUNTERS)}
    architecture = next(arch for arch, name in RECOGNISED_BY.items() if name in kept)
    metadata = {}
    if "spec.mel_scale.fb" in kept:
        metadata["n_mels"] = str(kept["spec.mel_scale.fb"].shape[-1])
    if variant := stated_class(beside):
        metadata["variant"] = variant
    dialect = "PyTorch-Lightning tagger" if variant else "tagging benchmark"
    return Converted("encoder", architecture, dialect, as_float32(kept), metadata)


def stated_class(value: Any) -> str:
    """The class of the network that training settings name, such as ``Short_Term_FCN``."""
    waiting, seen = [value], set[int]()
    while waiting and len(seen) < VISITED:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, dict):
            model = found.get("model")
            if name := _class_in(model):
                return name
            waiting.extend(found.values())
        elif isinstance(found, Opaque):
            waiting += [found.state, found.entries, *found.items]
        elif isinstance(found, list | tuple):
            waiting.extend(found)
    return ""


def _class_in(model: Any) -> str:
    """The ``type`` of a model's settings, as omegaconf nests them."""
    state = model.state if isinstance(model, Opaque) else model
    content = state.get("_content", state) if isinstance(state, dict) else {}
    node = content.get("type") if isinstance(content, dict) else None
    inner = node.state if isinstance(node, Opaque) else {"_val": node}
    value = inner.get("_val") if isinstance(inner, dict) else None
    return value if isinstance(value, str) and VARIANTS.fullmatch(value) else ""
