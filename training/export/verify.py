"""Loads every exported file back, through the libraries that others use, and compares outputs with the networks in
memory."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, MotionAdapter, StableDiffusionPipeline, UNet2DConditionModel, UNetMotionModel
from diffusers.loaders.single_file_utils import convert_animatediff_checkpoint_to_diffusers
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from ..checkpoints import add_lora, load_base, run_config, stage_state
from ..config import LATENT, MAX_TOKENS, PROMPTS
from ..networks import make_adapter, make_scheduler, plain_attention
from ..sampling import Sampler
from ..tokenizer import token_ids, tokenizer
from ..vocabulary import Vocabulary
from ..world.palette import FRAMES
from .files import read
from .keys import lora_deltas, motion_lora_deltas

ROUNDING_PSNR = 45.0  # dB between pictures sampled with and without rounded weights


@dataclass
class Family:
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text: CLIPTextModel
    adapter: MotionAdapter | None
    compact: CLIPTextModel
    vocab: Vocabulary


def report(
    what: str, a: torch.Tensor, b: torch.Tensor, scale: torch.Tensor | None = None, tolerance: float = 5e-3
) -> None:
    """Relative RMS difference of two outputs; scale: what it is relative to (default a)."""
    s = a if scale is None else scale
    diff = float((a - b).pow(2).mean().sqrt() / s.pow(2).mean().sqrt().clamp(min=1e-12))
    print(f'verify {what}: relative difference {diff:.1e} {"ok" if diff < tolerance else "FAILED"}', flush=True)
    if diff >= tolerance:
        raise SystemExit(1)


def unpacked(published: Path, folder: Path) -> Path:
    """The published folder as diffusers reads it: gzip undone."""
    for path in published.rglob('*'):
        target = folder / path.relative_to(published)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == '.gz':
            save_file(read(path), str(target.with_suffix('')), metadata={'format': 'pt'})
        elif path.is_file():
            target.write_bytes(path.read_bytes())
    return folder


@torch.no_grad()
def verify_checkpoint(published: Path, family: Family, bits: int) -> None:
    """A checkpoint's folder says what the networks in memory say."""
    g = torch.Generator().manual_seed(0)
    z, t, ids = (
        torch.randn(2, 4, LATENT, LATENT, generator=g),
        torch.tensor([300, 700]),
        torch.tensor(token_ids(PROMPTS['narrow'][:2])),
    )
    h, loose = family.text(input_ids=ids).last_hidden_state, 5e-3 * 2 ** (10 - bits)
    with tempfile.TemporaryDirectory() as temporary:
        folder = unpacked(published, Path(temporary))
        text = CLIPTextModel.from_pretrained(folder / 'text_encoder', dtype=torch.float32)
        unet = UNet2DConditionModel.from_pretrained(folder / 'unet', torch_dtype=torch.float32)
        report(f'{published.name}, text encoder', h, text(input_ids=ids).last_hidden_state, tolerance=loose)
        report(f'{published.name}, UNet', family.unet(z, t, h).sample, unet(z, t, h).sample, tolerance=loose)


@torch.no_grad()
def verify_loras(work: Path, published: Path, family: Family) -> None:
    """Motion LoRAs and the distilled one, read back by their keys and added by hand, change the model as they did in
    training."""
    if family.adapter is None:
        return
    g = torch.Generator().manual_seed(0)
    z, t = torch.randn(1, 4, FRAMES, LATENT, LATENT, generator=g), torch.tensor([500])
    h = family.text(input_ids=torch.tensor(token_ids(PROMPTS['narrow'][:1]))).last_hidden_state.repeat_interleave(
        FRAMES, 0
    )

    def video(*stages: str) -> UNetMotionModel:
        """The model with the LoRAs of these stages, as training left them."""
        unet = load_base(work)[0]
        for stage in stages:
            if stage == 'lcm':
                add_lora(unet, work, stage)
        net = UNetMotionModel.from_unet2d(unet, family.adapter).eval()
        for stage in stages:
            if stage != 'lcm':
                add_lora(net, work, stage)
        return net

    plain = video()(z, t, h).sample
    files = [(p, [f'motion-lora_{p.stem}']) for p in sorted(published.glob('motion-loras/*.safetensors'))]
    files += [
        (p, [s for s in ('lcm', 'lcm-motion') if stage_state(work, s)]) for p in published.glob('loras/lcm.safetensors')
    ]
    for path, stages in files:
        sd, net = read(path), video()
        for key, change in (motion_lora_deltas(sd) | lora_deltas(sd, family.unet.state_dict())).items():
            net.get_parameter(key).add_(change)
        want = video(*stages)(z, t, h).sample
        report(f'LoRA {path.name}', want, net(z, t, h).sample, want - plain, tolerance=2e-2)


@torch.no_grad()
def verify(work: Path, published: Path, originals: Path, family: Family, styles: list[str], bits: int = 10) -> None:
    g = torch.Generator().manual_seed(0)
    z, t = torch.randn(2, 4, LATENT, LATENT, generator=g), torch.tensor([300, 700])
    prompts = PROMPTS['narrow'][:2]
    ids = torch.tensor(token_ids(prompts))
    h = family.text(input_ids=ids).last_hidden_state
    want, img = family.unet(z, t, h).sample, family.vae.decode(z).sample
    known = torch.tensor([family.vocab.ids[:MAX_TOKENS], family.vocab.ids[-MAX_TOKENS:]])
    short = family.compact(input_ids=family.vocab.lut[known]).last_hidden_state
    full = family.text(input_ids=known).last_hidden_state
    report('full vocabulary = compact vocabulary', short, full, tolerance=1e-5)
    loose = 5e-3 * 2 ** (10 - bits)
    with tempfile.TemporaryDirectory() as temporary:
        folder = unpacked(published, Path(temporary))
        text = CLIPTextModel.from_pretrained(folder / 'text_encoder', dtype=torch.float32)
        unet = UNet2DConditionModel.from_pretrained(folder / 'unet', torch_dtype=torch.float32)
        vae = AutoencoderKL.from_pretrained(folder / 'vae', torch_dtype=torch.float32)
        report('text encoder', h, text(input_ids=ids).last_hidden_state, tolerance=loose)
        report('UNet', want, unet(z, t, h).sample, tolerance=loose)
        report('VAE', img, vae.decode(z).sample, tolerance=loose)
        if (originals / 'mini.safetensors').exists():
            single = {'config': str(folder), 'torch_dtype': torch.float32}
            ldm = UNet2DConditionModel.from_single_file(str(originals / 'mini.safetensors'), subfolder='unet', **single)
            report('LDM single file, UNet', want, ldm(z, t, h).sample)
            ldm = AutoencoderKL.from_single_file(str(originals / 'mini.safetensors'), subfolder='vae', **single)
            report('LDM single file, VAE', img, ldm.decode(z).sample)
        if family.adapter is not None:
            zv, hv = torch.randn(1, 4, FRAMES, LATENT, LATENT, generator=g), h[:1].repeat_interleave(FRAMES, 0)
            video = UNetMotionModel.from_unet2d(family.unet, family.adapter)(zv, t[:1], hv).sample
            still = family.unet(zv[0].transpose(0, 1), t[:1].expand(FRAMES), hv).sample.transpose(0, 1)[None]
            effect = video - still  # measured against what the module adds, or a lost module would pass
            again = MotionAdapter.from_pretrained(folder / 'motion_adapter', torch_dtype=torch.float32)
            report(
                'motion adapter',
                video,
                UNetMotionModel.from_unet2d(family.unet, again)(zv, t[:1], hv).sample,
                effect,
                loose,
            )
            keys = convert_animatediff_checkpoint_to_diffusers(load_file(originals / 'mini_mm.safetensors'))
            back = make_adapter(run_config(work)['unet'])
            back.load_state_dict({k: v.float() for k, v in keys.items()}, strict=False)
            report(
                "motion module under AnimateDiff's keys",
                video,
                UNetMotionModel.from_unet2d(family.unet, back)(zv, t[:1], hv).sample,
                effect,
            )
        for style in styles:
            styled = add_lora(load_base(work)[0], work, f'lora_{style}')(z, t, h).sample
            for file in (published / 'loras' / f'{style}.safetensors', originals / f'{style}.peft.safetensors'):
                fresh = UNet2DConditionModel.from_config(family.unet.config)
                fresh.load_state_dict(family.unet.state_dict())
                parts = {
                    'vae': vae,
                    'text_encoder': text,
                    'tokenizer': tokenizer(),
                    'unet': fresh,
                    'scheduler': make_scheduler(),
                }
                none = {'safety_checker': None, 'feature_extractor': None, 'requires_safety_checker': False}
                pipe = StableDiffusionPipeline(**parts, **none)
                pipe.load_lora_weights(str(file.parent), weight_name=file.name)
                report(f'LoRA {file.name}', styled, pipe.unet(z, t, h).sample, styled - want, tolerance=2e-2)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * math.log10(255**2 / max(1e-12, float(np.mean((a.astype(float) - b.astype(float)) ** 2))))


@torch.no_grad()
def verify_rounding(published: Path, family: Family, prompts: int = 4, steps: int = 12) -> None:
    """Samples clips with the published weights and with unrounded ones, and demands ROUNDING_PSNR between them."""

    def fresh(module, name: str):
        copy = (
            type(module).from_config(module.config) if hasattr(module, 'from_config') else type(module)(module.config)
        )
        state = read(published / name)
        nested = any(k.startswith('text_model.') for k in copy.state_dict())
        copy.load_state_dict(
            {k if nested else k.removeprefix('text_model.'): v for k, v in state.items()}, strict=False
        )
        return copy.eval()

    def sampler(unet, text, vae, adapter) -> Sampler:
        net = UNetMotionModel.from_unet2d(unet, adapter).eval() if adapter is not None else unet
        encode = lambda texts: text(input_ids=torch.tensor(token_ids(texts))).last_hidden_state  # noqa: E731
        return Sampler(plain_attention(net), encode, vae, torch.device('cpu'), adapter is not None, mixed=False)

    name = 'diffusion_pytorch_model.safetensors.gz'
    adapter = family.adapter and fresh(family.adapter, f'motion_adapter/{name}')
    rounded = (
        fresh(family.unet, f'unet/{name}'),
        fresh(family.text, 'text_encoder/model.safetensors.gz'),
        fresh(family.vae, f'vae/{name}'),
        adapter,
    )
    texts = PROMPTS['narrow'][:prompts]
    exact = sampler(family.unet, family.text, family.vae, family.adapter)(texts, steps=steps)
    value = psnr(exact, sampler(*rounded)(texts, steps=steps))
    print(
        f'verify rounded weights: {prompts} clips agree to {value:.1f} dB {"ok" if value > ROUNDING_PSNR else "FAILED"}',
        flush=True,
    )
    if value <= ROUNDING_PSNR:
        raise SystemExit(1)
