"""Renders the world in several processes into cached, sharded sets.

A set is a folder WORK/data/NAME with, per shard i:
    x-i.npy      uint8 frames [n, K, 128, 128, 3]  or, once encoded, fp16 latents [n, K, 4, 16, 16]
    mask-i.npy   uint8 [n, K, 16, 16]: the subject's coverage on the latent grid
    ids-i.npy    uint16 [n, V, 77]: CLIP tokens of the caption variants
    meta-i.json  per clip: spec, frame index, caption variants, which attributes caption 0 names
Clip number i of seed s is the same on every machine, however many workers render it.
"""

from __future__ import annotations

import json
import multiprocessing as mp
import os
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch

from .device import Clock, autocast
from .pictures import to_float
from .tokenizer import token_ids, tokenizer
from .world.camera import WINDOW
from .world.palette import FRAMES
from .worlds import DrawnWorld, World, movable, world_digest

VARIANTS = 4  # captions per clip
ATTRIBUTES = ['subject', 'color', 'motion', 'background', 'style']
Encoder = Callable[[np.ndarray], np.ndarray]
Shard = tuple[int, np.ndarray, np.ndarray, np.ndarray, list[dict]]  # its number, frames, masks, tokens, metadata


@dataclass(frozen=True)
class SetSpec:
    """What to render. `styled`: share of clips in a random style; `style`, `subject`, `camera`: one for all; `every`:
    held-out combinations, too."""

    name: str
    clips: int
    frames: int
    seed: int = 1
    styled: float = 0.0
    style: str = 'plain'
    world: World = DrawnWorld()
    shard: int = 64
    every: bool = False
    subject: str = ''
    camera: str = ''


def render_clip(s: SetSpec, i: int) -> tuple[np.ndarray, np.ndarray, dict]:
    """-> frames uint8 [K, 128, 128, 3], masks uint8 [K, 16, 16], metadata."""
    rng = random.Random((s.seed << 40) + i)
    world = s.world
    style = rng.choice(world.styles[1:]) if s.style == 'plain' and rng.random() < s.styled else s.style
    fixed = {'character': s.subject} if s.subject else {}
    if s.camera:
        fixed['motion'] = world.resting
    sp = world.sample(rng, style, every=s.every, moving=s.frames >= FRAMES, **fixed)
    if s.camera:
        sp.s /= WINDOW
    index = list(range(FRAMES)) if s.frames >= FRAMES else sorted(rng.sample(range(FRAMES), s.frames))
    said: dict[str, bool] = {}
    captions = [world.caption(sp, rng, said)] + [world.caption(sp, rng) for _ in range(VARIANTS - 1)]
    labels = sp.labels()
    return (
        world.render(sp, index, s.camera),
        world.masks(sp, index, s.camera),
        {
            'spec': sp.to_dict(),
            'labels': [labels[a] for a in ATTRIBUTES],
            'index': index,
            'captions': captions,
            'said': said,
        },
    )


def _render_shard(job: tuple[SetSpec, int, int]) -> tuple[SetSpec, Shard]:
    s, number, start = job
    clips = [render_clip(s, i) for i in range(start, min(start + s.shard, s.clips))]
    meta = [c[2] for c in clips]
    ids = np.array(token_ids([text for m in meta for text in m['captions']]), np.uint16).reshape(
        len(meta), VARIANTS, -1
    )
    return s, (number, np.stack([c[0] for c in clips]), np.stack([c[1] for c in clips]), ids, meta)


def _nice() -> None:
    """Rendering processes give way to training."""
    os.nice(5)
    os.environ['OMP_NUM_THREADS'] = '1'


def render_shards(specs: list[SetSpec], workers: int) -> Iterator[tuple[SetSpec, Shard]]:
    """Shards of one set after another, about in this order."""
    jobs = [(s, n, start) for s in specs for n, start in enumerate(range(0, s.clips, s.shard))]
    workers = min(workers, len(jobs))
    if workers <= 1:
        yield from map(_render_shard, jobs)
        return
    # A fork has everything imported (which takes a spawned process ten seconds), but CUDA forbids it once it has begun.
    tokenizer()
    method = 'fork' if sys.platform == 'linux' and not torch.cuda.is_initialized() else 'spawn'
    with mp.get_context(method).Pool(workers, initializer=_nice) as pool:
        yield from pool.imap_unordered(_render_shard, jobs)


def build(
    work: Path, specs: list[SetSpec], workers: int = 1, encode: Encoder | None = None, tag: str = ''
) -> list[Path]:
    """Renders the sets (and encodes them, if given an encoder), one after another, unless identical ones are already
    there. `tag` names the encoder."""

    def folder(s: SetSpec) -> Path:
        return work / 'data' / s.name

    def want(s: SetSpec) -> str:
        made = {
            'set': repr(replace(s, world=movable(s.world))),
            'latents': encode is not None,
            'tag': tag,
            'world': world_digest(s.world),
            'tokens': True,
        }
        return json.dumps(made)

    missing = [s for s in specs if not (done := folder(s) / 'done.json').exists() or done.read_text() != want(s)]
    for s in missing:
        shutil.rmtree(folder(s), ignore_errors=True)
        folder(s).mkdir(parents=True)
    clock, n, ready = Clock(), 0, Counter()
    for s, (number, frames, masks, ids, meta) in render_shards(missing, workers):
        n += frames.shape[0] * frames.shape[1]
        x = encode(frames) if encode else frames
        np.save(folder(s) / f'x-{number:05d}.npy', x)
        np.save(folder(s) / f'mask-{number:05d}.npy', masks)
        np.save(folder(s) / f'ids-{number:05d}.npy', ids)
        (folder(s) / f'meta-{number:05d}.json').write_text(json.dumps(meta))
        ready[s.name] += 1
        k, total = ready[s.name], -(-s.clips // s.shard)
        if k % max(1, total // 8) == 0 or k == total:
            print(
                f'{s.name}: {k}/{total} shards, {n} frames in all, {n / clock():.0f} frames/s with {workers} worker(s)',
                flush=True,
            )
        if k == total:
            (folder(s) / 'done.json').write_text(want(s))
    return [folder(s) for s in specs]


class Clips:
    """A set in memory. x: uint8 [N, K, 128, 128, 3] or fp16 [N, K, 4, 16, 16]; mask: uint8 [N, K, 16, 16]; ids: [N, V,
    77] compact tokens."""

    def __init__(self, folder: Path, compact: torch.Tensor | None = None) -> None:
        """`compact`: compact ids by CLIP's (Vocabulary.lut), where captions are wanted."""
        shards = sorted(folder.glob('x-*.npy'))
        if not shards:
            raise FileNotFoundError(f'no shards in {folder}')
        self.x = torch.from_numpy(np.concatenate([np.load(p) for p in shards]))
        self.mask = torch.from_numpy(np.concatenate([np.load(p.with_name('mask' + p.name[1:])) for p in shards]))
        self.meta = [m for p in shards for m in json.loads(p.with_name('meta' + p.name[1:-4] + '.json').read_text())]
        self.labels = torch.tensor([m['labels'] for m in self.meta])
        self.said = torch.tensor([[m['said'][a] for a in ATTRIBUTES] for m in self.meta])
        self.ids: torch.Tensor | None = None
        if compact is not None:
            self.ids = compact[
                torch.from_numpy(
                    np.concatenate([np.load(p.with_name('ids' + p.name[1:])) for p in shards]).astype(np.int64)
                )
            ]

    def __len__(self) -> int:
        return len(self.meta)

    def to(self, device: torch.device) -> Clips:
        """Moves what batches need to the device (sets are small: 60 000 x 4 latents are 0.5 GB)."""
        self.x, self.mask, self.labels, self.said = (t.to(device) for t in (self.x, self.mask, self.labels, self.said))
        self.ids = self.ids.to(device) if self.ids is not None else None
        return self

    def captions(self, i: int) -> list[str]:
        return self.meta[i]['captions']

    def draw(self, n: int, frames: int | None = None, among: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """n random clips, with `frames` random frames each (None: all, in order), if given from the clips `among` -> x
        [n, k, ...], mask [n, k, 16, 16], ids [n, 77], clip [n]."""
        dev, count, k = self.x.device, self.x.shape[0], self.x.shape[1]
        c = (
            torch.randint(0, count, (n,), device=dev)
            if among is None
            else among[torch.randint(0, len(among), (n,), device=dev)]
        )
        f = (
            torch.rand(n, k, device=dev).argsort(1)[:, :frames]
            if frames and frames < k
            else torch.arange(k, device=dev).expand(n, k)
        )
        out = {'x': self.x[c[:, None], f], 'mask': self.mask[c[:, None], f], 'clip': c}
        if self.ids is not None:
            out['ids'] = self.ids[c, torch.randint(0, self.ids.shape[1], (n,), device=dev)]
        return out


def make_encoder(load: Callable[[], torch.nn.Module], device: torch.device, batch: int) -> Encoder:
    """Frames uint8 [n, K, 128, 128, 3] -> latents fp16 [n, K, 4, 16, 16] (the distribution's mode). `load` brings the
    VAE once the first frames are there: rendering has begun then, CUDA may."""
    load = cache(load)

    @torch.no_grad()
    def encode(frames: np.ndarray) -> np.ndarray:
        vae, flat = load(), torch.from_numpy(frames).flatten(0, 1)
        with autocast(device):
            z = [vae.encode(to_float(b.to(device))).latent_dist.mode().half().cpu() for b in flat.split(batch)]
        return torch.cat(z).view(*frames.shape[:2], 4, frames.shape[2] // 8, frames.shape[3] // 8).numpy()

    return encode
