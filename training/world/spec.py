"""What is in a clip: a `World` is the part of the universe to draw from, a `Spec` is one clip drawn from it."""

from __future__ import annotations

import argparse
import random
import zlib
from dataclasses import asdict, dataclass

import numpy as np

from . import captions
from .palette import BACKGROUNDS, COLORS, EVERY_SUBJECT, MOTIONS, SCENES, SHARES, STYLES, SUBJECTS, WALLS
from .render import render, render_masks


@dataclass(frozen=True)
class World:
    """The part of the universe to draw from. `scale` = subject size as a fraction of the frame, `wall` = share of plain
    walls."""

    subjects: tuple[str, ...] = tuple(SUBJECTS)
    colors: tuple[str, ...] = tuple(COLORS)
    motions: tuple[str, ...] = tuple(MOTIONS)
    backgrounds: tuple[str, ...] = tuple(BACKGROUNDS)
    scale: tuple[float, float] = (0.5, 0.7)
    wall: float = 0.45

    styles = tuple(STYLES)
    resting = 'still'  # the motion in which nothing but a camera moves
    travelling = tuple(MOTIONS.index(m) for m in ('left', 'right', 'up', 'down'))  # labels of what goes some way
    # How many labels each of dataset.ATTRIBUTES has.
    classes = (len(EVERY_SUBJECT), len(COLORS), len(MOTIONS), len(BACKGROUNDS), len(STYLES))

    @property
    def widest(self) -> str:
        """Which of the configured sets of prompts this world can answer."""
        if set(SCENES).isdisjoint(self.backgrounds):
            return 'narrow'
        return 'full' if len(self.subjects) == len(SUBJECTS) else 'wide'

    @staticmethod
    def pick(text: str | None, full: list[str], groups: dict[str, list[str]] | None = None) -> tuple[str, ...]:
        """'all', a number (the first N), a group name, or a comma list -> names, in canonical order."""
        if not text or text == 'all':
            return tuple(full)
        if text.isdigit():
            return tuple(full[: int(text)])
        names = [n for part in text.split(',') for n in (groups or {}).get(part, [part])]
        unknown = set(names) - set(full)
        if unknown:
            raise SystemExit(f'unknown name(s) {sorted(unknown)}; choose from {full}')
        return tuple(n for n in full if n in names)

    @staticmethod
    def add_arguments(ap: argparse.ArgumentParser) -> None:
        ap.add_argument('--subjects', default='all', help='all, N, or a comma list')
        ap.add_argument('--colors', default='all')
        ap.add_argument('--motions', default='all')
        ap.add_argument('--backgrounds', default='all', help='all, plain, scenes, N, or a comma list')
        ap.add_argument('--scale', type=float, nargs=2, default=(0.5, 0.7), help='subject size / frame size, min max')

    @classmethod
    def from_args(cls, a: argparse.Namespace) -> World:
        return cls(
            cls.pick(a.subjects, SUBJECTS),
            cls.pick(a.colors, list(COLORS)),
            cls.pick(a.motions, MOTIONS),
            cls.pick(a.backgrounds, BACKGROUNDS, {'plain': list(WALLS), 'scenes': SCENES}),
            tuple(a.scale),
        )

    @classmethod
    def parse(cls, arguments: list[str]) -> World:
        ap = argparse.ArgumentParser()
        cls.add_arguments(ap)
        return cls.from_args(ap.parse_args(arguments))

    def to_args(self) -> list[str]:
        return [
            '--subjects',
            ','.join(self.subjects),
            '--colors',
            ','.join(self.colors),
            '--motions',
            ','.join(self.motions),
            '--backgrounds',
            ','.join(self.backgrounds),
            '--scale',
            *map(str, self.scale),
        ]

    # --- what the rest of the training asks a world ---

    def sample(
        self, rng: random.Random, style: str = 'plain', every: bool = False, moving: bool = False, **fixed: str
    ) -> Spec:
        """Draws a clip, with `every` also a held-out one. `character`: a subject that a personalisation brings.

        `moving` asks for what moves by itself; here everything does.
        """
        if character := fixed.pop('character', ''):
            fixed['subject'] = character
        return (sample_spec if every else training_spec)(rng, self, style, **fixed)

    def spec(self, record: dict) -> Spec:
        return Spec(**record)

    def render(self, sp: Spec, index: list[int] | None = None, camera: str = '') -> np.ndarray:
        """-> uint8 [len(index) or 16, 128, 128, 3]."""
        return render(sp, index=index, camera=camera)

    def masks(self, sp: Spec, index: list[int] | None = None, camera: str = '') -> np.ndarray:
        """-> uint8 [len(index) or 16, 16, 16]."""
        return render_masks(sp, index=index, camera=camera)

    def caption(self, sp: Spec, rng: random.Random, mentions: dict[str, bool] | None = None) -> str:
        return captions.caption(sp, rng, mentions=mentions)

    def full_caption(self, sp: Spec) -> str:
        return captions.full_caption(sp)

    def vocabulary(self) -> set[str]:
        """Texts that hold every word that captions may have, whatever part of the universe this is."""
        rng, texts = random.Random(5), set(captions.EXTRA_WORDS)
        for i in range(16000):
            texts.add(captions.caption(sample_spec(rng, style=STYLES[i % 5 if i % 3 == 0 else 0]), rng))
        return texts


@dataclass
class Spec:
    """One clip. Lengths are in frame units (frame = 1); `s` is the subject's half size."""

    subject: str
    color: str
    motion: str
    background: str
    style: str
    s: float
    x: float
    y: float
    phase: float
    cycles: int
    direction: int
    offset: float
    art_cycles: int
    art_phase: float
    seed: int
    jitter: float

    def labels(self) -> dict[str, int]:
        return dict(
            subject=EVERY_SUBJECT.index(self.subject),
            color=list(COLORS).index(self.color),
            motion=MOTIONS.index(self.motion),
            background=BACKGROUNDS.index(self.background),
            style=STYLES.index(self.style),
        )

    def to_dict(self) -> dict:
        return asdict(self)


def held_out(sp: Spec) -> bool:
    """Whether this combination of subject, colour, motion and background is kept for evaluation: one in twelve, on
    every machine the same."""
    return zlib.crc32(f'{sp.subject} {sp.color} {sp.motion} {sp.background}'.encode()) % 12 == 0


def training_spec(rng: random.Random, world: World = World(), style: str = 'plain', **fixed: str) -> Spec:
    """Draws a clip that training may see, the harder subjects more often."""
    shares = [SHARES.get(s, 1) for s in world.subjects]
    while True:
        subject = fixed.get('subject') or rng.choices(world.subjects, shares)[0]
        if not held_out(sp := sample_spec(rng, world, style, **{**fixed, 'subject': subject})):
            return sp


def sample_spec(rng: random.Random, world: World = World(), style: str = 'plain', **fixed: str) -> Spec:
    """Draws a clip; `fixed` pins attributes (subject=, color=, motion=, background=)."""
    subject = fixed.get('subject') or rng.choice(world.subjects)
    color = fixed.get('color') or rng.choice(world.colors)
    motion = fixed.get('motion') or rng.choice(world.motions)
    walls = [b for b in world.backgrounds if b in WALLS and b != color]
    scenes = [b for b in world.backgrounds if b in SCENES]
    bg = fixed.get('background')
    if not bg:
        bg = rng.choice(walls) if not scenes or (walls and rng.random() < world.wall) else rng.choice(scenes)
    s = rng.uniform(*world.scale) / 2
    sp = Spec(
        subject,
        color,
        motion,
        bg,
        style,
        s,
        rng.uniform(0.42, 0.58),
        rng.uniform(0.44, 0.56),
        rng.random(),
        rng.choice([1, 1, 2]),
        rng.choice([-1, 1]),
        rng.uniform(0, 0.12),
        rng.choice([2, 2, 3]),
        rng.random(),
        rng.randrange(1 << 30),
        rng.uniform(-1, 1),
    )
    if (
        bg in ('meadow', 'snow')
        and subject in ('cat', 'car', 'flower')
        and motion in ('left', 'right', 'still', 'pulse', 'swing')
    ):
        sp.y = 0.80 - s * 0.7
    if motion in ('grow', 'shrink'):
        sp.s = s * 0.95
    return sp
