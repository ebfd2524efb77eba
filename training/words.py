"""`python -m training words`: what a checkpoint knows, as words.json and words.webp beside its files, for the page and
the command line to tell known words from unknown ones.

emoji/words.py describes the format. The drawn world's lists also have `colors`: the colours of its subjects, each with
the other words for it. A DreamBooth's list holds its own subject besides those of the world.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from .config import WORLDS
from .emoji import words as emoji
from .emoji.characters import character
from .emoji.palette import CHARACTERS
from .world.captions import HUES, IDLE, MOVES, NOUNS, PLACES, VERBS
from .world.palette import RARE, SCENES, WALLS
from .world.render import render
from .world.spec import Spec
from .worlds import DrawnWorld, EmojiWorld, World, parse_world

NEAREST = Path(__file__).with_name('world') / 'nearest.txt'
SIDE, COLUMNS, LIMIT = 64, 8, 40_000  # pixels, thumbnails a row, bytes
GROUPS = {
    'shapes': ('ball', 'star', 'heart', 'square', 'triangle'),
    'animals': ('fish', 'bird', 'butterfly', 'cat'),
    'plants': ('flower',),
    'travel': ('car', 'boat', 'rocket', 'balloon'),
    'characters': tuple(RARE),
}
# What each thumbnail shows; the other subjects are red.
COLOURS = {
    **{'star': 'yellow', 'square': 'green', 'triangle': 'purple', 'fish': 'orange', 'bird': 'blue'},
    **{'butterfly': 'purple', 'flower': 'pink', 'car': 'green', 'boat': 'blue', 'cat': 'orange', 'robot': 'blue'},
}


def nearest(subjects: list[str]) -> dict[str, str]:
    """Unknown noun -> known subject; of several subjects that claim it, the first."""
    every, out = {w for s in subjects for w in (s, *NOUNS.get(s, []))}, {}
    for line in NEAREST.read_text().splitlines():
        name, _, words = line.partition(': ')
        if name in subjects and not line.startswith('#'):
            out = {w: name for w in words.split(', ') if w not in every} | out
    return dict(sorted(out.items()))


def drawn_words(world: DrawnWorld, personal: str = '') -> dict:
    """`personal`: the subject that a DreamBooth brings, if any."""
    subjects = [*world.subjects, *([personal] if personal else [])]
    rare = {s: [f'{RARE[s]} {s}', RARE[s]] for s in RARE}
    rows = [
        {
            'name': s,
            'words': rare.get(s, []),
            'synonyms': [n for n in NOUNS.get(s, []) if n != s],
            'does': sorted(set(VERBS.get(s, []))),
            'group': next(g for g, members in GROUPS.items() if s in members),
            'popular': True,
            'moves': False,
        }
        for s in subjects
    ]
    return {
        'version': 1,
        'thumbnails': {'file': 'words.webp', 'size': SIDE, 'columns': COLUMNS},
        'subjects': rows,
        'motions': {m: sorted({t.replace('{v}', 'moving') for t in MOVES[m]}) for m in world.motions},
        'scenes': {b: PLACES[b] for b in world.backgrounds if b in SCENES},
        'walls': [b for b in world.backgrounds if b in WALLS],
        'colors': {c: HUES.get(c, []) for c in world.colors},
        'idle': IDLE,
        'nearest': nearest(subjects),
    }


def portrait(subject: str) -> Image.Image:
    """The subject alone, as the world draws it."""
    standing = dict(phase=0.0, cycles=1, direction=1, offset=0.0, art_cycles=2, art_phase=0.1, seed=1, jitter=0.0)
    spec = Spec(subject, COLOURS.get(subject, 'red'), 'still', 'white', 'plain', 0.42, 0.5, 0.5, **standing)
    return Image.fromarray(render(spec, size=4 * SIDE, index=[0])[0]).resize((SIDE, SIDE), Image.LANCZOS)


def sheet(pictures: list[Image.Image]) -> bytes:
    rows = -(-len(pictures) // COLUMNS)
    image = Image.new('RGB', (min(COLUMNS, len(pictures)) * SIDE, rows * SIDE), emoji.GROUND)
    for i, picture in enumerate(pictures):
        image.paste(picture, (i % COLUMNS * SIDE, i // COLUMNS * SIDE))
    out = io.BytesIO()
    image.save(out, 'webp', quality=85, method=6)
    if out.tell() > LIMIT:
        raise SystemExit(f'the thumbnails need more than {LIMIT:,} bytes; lower SIDE')
    return out.getvalue()


def with_character(folder: Path, personal: str) -> None:
    """Adds what a DreamBooth brings to the emoji world's files in `folder`."""
    known, name = json.loads((folder / 'words.json').read_text()), CHARACTERS[personal]
    side, columns, place = emoji.SIDE, emoji.COLUMNS, len(known['subjects'])
    row = dict(name=name, words=[], synonyms=name.split()[:1], does=[], group='characters', popular=True, moves=False)
    known['subjects'].append(row)
    before = Image.open(folder / 'words.webp').convert('RGB')
    image = Image.new('RGB', (columns * side, (place // columns + 1) * side), emoji.GROUND)
    image.paste(before, (0, 0))
    small = Image.fromarray(np.ascontiguousarray(character(name, 0)[0])).resize((side, side), Image.LANCZOS)
    image.paste(small, (place % columns * side, place // columns * side), small)
    save(known, folder)
    image.save(folder / 'words.webp', quality=60, method=6)


def save(known: dict, folder: Path) -> None:
    (folder / 'words.json').write_text(json.dumps(known, separators=(',', ':'), ensure_ascii=False) + '\n')


def write_words(world: World, folder: Path, personal: str = '') -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(world, EmojiWorld):
        emoji.write_words(world, folder)
        if personal:
            with_character(folder, personal)
        return
    known = drawn_words(world, personal)
    save(known, folder)
    (folder / 'words.webp').write_bytes(sheet([portrait(s['name']) for s in known['subjects']]))


def export_words(a: argparse.Namespace) -> None:
    """`--world` as configured; the emoji world's art may lie elsewhere."""
    world = parse_world(WORLDS[a.world])
    write_words(EmojiWorld(str(a.art)) if isinstance(world, EmojiWorld) else world, a.out, a.subject or '')
    for name in ('words.json', 'words.webp'):
        print(f'{(a.out / name).stat().st_size:>12,} {name}')
