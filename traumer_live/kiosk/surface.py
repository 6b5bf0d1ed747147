"""One GLFW window: its OpenGL context, its keys, and whether it fills a monitor.

In: a size, a monitor, a function for keys.  Out: a surface to draw on.  Thread: main; GLFW allows
no other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import glfw
import moderngl

from traumer_live.core.errors import DisplayError
from traumer_live.kiosk.monitors import choose_monitor
from traumer_live.video.gl import window_context
from traumer_live.video.look import Size

TITLE = "TräumerAI Live"
LOOK_S = 0.5  # how often a window that fills its monitor looks whether it still does
LOOSE_S = 0.1  # how long a window manager gets to move a window before it fills a monitor again
ATTEMPTS = 4  # one that knows better is not fought for ever
_trouble = ""  # what GLFW last complained about


def require_display() -> None:
    """Make sure that windows can be opened here.

    Raises:
        DisplayError: they cannot.
    """
    glfw.set_error_callback(_note_trouble)
    if not glfw.init():
        raise DisplayError(
            "There is no display to open a window on; set DISPLAY, or use run --headless."
            + (f" ({_trouble})" if _trouble else "")
        )
    if glfw.get_platform() == glfw.PLATFORM_NULL:
        glfw.terminate()
        raise DisplayError(
            "GLFW found no windowing system, only its empty stand-in; set DISPLAY or "
            "WAYLAND_DISPLAY, or use run --headless."
        )


class Surface:
    """The kiosk's window; hidden until it has something to show."""

    def __init__(
        self, size: Size, *, monitor: str | None, saved_monitor: str, on_key: Callable[[int], None]
    ) -> None:
        self._size = size
        self._wanted = monitor
        self._saved = saved_monitor
        self.on_key = on_key  # may be replaced by whoever takes the window over
        self._window: Any = None
        self._fills = False  # wants to fill its monitor
        self._monitors_changed = False
        self._look_at = 0.0  # GLFW's time
        self._attempts = 0
        self._loose = False  # off its monitor for a moment, so that it can be moved

    def open(self) -> moderngl.Context:
        """Make the window and its context, current in this thread.

        Raises:
            DisplayError: no display, no such monitor, or no OpenGL 3.3.
        """
        require_display()
        _set_hints(self._monitor())
        self._window = glfw.create_window(*self._size, TITLE, None, None)
        if not self._window:
            raise DisplayError(
                f"No window with OpenGL 3.3 can be opened ({_trouble}); update the graphics driver."
            )
        glfw.make_context_current(self._window)
        glfw.swap_interval(1)
        glfw.set_input_mode(self._window, glfw.CURSOR, glfw.CURSOR_HIDDEN)
        glfw.set_key_callback(self._window, self._on_glfw_key)
        glfw.set_monitor_callback(self._on_monitor)
        return window_context(glfw.get_proc_address)

    def close(self) -> None:
        """Take the window away and let GLFW go."""
        if self._window:
            glfw.destroy_window(self._window)
            self._window = None
        glfw.terminate()

    @property
    def handle(self) -> Any:
        """GLFW's own window."""
        return self._window

    @property
    def size(self) -> Size:
        """Pixels to draw on; (0, 0) while minimised."""
        width, height = glfw.get_framebuffer_size(self._window)
        return width, height

    @property
    def refresh_hz(self) -> float:
        """Pictures a second of its monitor; 0 where there is none."""
        mode = _mode_of(self._monitor()) if glfw.get_monitors() else None
        return float(mode.refresh_rate) if mode is not None else 0.0

    @property
    def wants_to_close(self) -> bool:
        """Somebody clicked the close button."""
        return bool(glfw.window_should_close(self._window))

    @property
    def fills_monitor(self) -> bool:
        """Whether it is fullscreen now."""
        return bool(glfw.get_window_monitor(self._window))  # a null pointer when it is not

    def show_window(self) -> None:
        """Show it as a window in the middle of its monitor."""
        self._fills = False
        x, y, width, height = _middle(self._monitor(), self._size)
        _leave_monitor(self._window, x, y, width, height)
        glfw.show_window(self._window)

    def show_fullscreen(self) -> None:
        """Fill the monitor in the mode it is in."""
        self._fills = True
        self._look_at = glfw.get_time() + LOOK_S
        monitor = self._monitor()
        mode = _mode_of(monitor)
        if mode is not None:
            width, height = mode.size
            glfw.set_window_monitor(self._window, monitor, 0, 0, width, height, mode.refresh_rate)
            self._loose = False

    def toggle_fullscreen(self) -> None:
        """From window to fullscreen or back."""
        if self.fills_monitor:
            self.show_window()
        elif glfw.get_monitors():
            self.show_fullscreen()

    def poll(self, wait_s: float = 0.0) -> None:
        """Let keys and the window system be heard, for at most so long."""
        if wait_s > 0:
            glfw.wait_events_timeout(wait_s)
        else:
            glfw.poll_events()
        if self._monitors_changed:
            self._monitors_changed = False
            self._attempts = 0
            self._return_to_its_monitor()
        elif self._fills and glfw.get_time() >= self._look_at:
            self._stay_in_place()

    def swap(self) -> None:
        """Show what was drawn at the monitor's next refresh."""
        glfw.swap_buffers(self._window)

    def _return_to_its_monitor(self) -> None:
        """A monitor was unplugged or came back: fill the best one there is now."""
        if self._fills and glfw.get_monitors():
            self.show_fullscreen()

    def _stay_in_place(self) -> None:
        """Fill the monitor again when monitors were laid otherwise, or the window was left behind.

        A window manager moves no window that is fullscreen: it becomes a window for a moment.
        """
        self._look_at = glfw.get_time() + LOOK_S
        if self._loose:
            self.show_fullscreen()
        elif self._is_in_place():
            self._attempts = 0
        elif self._attempts < ATTEMPTS:
            self._attempts += 1
            self._loose = True
            self._look_at = glfw.get_time() + LOOSE_S
            area = _area_of(self._monitor())
            if area is not None:
                _leave_monitor(self._window, *area)

    def _is_in_place(self) -> bool:
        """Whether it lies where its monitor is; Wayland does not tell, and looks itself."""
        on_wayland = glfw.get_platform() == glfw.PLATFORM_WAYLAND
        if on_wayland or not glfw.get_monitors():
            return True
        if glfw.get_window_attrib(self._window, glfw.ICONIFIED):
            return True  # somebody put it away
        area = _area_of(self._monitor())
        own = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        return area in (None, own)

    def _on_monitor(self, _monitor: Any, _event: int) -> None:
        self._monitors_changed = True  # acted on after GLFW has finished its own part

    def _monitor(self) -> Any:
        """The monitor to be on; once the window is there, another one is better than none."""
        monitors = glfw.get_monitors()
        names = [_text(glfw.get_monitor_name(monitor)) for monitor in monitors]
        try:
            position = choose_monitor(names, wanted=self._wanted, saved=self._saved)
        except DisplayError:
            if not (self._window and names):
                raise
            position = 0
        return monitors[position]

    def _on_glfw_key(self, _window: Any, key: int, _code: int, action: int, _mods: int) -> None:
        if action == glfw.PRESS:
            self.on_key(key)


def _set_hints(monitor: Any) -> None:
    x, y = glfw.get_monitor_pos(monitor)
    for hint, value in (
        (glfw.CONTEXT_VERSION_MAJOR, 3),
        (glfw.CONTEXT_VERSION_MINOR, 3),
        (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
        (glfw.OPENGL_FORWARD_COMPAT, True),  # macOS gives no core profile without it
        (glfw.VISIBLE, False),  # no grey window before the first picture
        (glfw.AUTO_ICONIFY, False),  # stay when the focus goes to the operator's screen
        # Under some window managers fullscreen lands on the first monitor unless the window
        # was already on the right one.
        (glfw.POSITION_X, x),
        (glfw.POSITION_Y, y),
    ):
        glfw.window_hint(hint, value)


def _leave_monitor(window: Any, x: int, y: int, width: int, height: int) -> None:
    no_monitor: Any = None  # as GLFW wants it; the binding's types do not know
    glfw.set_window_monitor(window, no_monitor, x, y, width, height, glfw.DONT_CARE)


def _mode_of(monitor: Any) -> Any | None:
    """Its mode; None for one that is gone already, of which GLFW will tell with the next events."""
    try:
        return glfw.get_video_mode(monitor)
    except ValueError:  # how the binding tells of a null pointer
        return None


def _area_of(monitor: Any) -> tuple[int, int, int, int] | None:
    """Where it lies, and how large it is."""
    mode = _mode_of(monitor)
    if mode is None:
        return None
    width, height = mode.size
    return (*glfw.get_monitor_pos(monitor), width, height)


def _middle(monitor: Any, size: Size) -> tuple[int, int, int, int]:
    """Where a window of ``size`` stands in the middle of the monitor's free area."""
    left, top, width, height = glfw.get_monitor_workarea(monitor)
    own_width, own_height = min(size[0], width), min(size[1], height)
    return left + (width - own_width) // 2, top + (height - own_height) // 2, own_width, own_height


def _note_trouble(_code: int, description: bytes | str) -> None:
    global _trouble
    _trouble = _text(description).strip().rstrip(".")


def _text(given: bytes | str) -> str:
    """What GLFW says, which is bytes or text depending on the binding's version."""
    return given.decode(errors="replace") if isinstance(given, bytes) else given
