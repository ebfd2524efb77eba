"""Where the subject is at time t, and the marks that show its motion in every single frame.

The base model learns from stills and the motion module has no text input, so a motion word can only work if a single
frame shows it:
light falls from where a traveller is going, broad streaks trail it and it leans into its way, a shadow waits under a
bounce, arcs ring a spin, a string holds a swing, a wake follows a circle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import skia

from .palette import FRAMES, LOOKS_LEFT, TAU, C
from .pen import poly

if TYPE_CHECKING:
    from .spec import Spec

LIGHT = 32  # of 255: opacity of light and shade at the edges
TRAVEL = {'left': (-1, 0), 'right': (1, 0), 'up': (0, -1), 'down': (0, 1)}


def place(sp: Spec, t: float) -> tuple[float, float, float, float, float, int]:
    """Time t in [0, 1) -> centre x, y, half size, rotation (degrees), vertical squash, facing (-1 or 1)."""
    x, y, s, rot, squash, face = sp.x, sp.y, sp.s, 0.0, 1.0, -1 if sp.motion in LOOKS_LEFT else 1
    u = TAU * (sp.cycles * t + sp.phase)
    run = sp.offset + (1 - sp.offset) * t * FRAMES / (FRAMES - 1)  # 0..1 over the clip
    reach = 0.42 - 0.5 * s  # travel; the streaks behind stay in the frame for most of it
    m = sp.motion
    if m in ('left', 'right'):
        x = 0.5 + face * reach * (2 * run - 1)
        y += 0.02 * math.sin(2 * TAU * t + sp.phase * TAU)
    elif m in ('up', 'down'):
        x += 0.03 * math.sin(TAU * t + sp.phase * TAU)
        y = 0.5 + (-1 if m == 'up' else 1) * reach * (2 * run - 1)
    elif m == 'bounce':
        k = (sp.cycles * t + sp.phase) % 1
        h = 4 * k * (1 - k)
        floor = 0.98 - s
        squash = 1 - 0.28 * max(0.0, 1 - h / 0.22)
        y = floor - h * (floor - s * 0.8) + s * (1 - squash) * 0.9
    elif m == 'spin':
        rot = 360 * (t + sp.phase) * sp.direction
    elif m == 'grow':
        s *= 0.45 + 0.95 * t * FRAMES / (FRAMES - 1)
    elif m == 'shrink':
        s *= 1.4 - 0.95 * t * FRAMES / (FRAMES - 1)
    elif m == 'pulse':
        s *= 1 + 0.28 * math.sin(u)
    elif m == 'swing':
        rot = 32 * math.sin(u)
        x += 0.05 * math.sin(u)
    elif m == 'circle':
        v = sp.direction * TAU * (t + sp.phase)
        x, y = 0.5 + 0.24 * math.cos(v), 0.5 + 0.22 * math.sin(v)
        face = 1 if -sp.direction * math.sin(v) > 0 else -1
    return x, y, s, rot, squash, face


def _cue_paint(sp: Spec, style: str, width: float, alpha: int = 190) -> skia.Paint:
    """Ink that shows on the background: light on dark and saturated places, dark on pale ones."""
    pale = sp.background in ('white', 'yellow', 'pink', 'sky', 'snow', 'meadow') and style not in ('neon', 'chalk')
    rgb = (60, 60, 90) if pale or style == 'pencil' else (255, 255, 255)
    return skia.Paint(
        Color=C(rgb, alpha),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        AntiAlias=True,
    )


def draw_cues(cv: skia.Canvas, sp: Spec, t: float, style: str) -> None:
    """Comic motion marks behind the subject, canvas unit = the frame."""
    x, y, s, _, _, face = place(sp, t)
    m = sp.motion
    line = _cue_paint(sp, style, 0.028)
    if m in TRAVEL:
        dx, dy = TRAVEL[m]
        streak = _cue_paint(sp, style, 0.0, 170)
        streak.setStyle(skia.Paint.kFill_Style)
        for k, (side, gap, length, wide) in enumerate(
            ((-0.55, 0.7, 0.8, 0.13), (0.0, 0.85, 1.15, 0.17), (0.55, 0.7, 0.8, 0.13))
        ):
            length *= 1 + 0.25 * math.sin(TAU * (3 * t + k / 3 + sp.phase))
            ax, ay = x - dx * gap * s - dy * side * s, y - dy * gap * s + dx * side * s
            w = wide * s
            tip = (ax - dx * length * s, ay - dy * length * s)
            cv.drawPath(poly([(ax - dy * w, ay + dx * w), tip, (ax + dy * w, ay - dx * w)]), streak)
    elif m == 'bounce':
        height = max(0.0, (0.98 - s - y) / 0.5)
        wide = s * (0.9 - 0.45 * min(1.0, height))
        gloom = sp.background in ('black', 'night') or style in ('neon', 'chalk')
        cv.drawOval(
            skia.Rect.MakeLTRB(x - wide, 0.95, x + wide, 0.995),
            skia.Paint(Color=C((255, 255, 255) if gloom else (20, 20, 40), 90 if gloom else 120), AntiAlias=True),
        )
    elif m == 'spin':
        r = 1.22 * s
        for start in (-150, 30):
            path = skia.Path()
            path.addArc(skia.Rect.MakeLTRB(x - r, y - r, x + r, y + r), start, 70)
            cv.drawPath(path, line)
            tip = math.radians(start + (70 if sp.direction > 0 else 0))
            px, py = x + r * math.cos(tip), y + r * math.sin(tip)
            cv.drawCircle(px, py, 0.028, _cue_paint(sp, style, 0.012))
    elif m == 'grow':
        for k in range(8):
            a = TAU * (k + 0.5) / 8
            cv.drawLine(
                x + 1.15 * s * math.cos(a),
                y + 1.15 * s * math.sin(a),
                x + 1.4 * s * math.cos(a),
                y + 1.4 * s * math.sin(a),
                line,
            )
    elif m == 'shrink':
        for k in (1, 3, 5, 7):
            a = TAU * k / 8
            cv.drawLine(
                x + 1.25 * s * math.cos(a),
                y + 1.25 * s * math.sin(a),
                0.5 + 0.68 * math.cos(a),
                0.5 + 0.68 * math.sin(a),
                line,
            )
    elif m == 'pulse':
        for ring, alpha in ((1.2, 170), (1.45, 90)):
            cv.drawCircle(x, y, ring * s, _cue_paint(sp, style, 0.016, alpha))
    elif m == 'swing':
        cv.drawLine(0.5, -0.02, x, y, _cue_paint(sp, style, 0.014, 220))
    elif m == 'circle':
        back = -TAU * sp.direction
        path = skia.Path()
        for i in range(9):
            v = sp.direction * TAU * (t + sp.phase) + back * (0.07 + 0.13 * i / 8)
            px, py = 0.5 + 0.24 * math.cos(v), 0.5 + 0.22 * math.sin(v)
            path.moveTo(px, py) if i == 0 else path.lineTo(px, py)
        cv.drawPath(path, _cue_paint(sp, style, 0.03, 150))


def draw_light(cv: skia.Canvas, sp: Spec) -> None:
    """Over the finished frame: brighter where a traveller is going, darker where it comes from.

    Its way is decided at the strongest noise, where streaks are drowned and only what fills the frame is left.
    """
    if sp.motion not in TRAVEL:
        return
    dx, dy = TRAVEL[sp.motion]
    ends = [(0.5 - 0.5 * dx, 0.5 - 0.5 * dy), (0.5, 0.5), (0.5 + 0.5 * dx, 0.5 + 0.5 * dy)]
    for colour, (start, end) in (((0, 0, 0), (ends[1], ends[0])), ((255, 255, 255), (ends[1], ends[2]))):
        shader = skia.GradientShader.MakeLinear([start, end], [C(colour, 0), C(colour, LIGHT)])
        cv.drawRect(skia.Rect.MakeWH(1, 1), skia.Paint(Shader=shader))


def lean(sp: Spec) -> tuple[float, float, float]:
    """Rotation in degrees, stretch in x and in y that a straight move gives its subject. A rocket points where it
    flies."""
    if sp.subject == 'rocket' and sp.motion in ('left', 'right', 'down'):
        return {'left': -90, 'right': 90, 'down': 180}[sp.motion], 0.95, 1.1
    return {'left': (-14, 1.12, 0.93), 'right': (14, 1.12, 0.93), 'up': (0, 0.92, 1.12), 'down': (0, 0.92, 1.12)}.get(
        sp.motion, (0, 1, 1)
    )
