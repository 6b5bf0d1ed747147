"""Muon: momentum, each matrix of it brought to equal singular values before it moves the weights.

In: convolution weights with gradients.  Out: the weights, one step further.

Adam moves along the few directions that the gradient is strongest in; the thin layers at 16 to 64
pixels have to learn many weak ones (edges, contours, hatching). Jordan et al. 2024, "Muon: An
optimizer for hidden layers in neural networks"; the size of a step is made equal to Adam's as in
Liu et al. 2025, "Muon is Scalable for LLM Training" (arXiv 2502.16982).
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

ROUNDS = 5
# Coefficients of the odd polynomial that drives singular values toward one (Jordan et al.).
LINEAR, CUBIC, QUINTIC = 3.4445, -4.7750, 2.0315
MOMENTUM = 0.95
ADAMS_SIZE = 0.2  # root mean square of a step of Adam with rate one


def orthogonal(matrix: Tensor) -> Tensor:  # (a, b) -> (a, b)
    """The matrix with all its singular values near one, by a Newton-Schulz iteration."""
    wide = matrix.shape[0] <= matrix.shape[1]
    x = (matrix if wide else matrix.t()).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(ROUNDS):
        gram = x @ x.t()
        x = LINEAR * x + (CUBIC * gram + QUINTIC * gram @ gram) @ x
    return (x if wide else x.t()).to(matrix.dtype)


class Muon:
    """Steps for weights of any shape (out, ...), each seen as a matrix with ``out`` rows."""

    def __init__(self, weights: Iterable[nn.Parameter]) -> None:
        self.weights = list(weights)
        self.rate = 0.0
        self.momenta = [torch.zeros_like(w) for w in self.weights]

    @torch.no_grad()
    def step(self) -> None:
        """Move all weights by their gradients."""
        for weight, momentum in zip(self.weights, self.momenta, strict=True):
            if weight.grad is None:
                continue
            momentum.mul_(MOMENTUM).add_(weight.grad)
            ahead = weight.grad + MOMENTUM * momentum
            matrix = ahead.reshape(len(ahead), -1)
            size = ADAMS_SIZE * math.sqrt(max(matrix.shape))
            weight.sub_(orthogonal(matrix).reshape(ahead.shape), alpha=self.rate * size)
