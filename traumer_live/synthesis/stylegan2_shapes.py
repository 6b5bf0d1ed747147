"""Which StyleGAN2 tensors form, and which tensors a StyleGAN2 has.

In: tensor shapes, or a configuration.  Out: the other.  Thread: any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from traumer_live.synthesis.config import Architecture, GeneratorConfig
from traumer_live.synthesis.mapping_shapes import Shapes, mapping_shapes, mapping_sizes, numbers

LARGEST_RESOLUTION = 2048  # pixels; beyond it a header is damaged rather than ambitious
LARGEST_CONST = 64  # cells on a side of the learnt constant, likewise
CONST = "synthesis.b4.const"


def stylegan2_config(shapes: Shapes) -> GeneratorConfig:
    """The configuration that tensors of these shapes form.

    Raises:
        KeyError, ValueError: they form none.
    """
    widths = _widths(shapes)
    sizes = mapping_sizes(shapes)
    _, height, width = shapes[CONST]
    if min(height, width, *widths.values()) < 1 or max(height, width) > LARGEST_CONST:
        raise ValueError("a layer without channels, or an odd constant")
    config = GeneratorConfig(
        resolution=max(widths),
        channel_base=_channel_base(widths),
        channel_max=widths[4],
        w_dim=sizes.w_dim,
        z_dim=sizes.z_dim,
        mapping_layers=sizes.layers,
        img_channels=shapes.get(f"synthesis.b{max(widths)}.torgb.weight", (3,))[0],
        architecture=_architecture(shapes),
        num_classes=sizes.num_classes,
        embed_dim=sizes.embed_dim,
        mapping_width=sizes.width,
        const_size=(height, width),
    )
    return _with_explicit_widths(config, widths)


def stylegan2_shapes(config: GeneratorConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a StyleGAN2."""
    shapes = mapping_shapes(
        config.mapping_widths, num_classes=config.num_classes, embed_dim=config.embed_dim
    )
    shapes[CONST] = (config.channels(4), *config.const_size)
    for spec in config.layers:
        prefix = f"synthesis.{spec.name}"
        shapes |= _affine_shapes(prefix, spec.in_channels, config)
        shapes[f"{prefix}.weight"] = (spec.out_channels, spec.in_channels, 3, 3)
        shapes[f"{prefix}.bias"] = (spec.out_channels,)
        shapes[f"{prefix}.noise_strength"] = ()
        shapes[f"{prefix}.noise_const"] = config.extent(spec.resolution)
    for resolution in config.resolutions:
        channels = config.channels(resolution)
        if config.has_rgb(resolution):
            prefix = f"synthesis.b{resolution}.torgb"
            shapes |= _affine_shapes(prefix, channels, config)
            shapes[f"{prefix}.weight"] = (config.img_channels, channels, 1, 1)
            shapes[f"{prefix}.bias"] = (config.img_channels,)
        if config.has_skip(resolution):
            before = config.channels(resolution // 2)
            shapes[f"synthesis.b{resolution}.skip.weight"] = (channels, before, 1, 1)
    return shapes


def _affine_shapes(
    prefix: str, channels: int, config: GeneratorConfig
) -> dict[str, tuple[int, ...]]:
    return {
        f"{prefix}.affine.weight": (channels, config.w_dim),
        f"{prefix}.affine.bias": (channels,),
    }


def _architecture(shapes: Shapes) -> Architecture:
    """Only a residual network has ``skip`` layers, and only the other colours at 4x4."""
    return "resnet" if "synthesis.b4.torgb.weight" not in shapes else "skip"


def _widths(shapes: Shapes) -> dict[int, int]:
    """Channels by resolution, for a plausible chain of resolutions; ValueError otherwise."""
    resolutions = numbers(shapes, r"synthesis\.b(\d{1,4})\.conv1\.weight")
    if max(resolutions, default=0) > LARGEST_RESOLUTION:
        raise ValueError("resolution out of range")
    return {r: shapes[f"synthesis.b{r}.conv1.weight"][0] for r in sorted(resolutions)}


def _channel_base(widths: Mapping[int, int]) -> int:
    """The base of the rule width = min(base // resolution, max), if they follow it."""
    below = [width * r for r, width in widths.items() if width < widths[4]]
    return max(below, default=widths[4] * max(widths))


def _with_explicit_widths(config: GeneratorConfig, widths: Mapping[int, int]) -> GeneratorConfig:
    """``config`` as it is when its rule gives ``widths``, else with the widths themselves."""
    if all(config.channels(r) == widths.get(r) for r in config.resolutions):
        return config
    return replace(config, widths=tuple(widths[r] for r in config.resolutions))
