"""What the commands that measure ask of either world: prompts that training never saw, and marks for what a model made
of them."""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..checkpoints import run_world
from ..worlds import EmojiWorld, Spec, World

Scores = dict[str, float]


@dataclass(frozen=True)
class Asked:
    """Clips to ask for, all in one style, through a camera that may move."""

    specs: list[Spec]
    style: str = 'plain'
    camera: str = ''


class Examiner(Protocol):
    """`columns`: what is measured, in the order of tables. `aims`: by set of prompts, which shares of what real
    renderings score are to be reached. `sets`: prompts for the base beside the first set, 'base'. `accuracy`: how good
    the judges are on renderings, by measure."""

    world: World
    columns: list[str]
    aims: dict[str, Scores]
    sets: tuple[str, ...]
    accuracy: Scores

    def ask(self, prompts: str, n: int) -> Asked:
        """`prompts`: 'base', one of `sets`, or the name of a style, of a personalisation's subject or of a camera
        move."""

    def score(self, clips: np.ndarray, asked: Asked) -> tuple[Scores, list[dict[str, bool]]]:
        """uint8 [N, F, 128, 128, 3] -> shares of 1 by measure, and what each clip shows."""

    def kinds(self, sp: Spec) -> tuple[str, ...]:
        """The groups in whose figures a clip counts."""


def examiner(a: argparse.Namespace, world: World | None = None) -> Examiner:
    """That of the run's world, or of `world`; trains its judges or loads them."""
    world = world or run_world(a.work)
    if isinstance(world, EmojiWorld):
        from .emoji.examiner import EmojiExaminer

        return EmojiExaminer(a, world)
    from .drawn import DrawnExaminer

    return DrawnExaminer(a, world)


def real(world: World, asked: Asked, index: list[int] | None = None) -> np.ndarray:
    """Renderings of what was asked for: the ceiling of every measure."""
    return np.stack([world.render(sp, index, asked.camera) for sp in asked.specs])


def others(n: int) -> list[int]:
    """For each of n clips another one, so that its caption is the wrong one: the floor of every measure."""
    circle = random.Random(1).sample(range(n), n)
    after = dict(zip(circle, circle[1:] + circle[:1]))
    return [after[i] for i in range(n)]


def means(rows: list[dict[str, bool]]) -> Scores:
    keys = list(dict.fromkeys(k for r in rows for k in r))
    return {k: round(float(np.mean([r[k] for r in rows if k in r])), 4) for k in keys}


def frame_difference(clips: np.ndarray) -> float:
    """Mean change of a pixel (0-255) to the next frame."""
    return round(float(np.abs(np.diff(clips.astype(np.float32), axis=1)).mean()), 2)


def accuracy_line(ex: Examiner) -> str:
    return (
        f"The judges' own figures on held-out renderings: {', '.join(f'{k} {v:.2f}' for k, v in ex.accuracy.items())}."
    )
