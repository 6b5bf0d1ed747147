"""What ``doctor`` looks at in the show itself: the models, and what really runs them.

In: the user's settings.  Out: findings.  Thread: main; loads each model once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from traumer_live.cli.findings import Finding, Mark
from traumer_live.core import model_library
from traumer_live.core.errors import TraumerError
from traumer_live.core.files import hash_file
from traumer_live.core.paths import data_file
from traumer_live.core.settings import Settings, load_settings
from traumer_live.core.types import TICK_RATE
from traumer_live.embedding import encoder
from traumer_live.engine.models import SHIPPED_MAPPING, device
from traumer_live.latent.pack import load_pack
from traumer_live.synthesis import loading
from traumer_live.synthesis.candidates import kept_choice
from traumer_live.synthesis.generator import Generator

PICTURES = 8  # timed, after one that warms up
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


def check_settings() -> Iterator[Finding]:
    """Whether the settings file can be read; a broken one is set aside as at every start."""
    _, trouble = load_settings()
    if trouble:
        yield Finding(Mark.FAIR, "settings", trouble)


def check_models() -> Iterator[Finding]:
    """Encoder, mapping and generator: whole, as their cards describe them, and loadable."""
    settings, _ = load_settings()
    for name, chosen, shipped, load in _models(settings):
        yield examined(name, chosen, shipped, load)


def examined(name: str, chosen: str, shipped: str, load: Callable[[Path], object]) -> Finding:
    """One model file: hashed, compared with its card, and loaded."""
    try:
        path = model_library.resolve(chosen, name) if chosen else data_file(shipped)
        load(path)
        digest = hash_file(path)
    except TraumerError as error:
        advice = (
            f"Choose another --{name}." if chosen else "Install traumer-live again, or the clone."
        )
        return Finding(Mark.BAD, name, str(error), advice, essential=True)
    text = f"{model_library.display_name(path)}{path.suffix}, sha256 {digest[:12]}…"
    known = hashes_on_card(path)
    if digest in known:
        return Finding(Mark.GOOD, name, f"{text} as on its card")
    if known:
        advice = "If you did not replace it yourself, install it again."
        return Finding(Mark.FAIR, name, f"{text} is not what {path.stem}.md says", advice)
    return Finding(Mark.GOOD, name, text)


def hashes_on_card(path: Path) -> set[str]:
    """The sha256 sums named by the model card beside a weights file."""
    card = path.with_suffix(".md")
    return set(SHA256.findall(card.read_text(encoding="utf-8"))) if card.is_file() else set()


def check_pictures() -> Iterator[Finding]:
    """What really computes the pictures, and how many a second it manages."""
    settings, _ = load_settings()
    try:
        named = settings.generator
        path = model_library.resolve(named, "generator") if named else None
        generator = loading.load_generator(path)
    except TraumerError:
        return  # already told by check_models
    yield calibration(generator)
    rate = pictures_a_second(generator)
    text = f"{device(generator.info)}: {rate:.0f} pictures of {generator.info.resolution} a second"
    if rate >= TICK_RATE:
        yield Finding(Mark.GOOD, "pictures", text)
    else:
        advice = "The motion stays smooth in time but shows fewer pictures; close other programs."
        yield Finding(Mark.FAIR, "pictures", text, advice)


def calibration(generator: Generator) -> Finding:
    """Which runtime shows found the best for this generator on this machine."""
    kept = kept_choice(generator.info)
    if kept is None:
        text = "not yet made; the first show finds the best runtime while it plays"
    else:
        text = f"{kept.candidate} is the best here ({kept.ms:.1f} ms at {kept.resolution} pixels)"
    return Finding(Mark.GOOD, "calibration", text)


def pictures_a_second(generator: Generator) -> float:
    """Measured on this machine, now."""
    w_plus = np.tile(generator.w_avg, (generator.info.num_ws, 1))  # (num_ws, w_dim)
    generator.synthesize(w_plus)
    start = time.perf_counter()
    for _ in range(PICTURES):
        generator.synthesize(w_plus)
    return PICTURES / (time.perf_counter() - start)


def check_runtimes() -> Iterator[Finding]:
    """onnxruntime's providers that really load, and torch, which is optional."""
    import onnxruntime

    from traumer_live.synthesis.backends.providers import usable_providers

    used = [name.removesuffix("ExecutionProvider") for name in usable_providers()]
    yield Finding(
        Mark.GOOD, "onnxruntime", f"{onnxruntime.__version__}, really usable: {', '.join(used)}"
    )
    if find_spec("openvino") is None:
        advice = "Optional, often the fastest on x86: pip install 'traumer-live[openvino]'"
        yield Finding(Mark.FAIR, "OpenVINO", "not installed", advice)
    else:
        yield Finding(Mark.GOOD, "OpenVINO", f"{_installed('openvino')} (tried by the first show)")
    if find_spec("torch") is None:
        advice = "Only for CUDA at high resolutions: pip install 'traumer-live[torch]'"
        yield Finding(Mark.FAIR, "torch", "not installed", advice)
    else:
        yield Finding(Mark.GOOD, "torch", f"{_installed('torch')}; {_torch_way()}")


CHECKS = (check_settings, check_runtimes, check_models, check_pictures)


def _torch_way() -> str:
    """Whether torch would paint, and how; the tests run its parts, no card of ours ever did."""
    from traumer_live.synthesis.loading import torch_has_cuda

    if not torch_has_cuda():
        return "used with CUDA only, which does not load here: onnxruntime paints"
    return (
        "paints on CUDA: a recorded graph, half precision at the four largest resolutions; "
        "onnxruntime where it fails"
    )


def _models(settings: Settings) -> list[tuple[str, str, str, Callable[[Path], object]]]:
    return [
        ("encoder", settings.encoder, encoder.DEFAULT_WEIGHTS, encoder.load_encoder),
        ("mapping", settings.mapping, SHIPPED_MAPPING, load_pack),
        ("generator", settings.generator, loading.DEFAULT_WEIGHTS, loading.load_generator),
    ]


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"
