"""AnimateDiff: temporal modules in the frozen base, on whole 16-frame clips (arXiv 2307.04725)."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNetMotionModel

from ..checkpoints import load_base, load_vae
from ..config import CAPTION_DROPOUT
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import make_adapter, plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import FRAMES
from .stage import Context, Loss, Stage, trainable


class MotionStage(Stage):
    name = 'motion'
    curves = ['loss', 'mse']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        unet, text, _ = load_base(ctx.work)
        self.clips = ctx.latents('video', self.cfg.clips, FRAMES, 4)
        self.text = text.to(self.dev).requires_grad_(False)
        self.unet = UNetMotionModel.from_unet2d(unet, make_adapter(ctx.run['unet']))
        self.unet.freeze_unet2d_params()
        if not ctx.cuda:
            plain_attention(self.unet)
        self.unet = self.unet.to(self.dev)
        self.forward = self.compiled(self.unet)
        self.empty = ctx.vocab.encode([''])[0].to(self.dev)
        self.acp = alphas_cumprod().to(self.dev)

    def groups(self):
        return [(trainable(self.unet), 1.0)]

    def loss(self) -> Loss:
        n = self.cfg.batch
        b = self.clips.draw(n)
        x0, mask = b['x'].float().permute(0, 2, 1, 3, 4), b['mask'][:, None]  # [n, 4, 16, 16, 16], [n, 1, 16, 16, 16]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        t = strata(n, self.dev, power=0.7)  # paths are decided at high noise
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            with torch.no_grad():
                h = self.text(input_ids=ids).last_hidden_state.repeat_interleave(FRAMES, 0)
            o = self.forward(xt, t, h).sample
        loss, mse = weighted_v(o, v, mask, self.cfg.foreground)
        return loss, {'mse': mse}

    def sheet(self, path: Path) -> None:
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        sample = Sampler(self.unet, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video=True)
        prompts = self.ctx.prompts[: 14 if self.ctx.cuda else 6]
        sheet(sample(prompts), prompts, path)
