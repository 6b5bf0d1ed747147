"""The page Dream: models, presets, what the music moves, how fast, and the pulse."""

from __future__ import annotations

from traumer_live.app.texts.common import ALL_FILES, Words

DREAM = "DREAM"
PRESETS = {
    "paper": Words(
        "Paper",
        "As published: plain averages over 3, 2 and 0.3 s, no pulse, no loudness correction.",
    ),
    "live": Words(
        "Live", "For the stage: newer sound counts more, so the picture follows much sooner."
    ),
}
VARIETY = Words("Variety", "Truncation: 0 is the average picture, 1 the generator's full variety.")
GRAIN = Words("Grain", "Strength of the generator's own fine noise.")
PULSE = Words("Pulse", "How strongly the beat moves the picture; ignored by Paper.")
ENERGY = Words(
    "Energy", "How lively all of it is: pulse, grain and the look's own motion together."
)
LAG_TIP = (
    "How late each level of the picture follows the music, in seconds:\n"
    "coarse is shape, middle is content, fine is colour and surface. The pulse answers at once."
)
PULSE_TIP = (
    "What the pulse hears: tempo in beats per minute with its beat,\n"
    "and the strength of bass (B), middle (M) and treble (T)."
)
NO_BEAT = "no beat yet"
BASS, MIDDLE, TREBLE = "B", "M", "T"

MOTION = "MOTION"
DRIFT = Words(
    "Drift", "How far a slow walk of its own leads the picture off the music; ignored by Paper."
)
_LEVELS = {"coarse": "shapes", "middle": "contents", "fine": "colours and surfaces"}

MODELS = "Models"
KINDS = {"generator": "GENERATORS", "mapping": "MAPPINGS", "encoder": "TAGGERS"}
FITTING = "One that fits"  # instead of a mapping by name
OPEN_MODEL = "Open model or mapping…"
OPEN_MODEL_TITLE = "Open a model or a mapping"
MODEL_FILES = (
    "Models and mappings (*.pkl *.pickle *.pt *.pth *.ckpt *.safetensors *.onnx *.npy)",
    ALL_FILES,
)
WIDE = Words("Wide 16:9", "Paint beyond the square that the generator was trained on.")
DROP = "Drop to open"
STARTER, FIRST = "starter", "first mapping"
FIRST_TIP = (
    "This generator has no mapping of its own yet. A first one plays, as varied as the\n"
    "generator but without a meaning; a better one takes over when it is made."
)
SHIPPED_TAGGER = "the shipped one"
MODELS_TIP = "Click for others, or drop a checkpoint, a tagger or a mapping on the window."
WARMING_UP = "Warming up"


def speed(level: str) -> Words:
    """How fast one style level follows."""
    return Words(
        level.capitalize(),
        f"How fast {_LEVELS[level]} follow the music; 1 as published, "
        "faster is sooner and less calm.",
    )


def reading(name: str) -> str:
    """A file is opened."""
    return f"Reading {name}"


def shipped(name: str) -> str:
    """A model that came with the program."""
    return f"{name} (shipped)"


def mapping_grows(share: float) -> str:
    """How far the mapping is that is being made."""
    return f"mapping {100 * share:.0f} %"


def generator(name: str, architecture: str, width: int, height: int) -> str:
    """The generator that plays."""
    return f"Generator: {name}, {architecture}, {width} x {height}"


def mapping(name: str) -> str:
    """The mapping that plays."""
    return f"Mapping: {name}"


def tagger(name: str) -> str:
    """The tagger that hears."""
    return f"Tagger: {name}"


def only_square(name: str) -> str:
    """Why a generator cannot paint wide."""
    return (
        f"{name} can only paint its own square; "
        "let the picture fill the screen instead (mirror or crop)."
    )


def not_played(name: str, kind: str) -> str:
    """Why something of the library is not played."""
    return (
        f"{name} holds {kind}, which are kept in the library; open a generator, a tagger or a "
        "mapping to play it."
    )
