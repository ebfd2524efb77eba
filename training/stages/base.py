"""Text-to-image: UNet and text encoder together, on single frames of the world's clips.

With --ways half of every batch are frames that travel (left, right, up or down, as far as the world has them), at noise
where nothing but the word tells which way, and the
text encoder learns as fast as the UNet: among all timesteps and clips these words are a hundredth of the loss, and stay
unread for hundreds of thousands of images
(training/README, lesson 23). `--ways 0.5`: in the second half of the chunk.
"""

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
from .ways import WaysProbe, travelling

WAYS_ABOVE = 750  # timesteps: there the way is decided


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
        self.travelling = travelling(self.clips, ctx.world)
        self.ways = WaysProbe(ctx)

    def groups(self):
        slower = self.pretrained and self.ctx.options.ways is None
        return [(trainable(self.unet, 'unet.'), 1.0), (trainable(self.text, 'text.'), 0.3 if slower else 1.0)]

    def loss(self) -> Loss:
        k = min(self.frames_per_clip, self.cfg.frames)
        n = self.cfg.batch // k
        ways = self.ctx.options.ways is not None and self.over >= self.ctx.options.ways
        of_ways = n // 2 if ways and len(self.travelling) else 0
        parts = [self.clips.draw(n - of_ways, k)] + (
            [self.clips.draw(of_ways, k, among=self.travelling)] if of_ways else []
        )
        x0, mask, ids = (torch.cat([b[name] for b in parts]) for name in ('x', 'mask', 'ids'))
        x0, mask = x0.float().flatten(0, 1), mask.flatten(0, 1)[:, None]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, ids)
        usual = (n - of_ways) * k
        t = strata(usual, self.dev, power=0.8)  # rather more noise: there the words decide
        if of_ways:
            t = torch.cat([t, WAYS_ABOVE + strata(of_ways * k, self.dev) * (1000 - WAYS_ABOVE) // 1000])
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            h = self.text(input_ids=ids).last_hidden_state.repeat_interleave(k, 0)
            o = self.forward(xt.contiguous(memory_format=torch.channels_last), t, h).sample
        loss, mse = weighted_v(o[:usual], v[:usual], mask[:usual], self.cfg.foreground)
        if of_ways:  # the light that tells the way fills the frame
            loss = loss + weighted_v(o[usual:], v[usual:], mask[usual:], 0.0)[0]
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
        return out | self.ways(self.unet, self.text)

    def sheet(self, path: Path) -> None:
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        sample = Sampler(self.unet, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video=False)
        prompts = self.ctx.prompts
        sheet(np.concatenate([sample(prompts, seed=seed, batch=14) for seed in (0, 1)]), prompts, path)
