"""Consistency distillation into LoRAs, for a few steps without guidance (Luo et al. 2023; decoupled as in AnimateLCM,
arXiv 2402.00769).

`lcm` distils the base on stills into a LoRA on the UNet; `lcm-motion` adds that LoRA and distils clips into one on the
motion module's attention.
The teacher is the guided model, moved one DDIM step from t to t - LCM_HOP; the student must say the same clean latents
at both ends. Its target is
itself without gradient, not an average, as in LCM-LoRA (Song & Dhariwal 2023: an averaged target adds a bias and
nothing else).
"""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from diffusers import UNetMotionModel

from ..checkpoints import add_lora, load_adapter, load_base, load_vae, lora_config, motion_lora_config
from ..config import LCM_GUIDANCE, LCM_HOP, LCM_RANK, LCM_STEPS, SCHEDULE
from ..device import autocast
from ..diffusion import alphas_cumprod, noised, strata
from ..networks import plain_attention
from ..sampling import Sampler, sheet, text_encoder
from ..world.palette import FRAMES
from .stage import Context, Loss, Metrics, Stage, trainable

GRID = 20  # students are asked at timesteps 19, 39, ... 999, like every latent consistency model
TIMESTEP_SCALING, SIGMA_DATA = 10.0, 0.5
HUBER = 1e-3


def like(values: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """[N] -> [N, 1, ...] of x's rank."""
    return values.view(-1, *[1] * (x.dim() - 1))


def consistency(v: torch.Tensor, x: torch.Tensor, t: torch.Tensor, acp: torch.Tensor) -> torch.Tensor:
    """The consistency function at x_t: clean latents read from v, and x itself at t = 0 (the boundary condition)."""
    a, s = like(acp[t], x), like(TIMESTEP_SCALING * t.float(), x)
    clean = a.sqrt() * x - (1 - a).sqrt() * v
    return SIGMA_DATA**2 / (s**2 + SIGMA_DATA**2) * x + s / (s**2 + SIGMA_DATA**2).sqrt() * clean


def ddim_step(v: torch.Tensor, x: torch.Tensor, t: torch.Tensor, to: torch.Tensor, acp: torch.Tensor) -> torch.Tensor:
    """x_t -> x_to along the probability-flow ODE, v predicted at t."""
    a, b = like(acp[t], x), like(acp[to], x)
    clean, noise = a.sqrt() * x - (1 - a).sqrt() * v, a.sqrt() * v + (1 - a).sqrt() * x
    return b.sqrt() * clean + (1 - b).sqrt() * noise


class LcmStage(Stage):
    name = 'lcm'
    curves = ['loss', 'val']
    frames_per_clip = 2

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        unet, text, _ = load_base(ctx.work)
        if not ctx.cuda:
            plain_attention(unet)
        self.build(unet.requires_grad_(False))
        self.text = text.to(self.dev).requires_grad_(False)
        empty = ctx.vocab.encode(['']).to(self.dev)
        self.h_empty = self.text(input_ids=empty).last_hidden_state
        self.acp = alphas_cumprod().to(self.dev)

    def build(self, unet) -> None:
        """Sets clips, teacher and student."""
        self.clips = self.ctx.latents('base', self.cfg.clips, self.cfg.frames, 3)
        self.teacher = unet.to(self.dev, memory_format=torch.channels_last)
        self.student = copy.deepcopy(unet)
        self.student.add_adapter(lora_config(LCM_RANK))
        self.student.to(self.dev)

    def groups(self):
        return [(trainable(self.student), 1.0)]

    def extra_state(self) -> dict:
        return {'rank': LCM_RANK, 'guidance': LCM_GUIDANCE, 'hop': LCM_HOP}

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
        """Latents, their masks (broadcastable), ids, and how often each caption's states are repeated."""
        k = min(self.frames_per_clip, self.clips.x.shape[1])
        b = self.clips.draw(self.cfg.batch // k, k)
        return b['x'].float().flatten(0, 1), b['mask'].flatten(0, 1)[:, None], b['ids'].repeat_interleave(k, 0), 1

    def loss(self) -> Loss:
        x0, mask, ids, repeats = self.batch()
        n = len(x0)
        t = (strata(n, self.dev) // GRID + 1) * GRID - 1
        to = (t - LCM_HOP).clamp(min=0)
        xt, _ = noised(x0, torch.randn_like(x0), t, self.acp)
        with autocast(self.dev):
            with torch.no_grad():
                h = self.text(input_ids=ids).last_hidden_state
                both = torch.cat([self.h_empty.expand_as(h), h]).repeat_interleave(repeats, 0)
                uncond, cond = self.teacher(torch.cat([xt, xt]), torch.cat([t, t]), both).sample.float().chunk(2)
                h = h.repeat_interleave(repeats, 0)
                earlier = ddim_step(uncond + LCM_GUIDANCE * (cond - uncond), xt, t, to, self.acp)
                target = consistency(self.student(earlier, to, h).sample.float(), earlier, to, self.acp)
            out = consistency(self.student(xt, t, h).sample.float(), xt, t, self.acp)
        w = 1 + self.cfg.foreground * mask.float() / 255
        huber = ((out - target) ** 2 + HUBER**2).sqrt() - HUBER
        return (huber * (w / w.mean())).mean(), {}

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        """The loss at fixed clips and noise."""
        with torch.random.fork_rng():
            torch.manual_seed(7)
            return {'val': sum(float(self.loss()[0]) for _ in range(4)) / 4}

    def sheet(self, path: Path) -> None:
        video = isinstance(self.student, UNetMotionModel)
        encode = text_encoder(self.text, self.ctx.vocab, self.dev)
        draw = Sampler(self.student, encode, load_vae(self.ctx.work).to(self.dev), self.dev, video, lcm=True)
        prompts = self.ctx.prompts[: 6 if video and not self.ctx.cuda else 14]
        sheet(draw(prompts, LCM_STEPS, batch=2 if video and not self.ctx.cuda else 14), prompts, path)


class LcmMotionStage(LcmStage):
    name = 'lcm-motion'

    def build(self, unet) -> None:
        self.clips = self.ctx.latents('video', self.cfg.clips, FRAMES, 4)
        module = load_adapter(self.ctx.work)
        self.teacher = UNetMotionModel.from_unet2d(unet, module).requires_grad_(False).to(self.dev)
        self.student = UNetMotionModel.from_unet2d(
            add_lora(load_base(self.ctx.work)[0], self.ctx.work, 'lcm'), module
        ).requires_grad_(False)
        self.student.add_adapter(motion_lora_config(LCM_RANK))
        if not self.ctx.cuda:
            plain_attention(self.teacher), plain_attention(self.student)
        self.student.to(self.dev)

    def batch(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, int]:
        b = self.clips.draw(self.cfg.batch)
        return b['x'].float().permute(0, 2, 1, 3, 4), b['mask'][:, None], b['ids'], FRAMES
