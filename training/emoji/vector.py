"""The same subjects in other artists' hands, as sprites: icon sets of iconify's form (SVG bodies and their names).

noto       Noto Emoji, Google, Apache License 2.0 (`@iconify-json/noto`)
flat       Fluent Emoji flat, Microsoft, MIT (`@iconify-json/fluent-emoji-flat`)
contrast   Fluent Emoji high contrast, Microsoft, MIT (`@iconify-json/fluent-emoji-high-contrast`)

They are what style LoRAs learn: true gaps between domains, where the filters of style.py only change colours and lines.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import skia

from .subjects import MARGIN, SPRITE, Subject, code_of

SETS = {
    'noto': '@iconify-json/noto@1.2.9',
    'flat': '@iconify-json/fluent-emoji-flat@1.2.6',
    'contrast': '@iconify-json/fluent-emoji-high-contrast@1.2.6',
}
INK = '#16161c'  # for icons in the text's colour


def drawn(body: str, side: float) -> np.ndarray:
    """An SVG body of `side` units -> uint8 [160, 160, 4], empty for the few that skia cannot read."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    svg = f'<svg {spaces} viewBox="0 0 {side} {side}">' + body.replace('currentColor', INK) + '</svg>'
    dom = skia.SVGDOM.MakeFromStream(skia.MemoryStream(svg.encode()))
    if dom is None:
        return np.zeros((SPRITE, SPRITE, 4), np.uint8)
    surface = skia.Surface(SPRITE, SPRITE)
    canvas = surface.getCanvas()
    canvas.translate(MARGIN, MARGIN)
    dom.setContainerSize(skia.Size(SPRITE - 2 * MARGIN, SPRITE - 2 * MARGIN))
    dom.render(canvas)
    return np.asarray(surface.toarray(colorType=skia.kRGBA_8888_ColorType)).copy()


def vector_sprites(folder: Path, subjects: list[Subject]) -> np.ndarray:
    """`folder`: an unpacked icon set -> uint8 [N, 160, 160, 4], empty where the set lacks a subject."""
    icons, names = (json.loads((folder / f'{f}.json').read_text()) for f in ('icons', 'chars'))
    by_code = {code_of(code): name for code, name in names.items()}
    aliases = {alias: a['parent'] for alias, a in icons.get('aliases', {}).items()}
    out = np.zeros((len(subjects), SPRITE, SPRITE, 4), np.uint8)
    for i, s in enumerate(subjects):
        name = by_code.get(s.code)
        icon = icons['icons'].get(aliases.get(name, name))
        if icon:
            out[i] = drawn(icon['body'], icon.get('width', icons.get('width', 16)))
    return out
