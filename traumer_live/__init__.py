"""TräumerAI Live: listens to the music in the room and dreams pictures to it."""

__version__ = "0.1.0"

__all__ = ["__version__"]
