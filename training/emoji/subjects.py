"""Chooses the subjects: Fluent 3-D stills joined with emojibase's names. No flags, letters, keycaps, plain signs, skin
tones or gendered twins."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

SPRITE, VISIBLE = 160, 8  # pixels a side; alpha above which a pixel counts
MARGIN = 5  # pixels left free, so that a tilted sprite keeps its corners
POPULAR = Path(__file__).with_name('popular.txt')
GROUPS = 'smileys people component animals food travel activities objects symbols flags'.split()
NO_SUBGROUPS = set(
    'person-gesture family person-symbol skin-tone hair-style transport-sign warning arrow religion zodiac av-symbol '
    'gender math punctuation currency other-symbol keycap alphanum geometric flag country-flag subdivision-flag'.split()
)
NO_LABELS = re.compile(
    r'o.clock|-thirty|^input|button|^(man|woman|men|women)\b|couple|kiss: |family|sign$|speech bubble|thought balloon|'
    r'anger bubble|atm|wc|litter|potable|no smoking|barber|silhouette|levitating|^hole$|dotted|cyclone|fleur|handshake|'
    r'wireless|antenna|vibration|reminder ribbon|ticket|card index|spiral notepad|middle finger',
    re.I,
)
KEPT = {
    *(
        'woman dancing',
        'man dancing',
        'women with bunny ears',
        'person facepalming',
        'person shrugging',
        'person raising hand',
    ),
    *('person bowing', 'warning', 'recycling symbol'),
}
EVERYDAY = {  # where Unicode's names are odd
    'automobile': 'red car',
    'oncoming automobile': 'oncoming car',
    'sport utility vehicle': 'blue suv car',
    'shortcake': 'strawberry cake',
    'sake': 'sake bottle',
    'teacup without handle': 'cup of green tea',
    'hot beverage': 'cup of coffee',
    'pot of food': 'pot of stew',
    'flying saucer': 'ufo',
    'spiral shell': 'seashell',
    'lady beetle': 'ladybug',
    'two-hump camel': 'two-hump camel',
    'pool 8 ball': 'billiard ball',
    'video game': 'game controller',
    'mobile phone': 'phone',
    'face with tears of joy': 'laughing face with tears of joy',
    'beaming face with smiling eyes': 'beaming face',
    'cooked rice': 'bowl of rice',
    'spaghetti': 'plate of spaghetti',
    'wrapped gift': 'gift box',
}


@dataclass(frozen=True)
class Subject:
    """`words`: everyday names, asked for often. `synonyms`: tags that stand for this subject (nearly) alone. `loop`:
    its row in loops.npy."""

    name: str
    code: str
    group: str
    popular: bool
    words: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    loop: int | None = None

    def to_dict(self) -> dict:
        return asdict(self)

    def with_loop(self, row: int | None) -> Subject:
        return replace(self, loop=row)


def code_of(hexcode: str) -> str:
    """Code points in lower case without variation selectors, as the names of files and entries differ in them."""
    return '-'.join(p for p in hexcode.lower().split('-') if p != 'fe0f')


def popular() -> dict[str, list[str]]:
    """name -> everyday words, from popular.txt."""
    lines = [line for line in POPULAR.read_text().splitlines() if line and not line.startswith('#')]
    split = [line.partition(': ') for line in lines]
    return {name: [w.strip() for w in words.split(',') if w.strip()] for name, _, words in split}


def everyday(label: str) -> str:
    plain = EVERYDAY.get(label, label).replace('’', "'").replace('“', '').replace('”', '')
    return plain.lower().replace('face: ', '')


def wanted(code: str, label: str, subgroup: str) -> bool:
    if label in KEPT:
        return True
    gendered = '200d-2640' in code or '200d-2642' in code or code.startswith(('1f468-200d', '1f469-200d'))
    return not gendered and subgroup not in NO_SUBGROUPS and not NO_LABELS.search(label)


def choose(names: Path, pictures: Path) -> tuple[list[Subject], list[Path]]:
    """`names`: emojibase's folder of a language; `pictures`: Fluent's stills -> subjects in Unicode's order and the
    picture of each."""
    subgroups = {s['order']: s['key'] for s in json.loads((names / 'messages.json').read_text())['subgroups']}
    files = {code_of(f.stem): f for f in pictures.glob('*.webp')}
    asked, found = popular(), []
    for entry in json.loads((names / 'data.json').read_text()):
        code, label = code_of(entry['hexcode']), entry['label']
        subgroup = subgroups.get(entry.get('subgroup'), '')
        if code in files and 'group' in entry and wanted(code, label, subgroup):
            found.append((everyday(label), code, GROUPS[entry['group']], {t.lower() for t in entry.get('tags', [])}))
    every, count = {name for name, *_ in found}, Counter(t for *_, tags in found for t in tags)
    subjects = []
    for name, code, group, tags in found:
        own = sorted(tags - {name})
        # A tag that few share can stand for the subject, unless it is another subject's name.
        alone = [t for t in own if count[t] <= 2 and t not in every and len(t) > 2 and t.replace(' ', '').isalpha()]
        words = tuple(asked.get(name, ()))
        subjects.append(Subject(name, code, group, name in asked, words, tuple(alone), tuple(own)))
    missing = set(asked) - every
    if missing:
        raise SystemExit(f'{POPULAR.name} names subjects that the artwork lacks: {sorted(missing)}')
    return subjects, [files[s.code] for s in subjects]


def trimmed(path: Path) -> np.ndarray:
    """A still without its empty border, centred -> uint8 [160, 160, 4]."""
    image = Image.open(path).convert('RGBA')
    image = image.crop(image.getchannel('A').point(lambda v: 255 * (v > VISIBLE)).getbbox())
    k = (SPRITE - 2 * MARGIN) / max(image.size)
    image = image.resize((max(1, round(image.width * k)), max(1, round(image.height * k))), Image.LANCZOS)
    canvas = Image.new('RGBA', (SPRITE, SPRITE))
    canvas.paste(image, ((SPRITE - image.width) // 2, (SPRITE - image.height) // 2))
    return np.asarray(canvas)


class Catalogue:
    """What an art folder holds: subjects, sprites uint8 [N, 160, 160, 4], loops uint8 [M, 16, 160, 160, 4] (both
    mapped, not read)."""

    def __init__(self, folder: Path) -> None:
        path = folder / 'subjects.json'
        if not path.exists():
            raise SystemExit(f'no artwork in {folder}: run `python -m training art` first')
        rows = json.loads(path.read_text())
        lists = ('words', 'synonyms', 'tags')
        self.subjects = [Subject(**{k: tuple(v) if k in lists else v for k, v in row.items()}) for row in rows]
        self.index = {s.name: i for i, s in enumerate(self.subjects)}
        self.sprites = np.load(folder / 'sprites.npy', mmap_mode='r')
        moving = folder / 'loops.npy'
        self.loops = np.load(moving, mmap_mode='r') if moving.exists() else None
        self.folder = folder

    def still(self, subject: str) -> np.ndarray:
        """-> [1, 160, 160, 4]."""
        i = self.index[subject]
        return self.sprites[i : i + 1]

    @cache  # noqa: B019  catalogues live as long as the process
    def in_style(self, style: str) -> np.ndarray | None:
        """Sprites by another artist (vector.py), None for styles that are filters."""
        path = self.folder / f'{style}.npy'
        return np.load(path, mmap_mode='r') if style != 'sprites' and path.exists() else None

    def has(self, subject: str, style: str) -> bool:
        drawn = self.in_style(style)
        return drawn is None or subject not in self.index or bool(drawn[self.index[subject], ..., 3].any())

    def frames(self, subject: str) -> np.ndarray:
        """-> [16, 160, 160, 4] of a subject that moves, else [1, 160, 160, 4]."""
        row = self.subjects[self.index[subject]].loop
        return self.still(subject) if row is None or self.loops is None else self.loops[row]


@cache
def catalogue(folder: Path) -> Catalogue:
    return Catalogue(folder)
