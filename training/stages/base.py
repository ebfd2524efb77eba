"""Text-to-image: UNet and text encoder together, on single frames of the world's clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..checkpoints import ema, load_text, load_vae, stage_state
from ..config import CAPTION_DROPOUT
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import init_unet, make_unet, plain_attention
from ..sampling import Sampler, sheet, text_encoder
from .stage import Context, Loss, Metrics, Stage, trainable


class BaseStage(Stage):
    name = 'base'
    curves = ['loss', 'mse', 'val', 'val_shuffled', 'val_empty']
    frames_per_clip = 2

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.clips = ctx.latents('base', self.cfg.clips, self.cfg.frames, 3)
        self.val = ctx.latents('val_base', min(64, self.cfg.clips), 1, 98)
        self.unet, self.text = make_unet(ctx.run['unet']), ctx.vocab.make_text(ctx.run['text_layers'])
        init_unet(self.unet)
        self.pretrained = bool(stage_state(ctx.work, 'text'))
        if self.pretrained:
            load_text(self.text, ema(ctx.work, 'text', 'text.'))
        if not ctx.cuda:
            plain_attention(self.unet)
        self.unet, self.text = self.unet.to(self.dev, memory_format=torch.channels_last), self.text.to(self.dev)
        self.forward = self.compiled(self.unet)
        self.empty = ctx.vocab.encode([''])[0].to(self.dev)
        self.acp = alphas_cumprod().to(self.dev)

    def groups(self):
        return [(trainable(self.unet, 'unet.'), 1.0), (trainable(self.text, 'text.'), 0.3 if self.pretrained else 1.0)]

    def loss(self) -> Loss:
        k = min(self.frames_per_clip, self.cfg.frames)
        n = self.cfg.batch // k
        b = self.clips.draw(n, k)
        x0, mask = b['x'].float().flatten(0, 1), b['mask'].flatten(0, 1)[:, None]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        t = strata(len(x0), self.dev, power=0.8)  # rather more noise: there the words decide
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            h = self.text(input_ids=ids).last_hidden_state.repeat_interleave(k, 0)
            o = self.forward(xt.contiguous(memory_format=torch.channels_last), t, h).sample
        loss, mse = weighted_v(o, v, mask, self.cfg.foreground)
        return loss, {'mse': mse}

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        """The loss on held-out stills with the right, another's, and no caption: the gap is what the text is worth."""
        x0, mask, ids = self.val.x[:, 0].float(), self.val.mask, self.val.ids[:, 0]
        eps = torch.randn(x0.shape, generator=torch.Generator().manual_seed(1)).to(self.dev)
        out = {}
        for name, i in (('val', ids), ('val_shuffled', ids.roll(1, 0)), ('val_empty', self.empty.expand_as(ids))):
            h, total = self.text(input_ids=i).last_hidden_state, []
            for t in (900, 700, 450):
                tt = torch.full((len(x0),), t, device=self.dev)
                xt, v = noised(x0, eps, tt, self.acp)
                with autocast(self.dev):
                    total.append(float(weighted_v(self.unet(xt, tt, h).sample, v, mask, self.cfg.foreground)[0]))
            out[name] = sum(total) / len(total)
        out['text_gap'] = out['val_shuffled'] / out['val'] - 1
        return out

    def sheet(self, path: Path) -> None:
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        sample = Sampler(self.unet, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video=False)
        prompts = self.ctx.prompts
        sheet(np.concatenate([sample(prompts, seed=seed, batch=14) for seed in (0, 1)]), prompts, path)
