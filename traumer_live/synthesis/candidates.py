"""What could compute the pictures here, and what was found the best on this machine before.

In: nothing but this machine; a generator's info.  Out: candidates in order; a kept choice.
Thread: any. Only what is installed is named, and torch never on a processor alone: the show that
needs no GPU imports no torch.
"""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from traumer_live.core.cores import usable_cores
from traumer_live.core.errors import OutputError
from traumer_live.core.files import written_atomically
from traumer_live.core.paths import cache_dir
from traumer_live.synthesis.generator import GRAPH, GeneratorInfo
from traumer_live.synthesis.graph_cache import GRAPH_VERSION

VERSION = 1  # of the kept file
NATIVE_BFLOAT16 = {"avx512_bf16", "amx_bf16"}  # of x86, as Linux names them
RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "openvino", "torch")


@dataclass(frozen=True)
class Candidate:
    """One way to compute pictures."""

    backend: str  # a Backend of loading.py
    threads: int

    @property
    def exact(self) -> bool:
        """Whether it computes in single precision."""
        return not self.backend.endswith("-bf16")

    def __str__(self) -> str:
        return f"{self.backend} with {self.threads} thread{'s' * (self.threads > 1)}"


def candidate_of(info: GeneratorInfo) -> Candidate:
    """The way in which a generator that is open computes."""
    suffix = "-bf16" if info.precision == "bfloat16" else ""
    return Candidate(info.backend + suffix, info.threads)


@dataclass(frozen=True)
class KeptChoice:
    """What calibration found on this machine for this model."""

    candidate: Candidate
    resolution: int  # of the exit that was timed
    ms: float


def candidates(info: GeneratorInfo, cores: int | None = None) -> tuple[Candidate, ...]:
    """What is worth trying beside what runs already, the likely best first."""
    if info.backend == "torch" or info.architecture == GRAPH:
        return ()
    cores = usable_cores() if cores is None else cores
    most = cores if cores <= 2 else cores - 1  # of more than two, one is left to sound and windows
    counts = sorted({1, most})
    backends = ["onnx"]
    if find_spec("openvino") is not None:
        backends += ["openvino", *(["openvino-bf16"] if _has_bfloat16() else [])]
    found = [Candidate(backend, threads) for backend in backends for threads in counts]
    return tuple(each for each in found if each != candidate_of(info))


def fallbacks(info: GeneratorInfo) -> tuple[Candidate, ...]:
    """Who may paint when torch fails: onnxruntime, on the same card where it can, else without."""
    return (Candidate("onnx", 1),) if info.backend == "torch" else ()


def kept_choice(info: GeneratorInfo) -> KeptChoice | None:
    """The choice that was kept for this machine and model; None when there is none to trust."""
    try:
        kept = json.loads(_path(info).read_text(encoding="utf-8"))
        candidate = Candidate(str(kept["backend"]), int(kept["threads"]))
        choice = KeptChoice(candidate, int(kept["resolution"]), float(kept["ms"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    known = candidate in candidates(info) or candidate == candidate_of(info)
    sensible = kept.get("version") == VERSION and choice.resolution in info.exits and choice.ms > 0
    return choice if known and sensible else None


def keep_choice(info: GeneratorInfo, choice: KeptChoice) -> None:
    """Remember ``choice``; a machine that forbids it calibrates again next time."""
    document = {
        "version": VERSION,
        **asdict(choice.candidate),
        "resolution": choice.resolution,
        "ms": round(choice.ms, 3),
    }
    try:
        with written_atomically(_path(info)) as temporary:
            temporary.write_text(json.dumps(document) + "\n", encoding="utf-8")
    except (OSError, OutputError):
        return


def _path(info: GeneratorInfo) -> Path:
    model = f"{info.sha256[:24]}-{info.size[0]}x{info.size[1]}"
    return cache_dir() / "calibration" / f"{_machine()}-{model}.json"


def machine_facts() -> tuple[str, ...]:
    """The processor, the cores that may be used, and the runtimes: what a calibration is good for.

    >>> len(machine_facts()) > 4
    True
    """
    return (
        platform.machine(),
        _processor(),
        f"{usable_cores()} cores",
        f"graph {GRAPH_VERSION}",
        *(f"{name} {_version(name)}" for name in RUNTIMES),
    )


def _machine() -> str:
    """Changes with any of the facts."""
    return hashlib.sha256("\n".join(machine_facts()).encode()).hexdigest()[:16]


def _processor() -> str:
    """Its name, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith("model name")), platform.processor())


def _processor_flags() -> set[str] | None:
    """What the processor can do, where the system tells it: Linux on x86."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((set(line.split()) for line in lines if line.startswith("flags")), None)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "-"


def _has_bfloat16() -> bool:
    flags = _processor_flags()
    if flags is not None:
        return bool(flags & NATIVE_BFLOAT16)  # openvino knows too, but importing it takes 30 MB
    from traumer_live.synthesis.backends.openvino import has_bfloat16

    return has_bfloat16()
