"""`python -m training evaluate`: samples held-out prompts and writes WORK/eval/NAME.json, NAME.md and a contact sheet.

subject, background, color, style   the judge's answer (judge.py)
hue                                 the foreground's colour, measured
motion                              centroid, area and rotation tracks against the caption's motion
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch

from ..checkpoints import run_world, stage_state
from ..config import SAMPLE_STEPS, WORLDS
from ..device import pick_device
from ..sampling import Choice, load_sampler, sheet
from ..world.captions import full_caption
from ..world.palette import SCENES, STYLES, WALLS
from ..world.render import render
from ..world.spec import Spec, World, held_out, sample_spec
from .judge import HEADS, Judge, judged, train_judge, visible
from .measures import foreground, hue_name, moves_like, tracks


LOOKS_LIKE = {'zoom': 'grow', 'pan': 'left'}  # what a camera move does to a subject that stands still


def held_out_specs(n: int, world: World, style: str = 'plain', seed: int = 12345) -> list[Spec]:
    """n clips of combinations that training never saw, covering subjects and motions evenly; two thirds on walls, where
    tracks can be measured."""
    rng, out = random.Random(seed), []
    walls, scenes = [b for b in world.backgrounds if b in WALLS], [b for b in world.backgrounds if b in SCENES]
    for i in range(n):
        turn = i + i // len(world.subjects)  # every subject meets both, also where three divides their number
        pool = walls if (turn % 3 < 2 and walls) or not scenes else scenes
        subject, first = world.subjects[i % len(world.subjects)], (i * 5 + i // 12) % len(world.motions)
        pairs = [(c, b) for c in world.colors for b in pool if b != c]
        rng.shuffle(pairs)
        # the motion whose turn it is; another, where training saw all of it that the pool has
        wanted = [(motion, c, b) for motion in world.motions[first:] + world.motions[:first] for c, b in pairs]
        specs = (
            sample_spec(rng, world, style, subject=subject, motion=motion, color=c, background=b)
            for motion, c, b in wanted
        )
        out.append(
            next((sp for sp in specs if held_out(sp)), None)
            or sample_spec(rng, world, style, subject=subject, motion=world.motions[first])
        )
    return out


def checks(
    clip: np.ndarray, sp: Spec, judge: Judge, device: torch.device, style: str, camera: str = ''
) -> dict[str, bool]:
    """What of its caption, and of the camera move, a clip [F, 128, 128, 3] meets."""
    index = STYLES.index(style)
    want, got = sp.labels(), judged(judge, clip[[len(clip) // 3, len(clip) // 2, 2 * len(clip) // 3]], device)
    out = {k: got[k] == want[k] for k in HEADS if k != 'style' and bool(visible(torch.tensor([index]), k)[0])}
    out['style'] = got['style'] == index
    if sp.background in WALLS and style in ('plain', 'pastel', 'chalk'):
        mask = foreground(clip)
        if style == 'plain':
            out['hue'] = hue_name(clip, mask) == sp.color
        if len(clip) > 1 and camera:
            out['camera'] = moves_like(tracks(clip, mask), LOOKS_LIKE[camera])
        elif len(clip) > 1:
            out['motion'] = moves_like(tracks(clip, mask), sp.motion)
    return out


def score(
    clips: np.ndarray, specs: list[Spec], judge: Judge, device: torch.device, style: str, camera: str = ''
) -> tuple[dict[str, float], list[dict]]:
    """Share of clips whose caption is met, per check; and the checks one by one."""
    rows = [checks(c, sp, judge, device, style, camera) for c, sp in zip(clips, specs)]
    keys = list(dict.fromkeys(k for r in rows for k in r))
    out = {k: round(float(np.mean([r[k] for r in rows if k in r])), 4) for k in keys}
    if clips.shape[1] > 1:
        out['frame difference'] = round(float(np.abs(np.diff(clips.astype(np.float32), axis=1)).mean()), 2)
    return out, rows


def table(title: str, rows: dict[str, dict[str, float]], order: list[str] | None = None) -> str:
    """A Markdown table of the measures that any row has, in the given order or as they come."""
    found = list(dict.fromkeys(k for r in rows.values() for k in r))
    keys = [k for k in order if k in found] if order else found
    lines = [f'| {title} | ' + ' | '.join(keys) + ' |', '| --- ' * (len(keys) + 1) + '|']
    return '\n'.join(
        lines
        + [f'| {n} | ' + ' | '.join(f'{r[k]:.2f}' if k in r else '' for k in keys) + ' |' for n, r in rows.items()]
    )


def evaluate(a: argparse.Namespace) -> None:
    device = pick_device(a.device, a.threads)
    style, world, steps = a.lora or 'plain', run_world(a.work), a.steps or SAMPLE_STEPS
    judge, accuracy = train_judge(a.work, world, device, a.workers, a.judge_clips, a.judge_steps)
    specs = held_out_specs(a.n, World.parse(WORLDS[a.world]) if a.world else world, style)
    real = np.stack([render(sp, index=[8] if a.image else None) for sp in specs])
    prompts = [full_caption(sp) for sp in specs]
    sample = load_sampler(a.work, device, not a.image, Choice(a.lora or ''))
    clips = sample(prompts, steps, a.cfg, a.seed, batch=16 if a.device == 'cuda' or a.image else 2)
    results, (model, single) = {}, score(clips, specs, judge, device, style)
    results['real renderings'] = score(real, specs, judge, device, style)[0]
    results['Mini'] = model
    results['shuffled captions'] = score(clips[random.Random(1).sample(range(a.n), a.n)], specs, judge, device, style)[
        0
    ]
    name = ('stills' if a.image else 'clips') + (f'_{style}' if a.lora else '') + (f'_{a.world}' if a.world else '')
    title = (
        f'{a.n} {"stills" if a.image else "clips"}'
        + (f', {style} LoRA' if a.lora else '')
        + (f', {a.world} world' if a.world else '')
    )
    text = f"{table(title, results)}\n\nThe judge's own held-out accuracy: {', '.join(f'{k} {v:.2f}' for k, v in accuracy.items())}.\n"
    out: Path = a.work / 'eval'
    out.mkdir(parents=True, exist_ok=True)
    reached = {s: stage_state(a.work, s).get('step') for s in ('vae', 'text', 'base', 'motion')}
    each = [{'prompt': p, **r} for p, r in zip(prompts, single)]
    record = {
        'title': title,
        'n': a.n,
        'cfg': a.cfg,
        'steps': steps,
        'trained': reached,
        'judge': accuracy,
        'results': results,
        'clips': each,
    }
    (out / f'{name}.json').write_text(json.dumps(record, indent=1, default=bool))
    (out / f'{name}.md').write_text(text)
    sheet(clips[:28], prompts[:28], a.work / 'sheets' / f'eval_{name}.png')
    print(text)
