"""Weights as bytes, for an edition under way that has to be small: int8 with a step a row, about six and a half bits
each once compressed.

A row is what feeds one output channel. Its step is a 24th of its root mean square, so rounding stands 38 dB below the
weights; a row with an outlier takes as large a step as its largest weight needs.
"""

from __future__ import annotations

import torch

from .checkpoints import Tensors

STEPS = 24.0  # to a row's root mean square
SMALLEST = 512  # numbers; smaller tensors stay as they are
SCALE = '::scale'


def to_bytes(sd: Tensors) -> Tensors:
    """Matrices and kernels become int8 [out, ...] and, under 'NAME::scale', fp16 steps [out]; everything else fp16."""
    out: Tensors = {}
    for name, t in sd.items():
        if t.ndim < 2 or t.numel() < SMALLEST or not t.is_floating_point():
            out[name] = t.half() if t.is_floating_point() else t
            continue
        rows = t.float().flatten(1)
        step = torch.maximum(rows.pow(2).mean(1).sqrt() / STEPS, rows.abs().amax(1) / 127).clamp(min=1e-7).half()
        out[name] = (rows / step.float()[:, None]).round().clamp(-127, 127).to(torch.int8).view(t.shape)
        out[name + SCALE] = step
    return out


def from_bytes(sd: Tensors) -> Tensors:
    """fp32 tensors of what `to_bytes` made."""
    out: Tensors = {}
    for name, t in sd.items():
        if name.endswith(SCALE):
            continue
        step = sd.get(name + SCALE)
        out[name] = t.float() if step is None else t.float() * step.float().view(-1, *[1] * (t.ndim - 1))
    return out
