"""AnimateDiff: temporal modules in the frozen base, on whole 16-frame clips (arXiv 2307.04725).

With --words the base's cross-attention learns along. The module has no text input, so what it knows of "left" is what
the base's features say; a base
trained on stills alone hardly says it. Three steps of four then show clips that travel, at noise
where nothing but the words tells which way. The base takes the changed weights over.

With --ways the base stays frozen: for a base that has bound those words, but whose module does not yet follow them. One
step of four shows what travels, at that noise; two show any written motion (bouncing, spinning, ...), from a little lower
noise on.

With --joint module and base go on together, in a checkpoint of their own: the ablation of what freezing the base is
good for (stage `motion-joint`).
"""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import UNetMotionModel

from ..checkpoints import load_adapter, load_base, load_vae, save_shards, stage_state
from ..config import CAPTION_DROPOUT
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import make_adapter, plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import FRAMES
from .stage import Context, Loss, Stage, trainable
from .ways import travelling, written

TRAVEL_ABOVE, WRITTEN_ABOVE = 900, 600  # timesteps


class MotionStage(Stage):
    name = 'motion'
    curves = ['loss', 'mse']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        joint = ctx.options.joint
        self.label = 'motion-joint' if joint else 'motion'
        unet, text, _ = load_base(ctx.work)
        self.clips = ctx.latents('video', self.cfg.clips, FRAMES, 4)
        self.text = text.to(self.dev).requires_grad_(False)
        self.unet = UNetMotionModel.from_unet2d(
            unet, load_adapter(ctx.work) if joint else make_adapter(ctx.run['unet'])
        )
        if not joint:
            self.unet.freeze_unet2d_params()
        self.words = ctx.options.words or stage_state(ctx.work, 'motion').get('words', False)
        if ctx.options.words:
            for name, p in self.unet.named_parameters():
                if '.attentions.' in name and ('.attn2.' in name or '.norm2.' in name):
                    p.requires_grad_(True)
        if not ctx.cuda:
            plain_attention(self.unet)
        self.unet = self.unet.to(self.dev)
        self.forward = self.compiled(self.unet)
        self.empty = ctx.vocab.encode([''])[0].to(self.dev)
        self.acp = alphas_cumprod().to(self.dev)
        self.travelling = travelling(self.clips, ctx.world)
        self.written = written(self.clips, ctx.world)
        self.turn = 0

    def groups(self):
        params = trainable(self.unet)
        base = {n: p for n, p in params.items() if '.motion_modules.' not in n}
        return [({n: p for n, p in params.items() if n not in base}, 1.0)] + ([(base, 1.0)] if base else [])

    def extra_state(self) -> dict:
        return {'words': self.words}

    def after_save(self, folder: Path) -> None:
        """The base's changed cross-attention, kept apart so that a later call with the base frozen does not lose it."""
        base = {
            n: p for n, p in self.unet.named_parameters() if '.attentions.' in n and ('.attn2.' in n or '.norm2.' in n)
        }
        if self.words:
            save_shards(base, folder, 'words')

    def loss(self) -> Loss:
        n = self.cfg.batch
        self.turn += 1
        options = self.ctx.options
        focus = (options.words or options.ways) and self.turn % 4 > 0 and len(self.travelling) > 0
        any_written = focus and options.ways and self.turn % 4 > 1
        b = self.clips.draw(n, among=self.written if any_written else self.travelling if focus else None)
        x0, mask = b['x'].float().permute(0, 2, 1, 3, 4), b['mask'][:, None]  # [n, 4, 16, 16, 16], [n, 1, 16, 16, 16]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        above = WRITTEN_ABOVE if any_written else TRAVEL_ABOVE
        t = (
            above + strata(n, self.dev) * (1000 - above) // 1000 if focus else strata(n, self.dev, power=0.45)
        )  # paths are decided at high noise
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
        sheet(sample(prompts, batch=14 if self.ctx.cuda else 2), prompts, path)
