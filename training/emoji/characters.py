"""Characters that only a personalisation brings: drawn by the program, frames like those of a loop."""

from __future__ import annotations

from functools import cache

import numpy as np
import skia

from ..world.palette import COLORS
from ..world.pen import Pen
from ..world.subjects import draw_robot
from .palette import CHARACTERS
from .subjects import SPRITE

FRAMES = 16
DRAW = {CHARACTERS['robot']: draw_robot}
HUES = ('blue', 'orange', 'green')


@cache
def drawn(name: str, hue: str) -> np.ndarray:
    """-> uint8 [16, 160, 160, 4]."""
    made = skia.Surface(SPRITE, SPRITE)
    cv, out = made.getCanvas(), []
    for f in range(FRAMES):
        cv.clear(0)
        cv.save()
        cv.translate(SPRITE / 2, SPRITE / 2)
        cv.scale(0.42 * SPRITE, 0.42 * SPRITE)
        DRAW[name](Pen(cv, 'plain', 0), COLORS[hue], f / FRAMES)
        cv.restore()
        out.append(np.asarray(made.toarray(colorType=skia.kRGBA_8888_ColorType)).copy())
    return np.stack(out)


def character(name: str, seed: int) -> np.ndarray:
    return drawn(name, HUES[seed % len(HUES)])
