"""`python -m training probe base --batches 256 512`: how many samples a second a stage learns, by batch size; with
--compile it also fills the compiler's cache."""

from __future__ import annotations

import argparse
from dataclasses import replace

import torch

from .device import Clock
from .optim import make_optimisers
from .stages.base import BaseStage
from .stages.motion import MotionStage
from .stages.stage import Context, Stage

WARM = 3  # steps that are not timed


def seconds(stage: Stage, optimisers: list[torch.optim.Optimizer], steps: int) -> float:
    """Of one step."""
    params = [p for o in optimisers for g in o.param_groups for p in g['params']]
    clock = Clock()
    for i in range(WARM + steps):
        if i == WARM:
            synchronise(stage)
            clock = Clock()
        loss, _ = stage.loss()
        for p in params:
            p.grad = None
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        for o in optimisers:
            o.step()
    synchronise(stage)
    return clock() / steps


def synchronise(stage: Stage) -> None:
    if stage.ctx.cuda:
        torch.cuda.synchronize()


def probe(a: argparse.Namespace) -> None:
    a.ways = 0.0
    torch.backends.cudnn.benchmark = True
    stage = {'base': BaseStage, 'motion': MotionStage}[a.stage](Context(a))
    cfg, how = stage.cfg, ', compiled' if a.compile else ''
    optimisers = make_optimisers(stage.groups(), cfg.opt, 1e-4, 0.0)
    for batch in a.batches:
        stage.cfg, clock = replace(cfg, batch=batch), Clock()
        whole = seconds(stage, optimisers, a.steps or 10)
        first = clock() - whole * (a.steps or 10)
        gradients = seconds(stage, [], a.steps or 10)
        memory = f', {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB' if stage.ctx.cuda else ''
        print(
            f'{a.stage}{how}: batch {batch}, {batch / whole:.0f} samples/s, {1000 * whole:.0f} ms a step, of it {1000 * (whole - gradients):.0f} for the optimiser; {first:.0f} s to begin{memory}',
            flush=True,
        )
