"""What a music player on this desktop plays, as it tells by MPRIS on the session's D-Bus.

In: the session bus, where there is one.  Out: the track that plays; a signal when another begins.
Thread: GUI; nothing waits for an answer. Without a bus, or a player, all of it stays quiet.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal, pyqtSlot

try:
    from PyQt6.QtDBus import (
        QDBusConnection,
        QDBusMessage,
        QDBusPendingCallWatcher,
        QDBusPendingReply,
    )
except ImportError:  # Qt for Windows comes without it
    if not TYPE_CHECKING:
        QDBusConnection = QDBusPendingCallWatcher = QDBusPendingReply = None
        QDBusMessage = object

OURS = "traumer-live-now-playing"  # the name of our connection within Qt
PLAYERS = "org.mpris.MediaPlayer2."  # what their names begin with
PLAYER = "org.mpris.MediaPlayer2.Player"
PLACE = "/org/mpris/MediaPlayer2"
PROPERTIES = "org.freedesktop.DBus.Properties"
BUS, BUS_PLACE = "org.freedesktop.DBus", "/org/freedesktop/DBus"


@dataclass(frozen=True)
class Track:
    """What one player has on; without a title it is nothing."""

    title: str = ""
    artists: tuple[str, ...] = ()
    plays: bool = False

    @property
    def words(self) -> str:
        """Such as ``Night Drive · Ada``."""
        return " · ".join(part for part in (self.title, ", ".join(self.artists)) if part)


class NowPlaying(QObject):
    """Follows every player of the session."""

    began = pyqtSignal(object)  # Track: another piece than before begins

    def __init__(self, address: str | None = None) -> None:
        """``address`` is that of a bus; None: of this session's."""
        super().__init__()
        self._address = session_bus() if address is None else address
        self._bus: Any = None
        self._tracks: dict[str, Track] = {}  # by the unique name of the player
        self._asked: set[Any] = set()  # answers that are awaited
        self._heard: tuple[str, tuple[str, ...]] | None = None  # the piece that played last

    @property
    def available(self) -> bool:
        """Whether there is a bus on which players could tell."""
        return self._bus is not None

    @property
    def track(self) -> Track | None:
        """What plays now; of several players the one that began last."""
        return next((track for track in reversed(self._tracks.values()) if track.plays), None)

    def start(self) -> None:
        """Begin to follow; nothing happens where there is no bus."""
        if QDBusConnection is None or not self._address:
            return
        bus = QDBusConnection.connectToBus(self._address, OURS)
        if not bus.isConnected():
            QDBusConnection.disconnectFromBus(OURS)
            return
        self._bus = bus
        bus.connect("", PLACE, PROPERTIES, "PropertiesChanged", self._changed)
        bus.connect(BUS, BUS_PLACE, BUS, "NameOwnerChanged", self._owner_changed)
        self._ask(BUS, BUS_PLACE, BUS, "ListNames", [], self._named)

    def close(self) -> None:
        """Follow no more."""
        self._asked.clear()
        if self._bus is not None:
            self._bus = None
            QDBusConnection.disconnectFromBus(OURS)

    # -- what the bus says ---------------------------------------------------------------------

    @pyqtSlot(QDBusMessage)
    def _changed(self, message: QDBusMessage) -> None:
        """A player tells what is different now."""
        interface, values, *_ = [*message.arguments(), "", {}]
        if interface == PLAYER and isinstance(values, dict):
            if message.service() in self._tracks:
                self._take(message.service(), values)
            else:
                self._ask_player(message.service())

    @pyqtSlot(QDBusMessage)
    def _owner_changed(self, message: QDBusMessage) -> None:
        """A player came or went."""
        name, old, new = (*message.arguments(), "", "", "")[:3]
        if name.startswith(PLAYERS) and new:
            self._ask_player(new)
        if not new:
            self._tracks.pop(old or name, None)

    def _named(self, arguments: list[Any]) -> None:
        """Who is on the bus: players, by their well-known names."""
        for name in arguments[0] if arguments else ():
            if name.startswith(PLAYERS):
                self._ask(BUS, BUS_PLACE, BUS, "GetNameOwner", [name], self._owned)

    def _owned(self, arguments: list[Any]) -> None:
        if arguments:
            self._ask_player(arguments[0])

    def _ask_player(self, owner: str) -> None:
        self._ask(
            owner, PLACE, PROPERTIES, "GetAll", [PLAYER], lambda told: self._told(owner, told)
        )

    def _told(self, owner: str, arguments: list[Any]) -> None:
        if arguments and isinstance(arguments[0], dict):
            self._take(owner, arguments[0])

    def _take(self, owner: str, values: dict[str, Any]) -> None:
        """What a player told; what it left out is as before."""
        before = self._tracks.get(owner, Track())
        track = track_of(values, before)
        if track.plays and not before.plays:
            self._tracks.pop(owner, None)  # to the end: it began last
        self._tracks[owner] = track
        playing = self.track
        if playing is None or not playing.title:
            return
        piece = (playing.title, playing.artists)
        is_another = self._heard is not None and piece != self._heard
        self._heard = piece
        if is_another:
            self.began.emit(playing)

    def _ask(
        self, service: str, place: str, interface: str, what: str, words: list[str], then: Any
    ) -> None:
        """Call ``then`` with the arguments of the answer; errors are no answer."""
        call = QDBusMessage.createMethodCall(service, place, interface, what)
        call.setArguments(words)
        watcher = QDBusPendingCallWatcher(self._bus.asyncCall(call))
        self._asked.add(watcher)

        def answer(answered: Any) -> None:
            self._asked.discard(watcher)
            reply = QDBusPendingReply(answered)
            if not reply.isError() and self._bus is not None:
                then(reply.reply().arguments())

        watcher.finished.connect(answer)


def track_of(values: dict[str, Any], before: Track) -> Track:
    """The track in MPRIS properties; what is missing or makes no sense is as ``before``.

    >>> track_of({"Metadata": {"xesam:title": "A", "xesam:artist": ["B"]}}, Track(plays=True)).words
    'A · B'
    """
    plays = before.plays
    if isinstance(values.get("PlaybackStatus"), str):
        plays = values["PlaybackStatus"] == "Playing"
    told = values.get("Metadata")
    if not isinstance(told, dict):
        return Track(before.title, before.artists, plays)
    title, artists = told.get("xesam:title"), told.get("xesam:artist")
    names = artists if isinstance(artists, list) else [artists]
    return Track(
        title.strip() if isinstance(title, str) else "",
        tuple(name.strip() for name in names if isinstance(name, str) and name.strip()),
        plays,
    )


def session_bus() -> str:
    """Address of this session's bus; empty where there is none, and none is started."""
    if sys.platform in ("win32", "darwin"):
        return ""
    if address := os.environ.get("DBUS_SESSION_BUS_ADDRESS", ""):
        return address
    socket = os.path.join(os.environ.get("XDG_RUNTIME_DIR", ""), "bus")
    return f"unix:path={socket}" if os.path.isabs(socket) and os.path.exists(socket) else ""
