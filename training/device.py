"""The machine: device, threads, mixed precision, clock."""

from __future__ import annotations

import os
import time

import torch


def pick_device(name: str, threads: int | None = None) -> torch.device:
    """'cpu' with `threads` (default OMP_NUM_THREADS, else all cores) or 'cuda' with TF32."""
    if name == 'cuda':
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        return torch.device('cuda')
    torch.set_num_threads(threads or int(os.environ.get('OMP_NUM_THREADS', '0')) or max(1, os.cpu_count() or 2))
    return torch.device('cpu')


def fast_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the device computes in it. A processor that does not imitates it, ten times as slowly as fp32."""
    native = device.type != 'cpu' or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if native else torch.float32


def autocast(device: torch.device, enabled: bool = True) -> torch.autocast:
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled and fast_dtype(device) == torch.bfloat16)


class Clock:
    """Seconds since construction."""

    def __init__(self) -> None:
        self.start = time.perf_counter()

    def __call__(self) -> float:
        return time.perf_counter() - self.start
