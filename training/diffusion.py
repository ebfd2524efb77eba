"""The diffusion objective: linear betas, v-prediction (Salimans & Ho 2022), flat weights over time, more weight on the
subject's area.

Flat v-MSE on purpose: min-SNR weights vanish at high noise, which is where the text decides subject and colour.
"""

from __future__ import annotations

import torch

from .config import SCHEDULE


def alphas_cumprod() -> torch.Tensor:
    betas = torch.linspace(SCHEDULE['beta_start'], SCHEDULE['beta_end'], SCHEDULE['num_train_timesteps'])
    return torch.cumprod(1 - betas, 0)


def noised(
    x0: torch.Tensor, eps: torch.Tensor, t: torch.Tensor, acp: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """x_t and its v target, for latents of any rank with the batch first."""
    a = acp[t].view(-1, *[1] * (x0.dim() - 1))
    return a.sqrt() * x0 + (1 - a).sqrt() * eps, a.sqrt() * eps - (1 - a).sqrt() * x0


def strata(n: int, device: torch.device, power: float = 1.0) -> torch.Tensor:
    """n timesteps in 0..999, one from each of n equally likely ranges, shuffled. A power below 1 prefers high noise."""
    u = (torch.arange(n, device=device) + torch.rand(n, device=device)) / n
    return (u**power * SCHEDULE['num_train_timesteps']).long()[torch.randperm(n, device=device)]


def weighted_v(
    out: torch.Tensor, v: torch.Tensor, mask: torch.Tensor, strength: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """-> loss, plain MSE. Weight 1 + strength * coverage, normalised to mean 1; mask: uint8 coverage, broadcastable."""
    e = (out.float() - v) ** 2
    w = 1 + strength * mask.float() / 255
    return (e * (w / w.mean())).mean(), e.detach().mean()
