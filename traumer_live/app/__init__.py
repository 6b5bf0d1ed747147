"""The studio: windows in PyQt6. Nothing outside this room knows Qt."""
