"""Where a subject is at time t, and the marks that show a written motion in every single frame.

The base learns from stills and the motion module has no text input, so a still must show the motion that a caption
names (training/README, lessons 5, 11 and 23). The animators' loops need no mark: the subject itself tells which it is.
A subject without a loop sways a little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import skia

if TYPE_CHECKING:
    from .spec import Spec

FRAMES, TAU = 16, 2 * math.pi
LIGHT = 34  # of 255: opacity of light and shade at the edges
TRAVEL = {'left': (-1, 0), 'right': (1, 0), 'up': (0, -1), 'down': (0, 1)}


@dataclass
class Pose:
    """Centre and half size in frame units, rotation in degrees about the foot or the centre, stretch in x and y."""

    x: float
    y: float
    s: float
    rotation: float = 0.0
    wide: float = 1.0
    tall: float = 1.0


def place(sp: Spec, t: float, alive: bool) -> Pose:
    """The pose at time t in [0, 1). `alive`: the subject has a loop of its own, which moves it enough."""
    u = TAU * (t + sp.phase)
    run = sp.offset + (1 - sp.offset) * t * FRAMES / (FRAMES - 1)  # 0..1 over the clip
    reach = 0.42 - 0.6 * sp.s
    p = Pose(sp.x, sp.y, sp.s, sp.tilt)
    m = sp.motion
    if m == 'own' and not alive:
        p.rotation += 3.5 * math.sin(u)
        p.tall = 1 + 0.025 * math.cos(u)
        p.wide = 2 - p.tall
    elif m in TRAVEL:
        dx, dy = TRAVEL[m]
        p.x = 0.5 + dx * reach * (2 * run - 1) if dx else sp.x
        p.y = 0.5 + dy * reach * (2 * run - 1) if dy else sp.y
        p.rotation = 9 * dx
    elif m == 'bounce':
        k = 2 * (t + sp.phase) % 1
        height = 4 * k * (1 - k)
        squash = 0.22 * max(0.0, 1 - height / 0.25)
        p.tall, p.wide, p.rotation = 1 - squash, 1 + 0.7 * squash, 0.0
        p.y = 0.94 - sp.s * p.tall - height * (0.9 - 2 * sp.s)
    elif m == 'spin':
        p.rotation = 360 * sp.direction * (t + sp.phase)
    elif m == 'sway':
        p.rotation = 20 * math.sin(u)
    elif m == 'shake':
        p.x += 0.025 * math.sin(4 * u)
        p.rotation += 3 * math.sin(4 * u + 1)
    elif m == 'pulse':
        p.s *= 1 + 0.15 * math.sin(2 * u)
    elif m == 'float':
        p.y = 0.44 + 0.07 * math.sin(u)
        p.rotation = 4 * math.cos(u)
    elif m == 'zoom':
        p.s *= 0.5 + 0.75 * t * FRAMES / (FRAMES - 1)
        p.x, p.y = 0.5, 0.5
    return p


def stroke(width: float, alpha: int, dark: bool = False) -> skia.Paint:
    c = (40, 40, 60) if dark else (255, 255, 255)
    p = skia.Paint(AntiAlias=True, Color=skia.Color(*c, alpha), Style=skia.Paint.kStroke_Style, StrokeWidth=width)
    p.setStrokeCap(skia.Paint.kRound_Cap)
    return p


def arc(cv: skia.Canvas, p: Pose, radius: float, start: float, sweep: float, brush: skia.Paint) -> None:
    path = skia.Path()
    path.addArc(skia.Rect.MakeLTRB(p.x - radius, p.y - radius, p.x + radius, p.y + radius), start, sweep)
    cv.drawPath(path, brush)


def draw_marks(cv: skia.Canvas, sp: Spec, p: Pose) -> None:
    """Marks behind the subject, canvas unit = the frame."""
    pale = sp.background.split(' and ')[0] in ('white', 'yellow', 'light blue', 'snow', 'beach', 'sky', 'city', 'room')
    line = stroke(0.02, 190, pale)
    m = sp.motion
    if m in TRAVEL:
        dx, dy = TRAVEL[m]
        for side in (-0.55, 0.0, 0.55):
            x, y = p.x - dx * 1.05 * p.s - dy * side * p.s, p.y - dy * 1.05 * p.s + dx * side * p.s
            cv.drawLine(x, y, x - dx * 0.45 * p.s, y - dy * 0.45 * p.s, line)
    elif m in ('bounce', 'float'):
        near = p.y + p.s * p.tall
        wide = p.s * (0.95 - 0.5 * min(1.0, max(0.0, 0.94 - near)))
        top, alpha = (0.93, 110) if m == 'bounce' else (0.95, 60)
        oval = skia.Rect.MakeLTRB(p.x - wide, top, p.x + wide, top + 0.05)
        cv.drawOval(oval, skia.Paint(AntiAlias=True, Color=skia.Color(20, 20, 40, alpha)))
    elif m == 'spin':
        for start in (-150, 30):
            arc(cv, p, 1.12 * p.s, start, 75, line)
    elif m == 'sway':
        for start in (-65, -135):
            arc(cv, p, 1.22 * p.s, start, 20, line)
    elif m == 'shake':
        for side in (-1, 1):
            for gap in (1.08, 1.22):
                x = p.x + side * gap * p.s
                cv.drawLine(x, p.y - 0.25 * p.s, x, p.y + 0.25 * p.s, line)
    elif m == 'pulse':
        for k, alpha in ((1.12, 170), (1.28, 90)):
            cv.drawCircle(p.x, p.y, k * p.s, stroke(0.016, alpha, pale))
    elif m == 'zoom':
        for k in (1, 3, 5, 7):
            c, s = math.cos(TAU * k / 8), math.sin(TAU * k / 8)
            cv.drawLine(0.5 + 0.52 * c, 0.5 + 0.52 * s, 0.5 + 0.66 * c, 0.5 + 0.66 * s, line)


def draw_light(cv: skia.Canvas, sp: Spec) -> None:
    """Over the finished frame: brighter where a traveller is going, darker where it comes from (lesson 11)."""
    if sp.motion not in TRAVEL:
        return
    dx, dy = TRAVEL[sp.motion]
    back, middle, front = (0.5 - 0.5 * dx, 0.5 - 0.5 * dy), (0.5, 0.5), (0.5 + 0.5 * dx, 0.5 + 0.5 * dy)
    for c, start, end in (((0, 0, 0), middle, back), ((255, 255, 255), middle, front)):
        shader = skia.GradientShader.MakeLinear([start, end], [skia.Color(*c, 0), skia.Color(*c, LIGHT)])
        cv.drawRect(skia.Rect.MakeWH(1, 1), skia.Paint(Shader=shader))
