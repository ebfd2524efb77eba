"""MotionLoRA (arXiv 2307.04725, section 4.3): low-rank layers on the motion module's attention learn a camera move from
a few clips.

Base and module stay frozen. The clips' subjects stand still, so that the camera is all there is to learn.
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNetMotionModel

from ..checkpoints import load_adapter, load_base, load_vae, motion_lora_config
from ..config import CAPTION_DROPOUT, MOTION_LORA_RANK
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import FRAMES
from .stage import Context, Loss, Stage, trainable


class MotionLoraStage(Stage):
    name = 'motion-lora'
    curves = ['loss', 'mse']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.camera = ctx.options.camera
        self.label = f'motion-lora_{self.camera}'
        self.clips = ctx.latents(f'camera_{self.camera}', self.cfg.clips, FRAMES, 9, camera=self.camera)
        unet, text, _ = load_base(ctx.work)
        self.unet = UNetMotionModel.from_unet2d(unet, load_adapter(ctx.work)).requires_grad_(False)
        self.unet.add_adapter(motion_lora_config(MOTION_LORA_RANK))
        if not ctx.cuda:
            plain_attention(self.unet)
        self.unet, self.text = self.unet.to(self.dev), text.to(self.dev).requires_grad_(False)
        self.forward = self.compiled(self.unet)
        self.empty = ctx.vocab.encode([''])[0].to(self.dev)
        self.acp = alphas_cumprod().to(self.dev)

    def groups(self):
        return [(trainable(self.unet), 1.0)]

    def extra_state(self) -> dict:
        return {'rank': MOTION_LORA_RANK, 'camera': self.camera, 'clips': self.cfg.clips}

    def loss(self) -> Loss:
        n = self.cfg.batch
        b = self.clips.draw(n)
        x0, mask = b['x'].float().permute(0, 2, 1, 3, 4), b['mask'][:, None]  # [n, 4, F, 16, 16], [n, 1, F, 16, 16]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        t = strata(n, self.dev, power=0.3)  # where the camera goes is decided at high noise
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            with torch.no_grad():
                h = self.text(input_ids=ids).last_hidden_state.repeat_interleave(FRAMES, 0)
            o = self.forward(xt, t, h).sample
        loss, mse = weighted_v(o, v, mask, self.cfg.foreground)
        return loss, {'mse': mse}

    def sheet(self, path: Path) -> None:
        draw = Sampler(
            self.unet,
            text_encoder(self.text, self.ctx.vocab, self.dev),
            load_vae(self.ctx.work).to(self.dev),
            self.dev,
            video=True,
        )
        prompts = self.ctx.prompts[: 14 if self.ctx.cuda else 4]
        sheet(draw(prompts, steps=12, batch=14 if self.ctx.cuda else 2), prompts, path)
