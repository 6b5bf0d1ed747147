"""The sheet of keys: what is on each cap, and what it does."""

from __future__ import annotations

TITLE = "KEYS"
KEYS: tuple[tuple[str, str], ...] = (
    ("F", "Fullscreen output"),
    ("Esc", "Back from fullscreen"),
    ("B", "Blackout"),
    ("D", "Fade to black and back"),
    ("S", "Safe scene"),
    ("Space", "Freeze the picture"),
    ("1 – 9", "Scene of this slot"),
    ("Ctrl 1 – 9", "Keep this moment there"),
    (", .", "Scene before, next scene"),
    ("R", "Record"),
    ("T", "Teach: this music, this picture"),
    ("Shift T", "Teach with one of the last pictures"),
    ("Ctrl Z", "Take the last lesson back"),
    ("H", "HUD over the picture"),
    ("M", "Small window above others"),
    ("N", "Title of what plays"),
    ("Y", "Why this picture?"),
    ("F1 – F5", "Dream, look, sound, take, why"),
    ("Tab", "Next control"),
    ("Del", "Slider back to its default"),
    ("?", "This sheet"),
    ("Q", "Quit"),
)
