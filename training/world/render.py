"""Specs to pixels: frames, and the subject's coverage mask on the latent grid."""

from __future__ import annotations

import colorsys
import random
from typing import TYPE_CHECKING

import numpy as np
import skia

from .backgrounds import draw_background
from .camera import aim
from .motion import draw_cues, draw_light, lean, place
from .palette import COLORS, FACING, FRAMES, SIZE
from .pen import Pen
from .subjects import DRAW

if TYPE_CHECKING:
    from .spec import Spec


def _put_subject(cv: skia.Canvas, sp: Spec, t: float, frame: int, style: str) -> None:
    """Draws the subject of `sp` at time t on a canvas whose unit is the frame."""
    h, l, sat = colorsys.rgb_to_hls(*(v / 255 for v in COLORS[sp.color]))
    col = tuple(255 * v for v in colorsys.hls_to_rgb((h + 0.018 * sp.jitter) % 1, l, sat))
    x, y, s, rot, squash, face = place(sp, t)
    cv.translate(x, y)
    tilt, wide, tall = lean(sp)
    cv.rotate(rot + tilt)
    cv.scale(s * wide * (1 + (1 - squash) * 0.7) * (face if sp.subject in FACING else 1), s * tall * squash)
    DRAW[sp.subject](Pen(cv, style, sp.seed % 1000 + frame // 3), col, (sp.art_cycles * t + sp.art_phase) % 1)


def render(sp: Spec, size: int = SIZE, index: list[int] | None = None, camera: str = '') -> np.ndarray:
    """Frames `index` (default all 16) of the clip, through a camera that may move -> uint8 [len(index), size, size,
    3]."""
    r0 = random.Random(sp.seed)
    r = dict(
        clouds=[(r0.random(), r0.random(), r0.random()) for _ in range(6)],
        stars=[(r0.random(), r0.random(), r0.random()) for _ in range(18)],
        moon=r0.uniform(0.2, 0.8),
        wind=r0.choice([-1, 1]) * r0.uniform(0.5, 1),
    )
    surface = skia.Surface(size, size)
    cv = surface.getCanvas()
    out = []
    for f in range(FRAMES) if index is None else index:
        t = f / FRAMES
        cv.save()
        cv.scale(size, size)
        aim(cv, camera, f)
        draw_background(cv, sp.background, t, r, sp.style)
        draw_cues(cv, sp, t, sp.style)
        cv.save()
        _put_subject(cv, sp, t, f, sp.style)
        cv.restore()
        draw_light(cv, sp)
        cv.restore()
        a = np.asarray(surface.toarray(colorType=skia.kRGBA_8888_ColorType))[..., :3]
        out.append(a.copy())
    return np.stack(out)


def render_masks(
    sp: Spec, size: int = 16, index: list[int] | None = None, over: int = 2, camera: str = ''
) -> np.ndarray:
    """Coverage of the subject's silhouette, 0..255 -> uint8 [len(index), size, size] (drawn `over` times larger,
    box-averaged)."""
    w = size * over
    surface = skia.Surface(w, w)
    cv = surface.getCanvas()
    out = []
    for f in range(FRAMES) if index is None else index:
        cv.clear(0)
        cv.save()
        cv.scale(w, w)
        aim(cv, camera, f)
        _put_subject(cv, sp, f / FRAMES, f, 'pastel')
        cv.restore()
        a = np.asarray(surface.toarray(colorType=skia.kRGBA_8888_ColorType))[..., 3].astype(np.float32)
        out.append(a.reshape(size, over, size, over).mean((1, 3)).round().astype(np.uint8))
    return np.stack(out)
