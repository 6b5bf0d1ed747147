"""``--scene NAME``: begin in a scene that was kept.

In: settings and parsed options.  Out: settings as the scene has them.  Thread: main.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from traumer_live.cli.speech import say
from traumer_live.core.settings import Settings
from traumer_live.engine.scenes import objection, own_controls
from traumer_live.scenes.store import SceneStore


def with_scene(settings: Settings, options: argparse.Namespace) -> Settings:
    """``settings`` with the models, seed and controls of the scene that was named, if one was.

    What else stands on the command line still goes before it.

    Raises:
        SettingsError: there is no such scene.
    """
    wanted = getattr(options, "scene", None)
    if not wanted:
        return settings
    scene = SceneStore().find(wanted)
    turned = {}
    for name, value in own_controls(scene).items():
        if reason := objection(name, value):
            say(f"{name} of the scene {scene.name} is left out: {reason}.")
        else:
            turned[name] = value
    if scene.models:
        settings = replace(
            settings,
            **{n: str(scene.models.get(n, "")) for n in ("generator", "encoder", "mapping")},  # type: ignore[arg-type]
        )
        if options.class_index is None and isinstance(scene.models.get("class_index"), int):
            options.class_index = scene.models["class_index"]
        options.wide = options.wide or bool(scene.models.get("aspect"))
    return replace(settings, seed=scene.seed, controls=replace(settings.controls, **turned))
