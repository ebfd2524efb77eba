"""Specs to pixels: frames, and the coverage of the subjects on the latent grid."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import skia

from ..world.camera import aim
from .backgrounds import draw_background
from .characters import character
from .motion import FRAMES, Pose, draw_light, draw_marks, place
from .palette import CHARACTERS
from .style import in_style
from .subjects import catalogue

if TYPE_CHECKING:
    from .spec import Spec

DARK = ('black', 'night sky', 'space', 'brown', 'purple')
SIZE, OVER = 128, 2  # drawn so many times as large, then averaged
SMOOTH = skia.SamplingOptions(skia.CubicResampler.CatmullRom())


def frames_of(sp: Spec, subject: str) -> np.ndarray:
    """The subject's own frames, uint8 [1 or 16, 160, 160, 4]."""
    if subject in CHARACTERS.values():
        return character(subject, sp.seed)
    known = catalogue(Path(sp.art))
    drawn = known.in_style(sp.style)
    if drawn is not None:
        sprite = drawn[known.index[subject]][None]
        return white(sprite) if sp.style == 'contrast' and sp.background.split(' and ')[0] in DARK else sprite
    return known.frames(subject) if sp.lively else known.still(subject)


def white(sprites: np.ndarray) -> np.ndarray:
    """The same shapes in white, for a dark ground."""
    return np.concatenate([np.full_like(sprites[..., :3], 245), sprites[..., 3:]], -1)


def put(cv: skia.Canvas, frames: np.ndarray, p: Pose, t: float, phase: float) -> None:
    """Draws the frame of a loop that time t shows."""
    k = round((t + phase) * FRAMES) % FRAMES
    image = skia.Image.fromarray(np.ascontiguousarray(frames[k % len(frames)]), skia.kRGBA_8888_ColorType)
    cv.save()
    cv.translate(p.x, p.y)
    cv.rotate(p.rotation)
    cv.scale(p.wide, p.tall)
    cv.drawImageRect(image, skia.Rect.MakeLTRB(-p.s, -p.s, p.s, p.s), SMOOTH)
    cv.restore()


def cast(sp: Spec, t: float) -> list[tuple[np.ndarray, Pose]]:
    """Subjects and their poses: one, or two side by side."""
    frames = frames_of(sp, sp.subject)
    pose = place(sp, t, len(frames) > 1)
    if not sp.other:
        return [(frames, pose)]
    second = frames_of(sp, sp.other)
    other = place(sp, t, len(second) > 1)
    side = sp.direction * (0.5 - 0.92 * sp.s)
    pose.x, other.x = 0.5 - side, 0.5 + side
    other.y = pose.y + 0.08 * math.sin(sp.seed)
    return [(frames, pose), (second, other)]


def surface(size: int) -> tuple[skia.Surface, skia.Canvas]:
    made = skia.Surface(size, size)
    return made, made.getCanvas()


def pixels(made: skia.Surface) -> np.ndarray:
    return np.asarray(made.toarray(colorType=skia.kRGBA_8888_ColorType))


def box(a: np.ndarray, k: int) -> np.ndarray:
    """Averages squares of k x k pixels, float32 [H, W, ...]."""
    h, w = a.shape[0] // k, a.shape[1] // k
    return a.astype(np.float32).reshape(h, k, w, k, *a.shape[2:]).mean((1, 3))


def render(sp: Spec, index: list[int] | None = None, camera: str = '') -> np.ndarray:
    """Frames `index` (default all 16), through a camera that may move -> uint8 [len(index), 128, 128, 3]."""
    made, cv = surface(SIZE * OVER)
    out = []
    for f in range(FRAMES) if index is None else index:
        t = f / FRAMES
        cv.save()
        cv.scale(SIZE * OVER, SIZE * OVER)
        aim(cv, camera, f)
        draw_background(cv, sp.background, t, sp.seed)
        for k, (frames, pose) in enumerate(cast(sp, t)):
            if not k:
                draw_marks(cv, sp, pose)
            put(cv, frames, pose, t, sp.phase)
        draw_light(cv, sp)
        cv.restore()
        out.append(box(pixels(made)[..., :3], OVER))
    drawn = np.stack(out)
    return (in_style(drawn, sp.style) if sp.style != 'plain' else drawn).round().clip(0, 255).astype(np.uint8)


def render_masks(sp: Spec, index: list[int] | None = None, camera: str = '', size: int = 16) -> np.ndarray:
    """Coverage of the subjects, 0..255 -> uint8 [len(index), size, size]."""
    made, cv = surface(size * OVER * 2)
    out = []
    for f in range(FRAMES) if index is None else index:
        t = f / FRAMES
        cv.clear(0)
        cv.save()
        cv.scale(size * OVER * 2, size * OVER * 2)
        aim(cv, camera, f)
        for frames, pose in cast(sp, t):
            put(cv, frames, pose, t, sp.phase)
        cv.restore()
        out.append(box(pixels(made)[..., 3], OVER * 2).round().astype(np.uint8))
    return np.stack(out)
