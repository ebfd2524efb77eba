"""`python -m training recognise`: is what the emoji world's Mini draws recognised? Writes WORK/eval/recognise.json and
sheets.

subject      the judge's first of all subjects (subject_judge.py), popular ones and the others apart; how many are
             among its first five
background   plain walls: the median colour of the border is nearest to the wall's that was asked for
motion       plain walls: the tracks of centroid, area and rotation against the motion that was asked for (clips only)
--blind      also 20 pictures without names on a sheet, and their key: the judge is far kinder than the eye
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

from ..checkpoints import run_world, stage_state
from ..config import SAMPLE_STEPS
from ..device import pick_device
from ..emoji.palette import WALLS
from ..emoji.spec import EmojiWorld, Spec, held_out
from ..pictures import save_grid
from ..sampling import Choice, load_sampler, sheet
from .emoji.asked import names_of
from .emoji.examiner import wall_name
from .emoji.written import MEASURED, shows
from .subject_judge import ranks, train_subject_judge

BLIND = 20


def asked(world: EmojiWorld, n: int, popular: bool, moving: bool, seed: int = 77) -> list[Spec]:
    """n specs of subjects drawn without repetition, on walls and in pairs of subject and background that training never
    saw."""
    rng, names, out = random.Random(seed), names_of(world, popular), []
    for k, name in enumerate(rng.sample(names, min(n, len(names)))):
        motion = rng.choice(MEASURED) if moving and k % 2 else 'own'
        walls = rng.sample(list(WALLS), len(WALLS))
        specs = [world.sample(rng, every=True, subject=name, motion=motion, background=b) for b in walls]
        out.append(next((sp for sp in specs if held_out(sp)), specs[0]))
    return out


def measured(clips: np.ndarray, specs: list[Spec], found: np.ndarray) -> dict[str, float]:
    went = [shows(c, sp.motion) for c, sp in zip(clips, specs) if sp.motion in MEASURED and clips.shape[1] > 1]
    out = {
        'subject': (found == 0).mean(),
        'among five': (found < 5).mean(),
        'background': np.mean([wall_name(c) == sp.background for c, sp in zip(clips, specs)]),
    } | ({'motion': np.mean(went)} if went else {})
    return {k: round(float(v), 3) for k, v in out.items()}


def write_blind(stills: np.ndarray, specs: list[Spec], folder: Path) -> None:
    order = random.Random(9).sample(range(len(specs)), min(BLIND, len(specs)))
    tiles = [stills[i] for i in order]
    save_grid([tiles[i : i + 5] for i in range(0, len(tiles), 5)], folder / 'blind.png')
    (folder / 'blind.json').write_text(json.dumps([specs[i].subject for i in order]))


def recognise(a: argparse.Namespace) -> None:
    device, world, steps = pick_device(a.device, a.threads), run_world(a.work), a.steps or SAMPLE_STEPS
    if not isinstance(world, EmojiWorld):
        raise SystemExit('this run is in the drawn world: `python -m training evaluate`')
    judge, accuracy = train_subject_judge(a.work, world, a.judge_minutes)
    sample = load_sampler(a.work, device, not a.image, Choice())
    out, results = a.work / 'eval', {}
    for name, popular in (('popular', True), ('others', False)):
        specs = asked(world, a.n, popular, moving=not a.image)
        prompts = [world.full_caption(sp) for sp in specs]
        truth = [sp.labels()['subject'] for sp in specs]
        middle = 0 if a.image else 8
        real = np.stack([world.render(sp, [middle] if a.image else None) for sp in specs])
        clips = sample(prompts, steps, a.cfg, a.seed, batch=16 if a.image or a.device == 'cuda' else 2)
        for row, drawn in ((f'{name}, real', real), (name, clips)):
            results[row] = measured(drawn, specs, ranks(judge, np.ascontiguousarray(drawn[:, middle]), truth))
        sheet(clips[:56], prompts[:56], a.work / 'sheets' / f'recognise-{name}.png')
        if a.blind and popular:
            write_blind(clips[:, middle], specs, out)
    seen = stage_state(a.work, 'base').get('samples')
    record = {'n': a.n, 'cfg': a.cfg, 'steps': steps, 'images': seen, 'judge': accuracy, 'results': results}
    (out / f'recognise-{"stills" if a.image else "clips"}.json').write_text(json.dumps(record, indent=1))
    for row, figures in results.items():
        print(row, figures)
