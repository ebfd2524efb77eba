"""A style LoRA on stills, everything else frozen: what a person does who trains a style on pictures and has never heard
of motion."""

from __future__ import annotations

from pathlib import Path

import torch

from ..checkpoints import load_base, load_vae, lora_config
from ..config import CAPTION_DROPOUT, LORA_RANK, SCHEDULE, STYLE_BELOW
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata, weighted_v
from ..networks import plain_attention
from ..sampling import Sampler, sheet, text_encoder
from .stage import Context, Loss, Stage, trainable


class LoraStage(Stage):
    name = 'lora'
    curves = ['loss', 'mse']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.style = ctx.options.style
        if self.style not in ctx.world.styles:
            raise SystemExit(f'this world has no {self.style} style, only {", ".join(ctx.world.styles[1:])}')
        self.label = f'lora_{self.style}'
        self.below = STYLE_BELOW.get(self.style, SCHEDULE['num_train_timesteps'])
        unet, text, _ = load_base(ctx.work)
        self.clips = ctx.latents(f'style_{self.style}', self.cfg.clips, self.cfg.frames, 6, style=self.style)
        unet.requires_grad_(False)
        unet.add_adapter(lora_config(LORA_RANK))
        if not ctx.cuda:
            plain_attention(unet)
        self.unet = unet.to(self.dev, memory_format=torch.channels_last)
        self.text = text.to(self.dev).requires_grad_(False)
        self.empty = ctx.vocab.encode([''])[0].to(self.dev)
        self.acp = alphas_cumprod().to(self.dev)

    def groups(self):
        return [(trainable(self.unet), 1.0)]

    def extra_state(self) -> dict:
        return {'rank': LORA_RANK, 'style': self.style, 'images': self.cfg.clips * self.cfg.frames}

    def loss(self) -> Loss:
        n = self.cfg.batch
        b = self.clips.draw(n, 1)
        x0 = b['x'][:, 0].float()
        ids = torch.where(torch.rand(n, 1, device=self.dev) < CAPTION_DROPOUT, self.empty, b['ids'])
        t = strata(n, self.dev)
        xt, v = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            with torch.no_grad():
                h = self.text(input_ids=ids).last_hidden_state
                v = self.kept(xt, v, t, h)
            o = self.unet(xt.contiguous(memory_format=torch.channels_last), t, h).sample
        loss, mse = weighted_v(o, v, b['mask'], self.cfg.foreground)
        return loss, {'mse': mse}

    def kept(self, xt: torch.Tensor, v: torch.Tensor, t: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        """The target: the style's pictures, but what the base itself would say where the style has no business."""
        early = -(
            -len(t) * (SCHEDULE['num_train_timesteps'] - self.below) // SCHEDULE['num_train_timesteps']
        )  # at most so many: strata
        if early:
            high = t.topk(early).indices
            self.unet.disable_adapters()
            said = self.unet(xt[high], t[high], h[high]).sample.float()
            self.unet.enable_adapters()
            v[high] = torch.where((t[high] >= self.below)[:, None, None, None], said, v[high])
        return v

    def sheet(self, path: Path) -> None:
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        sample = Sampler(self.unet, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video=False)
        prompts = [f'{p}, {self.style} style' for p in self.ctx.prompts]
        sheet(sample(prompts, batch=14), prompts, path)
