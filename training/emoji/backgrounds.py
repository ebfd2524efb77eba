"""Walls of one colour or two, and ten simple scenes, drawn over the unit square at time t of the clip. Whatever moves
closes its loop."""

from __future__ import annotations

import math
import random

import skia

from .palette import RGB, WALLS

TAU = 2 * math.pi


def colour(c: RGB, alpha: int = 255) -> int:
    return skia.Color(*(int(min(255, max(0, v))) for v in c), alpha)


def paint(c: RGB, alpha: int = 255) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=colour(c, alpha))


def gradient(cv: skia.Canvas, stops: list[tuple[float, RGB]], start=(0.0, 0.0), end=(0.0, 1.0)) -> None:
    """Fills the unit square."""
    shader = skia.GradientShader.MakeLinear([start, end], [colour(c) for _, c in stops], [at for at, _ in stops])
    cv.drawRect(skia.Rect.MakeWH(1, 1), skia.Paint(Shader=shader))


def floor(cv: skia.Canvas, y: float, c: RGB) -> None:
    cv.drawRect(skia.Rect.MakeLTRB(0, y, 1, 1), paint(c))


def hill(cv: skia.Canvas, x: float, top: float, radius: float, c: RGB) -> None:
    cv.drawCircle(x, top + radius, radius, paint(c))


def wall(cv: skia.Canvas, names: list[str], rng: random.Random) -> None:
    if len(names) == 2:
        gradient(cv, [(0.15, WALLS[names[0]]), (0.85, WALLS[names[1]])])
        return
    shift = rng.uniform(-6, 6)
    k = rng.uniform(0, 16) * rng.choice((1, 1, 1, -1))
    a = rng.uniform(-0.5, 0.5)
    base = WALLS[names[0]]
    ends = [(at, tuple(v + shift - k * d for v in base)) for at, d in ((0.0, -1), (1.0, 1))]
    gradient(cv, ends, (0.5 - 0.5 * math.sin(a), 0.0), (0.5 + 0.5 * math.sin(a), 1.0))


def night_sky(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (14, 16, 52)), (1, (52, 50, 112))])
    for _ in range(14):
        x, y, r, phase = rng.random(), rng.random(), rng.uniform(0.7, 1.5) / 128, rng.random()
        cv.drawCircle(x, y, r, paint((255, 250, 215), int(175 + 80 * math.sin(TAU * (t + phase)))))
    cv.drawCircle(rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.2), 9 / 128, paint((250, 240, 190)))


def grass(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (112, 190, 245)), (0.7, (206, 234, 250))])
    hill(cv, rng.uniform(0.1, 0.9), 0.65 + rng.uniform(-0.04, 0.04), 1.55, (118, 190, 88))
    floor(cv, rng.uniform(0.78, 0.84), (86, 164, 70))


def sea(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (70, 182, 220)), (1, (16, 76, 152))])
    for _ in range(7):
        x, y, r = rng.random(), rng.random(), rng.uniform(1.5, 4) / 128
        cv.drawCircle(x + 0.01 * math.sin(TAU * (t + y)), (y - t) % 1 * 0.9, r, paint((170, 226, 244)))
    hill(cv, rng.uniform(0.2, 0.8), 0.85, 1.75, (226, 204, 140))


def snow(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (146, 182, 216)), (0.8, (212, 228, 242))])
    hill(cv, rng.uniform(0.1, 0.9), 0.75 + rng.uniform(-0.04, 0.04), 1.5, (246, 249, 253))
    for _ in range(16):
        x, y, r = rng.random(), rng.random(), rng.uniform(1, 2) / 128
        cv.drawCircle(x + 0.015 * math.sin(TAU * (t + x)), (y + t) % 1, r, paint((255, 255, 255)))


def sunset(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (116, 72, 148)), (0.45, (238, 118, 96)), (0.75, (255, 200, 112))])
    horizon = rng.uniform(0.7, 0.76)
    cv.drawCircle(rng.uniform(0.2, 0.8), horizon, rng.uniform(0.12, 0.17), paint((255, 236, 146)))
    floor(cv, horizon, (96, 62, 122))


def beach(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (120, 200, 248)), (0.5, (196, 230, 250))])
    floor(cv, rng.uniform(0.5, 0.56), (56, 160, 206))
    hill(cv, rng.uniform(0.2, 0.8), 0.7 + rng.uniform(-0.03, 0.03), 1.75, (240, 216, 160))


def sky(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (88, 168, 242)), (1, (196, 230, 250))])
    for _ in range(4):
        x, y, r = rng.random(), rng.random(), rng.uniform(0.05, 0.09)
        x += 0.03 * math.sin(TAU * (t + y))
        for dx, dy, k in ((-1, 0.15, 0.6), (0, -0.1, 0.85), (0.95, 0.15, 0.6)):
            cv.drawCircle(x + dx * r, y + dy * r, r * k, paint((255, 255, 255), 235))


def space(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (10, 8, 24)), (1, (34, 16, 58))])
    for _ in range(22):
        x, y, r, phase = rng.random(), rng.random(), rng.uniform(0.5, 1.2) / 128, rng.random()
        cv.drawCircle(x, y, r, paint((255, 255, 255), int(175 + 80 * math.sin(TAU * (t + phase)))))
    for c in ((206, 120, 84), (96, 150, 214)):
        cv.drawCircle(rng.random(), rng.random(), rng.uniform(0.05, 0.1), paint(c))


def city(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (150, 200, 240)), (0.8, (232, 236, 240))])
    left = -0.05
    while left < 1:
        width, top = rng.uniform(0.12, 0.2), rng.uniform(0.25, 0.55)
        grey = rng.uniform(120, 165)
        cv.drawRect(skia.Rect.MakeLTRB(left, top, left + width - 0.015, 0.85), paint((grey, grey + 6, grey + 22)))
        for row in range(3):
            for column in (0.25, 0.6):
                x, y = left + column * width, top + 0.06 + 0.1 * row
                cv.drawRect(skia.Rect.MakeXYWH(x, y, 0.025, 0.035), paint((250, 236, 170)))
        left += width
    floor(cv, 0.83, (92, 94, 102))


def room(cv: skia.Canvas, t: float, rng: random.Random) -> None:
    gradient(cv, [(0, (242, 224, 200)), (0.7, (232, 208, 180))])
    floor(cv, 0.76, (166, 116, 78))
    cv.drawRect(skia.Rect.MakeLTRB(0, 0.74, 1, 0.765), paint((250, 244, 234)))
    x = rng.choice((0.1, 0.6)) + rng.uniform(-0.04, 0.04)
    cv.drawRect(skia.Rect.MakeXYWH(x, 0.12, 0.32, 0.36), paint((250, 246, 238)))
    cv.drawRect(skia.Rect.MakeXYWH(x + 0.02, 0.14, 0.28, 0.32), paint((158, 212, 246)))
    cv.drawRect(skia.Rect.MakeXYWH(x + 0.15, 0.12, 0.02, 0.36), paint((250, 246, 238)))


SCENERY = {
    'night sky': night_sky,
    'grass': grass,
    'sea': sea,
    'snow': snow,
    'sunset': sunset,
    'beach': beach,
    'sky': sky,
    'space': space,
    'city': city,
    'room': room,
}


def draw_background(cv: skia.Canvas, name: str, t: float, seed: int) -> None:
    """t in [0, 1); `seed` decides what lies where, the same in every frame."""
    rng = random.Random(seed)
    scene = SCENERY.get(name)
    if scene is None:
        wall(cv, name.split(' and '), rng)
    else:
        scene(cv, t, rng)
