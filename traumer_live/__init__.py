"""TräumerAI Live: listens to the music in the room and dreams pictures to it."""

import os

__version__ = "0.1.0"

__all__ = ["__version__"]

# Newer onnxruntimes report their use to their maker, with an id kept in the user's cache folder.
# Nothing here tells anybody anything; it is set before any room can import the runtime.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
