"""How far the words "left" and "right" reach the base: what they change in its prediction, as a share of what they should.

At high noise the best prediction is the mean of all clips that fit the caption. So the difference between the means of clips that go right and clips that go left, all else
alike, is what exchanging the words has to bring about: the slope of the one on the other is 1 for a base that obeys, 0 for one that does not read them.
"""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import torch

from ..checkpoints import load_vae
from ..device import autocast
from ..diffusion import alphas_cumprod, noised
from ..pictures import to_float
from ..world.captions import full_caption
from ..world.palette import FRAMES
from ..world.render import render
from ..world.spec import Spec, sample_spec
from .stage import Context

CLIPS, TIMESTEPS = 48, (960, 800)
CASES = (('fish', 'orange', 'blue'), ('cat', 'red', 'white'), ('car', 'green', 'gray'))


class WaysProbe:
    def __init__(self, ctx: Context) -> None:
        self.ctx, self.acp = ctx, alphas_cumprod().to(ctx.device)
        rng, vae = random.Random(6), load_vae(ctx.work).to(ctx.device)

        def latents(specs: list[Spec]) -> torch.Tensor:
            frames = np.stack([render(sp, index=[7 * i % FRAMES])[0] for i, sp in enumerate(specs)])
            return vae.encode(to_float(torch.from_numpy(frames).to(ctx.device))).latent_dist.mode()

        self.cases: list[tuple[Spec, torch.Tensor, torch.Tensor]] = []
        for subject, color, background in CASES:
            right = [sample_spec(rng, ctx.world, motion='right', subject=subject, color=color, background=background) for _ in range(CLIPS)]
            with torch.no_grad():
                x = latents(right)
                self.cases.append((right[0], x, x.mean(0) - latents([replace(sp, motion='left') for sp in right]).mean(0)))

    @torch.no_grad()
    def __call__(self, unet: torch.nn.Module, text: torch.nn.Module) -> float:
        slopes = []
        for spec, x, wanted in self.cases:
            eps = torch.randn(x.shape, generator=torch.Generator().manual_seed(1)).to(x.device)
            for timestep in TIMESTEPS:
                t = torch.full((len(x),), timestep, device=x.device)
                xt, _ = noised(x, eps, t, self.acp)
                said = []
                for motion in ('left', 'right'):
                    h = text(input_ids=self.ctx.vocab.encode([full_caption(replace(spec, motion=motion))]).to(x.device)).last_hidden_state
                    with autocast(x.device):
                        said.append(unet(xt, t, h.expand(len(x), -1, -1)).sample.float().mean(0))
                # v = sqrt(a) noise - sqrt(1 - a) clean, so clean pictures differ the other way round.
                found = (said[0] - said[1]) / (1 - self.acp[timestep]).sqrt()
                slopes.append(float((found * wanted).sum() / (wanted**2).sum()))
        return sum(slopes) / len(slopes)
