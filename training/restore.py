"""`python -m training restore`: begins a run from the published family, so that training goes on from a clone without
its checkpoints.

Optimiser moments are not published; every stage warms up anew. LoRAs come along; a DreamBooth does not, for it begins
from its base.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from .checkpoints import Tensors, run_config, run_world, save_shards
from .config import FOREIGN_ROWS, LCM_GUIDANCE, PRESETS, PUBLISHED, STRENGTH
from .export.files import read, weights_digest
from .export.keys import lora_parameters, motion_lora_parameters
from .stages.stage import start_run
from .vocabulary import Vocabulary
from .worlds import EmojiWorld, World


def compact_text(published: Tensors, vocab: Vocabulary, world: World) -> Tensors:
    """The published encoder with the run's short embedding table. In the drawn world a word that the published model
    did not know starts off at random; in the emoji world every word of the captions was learned, and foreign ones have
    copies of their rows."""
    sd = {k.removeprefix('text_model.'): v for k, v in published.items()}
    key = 'embeddings.token_embedding.weight'
    full, ids = sd[key], torch.tensor(vocab.ids)
    strange = torch.ones(len(full), dtype=torch.bool)
    strange[ids] = False
    shared = full[strange].unique(dim=0)
    rows = torch.cat(
        [full[ids], full[[int((strange & (vocab.lut == vocab.foreign + r)).nonzero()[0]) for r in range(FOREIGN_ROWS)]]]
    )
    if isinstance(world, EmojiWorld):
        return sd | {key: rows}
    new = (full[ids][:, None] == shared[None, :64]).all(-1).any(-1).nonzero()[:, 0]
    rows[new] = torch.randn(len(new), full.shape[1], generator=torch.Generator().manual_seed(0)) * 0.7
    return sd | {key: rows}


def part(text: Tensors, vocab: Vocabulary, words: list[str], factor: float) -> None:
    """Moves the embeddings of `words` away from their mean, in place: words that every caption puts in the same place
    stay alike otherwise."""
    table = text['embeddings.token_embedding.weight']
    rows = vocab.encode(words)[:, 1]
    centre = table[rows].mean(0)
    table[rows] = centre + factor * (table[rows] - centre)


def write_lora(work: Path, stage: str, sd: Tensors, **extra: object) -> None:
    """`sd`: LoRA parameters as published, so with their strength built in."""
    strength = STRENGTH.get(stage, 1.0)
    rank = next(len(v) for k, v in sd.items() if '.lora_A.' in k)
    write_stage(work, stage, {k: v / strength if '.lora_B.' in k else v for k, v in sd.items()}, rank=rank, **extra)


def found(folders: list[Path], pattern: str) -> list[Path]:
    """Files by their paths within the folders; where several have one, the last folder's."""
    return list({p.relative_to(folder): p for folder in folders for p in sorted(folder.glob(pattern))}.values())


def write_loras(work: Path, folders: list[Path], unet: Tensors, clips: int) -> None:
    """`clips`: how many a camera move is learned from."""
    for path in found(folders, 'loras/*.safetensors'):
        sd, name = read(path), path.stem
        if name == 'lcm':
            write_lora(work, 'lcm', lora_parameters(sd, unet), guidance=LCM_GUIDANCE)
            if motion := motion_lora_parameters(sd):
                write_lora(work, 'lcm-motion', motion)
        else:
            write_lora(work, f'lora_{name}', lora_parameters(sd, unet), style=name)
    for path in found(folders, 'motion-loras/*.safetensors'):
        write_lora(work, f'motion-lora_{path.stem}', motion_lora_parameters(read(path)), camera=path.stem, clips=clips)


def write_stage(work: Path, stage: str, tensors: Tensors, **extra: object) -> None:
    folder = work / 'ckpt' / stage
    save_shards(tensors, folder, 'ema')
    state = {'step': 0, 'samples': 0, 'seconds': 0.0, 'warm_from': 0, 'finished': True, 'restored': True, 'opt': []}
    (folder / 'state.json').write_text(json.dumps({**state, **extra}))


def write_vae(work: Path, vae: Tensors) -> None:
    write_stage(work, 'vae', vae)
    save_shards(vae, work / 'ckpt' / 'vae', 'normal', None)


def restore(a: argparse.Namespace) -> None:
    if (a.work / 'ckpt').exists():
        raise SystemExit(f'{a.work} already holds a run; choose another --work')
    start_run(a.work, a)
    # An edition under way holds what differs from the published one.
    folders = [a.source] if (a.source / 'vae').exists() else [PUBLISHED, a.source]
    run = run_config(a.work) | {'restored': weights_digest(folders[0])}  # figures have to say what they stand on
    (a.work / 'run.json').write_text(json.dumps(run, indent=1))
    world = run_world(a.work)
    vocab = Vocabulary(a.work / 'vocab.json', world)
    weights = {p.parent.name: read(p) for p in found(folders, '*/*model.safetensors.gz')}
    write_vae(a.work, weights['vae'])
    base = {f'unet.{k}': v for k, v in weights['unet'].items()}
    if a.text:
        text = compact_text(weights['text_encoder'], vocab, world)
        if a.apart != 1:
            part(text, vocab, ['left', 'right'], a.apart)
        base |= {f'text.{k}': v for k, v in text.items()}
    write_stage(a.work, 'base', base)
    if 'motion_adapter' in weights:
        write_stage(a.work, 'motion', {k: v for k, v in weights['motion_adapter'].items() if 'pos_embed' not in k})
    write_loras(a.work, folders, weights['unet'], PRESETS[run['preset']].stages['motion-lora'].clips)
    print(f'{run_config(a.work)["preset"]} family of {a.source.name} restored to {a.work}')
