"""A music player of nobody's, on the session bus it is started with.

It speaks as much of MPRIS as the studio asks for. A line on standard input, ``title<TAB>artist<TAB>
status``, is what it has on from then on. It says ``ready`` when it can be found.
"""

from __future__ import annotations

import sys

from PyQt6.QtCore import QCoreApplication, QObject, QSocketNotifier, pyqtClassInfo, pyqtProperty
from PyQt6.QtDBus import QDBusAbstractAdaptor, QDBusConnection, QDBusMessage

PLAYER = "org.mpris.MediaPlayer2.Player"
PLACE = "/org/mpris/MediaPlayer2"


@pyqtClassInfo("D-Bus Interface", PLAYER)
class Player(QDBusAbstractAdaptor):
    """What other programs see of it."""

    title, artist, status = "First", "Ada", "Playing"

    @pyqtProperty("QVariantMap")
    def Metadata(self):  # noqa: N802  MPRIS's name
        return {"xesam:title": self.title, "xesam:artist": [self.artist], "mpris:trackid": "/t/1"}

    @pyqtProperty(str)
    def PlaybackStatus(self):  # noqa: N802  MPRIS's name
        return self.status

    def obey(self) -> None:
        line = sys.stdin.readline()
        if not line:
            QCoreApplication.quit()
            return
        self.title, self.artist, self.status = line.rstrip("\n").split("\t")
        told = QDBusMessage.createSignal(
            PLACE, "org.freedesktop.DBus.Properties", "PropertiesChanged"
        )
        values = {"Metadata": self.Metadata, "PlaybackStatus": self.status}
        told.setArguments([PLAYER, values, []])
        QDBusConnection.sessionBus().send(told)


def main() -> None:
    app = QCoreApplication(sys.argv)
    here = QObject()
    player = Player(here)
    bus = QDBusConnection.sessionBus()
    bus.registerObject(PLACE, here)
    bus.registerService("org.mpris.MediaPlayer2.fake")
    orders = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    orders.activated.connect(player.obey)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    app.exec()


if __name__ == "__main__":
    main()
