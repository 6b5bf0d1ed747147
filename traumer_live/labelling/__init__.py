"""Labelling: pairs of music and picture, who makes them, and the transfer fitted to them.

This room may use the stages and the engine; nothing in the running show needs it.
"""
