"""The parent's own look at what goes into the library.

In: a weights file and what the child process says it is.  Out: nothing, or ModelError.
Thread: any.

The child is not trusted: had a foreign file taken it over, all it could leave behind is this file,
which is read here as every weights file is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from traumer_live.core.errors import ModelError
from traumer_live.embedding.encoder import load_any_weights
from traumer_live.importing.errors import SafeLoadError
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis.checkpoint import load_checkpoint
from traumer_live.synthesis.weights_file import read_header, read_tensors


def check_result(result: Path, answer: dict[str, Any], *, name: str) -> None:
    """ModelError unless ``result`` is the kind of model that the child says.

    ``name`` is the file that the person gave, for the sentence.
    """
    kind, as_it_is = str(answer.get("kind")), bool(answer.get("as_it_is"))
    try:
        check = CHECKS.get((kind, as_it_is))
        if check is None:
            raise SafeLoadError("The reading of it went wrong.")
        check(result)
    except ModelError as error:
        reason = str(error).replace(str(result), "It").replace(result.name, "It")
        raise SafeLoadError(f"{name} cannot be imported. {reason}") from error


def _numbers(result: Path) -> None:
    read_tensors(read_header(result))


# What was converted, and what was ours already (a file that somebody exported or passed on).
CHECKS: dict[tuple[str, bool], Callable[[Path], object]] = {
    ("generator", False): load_checkpoint,
    ("generator", True): load_checkpoint,
    ("encoder", False): load_any_weights,
    ("encoder", True): load_any_weights,
    ("mapping", False): _numbers,
    ("mapping", True): load_pack,
    ("statistics", False): _numbers,
    ("labels", False): _numbers,
}
