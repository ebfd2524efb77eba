"""docs/mini-evaluation.md: sections between marks, each written by the command that measures it."""

from __future__ import annotations

import re

from ..config import ROOT

DOCUMENT = ROOT / 'docs' / 'mini-evaluation.md'
SECTIONS = {
    'claim': 'One motion module, many models',
    'taught': 'Taught in TypeScript',
    'engine': 'Through the engine, at 8 bits',
    'sheets': 'Thirty prompts',
    'nouns': 'A hundred words it has never heard',
}
HEAD = """# What Mini can do, measured

The command that a section names writes that section; nobody edits one by hand.
A small network trained on renderings names subject, colour, background and style.
A histogram measures hue.
The tracks of centroid, area and rotation measure motion, on plain walls, where they can be read.
Prompts are combinations that training never saw.
Real renderings of the same clips give each measure's ceiling, captions of other clips its floor.
"""


def blank() -> str:
    parts = [HEAD]
    for name, title in SECTIONS.items():
        parts += [
            f'## {title}\n',
            f'<!-- {name} -->\n`python -m training {name}` has not been run yet.\n<!-- /{name} -->\n',
        ]
    return '\n'.join(parts)


def write_section(name: str, text: str) -> None:
    """Puts `text` between the section's marks."""
    page = DOCUMENT.read_text() if DOCUMENT.exists() else blank()
    body = f'<!-- {name} -->\n{text.strip()}\n<!-- /{name} -->'
    DOCUMENT.write_text(re.sub(rf'<!-- {name} -->.*?<!-- /{name} -->', lambda _: body, page, flags=re.S))
    print(f'wrote "{SECTIONS[name]}" in {DOCUMENT.relative_to(ROOT)}')
