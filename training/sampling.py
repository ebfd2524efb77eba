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

from .checkpoints import add_lora, load_adapter, load_base, load_vae
from .config import LATENT, SAMPLE_CFG, SAMPLE_STEPS
from .device import autocast
from .networks import make_scheduler, plain_attention
from .pictures import save_gif, save_grid, to_uint8
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

    @torch.no_grad()
    def __call__(
        self, prompts: list[str], steps: int = SAMPLE_STEPS, cfg: float = SAMPLE_CFG, seed: int = 0, negative: str = '', batch: int = 2
    ) -> np.ndarray:
        """-> uint8 [N, F, 128, 128, 3] (F = 16 for video, 1 for stills)."""
        out = [self._batch(prompts[i : i + batch], steps, cfg, seed + i, negative) for i in range(0, len(prompts), batch)]
        return np.concatenate(out)

    def _batch(self, prompts: list[str], steps: int, cfg: float, seed: int, negative: str) -> np.ndarray:
        n, f = len(prompts), FRAMES if self.video else 1
        scheduler = make_scheduler()
        scheduler.set_timesteps(steps)
        h = torch.cat([self.encode([negative] * n), self.encode(prompts)]).repeat_interleave(f, 0)
        shape = (4, f, LATENT, LATENT) if self.video else (4, LATENT, LATENT)
        z = torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed * 1000 + i)) for i in range(n)]).to(self.device)
        for t in scheduler.timesteps:
            with autocast(self.device, self.mixed):
                uncond, cond = self.unet(torch.cat([z, z]), t.to(self.device), h).sample.float().chunk(2)
            z = scheduler.step(uncond + cfg * (cond - uncond), t, z).prev_sample
        flat = z.permute(0, 2, 1, 3, 4).flatten(0, 1) if self.video else z
        with autocast(self.device, self.mixed):
            y = torch.cat([self.vae.decode(b).sample.float() for b in flat.split(16)])
        return to_uint8(y).reshape(n, f, SIZE, SIZE, 3)


def load_sampler(work: Path, device: torch.device, video: bool, lora: str | None = None) -> Sampler:
    unet, text, vocab = load_base(work)
    if lora:
        add_lora(unet, work, lora)
    if video:
        unet = UNetMotionModel.from_unet2d(unet, load_adapter(work)).eval()
    if device.type == 'cpu':
        plain_attention(unet)
    return Sampler(unet.to(device), text_encoder(text.to(device), vocab, device), load_vae(work).to(device), device, video)


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
        save_gif(c, folder / (re.sub(r'\W+', '_', p)[:60] + '.gif'))
