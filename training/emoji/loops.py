"""The animators' loops: animated WebP files, 256 x 256, mostly 72 frames that end where they began, to 16 frames spread
over the whole loop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .subjects import SPRITE, VISIBLE

FRAMES, SHORTEST = 16, 24  # many files in the packages are single frames


def cut_loop(path: Path) -> np.ndarray | None:
    """-> uint8 [16, 160, 160, 4], all frames cut by one box so that nothing jumps; None if the file does not move."""
    with Image.open(path) as image:
        count = getattr(image, 'n_frames', 1)
        if count < SHORTEST:
            return None
        wanted = {k * count // FRAMES for k in range(FRAMES)}
        frames = []
        for k in range(count):
            image.seek(k)
            if k in wanted:
                frames.append(image.convert('RGBA'))
    coverage = [f.getchannel('A').point(lambda v: 255 * (v > VISIBLE)) for f in frames]
    boxes = [box for c in coverage if (box := c.getbbox())]
    if not boxes:
        return None
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[2] for b in boxes), max(b[3] for b in boxes)
    side = round(max(right - left, bottom - top) * SPRITE / (SPRITE - 10))
    x, y = (left + right - side) // 2, (top + bottom - side) // 2
    square = [f.crop((x, y, x + side, y + side)).resize((SPRITE, SPRITE), Image.LANCZOS) for f in frames]
    return np.stack([np.asarray(f) for f in square])
