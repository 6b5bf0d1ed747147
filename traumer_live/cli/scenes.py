"""``traumer-live scenes``: those that were kept; and ``--scene NAME``: begin in one of them.

In: parsed options; settings.  Out: an exit code; settings as a scene has them.  Thread: main.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace

import tomli_w

from traumer_live.cli.speech import say
from traumer_live.core.settings import Settings
from traumer_live.scenes.scene import Scene, to_table
from traumer_live.scenes.store import SceneStore


def run(options: argparse.Namespace) -> int:
    """List, show, give away, take in or delete scenes.

    Raises:
        SettingsError: there is no such scene, or a file holds none.
        OutputError: a file exists already or cannot be written.
    """
    store = SceneStore()
    _ACTIONS[options.action](store, options)
    for trouble in store.troubles:
        say(trouble)
    return 0


def _list(store: SceneStore, _options: argparse.Namespace) -> None:
    print("\n".join(listed(store)))


def _show(store: SceneStore, options: argparse.Namespace) -> None:
    print(tomli_w.dumps(to_table(store.find(options.name))), end="")


def _export(store: SceneStore, options: argparse.Namespace) -> None:
    chosen = [store.find(name) for name in options.names] or store.scenes()
    store.export(chosen, options.file, force=options.force)
    say(f"{options.file} holds {_counted(len(chosen))}.")


def _import(store: SceneStore, options: argparse.Namespace) -> None:
    for file in options.files:
        for scene in store.take_in(file):
            at = f" in slot {scene.slot}" if scene.slot else ""
            say(f"The scene {scene.name} was added{at}.")


def _remove(store: SceneStore, options: argparse.Namespace) -> None:
    say(f"The scene {store.remove(options.name).name} was deleted.")


_ACTIONS = {
    "list": _list,
    "show": _show,
    "export": _export,
    "import": _import,
    "remove": _remove,
}


def listed(store: SceneStore) -> Iterator[str]:
    """One line for each scene: slot, name, what it is made of."""
    scenes = store.scenes()
    width = max((len(scene.name) for scene in scenes), default=0)
    for scene in scenes:
        yield f"  {scene.slot or ' '}  {scene.name:{width}}  {_told(scene)}"
    if not scenes:
        yield "There are no scenes yet; the studio keeps the moment that you see as one."
    yield ""
    yield f"They lie in {store.folder}"


def _told(scene: Scene) -> str:
    generator = scene.models.get("generator") or "shipped generator"
    look, preset = (scene.controls.get(name, "-") for name in ("look", "preset"))
    return f"{generator} · look {look} · preset {preset} · fades in {scene.crossfade_s:g} s"


def _counted(scenes: int) -> str:
    return f"{scenes} scene{'s' * (scenes != 1)}"


def with_scene(settings: Settings, options: argparse.Namespace) -> Settings:
    """``settings`` with the models, seed and controls of the scene that was named, if one was.

    What else stands on the command line still goes before it.

    Raises:
        SettingsError: there is no such scene.
    """
    wanted = getattr(options, "scene", None)
    if not wanted:
        return settings
    from traumer_live.engine.scenes import objection, own_controls  # brings the whole show

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
