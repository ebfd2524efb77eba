"""CLIP-style InfoNCE between captions and plain stills, plus linear read-outs of every attribute that a caption names.

Without this stage captions stay indistinguishable to the base model for tens of thousands of samples. The read-outs
also separate motion words.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ..config import MAX_TOKENS, TEXT_DIM
from ..dataset import ATTRIBUTES, Clips
from ..device import autocast
from ..pictures import save_grid, to_float
from .stage import Context, Loss, Metrics, Stage, trainable

WEIGHTS = (
    1.0,
    1.0,
    3.0,
    1.0,
    1.0,
)  # of the read-outs; no picture teaches the words of motion as plainly as it does the others


class ImageTower(nn.Module):
    """Small CNN: [N, 3, 64, 64] -> unit vectors [N, 128]."""

    def __init__(self, dim: int = TEXT_DIM) -> None:
        super().__init__()
        layers, c = [], 3
        for o in (32, 64, 96, 160):
            layers += [
                nn.Conv2d(c, o, 3, 2, 1),
                nn.GroupNorm(8, o),
                nn.SiLU(),
                nn.Conv2d(o, o, 3, 1, 1),
                nn.GroupNorm(8, o),
                nn.SiLU(),
            ]
            c = o
        self.body, self.head = nn.Sequential(*layers), nn.Linear(2 * c, dim)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.body(x)
        return F.normalize(self.head(torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1)), dim=-1)


class TextStage(Stage):
    name = 'text'
    curves = ['loss', 'nce', 'attr']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.clips = Clips(ctx.frames('stills', self.cfg.clips, self.cfg.frames, 1, styled=0.35), ctx.vocab.lut).to(
            self.dev
        )
        self.val = Clips(ctx.frames('val_text', min(256, self.cfg.clips), 1, 97), ctx.vocab.lut).to(self.dev)
        self.text = ctx.vocab.make_text(ctx.run['text_layers']).to(self.dev)
        self.project = nn.Linear(TEXT_DIM, TEXT_DIM).to(self.dev)
        self.image = ImageTower().to(self.dev, memory_format=torch.channels_last)
        self.heads = nn.ModuleList(nn.Linear(TEXT_DIM, n) for n in ctx.world.classes).to(self.dev)
        self.prototypes = nn.Parameter(torch.randn(ctx.world.classes[0], TEXT_DIM, device=self.dev))
        # More subjects than a batch holds: its pairs alone would take too long to tell them apart.
        self.many = ctx.world.classes[0] > self.cfg.batch
        self.scale = nn.Parameter(torch.tensor(2.3, device=self.dev))

    def groups(self):
        rest = {
            **trainable(self.project, 'project.'),
            **trainable(self.image, 'image.'),
            **trainable(self.heads, 'heads.'),
            'scale': self.scale,
            'prototypes': self.prototypes,
        }
        return [(trainable(self.text, 'text.'), 1.0), (rest, 1.0)]

    def features(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """-> pooled state at the end token [N, 128], unit projection [N, 128]."""
        # causal attention: tokens after the first end token cannot change its state, so short captions need not be
        # padded to 77
        length = min(MAX_TOKENS, -(-int((ids != self.ctx.vocab.eos).sum(1).max() + 1) // 8) * 8)
        h = self.text(input_ids=ids[:, :length]).pooler_output
        return h, F.normalize(self.project(h).float(), dim=-1)

    def images(self, x: torch.Tensor) -> torch.Tensor:
        """uint8 [N, 128, 128, 3] -> unit vectors [N, 128]."""
        return self.image(F.avg_pool2d(to_float(x.to(self.dev)), 2)).float()

    def loss(self) -> Loss:
        b = self.clips.draw(self.cfg.batch, 1)
        with autocast(self.dev):
            h, t = self.features(b['ids'])
            seen = max(2, len(t) * 3 // 8)  # pictures cost more than captions, and the read-outs need none
            t, v = t[:seen], self.images(b['x'][:seen, 0])
            logits = [head(h).float() for head in self.heads]
        sim = self.scale.clamp(max=4.6).exp() * t @ v.T
        # captions of one subject, colour and background are interchangeable: spread the target over such positives
        key = self.clips.labels[b['clip'][:seen]][:, [0, 1, 3, 4]]
        same = (key[:, None] == key[None]).all(-1).float()
        target = same / same.sum(1, keepdim=True)
        nce = 0.5 * (F.cross_entropy(sim, target) + F.cross_entropy(sim.T, target))
        labels = self.clips.labels[b['clip']]
        # variants 1.. drop attributes at random too, so only the (frequent) named case is learnable: label smoothing
        # absorbs the rest
        attr = sum(
            w * F.cross_entropy(z, labels[:, i], label_smoothing=0.1) for i, (z, w) in enumerate(zip(logits, WEIGHTS))
        ) / len(logits)
        named = self.named(t, v, labels[:seen, 0]) if self.many else 0.0
        return nce + attr + named, {'nce': nce.detach(), 'attr': attr.detach()}

    def named(self, t: torch.Tensor, v: torch.Tensor, subjects: torch.Tensor) -> torch.Tensor:
        """Captions and pictures [n, 128] sorted to the same prototypes, one a subject."""
        wanted = F.normalize(self.prototypes, dim=1)
        scale = self.scale.clamp(max=4.2).exp()
        return sum(F.cross_entropy(scale * x @ wanted.T, subjects, label_smoothing=0.05) for x in (t, v))

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        ids = self.val.ids[:, 0]
        h, t = self.features(ids)
        v = torch.cat([self.images(x) for x in self.val.x[:, 0].split(64)])
        out = {'retrieval_top1': float(((t @ v.T).argmax(1) == torch.arange(len(t), device=self.dev)).float().mean())}
        for i, a in enumerate(ATTRIBUTES[:4]):
            ok = (self.heads[i](h).argmax(-1) == self.val.labels[:, i])[self.val.said[:, i]]
            out['acc_' + a] = float(ok.float().mean())
        return out

    @torch.no_grad()
    def sheet(self, path: Path) -> None:
        t = self.features(self.ctx.vocab.encode(self.ctx.prompts).to(self.dev))[1]
        sim = ((t @ t.T).cpu().numpy() * 127.5 + 127.5).clip(0, 255).astype(np.uint8)
        save_grid(
            [[np.repeat(np.repeat(sim, 24, 0), 24, 1)[..., None].repeat(3, -1)]],
            path,
            ['cosine similarity of the prompts'],
        )
