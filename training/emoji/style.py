"""Styles as filters over finished frames: what a style LoRA learns from stills."""

from __future__ import annotations

import numpy as np

FILTERS = ('neon', 'pencil', 'chalk', 'pastel')
PAPER, BOARD, DARK = (246.0, 243.0, 234.0), (42.0, 72.0, 60.0), (14.0, 10.0, 32.0)
CONTRAST = 3.0  # strength of outlines against flat areas


def edges(a: np.ndarray) -> np.ndarray:
    """float32 [F, H, W, 3] -> strength of outlines 0..1, [F, H, W, 1]."""
    dx = np.abs(np.diff(a, axis=2, append=a[:, :, -1:]))
    dy = np.abs(np.diff(a, axis=1, append=a[:, -1:]))
    return (CONTRAST * np.maximum(dx, dy).max(-1, keepdims=True) / 255).clip(0, 1)


def saturated(a: np.ndarray) -> np.ndarray:
    """The same hues as bright as they can be."""
    low, high = a.min(-1, keepdims=True), a.max(-1, keepdims=True)
    return (a - 0.8 * low) * 255 / (high - 0.8 * low).clip(1)


def in_style(a: np.ndarray, style: str) -> np.ndarray:
    """float32 [F, H, W, 3], 0..255 -> the same in `style`."""
    if style not in FILTERS:
        return a
    if style == 'pastel':
        return a * 0.5 + 127.5
    line = edges(a)
    ground, ink = {
        'pencil': (PAPER, np.float32((70, 68, 66))),
        'chalk': (BOARD, a * 0.4 + 153),
        'neon': (DARK, saturated(a)),
    }[style]
    return np.float32(ground) * (1 - line) + ink * line
