"""Muon for hidden matrices and AdamW for the rest, their moments in checkpoints, and the learning rate: warm-up, hold,
and a fall at the end.

Muon (Jordan et al. 2024) orthogonalises the momentum of every matrix. On the base stage one of its steps was worth
about two of AdamW's.
"""

from __future__ import annotations

import math
from collections import defaultdict

import torch

from .device import fast_dtype

Groups = list[tuple[dict[str, torch.nn.Parameter], float]]


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton-Schulz, for hidden matrices and convolution kernels (seen as [out, in * kh *
    kw])."""

    def __init__(self, params: list[dict], lr: float, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {'lr': lr, 'momentum': momentum, 'weight_decay': weight_decay})

    @staticmethod
    def orthogonal(g: torch.Tensor, steps: int = 5) -> torch.Tensor:
        """[n, r, c], r <= c -> roughly the nearest semi-orthogonal matrix of each."""
        x = g.to(fast_dtype(g.device))
        x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
        for _ in range(steps):
            s = x @ x.mT
            x = 3.4445 * x + (-4.7750 * s + 2.0315 * s @ s) @ x
        return x.to(g.dtype)

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            params = [p for p in group['params'] if p.grad is not None]
            if not params:
                continue
            grads = [p.grad for p in params]
            for p in params:
                if 'exp_avg' not in self.state[p]:
                    self.state[p]['exp_avg'] = torch.zeros_like(p)
            averages = [self.state[p]['exp_avg'] for p in params]
            torch._foreach_lerp_(averages, grads, 1 - group['momentum'])
            ahead = torch._foreach_lerp(grads, averages, group['momentum'])
            torch._foreach_mul_(params, 1 - group['lr'] * group['weight_decay'])
            # matrices of one shape go together: one by one, a GPU would spend the step on starting thousands of tiny
            # kernels
            alike: dict[tuple[int, ...], list[tuple[torch.nn.Parameter, torch.Tensor, bool]]] = defaultdict(list)
            for p, g in zip(params, ahead):
                matrix = g.flatten(1)
                tall = matrix.shape[0] > matrix.shape[1]
                alike[tuple(sorted(matrix.shape))].append((p, matrix.T if tall else matrix, tall))
            for (_, columns), members in alike.items():
                # the size of AdamW's steps (root mean square 0.2), so that one learning rate serves both
                size = -group['lr'] * 0.2 * columns**0.5
                for (p, _, tall), u in zip(members, self.orthogonal(torch.stack([m for _, m, _ in members]))):
                    p.add_((u.T if tall else u).reshape(p.shape), alpha=size)


def hidden_matrix(name: str, p: torch.nn.Parameter) -> bool:
    ends = ('embedding', 'conv_in', 'conv_out')
    return p.ndim >= 2 and min(p.flatten(1).shape) >= 16 and not any(e in name for e in ends)


def make_optimisers(groups: Groups, kind: str, lr: float, weight_decay: float) -> list[torch.optim.Optimizer]:
    """groups: (named parameters, learning-rate multiplier). 'muon' takes the hidden matrices, AdamW all others."""
    adam: list[dict] = []
    muon: list[dict] = []
    for params, mult in groups:
        hidden = {n: p for n, p in params.items() if kind == 'muon' and hidden_matrix(n, p)}
        rest = [p for n, p in params.items() if n not in hidden]
        adam += [{'params': rest, 'mult': mult}] if rest else []
        muon += [{'params': list(hidden.values()), 'mult': mult}] if hidden else []
    out: list[torch.optim.Optimizer] = []
    if adam:
        out.append(torch.optim.AdamW(adam, lr=lr, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True))
    if muon:
        out.append(Muon(muon, lr=lr, weight_decay=weight_decay))
    return out


def optimiser_state(opts: list[torch.optim.Optimizer], names: dict[torch.nn.Parameter, str]) -> dict[str, torch.Tensor]:
    """The moments as flat tensors 'name|key'."""
    return {
        f'{names[p]}|{k}': v
        for o in opts
        for p, s in o.state.items()
        for k, v in s.items()
        if isinstance(v, torch.Tensor) and v.ndim
    }


def restore_optimisers(
    opts: list[torch.optim.Optimizer], named: dict[str, torch.nn.Parameter], sd: dict[str, torch.Tensor], step: int
) -> None:
    owner = {p: o for o in opts for g in o.param_groups for p in g['params']}
    for key, v in sd.items():
        name, k = key.rsplit('|', 1)
        p = named[name]
        # same strides as the parameter (channels last): the fused kernels pair elements by memory position
        owner[p].state[p][k] = torch.empty_like(p.detach()).copy_(v)
        if isinstance(owner[p], torch.optim.AdamW):
            owner[p].state[p]['step'] = torch.tensor(float(step), device=p.device)


def rising(step: int, started: int, warmup: int) -> float:
    """Linear warm-up over `warmup` steps after `started`."""
    return min(1.0, (step - started + 1) / max(1, warmup))


def falling(share: float, last: float) -> float:
    """1 until the `last` part of a finishing chunk, then 1 - sqrt to the end (Hägele et al. 2024). share: how much of
    the chunk is over."""
    return max(0.01, 1 - math.sqrt(min(1.0, max(0.0, share - 1 + last) / last)))
