"""A small CNN that names subject, colour, background and style of a picture; trained on renderings, its held-out
accuracy stated."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ..checkpoints import load_shards, save_shards
from ..dataset import ATTRIBUTES, Clips, SetSpec, build
from ..pictures import to_float
from ..world.palette import BACKGROUNDS, COLORS, EVERY_SUBJECT, RARE, STYLES
from ..world.spec import World

HEADS = {'subject': len(EVERY_SUBJECT), 'color': len(COLORS), 'background': len(BACKGROUNDS), 'style': len(STYLES)}


class Judge(nn.Module):
    """[N, channels, 64, 64] in -1..1 -> a dict of logits. `heads`: what it names, and among how many."""

    def __init__(self, heads: dict[str, int] = HEADS, channels: int = 3) -> None:
        super().__init__()
        layers, c = [], channels
        for i, o in enumerate((32, 64, 96, 128)):
            layers += [
                nn.Conv2d(c, o, *((5, 2, 2) if i == 0 else (3, 1, 1))),
                nn.BatchNorm2d(o),
                nn.ReLU(),
                nn.MaxPool2d(2) if i in (1, 2) else nn.Identity(),
            ]
            c = o
        self.body = nn.Sequential(*layers, nn.Conv2d(c, c, 3, 1, 1), nn.BatchNorm2d(c), nn.ReLU())
        self.heads = nn.ModuleDict({k: nn.Linear(2 * c, n) for k, n in heads.items()})

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        h = self.body(x)
        h = torch.cat([h.mean((2, 3)), h.amax((2, 3))], 1)
        return {k: head(h) for k, head in self.heads.items()}


def shrink(frames: torch.Tensor) -> torch.Tensor:
    """uint8 [N, 128, 128, 3] -> [N, 3, 64, 64]."""
    return F.avg_pool2d(to_float(frames), 2)


def visible(style: torch.Tensor, head: str) -> torch.Tensor:
    """Neon, pencil and chalk hide the background, pencil the colour."""
    neon, pencil, chalk = (style == STYLES.index(s) for s in ('neon', 'pencil', 'chalk'))
    return ~(neon | pencil | chalk) if head == 'background' else ~pencil if head == 'color' else torch.ones_like(neon)


def train_judge(
    work: Path, world: World, device: torch.device, workers: int, clips: int, steps: int
) -> tuple[Judge, dict[str, float]]:
    """Loads WORK/eval/judge or trains it on `world` -> the model and its accuracy on held-out renderings."""
    world = replace(world, subjects=(*world.subjects, *RARE))  # it has to know what personalisations bring
    folder, judge = work / 'eval' / 'judge', Judge().to(device)
    sd, notes = load_shards(folder, 'judge'), folder / 'judge.json'
    if sd and (known := json.loads(notes.read_text()))['world'] == world.to_args():
        judge.load_state_dict(sd)
        return judge.eval(), known['accuracy']
    specs = [
        SetSpec('judge', clips, 1, 50, 0.35, world=world, shard=min(64, clips)),
        SetSpec('judge_held', max(32, clips // 10), 1, 51, 0.35, world=world, shard=32),
    ]
    data, held = (Clips(folder) for folder in build(work, specs, workers))
    opt, batch = torch.optim.AdamW(judge.parameters(), 3e-3, weight_decay=1e-2), min(64, clips)
    for step in range(steps):
        for g in opt.param_groups:
            g['lr'] = 3e-3 * min(1, (step + 1) / 50) * (1 - step / steps)
        c = torch.randint(0, len(data), (batch,))
        x, y = shrink(data.x[c, 0].to(device)), data.labels[c].to(device)
        # robustness to what a VAE does to edges and tones
        x = x * (0.9 + 0.2 * torch.rand(batch, 1, 1, 1, device=device)) + 0.05 * torch.randn_like(x)
        loss = torch.zeros((), device=device)
        for k, z in judge(x).items():
            w = visible(y[:, 4], k)
            loss = loss + F.cross_entropy(z[w], y[w, ATTRIBUTES.index(k)], label_smoothing=0.05)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    judge.eval()
    with torch.no_grad():
        y, outs = held.labels, [judge(shrink(b.to(device))) for b in held.x[:, 0].split(128)]
        acc = {}
        for k in HEADS:
            ok = torch.cat([o[k].argmax(-1).cpu() for o in outs]) == y[:, ATTRIBUTES.index(k)]
            acc[k] = round(float(ok[visible(y[:, 4], k)].float().mean()), 4)
    save_shards(judge.state_dict(), folder, 'judge', None)
    notes.write_text(json.dumps({'world': world.to_args(), 'accuracy': acc}, indent=1))
    print(f'judge: {steps} steps, held-out accuracy {acc}', flush=True)
    return judge, acc


@torch.no_grad()
def judged(judge: Judge, clip: np.ndarray, device: torch.device) -> dict[str, int]:
    """clip uint8 [F, 128, 128, 3] -> the majority label of each head (mean softmax over frames)."""
    return {k: int(z.softmax(-1).mean(0).argmax()) for k, z in judge(shrink(torch.from_numpy(clip).to(device))).items()}
