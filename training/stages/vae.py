"""AutoencoderKL on random crops (or whole frames where it has attention): L1 + L2 + gradient loss + a little KL.

With --decoder-only the encoder rests: latents, and all that was trained on them, stay valid while pictures get sharper.
With --as-drawn, too, most of the latents are those that the base draws of a picture (drawn_latents.py), with some noise;
with --crisp an adversary (patches.py) asks for outlines.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..checkpoints import load_vae, save_shards, stage_state
from ..config import VAES
from ..dataset import Clips
from ..device import autocast
from ..networks import init_vae, make_vae, normalise_vae, normalised_by
from ..pictures import save_grid, to_float, to_uint8
from ..world.palette import SIZE
from .drawn_latents import drawn_latents
from .patches import Adversary
from .stage import Context, Loss, Metrics, Stage, trainable

DRAWN, NOISE = 0.75, 0.2  # share of latents as the base draws them; largest deviation of the noise on any
ADVERSARY, ADVERSARY_FIRST = 0.4, 0.05  # its share of the gradient, and the part of a chunk that it learns alone


class VaeStage(Stage):
    name = 'vae'
    curves = ['loss', 'l1', 'psnr', 'psnr_drawn']
    scale: tuple[torch.Tensor, torch.Tensor] | None = None

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.as_drawn = ctx.options.as_drawn
        self.decoder_only = self.from_average = ctx.options.decoder_only or self.as_drawn
        preset = ctx.run['vae']
        self.vae = make_vae(preset)
        init_vae(self.vae)
        self.vae = self.vae.to(self.dev, memory_format=torch.channels_last).train()
        self.crop = SIZE if VAES[preset]['mid_block_add_attention'] else SIZE // 2
        n = self.cfg.clips
        lut = ctx.vocab.lut if self.as_drawn else None
        self.clips = Clips(ctx.frames('stills', n, self.cfg.frames, 1, styled=0.35), lut)
        val = Clips(ctx.frames('val_stills', min(128, n), 1, 99, styled=0.2), lut)
        self.val = val.x[:, 0]
        self.adversary = Adversary(self.dev) if self.as_drawn and ctx.options.crisp else None
        if self.as_drawn:
            self.drawn, self.val_drawn = (drawn_latents(ctx, c, k) for c, k in ((self.clips, 'stills'), (val, 'val_stills')))
        self.norm = Clips(ctx.frames('norm_stills', min(256, n), 1, 77)).x[:, 0]
        if ctx.cuda:
            self.clips.x = self.clips.x.to(self.dev)
        self.encode, self.decode = self.compiled(self.vae.encode), self.compiled(self.vae.decode)

    def groups(self):
        return [(trainable(self.vae), 1.0)]

    def unit(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Means and deviations, shaped to scale latents, that lead from unit latents to this VAE's own."""
        if self.scale is None:
            mu, sd = normalised_by(self.vae, load_vae(self.ctx.work).to(self.dev))
            self.scale = mu.view(1, -1, 1, 1), sd.view(1, -1, 1, 1)
        return self.scale

    def loss(self) -> Loss:
        return self.loss_as_drawn() if self.as_drawn else self.loss_of_crops()

    def loss_as_drawn(self) -> Loss:
        n = torch.randint(len(self.clips), (self.cfg.batch,))
        version = torch.where(torch.rand(len(n)) < DRAWN, torch.randint(1, self.drawn.shape[1], (len(n),)), 0)
        z = self.drawn[n, version].float()
        z = (z + NOISE * torch.rand(len(n), 1, 1, 1) * torch.randn_like(z)).to(self.dev)
        x = to_float(self.clips.x[n, 0].to(self.dev))
        mu, sd = self.unit()
        with autocast(self.dev):
            y = self.decode((z * sd + mu).contiguous(memory_format=torch.channels_last)).sample.float()
        loss, shown = likeness(y, x)
        if self.adversary:
            told = self.adversary.learn(y, x)
            if self.over > ADVERSARY_FIRST:
                loss = loss + self.adversary.against(y, loss, self.vae.decoder.conv_out.weight, ADVERSARY)
            shown['told_apart'] = told
        return loss, shown

    def loss_of_crops(self) -> Loss:
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
        kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).mean()
        loss, shown = likeness(y, x)
        return loss + 2e-4 * kl, shown | {'kl': kl.detach()}

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
        of_drawn = {'psnr_drawn': psnr(x, self.decoded(self.val_drawn[:, -1]))} if self.as_drawn else {}
        return {'psnr': psnr(x, y), 'latent_std': float(z.std())} | of_drawn

    @torch.no_grad()
    def decoded(self, latents: torch.Tensor) -> torch.Tensor:
        """Unit latents -> pictures in -1..1."""
        mu, sd = self.unit()
        with autocast(self.dev):
            parts = [self.vae.decode(z.float().to(self.dev) * sd + mu).sample for z in latents.split(32)]
        return torch.cat(parts).float().clamp(-1, 1).cpu()

    def extra_state(self) -> dict:
        state = stage_state(self.ctx.work, 'vae')
        return {'encoder_step': state.get('encoder_step', state['step'])} if self.decoder_only and state else {}

    def after_save(self, folder: Path) -> None:
        vae = make_vae(self.ctx.run['vae'])
        vae.load_state_dict({k: v.detach().float().cpu() for k, v in self.vae.state_dict().items()})
        if self.decoder_only:  # the latents stay what they are
            normalise_vae(vae, *(s.flatten().cpu() for s in self.unit()))
        else:
            z = self.reconstruct(self.norm)[2]
            normalise_vae(vae, z.mean((0, 2, 3)), z.std((0, 2, 3)))
        save_shards(vae.state_dict(), folder, 'normal')

    def sheet(self, path: Path) -> None:
        x, y, _ = self.reconstruct(self.val[:20])
        a, b = list(to_uint8(x)), list(to_uint8(self.decoded(self.val_drawn[:20, -1]) if self.as_drawn else y))
        save_grid([a[:10], b[:10], a[10:], b[10:]] if len(a) >= 20 else [a, b], path)


def likeness(y: torch.Tensor, x: torch.Tensor) -> Loss:
    e = y - x
    l1 = e.abs().mean()
    grad = (e[..., 1:] - e[..., :-1]).abs().mean() + (e[..., 1:, :] - e[..., :-1, :]).abs().mean()
    return l1 + 0.5 * (e**2).mean() + 0.5 * grad, {'l1': l1.detach()}


def psnr(x: torch.Tensor, y: torch.Tensor) -> float:
    """Of pictures in -1..1, in dB."""
    return float((-10 * torch.log10(((x - y) ** 2).mean((1, 2, 3)) / 4)).mean())
