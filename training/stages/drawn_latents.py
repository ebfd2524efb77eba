"""Latents of known pictures as the base draws them: noised to some level and denoised again. A decoder that has seen them
does not show every small error of the base as a cloud or a halo."""

from __future__ import annotations

import numpy as np
import torch

from ..checkpoints import load_base, load_vae
from ..config import SAMPLE_CFG
from ..dataset import Clips
from ..device import autocast
from ..diffusion import alphas_cumprod
from ..networks import plain_attention
from ..pictures import to_float
from .stage import Context

LEVELS = ((30, 600), (150, 750))  # timesteps of the two versions: in one step without guidance, in STEPS with it
STYLED_LEVELS = ((30, 200), (80, 250))  # of pictures in a style, which the base alone would draw away
STEPS = 3


@torch.no_grad()
def drawn_latents(ctx: Context, clips: Clips, name: str) -> torch.Tensor:
    """-> fp16 [N, 1 + 2, 4, 16, 16] for the first frame of every clip: its own latents, then both versions; unit latents,
    kept in WORK/data/NAME_drawn-N.npy."""
    path = ctx.work / 'data' / f'{name}_drawn-{len(clips)}.npy'
    if path.exists():
        return torch.from_numpy(np.load(path))
    dev = ctx.device
    unet, text, _ = load_base(ctx.work)
    if not ctx.cuda:
        plain_attention(unet)
    vae, unet, text = load_vae(ctx.work).to(dev), unet.to(dev), text.to(dev)
    acp, generator = alphas_cumprod().to(dev), torch.Generator().manual_seed(5)
    empty = text(input_ids=ctx.vocab.encode(['']).to(dev)).last_hidden_state
    styled, out = clips.labels[:, -1] > 0, []

    def version(z: torch.Tensor, h: torch.Tensor, levels: tuple[torch.Tensor, torch.Tensor], steps: int, cfg: float):
        low, high = levels
        t = (low + (high - low) * torch.rand(len(z), generator=generator)).to(dev)
        eps = torch.randn(z.shape, generator=generator).to(dev)
        for k in range(steps, 0, -1):
            at = (t * k / steps).long()
            a = acp[at].view(-1, 1, 1, 1)
            if k == steps:
                x = a.sqrt() * z + (1 - a).sqrt() * eps
            else:
                x = a.sqrt() * x0 + (1 - a).sqrt() * e
            v = unet(x, at, h).sample.float()
            if cfg != 1:
                v0 = unet(x, at, empty.expand_as(h)).sample.float()
                v = v0 + cfg * (v - v0)
            x0, e = a.sqrt() * x - (1 - a).sqrt() * v, a.sqrt() * v + (1 - a).sqrt() * x
        return x0

    for i in range(0, len(clips), 16):
        s = styled[i : i + 16, None]
        levels = [
            tuple(torch.where(s, q[k], p[k])[:, 0] for k in (0, 1))
            for p, q in zip(torch.tensor(LEVELS, dtype=torch.float), torch.tensor(STYLED_LEVELS, dtype=torch.float))
        ]
        with autocast(dev):
            z = vae.encode(to_float(clips.x[i : i + 16, 0].to(dev))).latent_dist.mode().float()
            h = text(input_ids=clips.ids[i : i + 16, 0].to(dev)).last_hidden_state
            versions = [z, version(z, h, levels[0], 1, 1.0), version(z, h, levels[1], STEPS, SAMPLE_CFG)]
        out.append(torch.stack(versions, 1).half().cpu())
        if i % 512 == 0:
            print(f'{name}: {i + len(z)}/{len(clips)} drawn', flush=True)
    drawn = torch.cat(out)
    np.save(path, drawn.numpy())
    return drawn
