"""Prompts to pictures with DDIM and classifier-free guidance; sheets and GIFs of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNetMotionModel
from transformers import CLIPTextModel

from .checkpoints import add_lora, load_adapter, load_base, load_joint_base, load_vae, stage_state
from .config import LATENT, SAMPLE_CFG, SAMPLE_STEPS
from .device import autocast
from .networks import make_lcm_scheduler, make_scheduler, plain_attention
from .pictures import save_clip, save_grid, to_uint8
from .vocabulary import Vocabulary
from .world.palette import FRAMES, SIZE

EncodeText = Callable[[list[str]], torch.Tensor]


def text_encoder(text: CLIPTextModel, vocab: Vocabulary, device: torch.device) -> EncodeText:
    """list of prompts -> hidden states [N, 77, 128]."""

    @torch.no_grad()
    def encode(prompts: list[str]) -> torch.Tensor:
        return text(input_ids=vocab.encode(prompts).to(device)).last_hidden_state

    return encode


@dataclass
class Sampler:
    """Everything needed to draw: call it with prompts."""

    unet: torch.nn.Module
    encode: EncodeText
    vae: AutoencoderKL
    device: torch.device
    video: bool
    mixed: bool = True  # bf16 where the networks allow it
    lcm: bool = False  # a distilled model: consistency sampling, no guidance

    @torch.no_grad()
    def __call__(
        self,
        prompts: list[str],
        steps: int = SAMPLE_STEPS,
        cfg: float = SAMPLE_CFG,
        seed: int = 0,
        negative: str = '',
        batch: int = 2,
    ) -> np.ndarray:
        """-> uint8 [N, F, 128, 128, 3] (F = 16 for video, 1 for stills)."""
        out = [
            self._batch(prompts[i : i + batch], steps, cfg, seed + i, negative) for i in range(0, len(prompts), batch)
        ]
        return np.concatenate(out)

    def _batch(self, prompts: list[str], steps: int, cfg: float, seed: int, negative: str) -> np.ndarray:
        z = self.latents(prompts, steps, cfg, seed, negative)
        flat = z.permute(0, 2, 1, 3, 4).flatten(0, 1) if self.video else z
        with autocast(self.device, self.mixed):
            y = torch.cat([self.vae.decode(b).sample.float() for b in flat.split(16)])
        return to_uint8(y).reshape(len(prompts), FRAMES if self.video else 1, SIZE, SIZE, 3)

    @torch.no_grad()
    def latents(self, prompts: list[str], steps: int, cfg: float, seed: int, negative: str = '') -> torch.Tensor:
        """-> [N, 4, 16, 16] for stills, [N, 4, F, 16, 16] for video. Picture i starts from the noise of `seed * 1000 +
        i`."""
        n, f = len(prompts), FRAMES if self.video else 1
        scheduler = make_lcm_scheduler() if self.lcm else make_scheduler()
        scheduler.set_timesteps(steps)
        guided = not self.lcm and cfg != 1
        h = torch.cat(
            [self.encode([negative] * n), self.encode(prompts)] if guided else [self.encode(prompts)]
        ).repeat_interleave(f, 0)
        shape = (4, f, LATENT, LATENT) if self.video else (4, LATENT, LATENT)
        generators = [torch.Generator().manual_seed(seed * 1000 + i) for i in range(n)]
        z = torch.stack([torch.randn(shape, generator=g) for g in generators]).to(self.device)
        more = {'generator': generators} if self.lcm else {}
        for t in scheduler.timesteps:
            with autocast(self.device, self.mixed):
                v = self.unet(torch.cat([z, z]) if guided else z, t.to(self.device), h).sample.float()
            if guided:
                uncond, cond = v.chunk(2)
                v = uncond + cfg * (cond - uncond)
            z = scheduler.step(v, t, z, **more).prev_sample
        return z


@dataclass(frozen=True)
class Choice:
    """Which of a run's models to draw with: the base alone, or personalised."""

    style: str = ''
    subject: str = ''
    camera: str = ''
    lcm: bool = False
    joint: str = (
        ''  # motion module trained jointly: 'module' in the base as it was, 'both' in the base that changed with it
    )


def load_sampler(work: Path, device: torch.device, video: bool, choice: Choice = Choice()) -> Sampler:
    unet, text, vocab = load_base(work, choice.subject)
    unet = load_joint_base(work) if choice.joint == 'both' else unet
    for stage in [f'lora_{choice.style}'] * bool(choice.style) + ['lcm'] * choice.lcm:
        add_lora(unet, work, stage)
    if video:
        unet = UNetMotionModel.from_unet2d(
            unet, load_adapter(work, 'motion-joint' if choice.joint else 'motion')
        ).eval()
        distilled = choice.lcm and stage_state(work, 'lcm-motion')
        for stage in [f'motion-lora_{choice.camera}'] * bool(choice.camera) + ['lcm-motion'] * bool(distilled):
            add_lora(unet, work, stage)
    if device.type == 'cpu':
        plain_attention(unet)
    return Sampler(
        unet.to(device),
        text_encoder(text.to(device), vocab, device),
        load_vae(work).to(device),
        device,
        video,
        lcm=choice.lcm,
    )


def sheet(clips: np.ndarray, prompts: list[str], path: Path) -> None:
    """clips uint8 [N, F, H, W, 3]: a captioned row of every second frame each; stills are tiled seven to a row."""
    if clips.shape[1] == 1:
        tiles = [c[0] for c in clips]
        tiles += [np.full_like(tiles[0], 255)] * (-len(tiles) % 7)
        save_grid([tiles[i : i + 7] for i in range(0, len(tiles), 7)], path)
    else:
        save_grid([list(c[::2]) for c in clips], path, prompts)


def save_clips(clips: np.ndarray, prompts: list[str], folder: Path) -> None:
    for p, c in zip(prompts, clips):
        save_clip(c, folder / (re.sub(r'\W+', '_', p)[:60] + '.gif'))
