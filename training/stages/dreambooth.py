"""DreamBooth: the whole UNet learns one new subject under a rare token, from a few stills, while it rehearses what it
drew before.

The text encoder stays as it is: words of colour and motion keep the states that base and motion module know.

Prior preservation (Ruiz et al. 2022, section 3.2): part of every batch are stills that the base itself drew before this
training. Nothing here has heard of motion.
"""

from __future__ import annotations

import random
from pathlib import Path

import torch

from ..checkpoints import load_base, load_shards, load_vae, save_shards, stage_state
from ..config import PRIOR_SHARE
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import RARE
from .stage import Context, Loss, Stage, trainable

PRIOR_STEPS, PRIOR_CFG = 12, 4.0


class DreamBoothStage(Stage):
    name = 'dreambooth'
    curves = ['loss', 'subject', 'prior']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.subject = ctx.options.subject
        self.label = f'dreambooth_{self.subject}'
        self.clips = ctx.latents(self.label, self.cfg.clips, self.cfg.frames, 7, subject=self.subject)
        unet, text, _ = load_base(ctx.work)
        if not ctx.cuda:
            plain_attention(unet)
        self.unet, self.text = (
            unet.to(self.dev, memory_format=torch.channels_last),
            text.to(self.dev).requires_grad_(False),
        )
        self.prior, self.prior_ids = self.rehearsal(ctx)
        self.acp = alphas_cumprod().to(self.dev)

    def rehearsal(self, ctx: Context) -> tuple[torch.Tensor, torch.Tensor]:
        """Stills drawn by the untouched base -> latents [N, 4, 16, 16], ids [N, 77]. Drawn once a run."""
        folder = ctx.work / 'ckpt' / self.label
        kept = load_shards(folder, 'prior') if stage_state(ctx.work, self.label) and not ctx.options.overwrite else None
        if kept is None:
            rng = random.Random(8)
            captions = [ctx.world.caption(ctx.world.sample(rng), rng) for _ in range(2 * self.cfg.clips)]
            draw = Sampler(
                self.unet, text_encoder(self.text, ctx.vocab, self.dev), load_vae(ctx.work), self.dev, video=False
            )
            z = torch.cat(
                [
                    draw.latents(captions[i : i + 20], PRIOR_STEPS, PRIOR_CFG, seed=i)
                    for i in range(0, len(captions), 20)
                ]
            )
            kept = {'x': z.cpu(), 'ids': ctx.vocab.encode(captions)}
            save_shards(kept, folder, 'prior')
            print(f'the base drew {len(captions)} stills to rehearse', flush=True)
        return kept['x'].float().to(self.dev), kept['ids'].to(self.dev)

    def groups(self):
        return [(trainable(self.unet, 'unet.'), 1.0)]

    def extra_state(self) -> dict:
        return {'subject': self.subject, 'images': self.cfg.clips * self.cfg.frames}

    def loss(self) -> Loss:
        old = round(self.cfg.batch * PRIOR_SHARE)
        b = self.clips.draw(self.cfg.batch - old, 1)
        pick = torch.randint(0, len(self.prior), (old,), device=self.dev)
        x0 = torch.cat([b['x'][:, 0].float(), self.prior[pick]])
        ids = torch.cat([b['ids'], self.prior_ids[pick]])
        t = strata(len(x0), self.dev)
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            with torch.no_grad():
                h = self.text(input_ids=ids).last_hidden_state
            o = self.unet(xt.contiguous(memory_format=torch.channels_last), t, h).sample
        new = len(x0) - old
        subject, _ = weighted_v(o[:new], v[:new], b['mask'], self.cfg.foreground)
        prior = ((o[new:].float() - v[new:]) ** 2).mean()
        return subject + prior, {'subject': subject.detach(), 'prior': prior.detach()}

    def sheet(self, path: Path) -> None:
        """Prompts of the new subject, then the contact sheet's usual ones: the first shows what was learned, the second
        what was kept."""
        draw = Sampler(
            self.unet,
            text_encoder(self.text, self.ctx.vocab, self.dev),
            load_vae(self.ctx.work).to(self.dev),
            self.dev,
            video=False,
        )
        old = self.ctx.prompts
        new = [' '.join(RARE[self.subject] if w in self.ctx.world.subjects else w for w in p.split()) for p in old]
        prompts = [*new, *old]
        sheet(draw(prompts, batch=14), prompts, path)
