"""The fourteen subjects and the robot that personalisation brings: each faces right and fills a [-1, 1] box; `a` in [0,
1) is the periodic articulation phase (fins, wings, legs)."""

from __future__ import annotations

import math

from .palette import EVERY_SUBJECT, RGB, TAU, dark, light
from .pen import Pen, circ, curve, oval, poly, rrect


def draw_ball(pen: Pen, col: RGB, a: float) -> None:
    lt = light(col, 0.45)
    pen.shape(circ(0, 0, 0.88), col)
    pen.line([(-0.8, -0.1), (0, 0.3), (0.8, -0.1)], lt, 0.16)
    pen.dot(-0.3, -0.42, 0.17, light(col, 0.8))


def draw_star(pen: Pen, col: RGB, a: float) -> None:
    pts = [
        (
            0.98 * (1 if i % 2 == 0 else 0.46) * math.sin(math.pi * i / 5),
            -0.98 * (1 if i % 2 == 0 else 0.46) * math.cos(math.pi * i / 5),
        )
        for i in range(10)
    ]
    pen.shape(poly(pts), col)
    pen.eye(-0.17, -0.05, 0.13)
    pen.eye(0.17, -0.05, 0.13)


def draw_heart(pen: Pen, col: RGB, a: float) -> None:
    pen.shape(
        curve(
            [('M', 0, 0.9), ('C', -1.5, -0.1, -0.85, -1.15, 0, -0.42), ('C', 0.85, -1.15, 1.5, -0.1, 0, 0.9), ('Z',)]
        ),
        col,
    )
    pen.dot(-0.42, -0.38, 0.14, light(col, 0.8))


def draw_square(pen: Pen, col: RGB, a: float) -> None:
    pen.shape(rrect(-0.8, -0.8, 0.8, 0.8, 0.15), col)
    pen.eye(-0.28, -0.12, 0.17)
    pen.eye(0.28, -0.12, 0.17)
    pen.line([(-0.3, 0.35), (0, 0.55), (0.3, 0.35)], dark(col, 0.6), 0.1)


def draw_triangle(pen: Pen, col: RGB, a: float) -> None:
    pen.shape(poly([(0, -0.92), (0.95, 0.78), (-0.95, 0.78)]), col)
    pen.eye(-0.2, 0.2, 0.15)
    pen.eye(0.2, 0.2, 0.15)


def draw_fish(pen: Pen, col: RGB, a: float) -> None:
    dk = dark(col, 0.3)
    sn = math.sin(TAU * a)
    w = 0.38 * sn
    pen.shape(curve([('M', -0.55, 0), ('L', -1.05, -0.5 + w), ('Q', -0.85, w * 0.6, -1.05, 0.5 + w), ('Z',)]), dk)
    pen.shape(curve([('M', 0, -0.45), ('Q', -0.1, -0.95, -0.4, -0.8), ('L', -0.3, -0.35), ('Z',)]), dk)
    pen.shape(oval(0.15, 0, 0.82, 0.55), col)
    pen.shape(
        curve(
            [('M', 0.05, 0.1), ('Q', -0.25, 0.5 + w * 0.5, -0.4, 0.3 + w * 0.5), ('Q', -0.2, 0.1, 0.05, 0.1), ('Z',)]
        ),
        dk,
        0.06,
    )
    pen.eye(0.55, -0.12, 0.16)


def draw_bird(pen: Pen, col: RGB, a: float) -> None:
    dk = dark(col, 0.3)
    sn = math.sin(TAU * a)
    w = sn
    pen.shape(poly([(-0.6, 0.05), (-1.08, -0.2), (-1.05, 0.25)]), dk)
    pen.shape(poly([(0.78, -0.28), (1.1, -0.12), (0.75, 0)]), (250, 175, 40))
    pen.shape(
        curve(
            [
                ('M', -0.75, 0.05),
                ('C', -0.5, 0.7, 0.45, 0.65, 0.6, 0.1),
                ('C', 1.0, -0.15, 0.75, -0.65, 0.4, -0.5),
                ('C', 0.1, -0.4, -0.2, -0.2, -0.75, 0.05),
                ('Z',),
            ]
        ),
        col,
    )
    pen.shape(
        curve(
            [
                ('M', 0.2, 0),
                ('Q', -0.1, -0.95 * w - 0.1, -0.75, -0.85 * w - 0.1),
                ('Q', -0.6, -0.1 * w, -0.3, 0.15),
                ('Z',),
            ]
        ),
        dk,
    )
    pen.eye(0.52, -0.25, 0.14)


def draw_butterfly(pen: Pen, col: RGB, a: float) -> None:
    cv = pen.cv
    lt = light(col, 0.45)
    cs = math.cos(TAU * a)
    k = 0.35 + 0.65 * abs(cs)
    for sx in (-1, 1):
        cv.save()
        cv.scale(sx * k, 1)
        pen.shape(
            curve(
                [
                    ('M', 0.05, -0.05),
                    ('C', 0.2, -1.1, 1.15, -1.0, 1.0, -0.3),
                    ('C', 0.9, 0.1, 0.4, 0.1, 0.05, 0),
                    ('Z',),
                ]
            ),
            col,
        )
        pen.shape(
            curve(
                [('M', 0.05, 0), ('C', 0.5, 0.05, 0.95, 0.3, 0.75, 0.7), ('C', 0.5, 1.05, 0.1, 0.6, 0.05, 0.1), ('Z',)]
            ),
            lt,
        )
        pen.dot(0.65, -0.5, 0.14, light(col, 0.75))
        cv.restore()
    pen.shape(oval(0, 0, 0.11, 0.6), (60, 45, 50), hl=False)
    pen.line([(0, -0.55), (-0.1, -0.85), (-0.28, -0.95)], (60, 45, 50), 0.07)
    pen.line([(0, -0.55), (0.1, -0.85), (0.28, -0.95)], (60, 45, 50), 0.07)


def draw_flower(pen: Pen, col: RGB, a: float) -> None:
    cv = pen.cv
    sn = math.sin(TAU * a)
    sw = 0.18 * sn
    pen.line([(0, 1.0), (-0.1, 0.5), (sw, -0.25)], (50, 140, 60), 0.13)
    pen.shape(
        curve([('M', -0.03, 0.7), ('Q', 0.5, 0.3 + sw, 0.55, 0.6 + sw), ('Q', 0.3, 0.85, -0.03, 0.7), ('Z',)]),
        (70, 170, 75),
        0.06,
    )
    cv.save()
    cv.translate(sw, -0.3)
    cv.rotate(sw * 60)
    for i in range(6):
        t = TAU * i / 6
        pen.shape(circ(0.4 * math.cos(t), 0.4 * math.sin(t), 0.3), col)
    pen.shape(circ(0, 0, 0.25), (255, 220, 70) if not (col[1] > 180 and col[2] < 120) else (150, 90, 40))
    cv.restore()


def draw_car(pen: Pen, col: RGB, a: float) -> None:
    lt = light(col, 0.45)
    pen.shape(curve([('M', -0.6, -0.05), ('L', -0.4, -0.55), ('L', 0.3, -0.55), ('L', 0.62, -0.05), ('Z',)]), lt)
    pen.shape(rrect(-1, -0.12, 1, 0.42, 0.16), col)
    pen.shape(poly([(-0.42, -0.12), (-0.3, -0.43), (-0.05, -0.43), (-0.05, -0.12)]), (190, 230, 250), 0.05)
    pen.shape(poly([(0.05, -0.12), (0.05, -0.43), (0.24, -0.43), (0.44, -0.12)]), (190, 230, 250), 0.05)
    pen.dot(0.9, 0.08, 0.1, (255, 240, 150))
    for x in (-0.52, 0.52):
        pen.shape(circ(x, 0.45, 0.27), (45, 45, 50))
        pen.dot(x, 0.45, 0.13, (205, 205, 210))
        t = TAU * a
        pen.line(
            [(x - 0.2 * math.cos(t), 0.45 - 0.2 * math.sin(t)), (x + 0.2 * math.cos(t), 0.45 + 0.2 * math.sin(t))],
            (225, 225, 230),
            0.07,
        )


def draw_boat(pen: Pen, col: RGB, a: float) -> None:
    cv = pen.cv
    sn = math.sin(TAU * a)
    cv.save()
    cv.rotate(7 * sn)
    pen.line([(0, 0.35), (0, -1)], (110, 75, 45), 0.11)
    pen.shape(curve([('M', 0.07, -0.95), ('Q', 0.85, -0.3, 0.8, 0.2), ('L', 0.07, 0.2), ('Z',)]), (250, 248, 235))
    pen.shape(poly([(-0.07, -0.7), (-0.07, 0.2), (-0.65, 0.2)]), (250, 248, 235))
    pen.shape(
        curve(
            [
                ('M', -1, 0.35),
                ('L', 1, 0.35),
                ('Q', 0.8, 0.9, 0.5, 0.9),
                ('L', -0.5, 0.9),
                ('Q', -0.85, 0.85, -1, 0.35),
                ('Z',),
            ]
        ),
        col,
    )
    cv.restore()


def draw_cat(pen: Pen, col: RGB, a: float) -> None:
    dk = dark(col, 0.3)
    sn = math.sin(TAU * a)
    w = 0.3 * sn
    pen.line([(-0.6, 0.45), (-1.1, 0.35 + w), (-0.95, -0.35 + w)], dk, 0.2)
    st = 0.16 * sn
    for x, d in ((-0.5, st), (-0.2, -st), (0.25, st), (0.5, -st)):
        pen.shape(rrect(x + d - 0.11, 0.4, x + d + 0.11, 0.98, 0.1), dk, 0.06, hl=False)
    pen.shape(oval(-0.05, 0.3, 0.68, 0.4), col)
    pen.shape(poly([(0.2, -0.4), (0.22, -0.98), (0.55, -0.62)]), col)
    pen.shape(poly([(0.62, -0.62), (0.95, -0.98), (0.95, -0.4)]), col)
    pen.shape(circ(0.58, -0.25, 0.44), col)
    pen.eye(0.44, -0.3, 0.13)
    pen.eye(0.76, -0.3, 0.13)
    pen.dot(0.62, -0.08, 0.07, (250, 130, 150))


def draw_rocket(pen: Pen, col: RGB, a: float) -> None:
    sn = math.sin(TAU * a)
    fl = 0.35 + 0.25 * (0.5 + 0.5 * sn)
    pen.shape(poly([(-0.25, 0.55), (0, 0.6 + fl * 1.3), (0.25, 0.55)]), (255, 150, 40), outline=False)
    pen.shape(poly([(-0.12, 0.55), (0, 0.6 + fl * 0.7), (0.12, 0.55)]), (255, 235, 110), outline=False)
    dkk = dark(col, 0.25)
    pen.shape(poly([(-0.3, 0.1), (-0.75, 0.65), (-0.3, 0.5)]), dkk)
    pen.shape(poly([(0.3, 0.1), (0.75, 0.65), (0.3, 0.5)]), dkk)
    pen.shape(
        curve(
            [
                ('M', 0, -1.05),
                ('C', 0.55, -0.6, 0.5, 0.2, 0.32, 0.58),
                ('L', -0.32, 0.58),
                ('C', -0.5, 0.2, -0.55, -0.6, 0, -1.05),
                ('Z',),
            ]
        ),
        col,
    )
    pen.shape(circ(0, -0.25, 0.2), (190, 230, 250))


def draw_balloon(pen: Pen, col: RGB, a: float) -> None:
    dk = dark(col, 0.3)
    sn = math.sin(TAU * a)
    sw = 0.2 * sn
    pen.line([(0, 0.45), (sw, 0.7), (-sw * 0.6, 1.1)], (90, 80, 80), 0.07)
    pen.shape(poly([(0, 0.4), (0.13, 0.58), (-0.13, 0.58)]), dk)
    pen.shape(
        curve([('M', 0, 0.45), ('C', -1.0, 0.05, -0.8, -1.0, 0, -1.0), ('C', 0.8, -1.0, 1.0, 0.05, 0, 0.45), ('Z',)]),
        col,
    )
    pen.dot(-0.28, -0.55, 0.13, light(col, 0.8))


def draw_robot(pen: Pen, col: RGB, a: float) -> None:
    lt, dk = light(col, 0.45), dark(col, 0.3)
    w = 0.3 * math.sin(TAU * a)
    pen.line([(0, -0.75), (0, -0.98)], dk, 0.09)
    pen.dot(0, -1.0, 0.11, (250, 80, 60))
    for side, lift in ((-1, w), (1, -w)):
        pen.line([(0.6 * side, 0.15), (0.95 * side, 0.35 + lift), (0.9 * side, 0.05 + lift)], dk, 0.17)
        pen.shape(rrect(0.3 * side - 0.17, 0.68, 0.3 * side + 0.17, 1.0, 0.08), dk, hl=False)
    pen.shape(rrect(-0.62, -0.02, 0.62, 0.76, 0.12), col)
    pen.shape(rrect(-0.3, 0.18, 0.3, 0.5, 0.05), (250, 240, 190), 0.05)
    pen.shape(rrect(-0.52, -0.78, 0.52, -0.08, 0.14), lt)
    pen.eye(-0.22, -0.46, 0.16)
    pen.eye(0.22, -0.46, 0.16)
    pen.line([(-0.22, -0.2), (0.22, -0.2)], dk, 0.08)


DRAW = {name: globals()[f'draw_{name}'] for name in EVERY_SUBJECT}
