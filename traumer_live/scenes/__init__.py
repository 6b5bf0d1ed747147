"""Scenes: everything that is needed to return to a moment, and where it is kept."""
