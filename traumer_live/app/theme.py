"""Colours, type, icons and the style sheet of the studio; every colour is named here, once.

In: assets/studio.qss, assets/icons/*.svg.  Out: a dressed QApplication, tinted icons.
Thread: GUI.
"""

from __future__ import annotations

from functools import cache
from string import Template

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from traumer_live.core.paths import data_file

COLOURS = {
    "window": "#0E0F12",
    "card": "#16181D",
    "raised": "#1F2229",
    "hover": "#262A33",
    "line": "#2A2E37",
    "text": "#E7E9EE",
    "quiet": "#8E95A3",
    "disabled": "#565C69",
    "accent": "#F0A85B",  # what is live or selected
    "danger": "#E5484D",  # recording and clipping, nothing else
    "signal": "#4CC38A",  # sound that is heard, nothing else
}
GRID = 8  # px; every gap is a multiple of it or half of it
GAP = 12
TEXT_PX = 13
FADE_MS = 160  # motion is short and never delays an action
ICON_PX = 16
_SCALES = (1, 2)  # icons for ordinary and for doubled pixels


def colour(name: str) -> QColor:
    """The named colour."""
    return QColor(COLOURS[name])


def dress(app: QApplication) -> None:
    """Give ``app`` its type, palette and style sheet."""
    app.setStyle("Fusion")  # the same everywhere; the sheet covers the rest
    app.setFont(_text_font())
    app.setPalette(_palette())
    app.setStyleSheet(style_sheet())


def style_sheet() -> str:
    """assets/studio.qss with the colours and the place of the icons filled in."""
    sheet = Template(data_file("assets/studio.qss").read_text(encoding="utf-8"))
    return sheet.substitute(COLOURS, icons=data_file("assets/icons").as_posix())


@cache
def icon(name: str, tint: str = "quiet", *, on: str = "") -> QIcon:
    """The icon ``name`` in the colour ``tint``, and in the colour ``on`` while checked."""
    made = QIcon()
    for scale in _SCALES:
        made.addPixmap(_drawn(name, tint, scale), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(_drawn(name, on or tint, scale), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(_drawn(name, "disabled", scale), QIcon.Mode.Disabled)
    return made


def _drawn(name: str, tint: str, scale: int) -> QPixmap:
    svg = data_file(f"assets/icons/{name}.svg").read_text(encoding="utf-8")
    svg = svg.replace(COLOURS["quiet"], COLOURS[tint])  # icons are drawn in the quiet colour
    pixmap = QPixmap(ICON_PX * scale, ICON_PX * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def _text_font() -> QFont:
    """The system's own sans with figures of equal width; the shipped face where there is none."""
    if not QFontDatabase.families():
        QFontDatabase.addApplicationFont(str(data_file("assets/fonts/DejaVuSansMono.ttf")))
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(TEXT_PX)
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    font.setFeature(QFont.Tag(b"tnum"), 1)
    return font


def _palette() -> QPalette:
    """For what the style sheet does not reach, such as file dialogs."""
    palette = QPalette()
    role = QPalette.ColorRole
    for names, shade in (
        ((role.Window, role.Base), "card"),
        ((role.Button, role.AlternateBase, role.ToolTipBase), "raised"),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), "text"),
        ((role.Highlight, role.Link), "accent"),
        ((role.HighlightedText,), "window"),
        ((role.PlaceholderText,), "quiet"),
    ):
        for name in names:
            palette.setColor(name, colour(shade))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, colour("disabled"))
    return palette
