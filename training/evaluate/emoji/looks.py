"""What a small CNN sees at a glance in a picture of the emoji world: wall or scene, style, and whether it shows a
character that only a personalisation brings.

Trained on renderings; its own accuracy on held-out ones is stated, of other artists' styles each, and of the character:
how many of its pictures it finds, and how many of others it takes for it. Others are drawn evenly, since any of a
thousand things can look a bit like it. It sees all pixels, folded into channels: at half the size Noto's drawings look
like Fluent's.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from ...checkpoints import load_shards, save_shards
from ...dataset import ATTRIBUTES, Clips, SetSpec, build
from ...emoji.palette import BACKGROUNDS, CHARACTERS, STYLES
from ...emoji.spec import EmojiWorld
from ...emoji.style import FILTERS
from ...pictures import to_float
from ...worlds import world_digest
from ..judge import Judge

STYLED = 0.5  # share of the renderings in another style
MORE, PERSONAL = 0.2, 0.15  # as many again of each artist's style that is hard to tell, and of a character
ARTISTS = ('noto', 'flat')
COVERED = tuple(s for s in FILTERS if s != 'pastel')  # styles that draw the background over


def heads(world: EmojiWorld) -> dict[str, int]:
    return {'background': len(BACKGROUNDS), 'style': len(world.styles), 'character': 1 + len(CHARACTERS)}


class Renderings:
    """Stills and what they show: x uint8 [N, 128, 128, 3], labels by head [N], -1 where a head has nothing to see."""

    def __init__(self, work: Path, name: str, world: EmojiWorld, clips: int, seed: int, workers: int) -> None:
        among = replace(world, favour=1)
        few, some = max(4, round(PERSONAL * clips)), max(4, round(MORE * clips))
        shared = {'world': among, 'every': name.endswith('held')}
        sets = [SetSpec(name, clips, 1, seed, STYLED, shard=min(64, clips), **shared)]
        for k, s in enumerate(ARTISTS, 1):
            sets.append(SetSpec(f'{name}_{s}', some, 1, seed + k, style=s, shard=min(64, some), **shared))
        for k, c in enumerate(CHARACTERS, 1 + len(ARTISTS)):
            sets.append(SetSpec(f'{name}_{c}', few, 1, seed + k, subject=c, shard=min(64, few), **shared))
        parts = [Clips(folder) for folder in build(work, sets, workers)]
        self.x = torch.cat([p.x[:, 0] for p in parts])
        labels = torch.cat([p.labels for p in parts])
        background, style = (labels[:, ATTRIBUTES.index(k)] for k in ('background', 'style'))
        specs = [m['spec'] for p in parts for m in p.meta]
        hidden = torch.tensor([' and ' in sp['background'] or sp['style'] in COVERED for sp in specs])
        personal = [torch.full((len(p),), max(0, i - len(ARTISTS))) for i, p in enumerate(parts)]
        self.labels = {
            'background': background.masked_fill(hidden, -1),
            'style': style,
            'character': torch.cat(personal),
        }


def fold(x: torch.Tensor) -> torch.Tensor:
    """[N, 3, 128, 128] -> [N, 12, 64, 64]."""
    return F.pixel_unshuffle(x, 2)


def rougher(x: torch.Tensor) -> torch.Tensor:
    """Pictures [N, 3, 128, 128] as a VAE and a model leave them: other tones, softer or noisier."""
    n = len(x)
    x = x * (0.85 + 0.25 * torch.rand(n, 1, 1, 1)) + 0.06 * torch.randn(n, 3, 1, 1)
    soft = F.interpolate(F.interpolate(x, scale_factor=0.5, mode='area'), scale_factor=2, mode='bilinear')
    x = torch.where(torch.rand(n, 1, 1, 1) < 0.3, soft, x)
    return x + 0.06 * torch.randn_like(x) * torch.rand(n, 1, 1, 1)


def learn(judge: Judge, data: Renderings, steps: int) -> None:
    opt, batch = torch.optim.AdamW(judge.parameters(), 3e-3, weight_decay=1e-2), min(64, len(data.x))
    for step in range(steps):
        for g in opt.param_groups:
            g['lr'] = 3e-3 * min(1, (step + 1) / 50) * (1 - step / steps)
        c = torch.randint(0, len(data.x), (batch,))
        scores = judge(fold(rougher(to_float(data.x[c]))))
        losses = [
            F.cross_entropy(z, y, ignore_index=-1, label_smoothing=0.05)
            for k, z in scores.items()
            if ((y := data.labels[k][c]) >= 0).any()
        ]
        opt.zero_grad(set_to_none=True)
        sum(losses).backward()
        opt.step()
        if step % 100 == 99:
            print(f'judge of looks: step {step + 1}, loss {sum(losses).item():.3f}', flush=True)


@torch.no_grad()
def answers(judge: Judge, x: torch.Tensor) -> dict[str, torch.Tensor]:
    """uint8 [N, 128, 128, 3] -> probabilities [N, classes] by head."""
    outs = [judge(fold(to_float(b))) for b in x.split(128)]
    return {k: torch.cat([o[k] for o in outs]).softmax(-1) for k in outs[0]}


def accuracy_of(judge: Judge, data: Renderings) -> dict[str, float]:
    found = {k: p.argmax(1) for k, p in answers(judge, data.x).items()}
    right = {k: (found[k] == y)[y >= 0].float() for k, y in data.labels.items()}
    out = {k: float(right[k].mean()) for k in ('background', 'style')}
    for s in ARTISTS:
        out[f'{s} style'] = float(
            (found['style'] == STYLES.index(s))[data.labels['style'] == STYLES.index(s)].float().mean()
        )
    for i, c in enumerate(CHARACTERS, 1):
        is_it = data.labels['character'] == i
        out[f'{c} found'] = float((found['character'] == i)[is_it].float().mean())
        out[f'others taken for a {c}'] = float((found['character'] == i)[~is_it].float().mean())
    return {k: round(v, 4) for k, v in out.items()}


def train_looks(work: Path, world: EmojiWorld, workers: int, clips: int, steps: int) -> tuple[Judge, dict[str, float]]:
    """Loads WORK/eval/looks or trains it -> the model and its accuracy on held-out renderings."""
    folder, judge = work / 'eval' / 'looks', Judge(heads(world), channels=12)
    sd, notes = load_shards(folder, 'judge'), folder / 'judge.json'
    made = {'world': world_digest(world), 'clips': clips, 'steps': steps, 'channels': 12}
    if sd and notes.exists() and (known := json.loads(notes.read_text()))['made'] == made:
        judge.load_state_dict(sd)
        return judge.eval(), known['accuracy']
    torch.manual_seed(0)
    learn(judge, Renderings(work, 'looks', world, clips, 60, workers), steps)
    judge.eval()
    accuracy = accuracy_of(judge, Renderings(work, 'looks_held', world, max(16, clips // 8), 70, workers))
    save_shards(judge.state_dict(), folder, 'judge', None)
    notes.write_text(json.dumps({'made': made, 'accuracy': accuracy}, indent=1))
    print(f'judge of looks: {accuracy}', flush=True)
    return judge, accuracy


def glance(judge: Judge, clip: np.ndarray) -> dict[str, int]:
    """uint8 [F, 128, 128, 3] -> what the judge is surest of over the frames, by head."""
    return {k: int(p.mean(0).argmax()) for k, p in answers(judge, torch.from_numpy(clip)).items()}
