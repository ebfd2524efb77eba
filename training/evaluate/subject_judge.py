"""A small CNN that names the subject of a picture in the emoji world: 1 of about 1,100, trained on renderings that it
makes itself, batch by batch."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

from ..checkpoints import load_shards, save_shards
from ..device import Clock, autocast
from ..emoji.backgrounds import draw_background
from ..emoji.palette import SCENES, WALLS
from ..emoji.render import pixels, surface
from ..emoji.spec import EmojiWorld
from ..pictures import to_float

SIDE, DIM = 64, 128
SCALE = 4.2  # of cosines: exp(4.2)
HELD = 300  # renderings that its accuracy is measured on
MOMENTS = (0, 4, 8, 12)  # of a loop, which it learns a subject from beside the still
SMALLEST, LARGEST = 0.45, 0.98  # shares of the frame; what travels is drawn smaller


class SubjectJudge(nn.Module):
    """[N, 3, 64, 64] in -1..1 -> cosines with every subject's prototype, [N, subjects]."""

    def __init__(self, subjects: int) -> None:
        super().__init__()
        layers, c = [], 3
        for o in (24, 48, 96, 192):
            layers += [nn.Conv2d(c, o, 3, 2, 1), nn.GroupNorm(8, o), nn.SiLU()]
            layers += [nn.Conv2d(o, o, 3, 1, 1), nn.GroupNorm(8, o), nn.SiLU()]
            c = o
        self.body, self.head = nn.Sequential(*layers), nn.Linear(6 * c, DIM)
        self.prototypes = nn.Parameter(F.normalize(torch.randn(subjects, DIM), dim=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.body(x)
        pooled = torch.cat([h.mean((2, 3)), h.amax((2, 3)), F.adaptive_avg_pool2d(h, 2).flatten(1)], 1)
        return F.normalize(self.head(pooled).float(), dim=-1) @ F.normalize(self.prototypes, dim=1).T


def solid(sprite: np.ndarray) -> torch.Tensor:
    """uint8 [160, 160, 4] -> float [4, 64, 64] in 0..1, colours multiplied with alpha."""
    small = Image.fromarray(np.ascontiguousarray(sprite)).resize((SIDE, SIDE), Image.LANCZOS)
    rgba = torch.from_numpy(np.asarray(small).copy()).permute(2, 0, 1).float() / 255
    return torch.cat([rgba[:3] * rgba[3:], rgba[3:]])


class Views:
    """Subjects before backgrounds, placed anew for every batch, as stills or at some moment of their loops; softer or
    noisier now and then, as generated pictures are."""

    def __init__(self, world: EmojiWorld) -> None:
        self.world, known = world, world.catalogue
        self.rgba = [solid(s) for s in known.sprites]
        self.rows = torch.arange(len(known.subjects))[:, None].repeat(1, 2 * len(MOMENTS))  # pictures of each subject
        for i, s in enumerate(known.subjects):
            if s.loop is not None and known.loops is not None:
                self.rows[i, len(MOMENTS) :] = torch.arange(len(MOMENTS)) + len(self.rgba)
                self.rgba += [solid(known.loops[s.loop, m]) for m in MOMENTS]
        self.rgba = torch.stack(self.rgba)
        self.grounds = torch.from_numpy(
            np.stack([self.ground(b, seed) for b in (*WALLS, *SCENES) for seed in range(4)])
        )

    def ground(self, name: str, seed: int) -> np.ndarray:
        """A background alone, float32 [3, 64, 64] in 0..1."""
        made, cv = surface(SIDE)
        cv.scale(SIDE, SIDE)
        draw_background(cv, name, 0.0, seed)
        return pixels(made)[..., :3].transpose(2, 0, 1).astype(np.float32) / 255

    def __call__(self, i: torch.Tensor) -> torch.Tensor:
        """Subjects [n] -> pictures [n, 3, 64, 64] in -1..1."""
        n = len(i)
        s, turn = 1 / torch.empty(n).uniform_(SMALLEST, LARGEST), torch.randn(n) * 0.12
        shift = (torch.rand(n, 2) * 2 - 1) * ((1 - 1 / s) * 0.85)[:, None]
        rows = [(s * turn.cos(), -s * turn.sin(), -s * shift[:, 0]), (s * turn.sin(), s * turn.cos(), -s * shift[:, 1])]
        grid = F.affine_grid(torch.stack([torch.stack(r, 1) for r in rows], 1), [n, 4, SIDE, SIDE], align_corners=False)
        picture = self.rgba[self.rows[i, torch.randint(0, self.rows.shape[1], (n,))]]
        p = F.grid_sample(picture, grid, align_corners=False)
        x = (p[:, :3] + self.grounds[torch.randint(0, len(self.grounds), (n,))] * (1 - p[:, 3:])) * 2 - 1
        x = x + torch.randn(n, 3, 1, 1) * 0.05
        k = float(torch.rand(()))
        if k < 0.4:
            half = F.interpolate(x, scale_factor=0.5, mode='area')
            return F.interpolate(half, scale_factor=2, mode='bilinear', align_corners=False)
        return x + 0.06 * torch.randn_like(x) if k < 0.6 else x


@torch.no_grad()
def ranks(judge: SubjectJudge, stills: np.ndarray, truth: list[int]) -> np.ndarray:
    """uint8 [N, 128, 128, 3] -> how many subjects the judge finds likelier than the true one, [N]."""
    scores = torch.cat([judge(F.avg_pool2d(to_float(b), 2)) for b in torch.from_numpy(stills).split(64)])
    return (scores > scores[range(len(truth)), truth][:, None]).sum(1).numpy()


def real_stills(world: EmojiWorld, n: int, seed: int) -> tuple[np.ndarray, list[int]]:
    """Renderings of n subjects spread over the catalogue, and which they are."""
    rng, every = random.Random(seed), world.catalogue.subjects
    which = [k * len(every) // n for k in range(n)]
    specs = [world.sample(rng, every=True, subject=every[i].name, motion='own') for i in which]
    return np.concatenate([world.render(sp, [0]) for sp in specs]), which


def train_subject_judge(work: Path, world: EmojiWorld, minutes: float) -> tuple[SubjectJudge, dict[str, float]]:
    """Loads WORK/eval/subject-judge or trains it -> the model and its accuracy on renderings (first, among the first
    five)."""
    folder, judge = work / 'eval' / 'subject-judge', SubjectJudge(len(world.catalogue.subjects))
    sd, notes = load_shards(folder, 'judge'), folder / 'judge.json'
    if sd and notes.exists():
        judge.load_state_dict(sd)
        return judge.eval(), json.loads(notes.read_text())
    if sd:  # weights without figures: measured below
        judge.load_state_dict(sd)
    else:
        learn(judge, Views(world), minutes)
    judge.eval()
    found = ranks(judge, *real_stills(world, HELD, 5))
    accuracy = {'top1': round(float((found == 0).mean()), 4), 'top5': round(float((found < 5).mean()), 4)}
    save_shards(judge.state_dict(), folder, 'judge', None)
    notes.write_text(json.dumps(accuracy))
    print(f'judge of subjects: {accuracy} on {HELD} renderings', flush=True)
    return judge, accuracy


def learn(judge: SubjectJudge, views: Views, minutes: float) -> None:
    opt = torch.optim.AdamW(judge.parameters(), 1.5e-3, betas=(0.9, 0.98), weight_decay=1e-2)
    clock, step, device = Clock(), 0, torch.device('cpu')
    while (share := clock() / 60 / minutes) < 1:
        for g in opt.param_groups:
            g['lr'] = 1.5e-3 * min(1, (step + 1) / 50) * max(0.02, 1 - max(0.0, share - 0.5) / 0.5)
        i = torch.randint(0, len(views.rows), (64,))
        with autocast(device):
            scores = judge(views(i))
        loss = F.cross_entropy(float(np.exp(SCALE)) * scores.float(), i, label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step % 100 == 0:
            print(f'judge of subjects: step {step}, loss {loss.item():.3f}', flush=True)
