"""What is in a clip: an `EmojiWorld` is what to draw from, a `Spec` is one clip drawn from it."""

from __future__ import annotations

import argparse
import random
import zlib
from dataclasses import asdict, dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

import numpy as np

from ..config import ART
from . import captions
from .motion import TRAVEL
from .palette import BACKGROUNDS, CHARACTERS, MOTIONS, SCENES, STYLES, WALLS
from .render import render, render_masks
from .subjects import Catalogue, catalogue

LIVELY = 3  # how many times as often clips show a subject that has a loop
LOOPED = 0.5  # share of stills that are taken from loops
OWN, PAIRS, SCENE, TWO_TONES = (
    0.55,
    0.12,
    0.4,
    0.12,
)  # shares: no written motion, two subjects, scenes, walls of two colours
SAME, ANYWAY = (
    70.0,
    0.15,
)  # colours as near as this look alike (RGB distance); how often a subject stands before its own all the same


@dataclass
class Spec:
    """One clip. Lengths are in frame units (frame = 1); `s` is the subject's half size. `other`: a second subject
    beside it, or ''.

    `lively`: a subject that has a loop is drawn from it, not from its still. `background` is a wall's colour, two of
    them joined by ' and ', or a scene.
    """

    subject: str
    other: str
    motion: str
    background: str
    style: str
    s: float
    x: float
    y: float
    tilt: float
    phase: float
    direction: int
    offset: float
    lively: bool
    seed: int
    art: str

    def labels(self) -> dict[str, int]:
        known = catalogue(Path(self.art)).index
        return dict(
            subject=known.get(self.subject, len(known)),
            color=0,  # captions name no colour but the background's
            motion=MOTIONS.index(self.motion),
            background=BACKGROUNDS.index(self.background.split(' and ')[0]),
            style=STYLES.index(self.style),
        )

    def to_dict(self) -> dict:
        return asdict(self)


def held_out(sp: Spec) -> bool:
    """Whether this pair of subject and background is kept for evaluation: one in twelve, on every machine the same."""
    return zlib.crc32(f'{sp.subject} {sp.background}'.encode()) % 12 == 0


@cache
def typical_colours(art: Path) -> np.ndarray:
    """Mean colour of every sprite -> [N, 3]."""
    a = catalogue(art).sprites[:, ::4, ::4].astype(np.float32)
    alpha = a[..., 3:]
    return (a[..., :3] * alpha).sum((1, 2)) / alpha.sum((1, 2)).clip(1)


@cache
def cast(world: EmojiWorld, moving: bool) -> tuple[tuple[str, ...], list[int]]:
    """-> the subjects' names and running totals of their weights."""
    return world.subjects, list(accumulate(world.weights(moving)))


@dataclass(frozen=True)
class EmojiWorld:
    """`favour`: how many times as often training draws a popular subject. `popular`: those alone. `scale`: subject size
    / frame size."""

    art: str = str(ART)
    favour: int = 12
    popular: bool = False
    motions: tuple[str, ...] = tuple(MOTIONS)
    scale: tuple[float, float] = (0.6, 0.96)

    widest = 'emoji'  # its prompts in config.PROMPTS
    styles = tuple(STYLES)
    backgrounds = tuple(BACKGROUNDS)
    resting = 'own'  # the motion in which nothing but a camera, and the subject itself, moves
    travelling = tuple(MOTIONS.index(m) for m in TRAVEL)  # labels of the motions that go some way

    @property
    def catalogue(self) -> Catalogue:
        return catalogue(Path(self.art))

    @property
    def subjects(self) -> tuple[str, ...]:
        return tuple(s.name for s in self.catalogue.subjects if s.popular or not self.popular)

    @property
    def classes(self) -> tuple[int, ...]:
        """How many labels each of dataset.ATTRIBUTES has."""
        return (len(self.catalogue.subjects) + 1, 1, len(MOTIONS), len(BACKGROUNDS), len(STYLES))

    @staticmethod
    def parse(arguments: list[str]) -> EmojiWorld:
        ap = argparse.ArgumentParser()
        ap.add_argument('--emoji', action='store_true')
        ap.add_argument('--art', default=str(ART))
        ap.add_argument('--favour', type=int, default=12)
        ap.add_argument('--popular', action='store_true')
        ap.add_argument('--motions', default=','.join(MOTIONS))
        ap.add_argument('--scale', type=float, nargs=2, default=(0.6, 0.96))
        a = ap.parse_args(arguments)
        return EmojiWorld(a.art, a.favour, a.popular, tuple(a.motions.split(',')), tuple(a.scale))

    def to_args(self) -> list[str]:
        """The art folder is named only where it is not the usual one, since a run travels between machines."""
        where = ['--art', self.art] if self.art != str(ART) else []
        only = ['--popular'] if self.popular else []
        scale = ['--scale', *map(str, self.scale)]
        return ['--emoji', *where, '--favour', str(self.favour), *only, '--motions', ','.join(self.motions), *scale]

    # --- drawing from it ---

    def weights(self, moving: bool) -> list[int]:
        """How often each subject is drawn, with `moving` rather one that has a loop."""
        among = [s for s in self.catalogue.subjects if s.popular or not self.popular]
        return [(self.favour if s.popular else 1) * (LIVELY if moving and s.loop is not None else 1) for s in among]

    def any_subject(self, rng: random.Random, moving: bool) -> str:
        names, totals = cast(self, moving)
        return rng.choices(names, cum_weights=totals)[0]

    def background(self, rng: random.Random, subject: str) -> str:
        if rng.random() < SCENE:
            return rng.choice(list(SCENES))
        walls = list(WALLS)
        if subject in self.catalogue.index and rng.random() > ANYWAY:
            own = typical_colours(Path(self.art))[self.catalogue.index[subject]]
            walls = [w for w, rgb in WALLS.items() if np.linalg.norm(own - np.array(rgb)) > SAME]
        return ' and '.join(rng.sample(walls, 2)) if rng.random() < TWO_TONES else rng.choice(walls)

    def sample(
        self, rng: random.Random, style: str = 'plain', every: bool = False, moving: bool = False, **fixed: str
    ) -> Spec:
        """Draws a clip, with `every` also a held-out one, with `moving` rather one of a subject that has a loop.

        `fixed` pins attributes (subject=, other=, motion=, background=), whose pair may be held out then, too;
        `character`: a subject that a personalisation brings.
        """
        if character := fixed.pop('character', ''):
            fixed['subject'] = CHARACTERS[character]
        while True:
            sp = self._sample(rng, style, moving, fixed)
            if not all(self.catalogue.has(s, style) for s in (sp.subject, sp.other) if s):
                continue
            if every or not held_out(sp) or {'subject', 'background'} <= set(fixed):
                return sp

    def _sample(self, rng: random.Random, style: str, moving: bool, fixed: dict[str, str]) -> Spec:
        subject = fixed.get('subject') or self.any_subject(rng, moving)
        motion = fixed.get('motion') or ('own' if rng.random() < OWN else rng.choice(self.motions))
        other = fixed.get('other', '')
        if not fixed and motion == 'own' and rng.random() < PAIRS / OWN:
            other = self.any_subject(rng, moving)
        s = rng.uniform(*self.scale) / 2
        if motion in ('left', 'right', 'up', 'down', 'bounce', 'zoom'):
            s *= 0.78  # room to move
        elif motion in ('pulse', 'sway', 'float'):
            s *= 0.88
        if other and other != subject:
            s = min(s, 0.27)
        free = 0.5 - s
        return Spec(
            subject,
            other if other != subject else '',
            motion,
            fixed.get('background') or self.background(rng, subject),
            style,
            s,
            0.5 + 0.8 * free * rng.uniform(-1, 1),
            0.5 + 0.8 * free * rng.uniform(-1, 1),
            rng.gauss(0, 3.5),
            rng.random(),
            rng.choice([-1, 1]),
            rng.uniform(0, 0.12),
            moving or rng.random() < LOOPED,
            rng.randrange(1 << 30),
            self.art,
        )

    # --- what the rest of the training asks a world ---

    def spec(self, record: dict) -> Spec:
        return Spec(**{**record, 'art': self.art})

    def render(self, sp: Spec, index: list[int] | None = None, camera: str = '') -> np.ndarray:
        """-> uint8 [len(index) or 16, 128, 128, 3]."""
        return render(sp, index=index, camera=camera)

    def masks(self, sp: Spec, index: list[int] | None = None, camera: str = '') -> np.ndarray:
        """-> uint8 [len(index) or 16, 16, 16]."""
        return render_masks(sp, index=index, camera=camera)

    def caption(self, sp: Spec, rng: random.Random, mentions: dict[str, bool] | None = None) -> str:
        return captions.caption(self.catalogue, sp, rng, mentions)

    def full_caption(self, sp: Spec) -> str:
        return captions.full_caption(sp)

    def vocabulary(self) -> set[str]:
        """Texts that hold every word that captions may have."""
        return captions.every_word(self.catalogue)
