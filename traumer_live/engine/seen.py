"""How one moment looks: what controls and pulse say to the look chain.

In: Controls, a Pulse, a time.  Out: LookState.  Thread: any. Imports little, so that a kiosk that
starts again can draw its last picture before the show is loaded.
"""

from __future__ import annotations

from traumer_live.core.controls import Controls
from traumer_live.core.types import Pulse
from traumer_live.video.look import LookState
from traumer_live.video.looks import BARE_LOOK, DEFAULT_LOOK


def look_state(controls: Controls, pulse: Pulse, *, time_s: float) -> LookState:
    """How the controls and the pulse of one moment look; "paper" shows the bare picture."""
    paper = controls.preset == "paper"
    look = BARE_LOOK if paper and controls.look == DEFAULT_LOOK else controls.look
    return LookState(
        look=look,
        amount=controls.look_amount,
        turned={
            knob.removeprefix(f"{look}/"): value
            for knob, value in controls.look_knobs.items()
            if knob.startswith(f"{look}/")
        },
        zoom=controls.zoom,
        hue=controls.hue,
        limit_flashes=controls.limiter,
        fit=controls.fit,
        pulse=pulse,
        pulse_strength=0.0 if paper else controls.pulse_strength,
        energy=controls.energy,
        time_s=time_s,
    )
