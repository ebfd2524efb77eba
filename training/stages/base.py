"""Text-to-image: UNet and text encoder together, on single frames of the world's clips.

With --ways half of every batch are pairs: the same still once with its subject going left and once going right, under the same strong noise. There only one
word tells which, and the pair says nothing else; "left" and "right" bind in a tenth of the samples that they need among all others.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from ..checkpoints import ema, load_text, load_vae, stage_state
from ..config import CAPTION_DROPOUT, FOREIGN_NOUNS, FOREIGN_ROWS, FOREIGN_WORDS
from ..dataset import Clips
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import init_unet, make_unet, plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import EVERY_SUBJECT
from .stage import Context, Loss, Metrics, Stage, trainable

PAIRS, PAIRED_FROM = 3000, 600  # clips for --ways; the weakest noise they are shown under
WAYS_APART = 5.0  # of states whose norm is 11


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
        self.nouns = ctx.vocab.nouns().to(self.dev)
        self.pairs = self.both_ways(ctx) if ctx.options.ways else None
        # which foreign rows name which subject: they take turns. [subjects, rows]
        turns = [ctx.world.subjects[r % len(ctx.world.subjects)] for r in range(FOREIGN_ROWS)]
        self.names = torch.tensor([[float(t == s) for t in turns] for s in EVERY_SUBJECT], device=self.dev)

    def groups(self):
        return [(trainable(self.unet, 'unet.'), 1.0), (trainable(self.text, 'text.'), 0.3 if self.pretrained else 1.0)]

    def both_ways(self, ctx: Context) -> tuple[Clips, Clips, torch.Tensor]:
        """Clips going left, the same going right, and which of them differ in nothing else (a held-out combination is drawn anew)."""
        n = min(PAIRS, self.cfg.clips)
        left, right = (ctx.latents(way, n, self.cfg.frames, 11, motion=way) for way in ('left', 'right'))
        alike = [i for i, (a, b) in enumerate(zip(left.specs, right.specs)) if replace(a, motion='') == replace(b, motion='')]
        return left, right, torch.tensor(alike, device=self.dev)

    def draw_pairs(self, n: int) -> tuple[torch.Tensor, ...]:
        """n pairs -> x0, mask, ids, noise, t of the 2n stills, those going left first."""
        left, right, alike = self.pairs
        i = alike[torch.randint(0, len(alike), (n,), device=self.dev)]
        f = torch.randint(0, left.x.shape[1], (n,), device=self.dev)
        v = torch.randint(0, left.ids.shape[1], (n,), device=self.dev)
        x0, mask, ids = (torch.cat([getattr(way, name)[i, at] for way in (left, right)]) for name, at in (('x', f), ('mask', f), ('ids', v)))
        t = 1000 - 1 - strata(n, self.dev) * (1000 - PAIRED_FROM) // 1000
        return x0.float(), mask[:, None], ids, torch.randn_like(x0[:n].float()).repeat(2, 1, 1, 1), t.repeat(2)

    def with_foreign_words(self, ids: torch.Tensor, subjects: torch.Tensor) -> torch.Tensor:
        """Some captions call their subject by a foreign word of its own; some hold one that means nothing. ids [N, 77], subjects (labels) [N]."""
        vocab, shape = self.ctx.vocab, ids.shape
        said = self.nouns[ids]
        place = torch.multinomial(self.names[subjects] + 1e-9, 1)  # more subjects than rows: the last share what there is
        renamed = said & (torch.rand(len(ids), 1, device=self.dev) < FOREIGN_NOUNS)
        idle = (torch.rand(shape, device=self.dev) < FOREIGN_WORDS) & ~said & (ids != vocab.bos) & (ids != vocab.eos)
        ids = torch.where(renamed, vocab.foreign + place, ids)
        return torch.where(idle, vocab.foreign + torch.randint(0, FOREIGN_ROWS, shape, device=self.dev), ids)

    def loss(self) -> Loss:
        k = min(self.frames_per_clip, self.cfg.frames)
        n = self.cfg.batch // k // (2 if self.pairs else 1)
        b = self.clips.draw(n, k)
        x0, mask = b['x'].float().flatten(0, 1), b['mask'].flatten(0, 1)[:, None]
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        ids = self.with_foreign_words(ids, self.clips.labels[b['clip'], 0])
        t = strata(len(x0), self.dev, power=0.8)  # rather more noise: there the words decide
        noise = torch.randn_like(x0)
        if self.pairs:
            both = self.draw_pairs((self.cfg.batch - len(x0)) // 2)
            x0, mask, ids, noise, t = (torch.cat(pair) for pair in zip((x0, mask, ids, noise, t), both))
        xt, v = noised(x0, noise, t, self.acp)
        with autocast(self.dev):
            h = self.text(input_ids=ids).last_hidden_state
            apart = self.apart(h[n:], ids[n:]) if self.pairs else 0.0
            h = torch.cat([h[:n].repeat_interleave(k, 0), h[n:]])  # k frames of a clip share its caption
            o = self.forward(xt.contiguous(memory_format=torch.channels_last), t, h).sample
        loss, mse = weighted_v(o, v, mask, self.cfg.foreground)
        return loss + apart, {'mse': mse, **({'apart': apart.detach()} if self.pairs else {})}

    def apart(self, h: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """Penalty on states of paired captions that lie closer than WAYS_APART, from the word on in which they differ.

        Left to itself the encoder says the way at that one word and a tenth of it behind, where most of what the UNet attends to lies.
        """
        (left, right), (a, b) = h.float().chunk(2), ids.chunk(2)
        behind = (a != b).cumsum(1) > 0
        return (1 - (left - right).norm(dim=-1) / WAYS_APART).clamp(min=0)[behind].sum() / behind.sum().clamp(min=1)

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
        if self.pairs:
            out['way_gap'] = self.way_gap()
        return out

    def way_gap(self, n: int = 64) -> float:
        """How much the loss of stills that travel rises when their captions name the other way: what "left" and "right" are worth."""
        with torch.random.fork_rng():
            torch.manual_seed(2)
            x0, mask, ids, noise, t = self.draw_pairs(n)
            xt, v = noised(x0, noise, t, self.acp)
            right, wrong = (
                float(weighted_v(self.unet(xt, t, self.text(input_ids=i).last_hidden_state).sample, v, mask, self.cfg.foreground)[0]) for i in (ids, ids.roll(n, 0))
            )
        return wrong / right - 1

    def sheet(self, path: Path) -> None:
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        sample = Sampler(self.unet, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video=False)
        prompts = self.ctx.prompts
        sheet(np.concatenate([sample(prompts, seed=seed, batch=14) for seed in (0, 1)]), prompts, path)
