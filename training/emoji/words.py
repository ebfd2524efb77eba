"""`python -m training words`: what Mini knows, for the page to tell known words from unknown ones, and a sheet of
thumbnails.

words.json   version 1; `subjects`, each with name, words and synonyms (first the usual ones), group, whether it is
             `popular` (drawn best) and `moves` by itself; `motions`, `scenes` and `walls` with the phrases that
             captions use; `idle`, adjectives that change nothing; `nearest`, unknown noun -> the known subject that
             stands nearest by meaning (nearest.txt)
words.webp   a thumbnail a subject, in the order of `subjects`, row by row; size and columns stand in words.json under
             `thumbnails`
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from .captions import DOES, IDLE, MOVES
from .palette import SCENES, WALLS
from .spec import EmojiWorld
from .subjects import Catalogue

NEAREST = Path(__file__).with_name('nearest.txt')
SIDE, COLUMNS, LIMIT = 32, 32, 300_000  # pixels, thumbnails a row, bytes
GROUND = (246, 246, 248)  # an alpha channel would take as many bytes again


def nearest(known: Catalogue) -> dict[str, str]:
    """Unknown noun -> known subject. A word that is known already, or whose subject is not, is left out."""
    every = {w for s in known.subjects for w in (s.name, *s.words, *s.synonyms)}
    out = {}
    for line in NEAREST.read_text().splitlines():
        name, _, words = line.partition(': ')
        if name in known.index and not line.startswith('#'):
            out |= {w: name for w in words.split(', ') if w not in every}
    return dict(sorted(out.items()))


def words(world: EmojiWorld) -> dict:
    known = world.catalogue
    rows = [
        {
            'name': s.name,
            'words': list(s.words),
            'synonyms': list(s.synonyms),
            'does': DOES.get(s.name, []),
            'group': s.group,
            'popular': s.popular,
            'moves': s.loop is not None,
        }
        for s in known.subjects
    ]
    return {
        'version': 1,
        'thumbnails': {'file': 'words.webp', 'size': SIDE, 'columns': COLUMNS},
        'subjects': rows,
        'motions': {m: sorted({t.replace('{v}', 'moving') for t in said}) for m, said in MOVES.items()},
        'scenes': SCENES,
        'walls': list(WALLS),
        'idle': IDLE,
        'nearest': nearest(known),
    }


def thumbnails(known: Catalogue) -> bytes:
    """A WebP sheet of all subjects under LIMIT bytes, as fine as that allows."""
    rows = -(-len(known.subjects) // COLUMNS)
    sheet = Image.new('RGB', (COLUMNS * SIDE, rows * SIDE), GROUND)
    for i in range(len(known.subjects)):
        small = Image.fromarray(np.ascontiguousarray(known.sprites[i])).resize((SIDE, SIDE), Image.LANCZOS)
        sheet.paste(small, (i % COLUMNS * SIDE, i // COLUMNS * SIDE), small)
    for quality in range(80, 20, -5):
        out = io.BytesIO()
        sheet.save(out, 'webp', quality=quality, method=6)
        if out.tell() <= LIMIT:
            return out.getvalue()
    raise SystemExit(f'the thumbnails need more than {LIMIT:,} bytes; lower SIDE')


def write_words(world: EmojiWorld, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'words.json').write_text(json.dumps(words(world), separators=(',', ':'), ensure_ascii=False) + '\n')
    (folder / 'words.webp').write_bytes(thumbnails(world.catalogue))


def export_words(a: argparse.Namespace) -> None:
    write_words(EmojiWorld(str(a.art)), a.out)
    for name in ('words.json', 'words.webp'):
        print(f'{(a.out / name).stat().st_size:>12,} {name}')
