"""The worlds that Mini can be trained in: the drawn one (world/), which it shipped with first, and the emoji world
(emoji/).

Stages, sets and publication ask either for the same: `sample` draws a clip's spec, `render`, `masks` and `caption` turn
it into pixels and words.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from .emoji.spec import EmojiWorld
from .emoji.spec import Spec as EmojiSpec
from .world.spec import Spec as DrawnSpec
from .world.spec import World as DrawnWorld

World = DrawnWorld | EmojiWorld
Spec = DrawnSpec | EmojiSpec


def parse_world(arguments: list[str]) -> World:
    return EmojiWorld.parse(arguments) if '--emoji' in arguments else DrawnWorld.parse(arguments)


def world_digest(world: World) -> str:
    """Names the renderer: a set that another version of it drew is drawn anew."""
    folder = Path(__file__).parent / ('emoji' if isinstance(world, EmojiWorld) else 'world')
    return sha256(b''.join(p.read_bytes() for p in sorted(folder.glob('*.py')))).hexdigest()[:12]


def movable(world: World) -> World:
    """The same world wherever its artwork lies: a digest of the catalogue in place of the folder."""
    if not isinstance(world, EmojiWorld):
        return world
    return replace(world, art=sha256((Path(world.art) / 'subjects.json').read_bytes()).hexdigest()[:12])
