"""Checkpoints on disk: sharded safetensors under WORK/ckpt/STAGE with a state.json, and the loaders of trained parts.

A run's choices, fixed by its first training call, are in WORK/run.json: preset, unet, vae, text_layers, world.
Shards stay under 16 MiB, so that a run can travel in small pieces.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, MotionAdapter, UNet2DConditionModel, UNetMotionModel
from peft import LoraConfig
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel

from .config import LORA_TARGETS, MOTION_LORA_TARGETS, STRENGTH
from .networks import make_adapter, make_unet, make_vae
from .vocabulary import Vocabulary
from .worlds import World, parse_world

SHARD_BYTES = 15 * 2**20
Tensors = dict[str, torch.Tensor]


# --- sharded tensors ---


def save_shards(
    tensors: Tensors, folder: Path, name: str, dtype: torch.dtype | None = torch.float16, limit: int = SHARD_BYTES
) -> None:
    """Writes name-00000.safetensors, ... each under `limit` bytes. A larger tensor is cut along dim 0 (key '::i')."""
    folder.mkdir(parents=True, exist_ok=True)
    shards: list[Tensors] = [{}]
    size = 0
    for key, t in tensors.items():
        t = t.detach().to('cpu', dtype if dtype and t.is_floating_point() else t.dtype).contiguous()
        parts = {key: t}
        if t.nbytes > limit:
            rows = max(1, len(t) * limit // t.nbytes)
            parts = {f'{key}::{i}': p.contiguous() for i, p in enumerate(t.split(rows))}
        for k, p in parts.items():
            if size and size + p.nbytes > limit:
                shards.append({})
                size = 0
            shards[-1][k] = p.clone()
            size += p.nbytes
    for old in folder.glob(f'{name}-*.safetensors'):
        old.unlink()
    for i, shard in enumerate(shards):
        save_file(shard, str(folder / f'{name}-{i:05d}.safetensors'))


def load_shards(folder: Path, name: str) -> Tensors | None:
    """Reads what save_shards wrote; None if there is nothing."""
    out: Tensors = {}
    for path in sorted(folder.glob(f'{name}-*.safetensors')):
        out.update(load_file(str(path)))
    pieces: dict[str, list[tuple[int, torch.Tensor]]] = {}
    for key in [k for k in out if '::' in k]:
        base, i = key.split('::')
        pieces.setdefault(base, []).append((int(i), out.pop(key)))
    out.update({k: torch.cat([t for _, t in sorted(v, key=lambda p: p[0])]) for k, v in pieces.items()})
    return out or None


# --- what a run is ---


def run_config(work: Path) -> dict:
    path = work / 'run.json'
    if not path.exists():
        raise SystemExit(f'nothing trained in {work} yet')
    return json.loads(path.read_text())


def run_world(work: Path) -> World:
    return parse_world(run_config(work)['world'])


def stage_state(work: Path, stage: str) -> dict:
    """step, seconds and what else the stage keeps; empty if it has not been trained."""
    path = work / 'ckpt' / stage / 'state.json'
    return json.loads(path.read_text()) if path.exists() else {}


def trained(work: Path, kind: str) -> list[str]:
    """Names of the trained personalisations of a kind: 'lora' (styles), 'motion-lora' (camera moves), 'dreambooth'
    (subjects)."""
    return [p.parent.name.removeprefix(f'{kind}_') for p in sorted((work / 'ckpt').glob(f'{kind}_*/state.json'))]


def ema(work: Path, stage: str, prefix: str = '') -> Tensors:
    """The stage's averaged weights (fp32), keys starting with prefix, prefix removed."""
    sd = load_shards(work / 'ckpt' / stage, 'ema')
    if sd is None:
        raise SystemExit(f'no {stage} checkpoint in {work}: train that stage first')
    return {k[len(prefix) :]: v.float() for k, v in sd.items() if k.startswith(prefix)}


# --- trained parts ---


def vae_tag(work: Path) -> str:
    """Names the encoder that cached latents came from."""
    state = stage_state(work, 'vae')
    return f'vae step {state.get("encoder_step", state.get("step"))}'


def load_vae(work: Path) -> AutoencoderKL:
    """The latent-normalised VAE (unit latents, scaling_factor 1)."""
    vae = make_vae(run_config(work)['vae'])
    sd = load_shards(work / 'ckpt' / 'vae', 'normal')
    if sd is None:
        raise SystemExit('train the VAE first')
    vae.load_state_dict({k: v.float() for k, v in sd.items()})
    return vae.eval().requires_grad_(False)


def load_text(model: CLIPTextModel, sd: Tensors) -> CLIPTextModel:
    """Checkpoints here never nest CLIPTextModel under `text_model.`, as transformers before 5.6 does."""
    nested = any(k.startswith('text_model.') for k in model.state_dict())
    model.load_state_dict({('text_model.' if nested else '') + k: v for k, v in sd.items()}, strict=False)
    return model


def load_base(work: Path, subject: str = '') -> tuple[UNet2DConditionModel, CLIPTextModel, Vocabulary]:
    """UNet and (compact-vocabulary) text encoder of the base stage, with what motion words taught its cross-attention
    (stages/motion.py) and,
    if it was taught after the base's last step, how to read foreign words (stages/foreign.py); or the UNet of the
    DreamBooth that knows `subject`."""
    run = run_config(work)
    vocab = Vocabulary(work / 'vocab.json')
    stage = f'dreambooth_{subject}' if subject else 'base'
    words = {} if subject else load_shards(work / 'ckpt' / 'motion', 'words') or {}
    unet = make_unet(run['unet'])
    unet.load_state_dict(ema(work, stage, 'unet.') | {k: v.float() for k, v in words.items()})
    reads = (
        'foreign'
        if stage_state(work, 'foreign').get('base_step') == stage_state(work, 'base').get('step', -1)
        else 'base'
    )
    text = load_text(vocab.make_text(run['text_layers']), ema(work, reads, 'text.'))
    return unet.eval(), text.eval(), vocab


def load_joint_base(work: Path) -> UNet2DConditionModel:
    """The UNet that was trained jointly with its motion module (`motion --joint`)."""
    unet = load_base(work)[0]
    unet.load_state_dict({k: v for k, v in ema(work, 'motion-joint').items() if '.motion_modules.' not in k})
    return unet


def load_adapter(work: Path, stage: str = 'motion') -> MotionAdapter:
    a = make_adapter(run_config(work)['unet'])
    module = {k: v for k, v in ema(work, stage).items() if '.motion_modules.' in k}
    missing, unexpected = a.load_state_dict(module, strict=False)
    if unexpected or any('pos_embed' not in k for k in missing):
        raise SystemExit(f'the motion checkpoint does not fit: missing {missing}, unexpected {unexpected}')
    return a.eval()


def lora_config(rank: int) -> LoraConfig:
    return LoraConfig(r=rank, lora_alpha=rank, init_lora_weights='gaussian', target_modules=LORA_TARGETS)


def motion_lora_config(rank: int) -> LoraConfig:
    return LoraConfig(r=rank, lora_alpha=rank, init_lora_weights='gaussian', target_modules=MOTION_LORA_TARGETS)


def lora_weights(work: Path, stage: str) -> Tensors:
    """The LoRA that `stage` trained, as strong as it is meant to be."""
    strength = STRENGTH.get(stage, 1.0)
    return {k: v * strength if '.lora_B.' in k else v for k, v in ema(work, stage).items()}


def add_lora(
    unet: UNet2DConditionModel | UNetMotionModel, work: Path, stage: str, scale: float = 1.0
) -> UNet2DConditionModel | UNetMotionModel:
    """Merges the LoRA that `stage` trained into the weights: `lora_STYLE` and `lcm` into a UNet, `motion-lora_CAMERA`
    and `lcm-motion` into one with its motion module."""
    sd = lora_weights(work, stage)
    config = motion_lora_config if any('motion_modules' in k for k in sd) else lora_config
    unet.add_adapter(config(stage_state(work, stage)['rank']))
    _, unexpected = unet.load_state_dict(sd, strict=False)
    if unexpected:
        raise SystemExit(f'the LoRA of {stage} does not fit: {unexpected}')
    unet.fuse_lora(lora_scale=scale)
    unet.unload_lora()
    return unet
