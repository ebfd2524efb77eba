"""The examiner of the drawn world.

subject, background, color, style   the judge's answer (judge.py)
hue                                 the foreground's colour, measured
motion, camera                      centroid, area and rotation tracks against the caption's motion or the camera's move
"""

from __future__ import annotations

import argparse
import random
from dataclasses import replace

import numpy as np
import torch

from ..checkpoints import trained
from ..device import pick_device
from ..world.palette import CAMERAS, SCENES, STYLES, WALLS
from ..world.spec import Spec, World, held_out, sample_spec
from .examiner import Asked, Scores, frame_difference, means
from .judge import HEADS, Judge, judged, train_judge, visible
from .measures import LOOKS_LIKE, foreground, hue_name, moves_like, tracks


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


def asked_for(prompts: str, n: int, world: World, subjects: list[str]) -> Asked:
    """`subjects`: those that personalisations bring."""
    if prompts in CAMERAS:
        still = replace(world, motions=('still',), backgrounds=tuple(b for b in world.backgrounds if b in WALLS))
        return Asked(held_out_specs(n, still), camera=prompts)
    if prompts in subjects:
        return Asked(held_out_specs(n, replace(world, subjects=(prompts,))))
    style = 'plain' if prompts == 'base' else prompts
    return Asked(held_out_specs(n, world, style), style)


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


class DrawnExaminer:
    columns = ['subject', 'color', 'hue', 'background', 'style', 'motion', 'camera', 'frame difference']
    aims = {'base': {'subject': 0.90, 'color': 0.95, 'background': 0.95, 'motion': 0.85}}
    sets = ()

    def __init__(self, a: argparse.Namespace, world: World) -> None:
        self.world, self.device, self.new = world, pick_device(a.device, a.threads), trained(a.work, 'dreambooth')
        self.judge, self.accuracy = train_judge(a.work, world, self.device, a.workers, a.judge_clips, a.judge_steps)

    def ask(self, prompts: str, n: int) -> Asked:
        return asked_for(prompts, n, self.world, self.new)

    def score(self, clips: np.ndarray, asked: Asked) -> tuple[Scores, list[dict[str, bool]]]:
        rows = [checks(c, sp, self.judge, self.device, asked.style, asked.camera) for c, sp in zip(clips, asked.specs)]
        out = means(rows)
        return out | ({'frame difference': frame_difference(clips)} if clips.shape[1] > 1 else {}), rows

    def kinds(self, sp: Spec) -> tuple[str, ...]:
        return sp.subject, f'motion: {sp.motion}', 'on a plain wall' if sp.background in WALLS else 'in a scene'
