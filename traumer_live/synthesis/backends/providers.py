"""Which of onnxruntime's providers can really run on this machine.

In: nothing.  Out: provider names in order of preference.  Thread: any.

The package lists CUDA whenever it was built with it; asking for it where its libraries are missing
prints errors and silently falls back. So CUDA is asked for only where they load.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from pathlib import Path

import onnxruntime as ort

CUDA, CPU = "CUDAExecutionProvider", "CPUExecutionProvider"
_WINDOWS = sys.platform == "win32"
_DRIVER = "nvcuda.dll" if _WINDOWS else "libcuda.so.1"
_PROVIDER = "onnxruntime_providers_cuda.dll" if _WINDOWS else "libonnxruntime_providers_cuda.so"


@cache
def usable_providers() -> list[str]:
    """CUDA first where driver and libraries load, then the CPU."""
    if CUDA in ort.get_available_providers() and has_nvidia_driver() and _cuda_provider_loads():
        return [CUDA, CPU]
    return [CPU]


def has_nvidia_driver() -> bool:
    """Whether an NVIDIA driver is installed; loads nothing of CUDA itself."""
    return _loads(_DRIVER)


def _cuda_provider_loads() -> bool:
    """Loading the provider's library pulls in the CUDA runtime, cuBLAS and cuDNN, or fails."""
    return _loads(str(Path(ort.__file__).parent / "capi" / _PROVIDER))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
