"""A linear map from Mini's latents to colours, for previews while a clip denoises: least squares against renderings at
latent size."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL

from ..pictures import to_float
from ..worlds import World


@torch.no_grad()
def fit_preview(vae: AutoencoderKL, world: World, stills: int = 256) -> tuple[list[list[float]], list[float], float]:
    """-> matrix [3][4], bias [3] with rgb in -1..1 = matrix @ latent + bias, and the share of variance it explains."""
    rng = random.Random(7)
    frames = np.concatenate([world.render(world.sample(rng, every=True), [rng.randrange(16)]) for _ in range(stills)])
    x = to_float(torch.from_numpy(frames))
    z = torch.cat([vae.encode(b).latent_dist.mode() for b in x.split(32)]).double()
    rgb = F.avg_pool2d(x, 8).double().permute(0, 2, 3, 1).reshape(-1, 3)
    a = torch.cat([z.permute(0, 2, 3, 1).reshape(-1, 4), torch.ones(len(rgb), 1, dtype=torch.double)], 1)
    solution = torch.linalg.lstsq(a, rgb).solution
    explained = 1 - float(((a @ solution - rgb) ** 2).mean() / rgb.var())
    rows = [[round(float(v), 5) for v in row] for row in solution.T]
    return [r[:4] for r in rows], [r[4] for r in rows], explained


def write_preview(path: Path, vae: AutoencoderKL, world: World) -> float:
    matrix, bias, explained = fit_preview(vae, world)
    path.write_text(json.dumps({'matrix': matrix, 'bias': bias}) + '\n')
    return explained
