"""Which family a foreign file belongs to.

In: Foreign.  Out: Converted, or a sentence that names what the file is instead.
Thread: child process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from traumer_live.importing.arrays import Numbers, numbers
from traumer_live.importing.dialects import nvidia, origin, rosinality, taggers, tensorflow
from traumer_live.importing.dialects.types import Converted, tensors_of
from traumer_live.importing.errors import SafeLoadError, about
from traumer_live.importing.reader import Foreign
from traumer_live.synthesis.recognise import foreign_network

# Where training programs keep the weights that make pictures; averaged ones first.
WEIGHTS = ("g_ema", "G_ema", "params_ema", "ema", "generator_ema", "state_dict", "model",
           "generator", "g", "G", "params", "GAN", "g_running", "gen", "netG")  # fmt: skip
PREFIXES = ("module.", "generator_ema.", "G_ema.", "g_ema.", "generator.", "model.", "netG.")
AVERAGES = ("latent_avg", "w_avg", "mean_latent")


def convert(foreign: Foreign) -> Converted:
    """The model in a foreign file under our names.

    Raises:
        SafeLoadError: it holds no model that we know, named where we know what it is.
    """
    try:
        return _convert(foreign.value)
    except SafeLoadError as error:
        raise about(f"{foreign.path.name} cannot be imported", error) from error
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise SafeLoadError(
            f"{foreign.path.name} cannot be imported: its tensors do not fit together."
        ) from error


def _convert(value: Any) -> Converted:
    if tensorflow.is_snapshot(value):
        return tensorflow.convert_snapshot(value)
    if (module := nvidia.generator_module(value)) is not None:
        return nvidia.convert_module(module)
    if (labels := origin.label_list(value)) is not None:
        return origin.convert_labels(labels)
    names: list[str] = []
    for tensors in _state_dicts(value):
        names += tensors
        if (converted := _from_tensors(tensors, value)) is not None:
            return converted
    found = foreign_network(names)
    what = f"It is {found}" if found else "It holds no generator, tagger, transfer or labels"
    raise SafeLoadError(f"{what}, which cannot be used here.")


def _state_dicts(value: Any) -> Iterator[dict[str, Numbers]]:
    """Every dict of tensors in a file, likely ones first, with and without common prefixes."""
    if not isinstance(value, dict):
        return
    candidates = [value[key] for key in WEIGHTS if isinstance(value.get(key), dict)]
    for candidate in [*candidates, value]:
        tensors = tensors_of(candidate)
        if not tensors:
            continue
        for prefix in PREFIXES:
            inner = {n[len(prefix) :]: t for n, t in tensors.items() if n.startswith(prefix)}
            if inner:
                yield inner
        yield tensors


def _from_tensors(tensors: dict[str, Numbers], beside: Any) -> Converted | None:
    if foreign_network(tensors) is not None:
        return None
    if (dialect := rosinality.dialect_of(tensors)) is not None:
        return rosinality.convert_state(tensors, dialect, w_avg=_average(beside))
    for recognised, change in FAMILIES:
        if recognised(tensors):
            return change(tensors)
    if taggers.is_tagger(tensors):
        return taggers.convert_tagger(tensors, beside=beside)
    return None


def _is_nvidia(tensors: Mapping[str, Numbers]) -> bool:
    return "synthesis.b4.const" in tensors or nvidia.ALIAS_FREE in tensors


_OURS = {ours: theirs for theirs, ours in (origin.TRANSFER | origin.OWN_STATISTICS).items()}


def _is_pack(tensors: Mapping[str, Numbers]) -> bool:
    return tensors.keys() >= set(_OURS)


def _own_pack(tensors: Mapping[str, Numbers]) -> Converted:
    return origin.convert_transfer({theirs: tensors[ours] for ours, theirs in _OURS.items()})


Family = tuple[Callable[[Mapping[str, Numbers]], bool], Callable[[dict[str, Numbers]], Converted]]
FAMILIES: tuple[Family, ...] = (
    (_is_nvidia, nvidia.convert_tensors),
    (origin.is_transfer, origin.convert_transfer),
    (_is_pack, _own_pack),
    (origin.is_statistics, origin.convert_statistics),
)


def _average(beside: Any) -> Numbers | None:
    """The average w that rosinality's converter puts beside the weights."""
    if not isinstance(beside, dict):
        return None
    found = (numbers(beside.get(key)) for key in AVERAGES)
    return next((value for value in found if value is not None and value.ndim), None)
