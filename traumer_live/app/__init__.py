"""The studio: PyQt6 windows on top of the engine."""
