"""Write log_mel.safetensors: what librosa makes of two chirps and a little noise.

Run it in an environment of its own: pip install librosa==0.11.0 safetensors.
"""

from pathlib import Path

import librosa
import numpy as np
from safetensors.numpy import save_file

RATE = 16_000
SAMPLES = 4096  # 15 whole frames


def sound() -> np.ndarray:
    """Quiet noise under a rising and a falling chirp: every filter hears something."""
    t = np.arange(SAMPLES) / RATE
    noise = 0.01 * np.random.default_rng(5).standard_normal(SAMPLES)
    rising = np.sin(2 * np.pi * (50 * t + 0.5 * 28_000 * t**2))
    falling = np.sin(2 * np.pi * (900 * t - 0.5 * 3_000 * t**2))
    return (0.4 * rising + 0.3 * falling + noise).astype(np.float32)


def log_mel(x: np.ndarray, *, n_mels: int, htk: bool) -> tuple[np.ndarray, np.ndarray]:
    """Filters and power mel, not centred."""
    norm = None if htk else "slaney"
    filters = librosa.filters.mel(sr=RATE, n_fft=512, n_mels=n_mels, htk=htk, norm=norm)
    mel = librosa.feature.melspectrogram(
        y=x, sr=RATE, n_fft=512, hop_length=256, n_mels=n_mels, htk=htk, norm=norm, center=False
    )
    return filters.astype(np.float32), mel.T


def main() -> None:
    """Make the file beside this script."""
    x = sound()
    slaney_filters, slaney = log_mel(x, n_mels=96, htk=False)
    htk_filters, htk = log_mel(x, n_mels=128, htk=True)
    # The whole filterbanks would be 230 kB; a few random spectra through them tell as much.
    probe = np.random.default_rng(6).random((257, 8)).astype(np.float32)
    arrays = {
        "sound": x,
        "probe": probe,
        "slaney_filters_probed": slaney_filters @ probe,
        "slaney_log_mel": np.log10(1 + 10_000 * slaney).astype(np.float32),
        "htk_filters_probed": htk_filters @ probe,
        "htk_decibel": (10 * np.log10(np.maximum(htk, 1e-10))).astype(np.float32),
    }
    arrays = {name: np.ascontiguousarray(a) for name, a in arrays.items()}
    about = {"made_by": "make_log_mel.py", "librosa": librosa.__version__}
    save_file(arrays, Path(__file__).with_name("log_mel.safetensors"), metadata=about)


if __name__ == "__main__":
    main()
