"""AdamW over named parameter groups, its moments in checkpoints, and the learning rate: warm-up, hold, and a decay in the last chunk."""

from __future__ import annotations

import math

import torch

Groups = list[tuple[dict[str, torch.nn.Parameter], float]]


def make_optimiser(groups: Groups, lr: float, weight_decay: float) -> torch.optim.AdamW:
    """groups: (named parameters, learning-rate multiplier)."""
    rows = [{'params': list(params.values()), 'mult': mult} for params, mult in groups]
    return torch.optim.AdamW(rows, lr=lr, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True)


def optimiser_state(opt: torch.optim.Optimizer, names: dict[torch.nn.Parameter, str]) -> dict[str, torch.Tensor]:
    """The moments as flat tensors 'name|key'."""
    return {f'{names[p]}|{k}': v for p, s in opt.state.items() for k, v in s.items() if isinstance(v, torch.Tensor) and v.ndim}


def restore_optimiser(opt: torch.optim.Optimizer, named: dict[str, torch.nn.Parameter], sd: dict[str, torch.Tensor], step: int) -> None:
    for key, v in sd.items():
        name, k = key.rsplit('|', 1)
        p = named[name]
        # same strides as the parameter (channels last): the fused kernels pair elements by memory position
        opt.state[p][k] = torch.empty_like(p.detach()).copy_(v)
        opt.state[p]['step'] = torch.tensor(float(step), device=p.device)


def rising(step: int, started: int, warmup: int) -> float:
    """Linear warm-up over `warmup` steps after `started`."""
    return min(1.0, (step - started + 1) / max(1, warmup))


def falling(share: float) -> float:
    """Decay over a finishing chunk, of which `share` in 0..1 has passed: 1 - sqrt (Hägele et al. 2024)."""
    return max(0.01, 1 - math.sqrt(min(1.0, share)))
