"""docs/mini-evaluation.md, or another page: sections between marks, each written by the command that measures it."""

from __future__ import annotations

import re
from pathlib import Path

from ..config import ROOT
from ..worlds import EmojiWorld, World

DOCUMENT = ROOT / 'docs' / 'mini-evaluation.md'
SECTIONS = {
    'claim': 'One motion module, many models',
    'taught': 'Taught in TypeScript',
    'engine': 'Through the engine, at 8 bits',
    'sheets': 'Thirty prompts',
    'natural': 'Sixty prompts as people write them',
    'nouns': 'A hundred words it has never heard',
}
# The sections that a new page begins with.
DRAWN = ('claim', 'taught', 'engine', 'sheets', 'nouns')
EMOJI = ('claim', 'taught', 'engine', 'sheets', 'natural')
HEAD = """# What Mini can do, measured

The command that a section names writes that section; nobody edits one by hand.
{judges}
Prompts are combinations that training never saw.
Real renderings of the same clips give each measure's ceiling, captions of other clips its floor.
"""
JUDGES_OF_DRAWN = """A small network trained on renderings names subject, colour, background and style.
A histogram measures hue.
The tracks of centroid, area and rotation measure motion, on plain walls, where they can be read."""
JUDGES_OF_EMOJI = """Small networks trained on renderings name the subject among all that Mini knows, wall or scene, style, and the
animators' loop among twenty, which they tell by its movement alone.
The median of the border measures a wall's colour.
The tracks of centroid, area and rotation measure written motions and camera moves, on plain walls, where they can be
read.
Roughness is how far neighbouring frames are apart over how far any two frames of a clip are: 1 are frames in no
order."""


def head(world: World) -> str:
    return HEAD.format(judges=JUDGES_OF_EMOJI if isinstance(world, EmojiWorld) else JUDGES_OF_DRAWN)


def section(name: str, text: str) -> str:
    return f'<!-- {name} -->\n{text.strip()}\n<!-- /{name} -->'


def blank(world: World) -> str:
    parts = [head(world)]
    for name in EMOJI if isinstance(world, EmojiWorld) else DRAWN:
        parts += [f'## {SECTIONS[name]}\n', section(name, f'`python -m training {name}` has not been run yet.') + '\n']
    return '\n'.join(parts)


def write_section(name: str, text: str, path: Path, world: World) -> None:
    """Puts `text` between the section's marks, and at the end of a page that lacks them."""
    page = path.read_text() if path.exists() else blank(world)
    page = head(world) + '\n' + page[page.index('## ', 2) :]
    if f'<!-- {name} -->' not in page:
        page = f'{page.rstrip()}\n\n## {SECTIONS[name]}\n\n{section(name, "")}\n'
    marks = rf'<!-- {name} -->.*?<!-- /{name} -->'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(re.sub(marks, lambda _: section(name, text), page, flags=re.S))
    print(f'wrote "{SECTIONS[name]}" in {path.name}')
