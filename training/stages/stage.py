"""What a stage is, and what all of them share: paths, device, the run's configuration, its world and vocabulary."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn as nn

from ..checkpoints import load_vae, run_config, run_world, vae_tag
from ..config import PRESETS, PROMPTS, WORLDS
from ..dataset import Clips, SetSpec, build, make_encoder
from ..device import pick_device
from ..vocabulary import Vocabulary
from ..worlds import parse_world

Metrics = dict[str, float]
Loss = tuple[torch.Tensor, dict[str, torch.Tensor]]


def start_run(work: Path, options: argparse.Namespace) -> None:
    """Writes WORK/run.json on the first call; a later --world or --subjects ... changes only the world (curriculum)."""
    work.mkdir(parents=True, exist_ok=True)
    path = work / 'run.json'
    art = ['--art', str(options.art)] if options.art else []
    if path.exists():
        run = run_config(work)
        if not options.world:
            return
        run['world'] = parse_world(WORLDS[options.world] + art).to_args()
    else:
        p = PRESETS[options.preset]
        world = parse_world(WORLDS[options.world or p.world] + art).to_args()
        run = {'preset': options.preset, 'unet': p.unet, 'vae': p.vae, 'text_layers': p.text_layers, 'world': world}
    path.write_text(json.dumps(run, indent=1))


class Context:
    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.work = options, options.work
        start_run(self.work, options)
        self.run = run_config(self.work)
        self.preset = PRESETS[self.run['preset']]
        self.world = run_world(self.work)
        self.device = pick_device(options.device, options.threads)
        self.cuda = self.device.type == 'cuda'
        self.vocab = Vocabulary(self.work / 'vocab.json', self.world)

    @property
    def prompts(self) -> list[str]:
        """Prompts for contact sheets that fit the run's world."""
        return PROMPTS[self.world.widest]

    def set_spec(self, name: str, clips: int, frames: int, seed: int, **more: str | float) -> SetSpec:
        return SetSpec(name, clips, frames, seed, world=self.world, shard=min(64, clips), **more)

    def frames(self, *spec: object, **more: object) -> Path:
        """Builds (or finds) a set of rendered frames."""
        return build(self.work, [self.set_spec(*spec, **more)], self.options.workers)[0]

    def latents(self, *spec: object, **more: object) -> Clips:
        """Builds (or finds) a set of encoded frames with captions, and loads it to the device."""
        return Clips(self.encoded([self.set_spec(*spec, **more)])[0], self.vocab.lut).to(self.device)

    def encoded(self, specs: list[SetSpec]) -> list[Path]:
        """Builds (or finds) sets of encoded frames."""
        encode = make_encoder(lambda: load_vae(self.work).to(self.device), self.device, 256 if self.cuda else 32)
        return build(self.work, specs, self.options.workers, encode, vae_tag(self.work))


class Stage:
    name = ''
    curves = ['loss']
    from_average = False  # resume from the averaged weights instead of the last ones
    over = 0.0  # how much of the chunk is over; the trainer keeps it

    def __init__(self, ctx: Context) -> None:
        cfg = ctx.preset.stages[self.name]
        o = ctx.options
        self.ctx, self.dev, self.label = ctx, ctx.device, self.name
        self.cfg = replace(cfg, clips=o.clips or cfg.clips, batch=o.batch or cfg.batch)

    def groups(self) -> list[tuple[dict[str, nn.Parameter], float]]:
        """Named parameters to train with their learning-rate multipliers."""
        raise NotImplementedError

    def loss(self) -> Loss:
        """One step's loss and what else to log."""
        raise NotImplementedError

    def evaluate(self) -> Metrics:
        """Called with the averaged weights in place, at saves."""
        return {}

    def sheet(self, path: Path) -> None:
        """Called with the averaged weights in place, at the end of a chunk."""

    def after_save(self, folder: Path) -> None:
        """Called with the averaged weights in place."""

    def extra_state(self) -> dict:
        """What state.json keeps beside step and time."""
        return {}

    def compiled(self, f):
        return torch.compile(f) if self.ctx.options.compile else f


def trainable(m: nn.Module, prefix: str = '') -> dict[str, nn.Parameter]:
    return {prefix + n.removeprefix('text_model.'): p for n, p in m.named_parameters() if p.requires_grad}
