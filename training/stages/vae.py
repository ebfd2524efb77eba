"""AutoencoderKL on random crops (or whole frames where it has attention): L1 + L2 + gradient loss + a little KL.

With --decoder-only the encoder rests: latents, and all that was trained on them, stay valid while pictures get sharper.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..checkpoints import save_shards, stage_state
from ..config import VAES
from ..dataset import Clips
from ..device import autocast
from ..networks import init_vae, make_vae, normalise_vae
from ..pictures import save_grid, to_float, to_uint8
from ..world.palette import SIZE
from .stage import Context, Loss, Metrics, Stage, trainable


class VaeStage(Stage):
    name = 'vae'
    curves = ['loss', 'l1', 'psnr']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.decoder_only = self.from_average = ctx.options.decoder_only
        preset = ctx.run['vae']
        self.vae = make_vae(preset)
        init_vae(self.vae)
        self.vae = self.vae.to(self.dev, memory_format=torch.channels_last).train()
        self.crop = SIZE if VAES[preset]['mid_block_add_attention'] else SIZE // 2
        n = self.cfg.clips
        self.clips = Clips(ctx.frames('stills', n, self.cfg.frames, 1, styled=0.35))
        self.val = Clips(ctx.frames('val_stills', min(128, n), 1, 99, styled=0.2)).x[:, 0]
        self.norm = Clips(ctx.frames('norm_stills', min(256, n), 1, 77)).x[:, 0]
        if ctx.cuda:
            self.clips.x = self.clips.x.to(self.dev)
        self.encode, self.decode = self.compiled(self.vae.encode), self.compiled(self.vae.decode)

    def groups(self):
        return [(trainable(self.vae), 1.0)]

    def loss(self) -> Loss:
        frames = self.clips.draw(self.cfg.batch, 1)['x'][:, 0]
        if self.crop < SIZE:
            at = np.random.randint(0, SIZE - self.crop + 1, (len(frames), 2))
            frames = torch.stack([f[a : a + self.crop, b : b + self.crop] for f, (a, b) in zip(frames, at)])
        x = to_float(frames.to(self.dev))
        with autocast(self.dev):
            with torch.set_grad_enabled(not self.decoder_only):
                d = self.encode(x).latent_dist
                mu, logvar = d.mean.float(), d.logvar.float()
            y = self.decode(mu + (0.5 * logvar).exp() * torch.randn_like(mu)).sample.float()
        e = y - x
        l1 = e.abs().mean()
        grad = (e[..., 1:] - e[..., :-1]).abs().mean() + (e[..., 1:, :] - e[..., :-1, :]).abs().mean()
        kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()
        return l1 + 0.5 * (e**2).mean() + 0.5 * grad + 2e-4 * kl, {'l1': l1.detach(), 'kl': kl.detach()}

    @torch.no_grad()
    def reconstruct(self, frames: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """-> originals, reconstructions, latents."""
        xs, ys, zs = [], [], []
        with autocast(self.dev):
            for b in frames.split(32):
                x = to_float(b.to(self.dev))
                z = self.vae.encode(x).latent_dist.mode()
                (
                    xs.append(x.cpu()),
                    zs.append(z.float().cpu()),
                    ys.append(self.vae.decode(z).sample.float().clamp(-1, 1).cpu()),
                )
        return torch.cat(xs), torch.cat(ys), torch.cat(zs)

    def evaluate(self) -> Metrics:
        x, y, z = self.reconstruct(self.val)
        return {
            'psnr': float((-10 * torch.log10(((x - y) ** 2).mean((1, 2, 3)) / 4)).mean()),
            'latent_std': float(z.std()),
        }

    def extra_state(self) -> dict:
        state = stage_state(self.ctx.work, 'vae')
        return {'encoder_step': state.get('encoder_step', state['step'])} if self.decoder_only and state else {}

    def after_save(self, folder: Path) -> None:
        vae = make_vae(self.ctx.run['vae'])
        vae.load_state_dict({k: v.detach().float().cpu() for k, v in self.vae.state_dict().items()})
        normalise_vae(vae, self.reconstruct(self.norm)[2])
        save_shards(vae.state_dict(), folder, 'normal')

    def sheet(self, path: Path) -> None:
        x, y, _ = self.reconstruct(self.val[:20])
        a, b = list(to_uint8(x)), list(to_uint8(y))
        save_grid([a[:10], b[:10], a[10:], b[10:]] if len(a) >= 20 else [a, b], path)
