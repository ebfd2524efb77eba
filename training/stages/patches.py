"""An adversary that tells patches of decoded pictures from patches of real ones (Isola et al. 2017), so that a decoder draws
outlines where L1 alone would rather blur them. Hinge loss, spectral norms; its share of the decoder's loss is balanced
by gradients at the decoder's last layer, as in VQGAN (arXiv 2012.09841)."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.parametrizations import spectral_norm

WIDTHS = (24, 48, 96)


class Patches(nn.Module):
    """[N, 3, H, W] in -1..1 -> a score for every patch of 22 pixels; above 0: real."""

    def __init__(self) -> None:
        super().__init__()
        layers, before = [], 3
        for k, width in enumerate(WIDTHS):
            stride = 2 if k < 2 else 1
            layers += [spectral_norm(nn.Conv2d(before, width, 4, stride, 1)), nn.LeakyReLU(0.2)]
            before = width
        self.layers = nn.Sequential(*layers, nn.Conv2d(before, 1, 3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


class Adversary:
    def __init__(self, device: torch.device, lr: float = 4e-4) -> None:
        self.net = Patches().to(device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), lr, (0.5, 0.9), weight_decay=0.0)

    def learn(self, drawn: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """One step of its own -> its loss (2 while it knows nothing)."""
        loss = F.relu(1 - self.net(real)).mean() + F.relu(1 + self.net(drawn.detach())).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def against(self, drawn: torch.Tensor, likeness: torch.Tensor, last: torch.Tensor, share: float) -> torch.Tensor:
        """What drawings lose for being told apart, with `share` of the gradient that `likeness` has at the weight `last`."""
        self.net.requires_grad_(False)
        loss = -self.net(drawn).mean()
        self.net.requires_grad_(True)
        mine, theirs = (torch.autograd.grad(v, last, retain_graph=True)[0].norm() for v in (loss, likeness))
        return share * (theirs / (mine + 1e-6)).clamp(max=1e3).detach() * loss
