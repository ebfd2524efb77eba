"""Plain walls and the six scenes (sky, sea, meadow, night, sunset, snow), drawn over the unit square at time t of the
clip."""

from __future__ import annotations

import math

import skia

from .palette import BOARD, RGB, TAU, WALLS, C, dark, light
from .pen import curve


def grad(cv: skia.Canvas, stops: list[RGB], pos: list[float] | None = None) -> None:
    """Fills the unit square with a vertical gradient."""
    cv.drawRect(
        skia.Rect.MakeWH(1, 1),
        skia.Paint(Shader=skia.GradientShader.MakeLinear([(0, 0), (0, 1)], [C(c) for c in stops], pos)),
    )


def cloud(cv: skia.Canvas, x: float, y: float, r: float, col=(255, 255, 255), a=235):
    p = skia.Paint(AntiAlias=True, Color=C(col, a))
    for dx, dy, k in ((-1, 0.15, 0.6), (0, -0.1, 0.85), (0.95, 0.15, 0.6), (0.3, 0.3, 0.7), (-0.4, 0.3, 0.65)):
        cv.drawCircle(x + dx * r, y + dy * r, r * k, p)


def draw_background(cv: skia.Canvas, bg: str, t: float, r: dict, style: str) -> None:
    """t in [0,1) time; r: per-clip dict of randoms."""
    if style == 'neon':
        cv.clear(C((14, 10, 32)))
        return
    if style == 'chalk':
        grad(cv, [light(BOARD, 0.06), dark(BOARD, 0.12)])
        return
    if style == 'pencil':
        cv.clear(C((246, 243, 234)))
    pa = (lambda c: light(c, 0.5)) if style == 'pastel' else (lambda c: c)
    if style == 'pencil':
        p = skia.Paint(AntiAlias=True, Color=C((150, 148, 145)), Style=skia.Paint.kStroke_Style, StrokeWidth=0.012)
        if bg in ('meadow', 'snow', 'sea', 'sunset'):
            cv.drawLine(0, 0.75, 1, 0.75, p)
        return
    if bg in WALLS:
        c = pa(WALLS[bg])
        grad(cv, [light(c, 0.12), dark(c, 0.1)])
        return
    if bg == 'sky':
        grad(cv, [pa((85, 165, 240)), pa((190, 228, 250))])
        for x, y, k in r['clouds'][:3]:
            cloud(cv, (x + 0.25 * t * r['wind']) % 1.5 - 0.25, y * 0.75, 0.07 + 0.05 * k)
    elif bg == 'sea':
        grad(cv, [pa((60, 175, 215)), pa((20, 85, 160)), pa((15, 65, 130))], [0, 0.8, 1])
        cv.drawPath(
            curve(
                [
                    ('M', 0, 1),
                    ('L', 0, 0.88),
                    ('Q', 0.3, 0.8, 0.6, 0.89),
                    ('Q', 0.85, 0.94, 1, 0.87),
                    ('L', 1, 1),
                    ('Z',),
                ]
            ),
            skia.Paint(AntiAlias=True, Color=C(pa((225, 200, 130)))),
        )
        for x, y, k in r['clouds']:
            cv.drawCircle(
                x + 0.015 * math.sin(TAU * (2 * t + k)),
                (y - t * 0.5) % 1 * 0.9,
                0.012 + 0.014 * k,
                skia.Paint(
                    AntiAlias=True, Color=C((215, 245, 255), 190), Style=skia.Paint.kStroke_Style, StrokeWidth=0.009
                ),
            )
        for i, (x, y, k) in enumerate(r['clouds'][:3]):
            sw = 0.03 * math.sin(TAU * (t + k))
            p = skia.Path()
            p.moveTo(x, 0.95)
            p.quadTo(x - sw, 0.87, x + sw, 0.76)
            cv.drawPath(
                p,
                skia.Paint(
                    AntiAlias=True,
                    Color=C(pa((35, 140, 90))),
                    Style=skia.Paint.kStroke_Style,
                    StrokeWidth=0.03,
                    StrokeCap=skia.Paint.kRound_Cap,
                ),
            )
    elif bg == 'meadow':
        grad(cv, [pa((120, 195, 245)), pa((215, 240, 250))])
        cloud(cv, (r['clouds'][0][0] + 0.2 * t * r['wind']) % 1.4 - 0.2, 0.15 + 0.1 * r['clouds'][0][1], 0.08)
        cv.drawOval(skia.Rect.MakeLTRB(-0.4, 0.6, 0.7, 1.6), skia.Paint(AntiAlias=True, Color=C(pa((120, 190, 90)))))
        cv.drawOval(skia.Rect.MakeLTRB(0.2, 0.64, 1.6, 1.6), skia.Paint(AntiAlias=True, Color=C(pa((100, 175, 80)))))
        cv.drawRect(skia.Rect.MakeLTRB(0, 0.78, 1, 1), skia.Paint(AntiAlias=True, Color=C(pa((85, 160, 70)))))
    elif bg == 'night':
        grad(cv, [(12, 14, 45), (35, 35, 90)])
        for i, (x, y, k) in enumerate(r['stars']):
            b = 0.45 + 0.55 * abs(math.sin(math.pi * (2 * t + k * 7)))
            cv.drawCircle(
                x, y * 0.95, 0.009 + 0.007 * k, skia.Paint(AntiAlias=True, Color=C((255, 250, 215), int(255 * b)))
            )
        cv.drawCircle(r['moon'], 0.16, 0.085, skia.Paint(AntiAlias=True, Color=C((250, 240, 190))))
        cv.drawCircle(r['moon'] + 0.04, 0.14, 0.07, skia.Paint(AntiAlias=True, Color=C((20, 21, 56))))
    elif bg == 'sunset':
        grad(cv, [pa((120, 70, 140)), pa((240, 120, 90)), pa((255, 200, 110))], [0, 0.5, 0.75])
        cv.drawCircle(r['moon'], 0.66, 0.14, skia.Paint(AntiAlias=True, Color=C(pa((255, 235, 140)))))
        cv.drawRect(skia.Rect.MakeLTRB(0, 0.72, 1, 1), skia.Paint(Color=C(pa((95, 60, 120)))))
        for i in range(4):
            w = 0.12 + 0.05 * math.sin(TAU * (t + i / 4))
            y = 0.76 + 0.06 * i
            cv.drawRect(
                skia.Rect.MakeLTRB(r['moon'] - w, y, r['moon'] + w, y + 0.02),
                skia.Paint(AntiAlias=True, Color=C(pa((250, 190, 110)), 200)),
            )
    elif bg == 'snow':
        grad(cv, [pa((150, 180, 210)), pa((215, 228, 240))])
        cv.drawOval(skia.Rect.MakeLTRB(-0.5, 0.74, 1.2, 1.7), skia.Paint(AntiAlias=True, Color=C((245, 248, 252))))
        cv.drawRect(skia.Rect.MakeLTRB(0, 0.84, 1, 1), skia.Paint(Color=C((245, 248, 252))))
        for x, y, k in r['stars']:
            cv.drawCircle(
                x + 0.02 * math.sin(TAU * (t + k)),
                (y + t) % 1,
                0.012 + 0.008 * k,
                skia.Paint(AntiAlias=True, Color=C((255, 255, 255), 230)),
            )
