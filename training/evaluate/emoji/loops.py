"""Do the animators' loops come back? A small network names the loop that a clip plays, among twenty, and `roughness`
compares its flow with the real one.

The network sees movement alone: every frame minus the clip's mean. A subject that stands still is all grey to it, so
that no picture is named by its looks.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from ...checkpoints import load_shards, save_shards
from ...device import Clock
from ...emoji.palette import WALLS
from ...emoji.spec import EmojiWorld
from ...emoji.subjects import Catalogue
from ...pictures import to_float
from ..measures import foreground
from .asked import loop_specs

AMONG, SIDE, HELD = 20, 32, 6  # loops; pixels a side; renderings of each that the accuracy is measured on


def liveliest(known: Catalogue) -> list[str]:
    """The AMONG popular subjects whose loops move most."""
    moving = [s for s in known.subjects if s.popular and s.loop is not None]

    def motion(row: int) -> float:
        loop = known.loops[row, :, ::8, ::8].astype(np.float32)
        seen = loop[..., :3] * loop[..., 3:] / 255
        return float(np.abs(seen - seen.mean(0)).mean())

    return [s.name for s in sorted(moving, key=lambda s: -motion(s.loop))[:AMONG]]


def movement(clips: torch.Tensor) -> torch.Tensor:
    """[N, 16, 3, h, w] in -1..1 -> [N, 1, 16, 32, 32]: how much lighter each frame is than the clip's mean."""
    n, f = clips.shape[:2]
    small = F.interpolate(clips.flatten(0, 1).mean(1, keepdim=True), (SIDE, SIDE), mode='area').view(n, f, SIDE, SIDE)
    return (4 * (small - small.mean(1, keepdim=True)))[:, None]


class LoopJudge(nn.Module):
    """Movement [N, 1, 16, 32, 32] -> logits [N, loops]. Time is a ring, as the loops are closed and begin anywhere."""

    def __init__(self, loops: int) -> None:
        super().__init__()
        widths, self.convs, self.norms = (1, 24, 48, 96), nn.ModuleList(), nn.ModuleList()
        for a, b in zip(widths, widths[1:]):
            self.convs.append(nn.Conv3d(a, b, 3, (1 if a == 1 else 2, 2, 2), (0, 1, 1)))
            self.norms.append(nn.GroupNorm(8, b))
        self.head = nn.Linear(2 * widths[-1], loops)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for conv, norm in zip(self.convs, self.norms):
            ring = torch.cat([x[:, :, -1:], x, x[:, :, :1]], 2)
            x = F.silu(norm(conv(ring)))
        return self.head(torch.cat([x.mean((2, 3, 4)), x.amax((2, 3, 4))], 1))


class Views:
    """Loops before walls, placed anew for every batch, from any moment on; softer or flickering now and then."""

    def __init__(self, known: Catalogue, names: list[str]) -> None:
        frames = torch.stack([torch.from_numpy(known.frames(name).copy()) for name in names])
        rgba = frames.permute(0, 1, 4, 2, 3).float() / 255  # [loops, 16, 4, 160, 160]
        solid = torch.cat([rgba[:, :, :3] * rgba[:, :, 3:], rgba[:, :, 3:]], 2)
        self.rgba = F.avg_pool2d(solid.flatten(0, 1), 4).unflatten(0, solid.shape[:2])
        self.walls = torch.tensor(list(WALLS.values())) / 255

    def __call__(self, i: torch.Tensor) -> torch.Tensor:
        """Loops [n] -> clips [n, 16, 3, 32, 32] in -1..1."""
        n, f = len(i), self.rgba.shape[1]
        s, turn = 1 / torch.empty(n).uniform_(0.55, 0.98), torch.randn(n) * 0.07
        shift = (torch.rand(n, 2) * 2 - 1) * ((1 - 1 / s) * 0.85)[:, None]
        rows = [(s * turn.cos(), -s * turn.sin(), -s * shift[:, 0]), (s * turn.sin(), s * turn.cos(), -s * shift[:, 1])]
        grid = F.affine_grid(torch.stack([torch.stack(r, 1) for r in rows], 1), [n, 4, SIDE, SIDE], align_corners=False)
        order = (torch.arange(f) + torch.randint(0, f, (n, 1))) % f
        loops = self.rgba[i[:, None], order].flatten(1, 2)  # [n, 16 * 4, 40, 40]
        p = F.grid_sample(loops, grid, align_corners=False).view(n, f, 4, SIDE, SIDE)
        wall = self.walls[torch.randint(0, len(self.walls), (n,))].view(n, 1, 3, 1, 1)
        x = (p[:, :, :3] + wall * (1 - p[:, :, 3:])) * 2 - 1
        noise = torch.randn(n, f, 3, SIDE // 2, SIDE // 2).repeat_interleave(2, 3).repeat_interleave(2, 4)
        return x * (0.8 + 0.3 * torch.rand(n, 1, 1, 1, 1)) + 0.15 * torch.rand(n, 1, 1, 1, 1) * noise


def learn(judge: LoopJudge, views: Views, steps: int) -> None:
    opt, clock = torch.optim.AdamW(judge.parameters(), 2e-3, weight_decay=1e-2), Clock()
    for step in range(steps):
        for g in opt.param_groups:
            g['lr'] = 2e-3 * min(1, (step + 1) / 30) * (1 - step / steps)
        i = torch.randint(0, len(views.rgba), (24,))
        loss = F.cross_entropy(judge(movement(views(i))), i, label_smoothing=0.05)
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        if step % 100 == 99:
            print(f'judge of loops: step {step + 1}, loss {loss.item():.3f}, {clock():.0f} s', flush=True)


@torch.no_grad()
def named(judge: LoopJudge, clip: np.ndarray) -> int:
    """uint8 [16, 128, 128, 3] -> the loop that it plays."""
    return int(judge(movement(to_float(torch.from_numpy(clip))[None])).argmax())


def accuracy_of(judge: LoopJudge, world: EmojiWorld, names: list[str]) -> dict[str, float]:
    """On held-out renderings; and, to show that it reads movement, on the same ones with a still frame throughout and
    with their frames in disorder."""
    specs = loop_specs(world, names, HELD * len(names), seed=5)
    clips, order = [world.render(sp) for sp in specs], np.random.default_rng(0).permutation(16)

    def share(change) -> float:
        right = [named(judge, change(c)) == names.index(sp.subject) for c, sp in zip(clips, specs)]
        return round(float(np.mean(right)), 4)

    return {
        'loop': share(lambda c: c),
        'loop seen in a still': share(lambda c: np.repeat(c[:1], len(c), 0)),
        'loop with frames in disorder': share(lambda c: np.ascontiguousarray(c[order])),
    }


def train_loops(work: Path, world: EmojiWorld, steps: int) -> tuple[LoopJudge, list[str], dict[str, float]]:
    """Loads WORK/eval/loops or trains it -> the model, the loops in the order of its labels, its accuracy."""
    folder, names = work / 'eval' / 'loops', liveliest(world.catalogue)
    sd, notes, judge = load_shards(folder, 'judge'), folder / 'judge.json', LoopJudge(len(names))
    made = {'names': names, 'steps': steps}
    if sd and notes.exists() and (known := json.loads(notes.read_text()))['made'] == made:
        judge.load_state_dict(sd)
        return judge.eval(), names, known['accuracy']
    torch.manual_seed(0)
    learn(judge, Views(world.catalogue, names), steps)
    accuracy = accuracy_of(judge.eval(), world, names)
    save_shards(judge.state_dict(), folder, 'judge', None)
    notes.write_text(json.dumps({'made': made, 'accuracy': accuracy}, indent=1))
    print(f'judge of loops: {accuracy}', flush=True)
    return judge, names, accuracy


def roughness(clip: np.ndarray) -> float | None:
    """How far neighbouring frames are from each other, over how far any two frames of the clip are, where the subject
    is: far below 1 for an even flow, 1 for frames in no order. None where nothing moves. uint8 [F, 128, 128, 3]."""
    near = foreground(clip).any(0)
    frames = clip[:, near].astype(np.float32).reshape(len(clip), -1)
    if not frames.size:
        return None
    apart = np.stack([np.abs(frames - f).mean(1) for f in frames])
    any_two = apart.sum() / (len(clip) * (len(clip) - 1))
    return float(np.diagonal(apart, 1).mean() / any_two) if any_two > 1 else None
