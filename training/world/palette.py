"""What the Mini world is made of, by name, and its colours. The order of every list is the order of class labels:
append, never insert."""

from __future__ import annotations

import math

import skia

SIZE, FRAMES = 128, 16
TAU = 2 * math.pi
RGB = tuple[float, float, float]
COLORS: dict[str, RGB] = {
    'red': (225, 45, 45),
    'orange': (245, 140, 30),
    'yellow': (250, 215, 50),
    'green': (60, 175, 75),
    'blue': (50, 105, 225),
    'purple': (140, 70, 200),
    'pink': (250, 130, 185),
    'white': (245, 245, 245),
}
WALLS: dict[str, RGB] = {
    'red': (205, 70, 70),
    'orange': (240, 165, 85),
    'yellow': (245, 225, 125),
    'green': (125, 190, 115),
    'blue': (105, 160, 230),
    'purple': (160, 120, 205),
    'pink': (248, 185, 210),
    'white': (240, 240, 240),
    'black': (28, 28, 34),
    'gray': (140, 144, 150),
}
SCENES = ['sky', 'sea', 'meadow', 'night', 'sunset', 'snow']
BACKGROUNDS = list(WALLS) + SCENES
SUBJECTS = [
    'ball',
    'star',
    'heart',
    'square',
    'triangle',
    'fish',
    'bird',
    'butterfly',
    'flower',
    'car',
    'boat',
    'cat',
    'rocket',
    'balloon',
]
RARE = {'robot': 'sks'}  # subjects that only a personalisation learns, with the rare token that names each
EVERY_SUBJECT = SUBJECTS + list(RARE)
CAMERAS = ['zoom', 'pan', 'zoom-out', 'pan-left', 'pan-up', 'pan-down', 'roll']
MOTIONS = ['left', 'right', 'up', 'down', 'bounce', 'spin', 'grow', 'shrink', 'pulse', 'swing', 'circle', 'still']
STYLES = ['plain', 'neon', 'pencil', 'chalk', 'pastel']
BOARD: RGB = (42, 72, 60)  # what chalk is drawn on
FACING = {'star', 'fish', 'bird', 'car', 'boat', 'cat'}  # mirrored when they look left
LOOKS_LEFT = {
    'left',
    'up',
    'bounce',
    'grow',
    'swing',
}  # half of the motions: which way a subject looks is never left to chance, or it is drawn with two heads
SHARES = {'cat': 3, 'fish': 2}  # how many times as often training sees what is hardest to draw


def C(c: RGB, a: int = 255) -> int:
    return skia.Color(int(c[0]), int(c[1]), int(c[2]), a)


def mix(a: RGB, b: RGB, t: float) -> RGB:
    return tuple(x + (y - x) * t for x, y in zip(a, b))


def dark(c: RGB, t: float = 0.45) -> RGB:
    return mix(c, (15, 10, 30), t)


def light(c: RGB, t: float = 0.5) -> RGB:
    return mix(c, (255, 255, 255), t)
