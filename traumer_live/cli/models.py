"""``traumer-live models``: the checkpoints that people bring, from import to removal.

In: parsed options.  Out: lines on standard output, an exit code.  Thread: main.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from traumer_live.cli.share_bar import DownloadBar, ShareBar
from traumer_live.core import model_library
from traumer_live.core.errors import ModelError
from traumer_live.core.files import hash_file, refuse_overwrite, written_atomically
from traumer_live.core.graph_store import forget
from traumer_live.core.model_library import SHIPPED, Entry, shipped_file
from traumer_live.importing.importer import Notes, import_model
from traumer_live.importing.packs import Fitting
from traumer_live.importing.speed import milliseconds_per_frame


def run(options: argparse.Namespace) -> int:
    """Do what ``models`` was asked for."""
    ACTIONS[options.action](options)
    return 0


def _import(options: argparse.Namespace) -> None:
    notes = Notes(options.name, options.origin, options.licence, options.window)
    _say_imported(_imported(options.file, notes, _fitting(options)))


def _imported(path: Path, notes: Notes, fitting: Fitting | None) -> Entry:
    """Imported, with a bar that says how far it is."""
    with ShareBar() as bar:
        return import_model(path, notes, fitting=fitting, progress=bar.show)


def _list(options: argparse.Namespace) -> None:
    lines = [(entry.name, entry.kind, entry.architecture) for entry in model_library.entries()]
    hidden = {(name, kind) for name, kind, _ in lines}
    shipped = ((name, kind, "shipped") for kind, names in SHIPPED.items() for name in names)
    shown = [*lines, *(line for line in shipped if line[:2] not in hidden)]
    width = max(len(name) for name, *_ in shown)
    for name, kind, what in shown:
        print(f"{name:<{width}}  {kind:<10}  {what}")
    if not lines:
        print("Nothing was imported yet; bring a checkpoint with: traumer-live models import FILE")


def _info(options: argparse.Namespace) -> None:
    if model_library.find(options.name) is None and options.name in SHIPPED["generator"]:
        _info_of_shipped(options.name)
        return
    entry = model_library.get(options.name)
    lines = {
        "name": entry.name,
        "kind": entry.kind,
        "architecture": entry.architecture,
        **(_measured(entry.path) if entry.kind == "generator" else {}),
        **_held(entry),
        "came as": f"{entry.source_name} ({entry.dialect}), {entry.imported}",
        "origin": entry.origin or "not noted",
        "licence": entry.licence or "not noted; see docs/models.md for what to ask",
        "sha256": f"{entry.source_sha256} (of the file it came from)",
        **entry.metadata,
        "file": f"{entry.path} ({entry.path.stat().st_size / 1e6:.1f} MB)",
    }
    _print(lines)


def _info_of_shipped(name: str) -> None:
    """What is known of a generator that came with the program; its card tells the rest."""
    path = shipped_file(name)
    _print(
        {
            "name": name,
            "kind": "generator, shipped",
            **_measured(path),
            "licence": "GPL-3.0-or-later",
            "sha256": hash_file(path),
            "card": str(path.with_suffix(".md")),
            "file": f"{path} ({path.stat().st_size / 1e6:.1f} MB)",
        }
    )


def _print(lines: Mapping[str, str]) -> None:
    for name, value in lines.items():
        print(f"{name:<14} {value}")


def _measured(path: Path) -> dict[str, str]:
    """Size, rows and speed of a generator, on this machine."""
    from traumer_live.synthesis.loading import load_generator

    generator = load_generator(path)
    info = generator.info
    return {
        "size": f"{info.size[0]} x {info.size[1]} pixels",
        "rows": f"{info.num_ws} of {info.w_dim} numbers (z: {info.z_dim})",
        "speed here": f"{milliseconds_per_frame(generator):.3g} ms per frame on {info.backend}",
    }


def _held(entry: Entry) -> dict[str, str]:
    """What lies in statistics and labels of the origin."""
    from traumer_live.latent import origin

    if entry.kind == origin.STATISTICS:
        return origin.described_statistics(origin.load_statistics(entry.path))
    if entry.kind == origin.LABELS:
        return origin.described_labels(origin.load_origin_labels(entry.path))
    return {}


def _fetch(options: argparse.Namespace) -> None:
    from traumer_live.importing.fetching import fetched

    bar = DownloadBar()
    with bar, fetched(options.url, sha256=options.sha256, progress=bar.show) as path:
        bar.end()
        origin = options.origin or options.url
        notes = Notes(options.name, origin, options.licence, options.window)
        _say_imported(_imported(path, notes, _fitting(options)))


def _export(options: argparse.Namespace) -> None:
    entry = model_library.get(options.name)
    if entry.kind != "generator":
        raise ModelError(f"{entry.name} is of the kind {entry.kind}; only generators are exported.")
    output = options.output or Path(f"{entry.name}.onnx")
    refuse_overwrite(output, force=options.force)
    graph = entry.path if entry.architecture == "onnx" else _graph(entry.path)
    with written_atomically(output) as temporary:
        shutil.copyfile(graph, temporary)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


def _graph(path: Path) -> Path:
    from traumer_live.synthesis.checkpoint import load_checkpoint
    from traumer_live.synthesis.graph_cache import cached_graph

    return cached_graph(load_checkpoint(path))


def _remove(options: argparse.Namespace) -> None:
    shipped = any(options.name in names for names in SHIPPED.values())
    if shipped and model_library.find(options.name) is None:
        raise ModelError(f"{options.name} came with the program and stays; remove imported models.")
    entry = model_library.get(options.name)
    if entry.kind == "generator":
        from traumer_live.synthesis.graph_cache import graphs_of

        forget(graphs_of(hash_file(entry.path)))
    model_library.remove(options.name)
    print(f"{entry.name} was deleted; {entry.source_name} itself was not touched.")


def _fitting(options: argparse.Namespace) -> Fitting | None:
    """What a transfer was made for, as far as the person says."""
    if options.encoder is None:
        return None  # whether one is needed is known once the file was read
    from traumer_live.embedding.encoder import load_encoder

    encoder = model_library.resolve(options.encoder, "encoder")
    fitting = Fitting(
        model_library.display_name(encoder), hash_file(encoder), load_encoder(encoder).e_dim
    )
    if options.generator is not None:
        fitting = _with_generator(fitting, options.generator)
    return fitting if options.statistics is None else _with_statistics(fitting, options.statistics)


def _with_generator(fitting: Fitting, named: str) -> Fitting:
    from traumer_live.synthesis.loading import load_generator

    path = model_library.resolve(named, "generator")
    info = load_generator(path).info
    return replace(
        fitting,
        generator=model_library.display_name(path),
        generator_sha256=info.w_space,
        w_dim=info.w_dim,
    )


def _with_statistics(fitting: Fitting, named: str) -> Fitting:
    from traumer_live.latent.origin import load_statistics

    path = model_library.resolve(named, "statistics")
    return replace(
        fitting,
        statistics=load_statistics(path),
        statistics_name=model_library.display_name(path),
    )


def _say_imported(entry: Entry) -> None:
    print(f"{entry.name}: {entry.kind}, {entry.architecture} ({entry.dialect}).")
    if entry.kind == "statistics":
        print(f"A transfer that lacks them takes them with: --statistics {entry.name}")
    if entry.kind in ("generator", "encoder", "mapping"):
        print(f"Use it with: traumer-live run --{entry.kind} {entry.name}")


ACTIONS: dict[str, Callable[[argparse.Namespace], None]] = {
    "import": _import,
    "list": _list,
    "info": _info,
    "fetch": _fetch,
    "export": _export,
    "remove": _remove,
}
