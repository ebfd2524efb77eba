"""What models of the emoji world are asked for: clips of subjects before backgrounds that training never paired."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...emoji.palette import SCENES, WALLS
from ...emoji.spec import SAME, EmojiWorld, Spec, held_out, typical_colours
from ...world.camera import WINDOW
from .written import MEASURED

SEED = 77


def walls_for(world: EmojiWorld, subject: str) -> list[str]:
    """Walls before which a subject stands out, so that its course can be measured."""
    if subject not in world.catalogue.index:
        return list(WALLS)
    own = typical_colours(Path(world.art))[world.catalogue.index[subject]]
    return [w for w, rgb in WALLS.items() if np.linalg.norm(own - np.array(rgb)) > SAME]


def clip_of(
    world: EmojiWorld, rng: random.Random, subject: str, motion: str, grounds: Sequence[str], style: str = 'plain'
) -> Spec:
    """A clip in a pair of subject and background that training never saw, if one of `grounds` makes one."""
    backgrounds = rng.sample(list(grounds), len(grounds))
    specs = [
        world.sample(rng, style, every=True, moving=True, subject=subject, motion=motion, background=b)
        for b in backgrounds
    ]
    return next((sp for sp in specs if held_out(sp)), specs[0])


def names_of(world: EmojiWorld, popular: bool, style: str = 'plain') -> list[str]:
    """Popular subjects or the others, as far as `style` has them."""
    return [s.name for s in world.catalogue.subjects if s.popular == popular and world.catalogue.has(s.name, style)]


def mixed_specs(world: EmojiWorld, n: int, names: Sequence[str], style: str = 'plain', seed: int = SEED) -> list[Spec]:
    """n clips of subjects in turn, half of them with a written motion; two thirds on walls, where motion can be
    measured."""
    rng = random.Random(seed)
    subjects, out = rng.sample(list(names), len(names)), []
    for k in range(n):
        subject = subjects[k % len(subjects)]
        motion = MEASURED[k // 2 % len(MEASURED)] if k % 2 else 'own'
        grounds = list(SCENES) if k % 3 == 2 else walls_for(world, subject)
        out.append(clip_of(world, rng, subject, motion, grounds, style))
    return out


def loop_specs(world: EmojiWorld, names: Sequence[str], n: int, seed: int = SEED) -> list[Spec]:
    """n clips of subjects that their animators move, in turn, on walls."""
    rng = random.Random(seed)
    subjects = [names[k % len(names)] for k in range(n)]
    return [clip_of(world, rng, s, 'own', walls_for(world, s)) for s in subjects]


def resting_specs(world: EmojiWorld, n: int, seed: int = SEED) -> list[Spec]:
    """n clips of popular subjects that hardly move, on walls: what a camera move is measured on. As small as in the
    clips that camera moves are learned from."""
    rng = random.Random(seed)
    names = names_of(world, True)
    specs = [clip_of(world, rng, s, world.resting, walls_for(world, s)) for s in rng.choices(names, k=n)]
    return [replace(sp, lively=False, s=sp.s / WINDOW) for sp in specs]
