"""Dreams: StyleGAN2 and StyleGAN3 generators, from w_plus to RGBA frames."""

from traumer_live.synthesis.generator import Generator, GeneratorInfo
from traumer_live.synthesis.loading import load_generator
from traumer_live.synthesis.mapping import WStatistics
from traumer_live.synthesis.noise import NoisePlanes

__all__ = ["Generator", "GeneratorInfo", "NoisePlanes", "WStatistics", "load_generator"]
