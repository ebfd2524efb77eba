"""A contact sheet of the world: a row per clip (eight frames, two masks), then ten stills of each style."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np

from .pictures import save_grid
from .world.captions import caption
from .world.palette import STYLES
from .world.render import render, render_masks
from .world.spec import World, sample_spec


def write_sheet(world: World, path: Path, rows: int = 14, seed: int = 0) -> None:
    rng = random.Random(seed)
    grid, labels = [], []
    for i in range(rows):
        sp = sample_spec(
            rng, world, subject=world.subjects[i % len(world.subjects)], motion=world.motions[i % len(world.motions)]
        )
        masks = render_masks(sp)[[0, 8]].repeat(8, 1).repeat(8, 2)[..., None].repeat(3, -1)
        grid.append([*render(sp)[::2], *masks])
        labels.append(caption(sp, rng))
    for style in STYLES:
        specs = [
            sample_spec(random.Random(i + 7), world, style, subject=world.subjects[(2 * i + 5) % len(world.subjects)])
            for i in range(10)
        ]
        grid.append([render(sp, index=[3])[0] for sp in specs])
        labels.append(style)
    save_grid([[np.ascontiguousarray(f) for f in row] for row in grid], path, labels)
    print('wrote', path)
