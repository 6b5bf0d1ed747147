"""How varied the pictures are, and how near the gallery, on frozen features.

In: pictures (n, 3, s, s) in 0..1.  Out: distances, shares of the gallery's families, path length.
The features are those of an ImageNet network (tools/training/features.py), averaged over the
picture. Distances compare only with distances of this page: other papers use another network.

Fréchet distance: Heusel et al. 2017 (arXiv 1706.08500). Path length: Karras et al. 2019
(arXiv 1812.04948). Families by nearest neighbours among gallery pictures, whose family is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from tools.evidence.subject import Subject
from tools.gallery.bristles import fresh_noise
from tools.gallery.families import FAMILIES
from tools.gallery.painter import family_shares as shares_of
from tools.gallery.painter import paint
from tools.gallery.underdrawing import underdrawing
from tools.training.features import TAPS, Features

LOOK = 128  # pixels at which the frozen network looks
NEIGHBOURS = 9
PAIRS = 4000
STEP = 0.02  # of the way between two w, for the path length
PATHS = 200
DEEP = tuple(TAPS)[-2:]  # blocks whose means describe a picture


class Eye:
    """The frozen network, asked for one vector per picture or for whole maps."""

    def __init__(self) -> None:
        self.features = Features()

    def describe(self, pictures: Tensor) -> Tensor:  # (n, 432)
        """Means of the two deepest unmixed maps."""
        net = self.features.net
        x = F.relu6(net._bn0(net._conv_stem(seen(pictures))))
        means = []
        for i, block in enumerate(net._blocks):
            x = block(x)
            if i in DEEP:
                means.append(x.mean((2, 3)))
        return torch.cat(means, 1)

    def difference(self, a: Tensor, b: Tensor) -> Tensor:  # (n,)
        """Squared distance of the maps, each map at unit energy per place as in LPIPS."""
        total = torch.zeros(len(a))
        for one, other in zip(self.features(seen(a)), self.features(seen(b)), strict=True):
            apart = F.normalize(one, dim=1) - F.normalize(other, dim=1)
            total = total + apart.square().sum(1).mean((1, 2))
        return total


def seen(pictures: Tensor) -> Tensor:
    """Pictures as the frozen network wants them."""
    return F.adaptive_avg_pool2d(pictures, LOOK) * 2 - 1


@dataclass(frozen=True)
class Crowd:
    """Many pictures as vectors."""

    vectors: Tensor  # (n, 432)
    families: Tensor | None = None  # (n,) where known


def gather(count: int, make: Callable[[int], Tensor], eye: Eye, chunk: int = 32) -> Tensor:
    """Vectors of ``count`` pictures, made a few at a time."""
    return torch.cat([eye.describe(make(chunk)) for _ in range(count // chunk)])


def gallery_crowd(count: int, size: int, eye: Eye) -> Crowd:
    """Pictures of the gallery, with the family that is strongest in each."""
    families: list[Tensor] = []

    def make(n: int) -> Tensor:
        under = underdrawing()
        w = under.random_w(n)
        families.append(shares_of(under.touch(w)).argmax(1))
        return paint(w, w, w, size=size, noise=fresh_noise(n))

    vectors = gather(count, make, eye)
    return Crowd(vectors, torch.cat(families))


def dreamt_crowd(count: int, subject: Subject, eye: Eye) -> Crowd:
    """Random pictures of the generator."""
    vectors = gather(count, lambda n: subject.pictures(subject.everywhere(subject.w(n))), eye)
    return Crowd(vectors)


def frechet(a: Crowd, b: Crowd) -> float:
    """Fréchet distance between Gaussians with the means and covariances of two crowds."""
    x, y = a.vectors.double(), b.vectors.double()
    apart = (x.mean(0) - y.mean(0)).square().sum()
    cov_x, cov_y = x.t().cov(), y.t().cov()
    # The trace of the root of a product of covariances, by the eigenvalues of a symmetric twin.
    values, vectors = torch.linalg.eigh(cov_x)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.t()
    cross = torch.linalg.eigvalsh(root @ cov_y @ root).clamp(min=0).sqrt().sum()
    return float(apart + cov_x.trace() + cov_y.trace() - 2 * cross)


def diversity(crowd: Crowd) -> float:
    """Mean distance between random pairs."""
    n = len(crowd.vectors)
    i, j = torch.randint(0, n, (2, PAIRS))
    apart = (crowd.vectors[i] - crowd.vectors[j]).norm(dim=1)[i != j]
    return float(apart.mean())


def family_shares(crowd: Crowd, known: Crowd) -> Tensor:  # (families,)
    """What share of ``crowd`` looks most like each family of ``known``."""
    assert known.families is not None
    scale = known.vectors.std(0) + 1e-6
    near = torch.cdist(crowd.vectors / scale, known.vectors / scale)
    votes = known.families[near.topk(NEIGHBOURS + 1, largest=False).indices]
    if crowd is known:
        votes = votes[:, 1:]  # everybody is nearest to himself
    return torch.bincount(votes[:, :NEIGHBOURS].mode(1).values, minlength=len(FAMILIES)) / len(
        votes
    )


def path_length(subject: Subject, eye: Eye) -> float:
    """Mean perceptual distance per squared step between two random w."""
    lengths = []
    for _ in range(PATHS // 10):
        a, b, t = subject.w(10), subject.w(10), torch.rand(10, 1)
        here, next_ = (subject.everywhere(torch.lerp(a, b, s)) for s in (t, t + STEP))
        lengths.append(eye.difference(subject.pictures(here), subject.pictures(next_)) / STEP**2)
    return float(torch.cat(lengths).mean())
