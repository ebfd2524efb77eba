"""Written motions read off the tracks of centroid, area and rotation (measures.tracks), on plain walls."""

from __future__ import annotations

import numpy as np

from ..measures import foreground, moves_like, ring, tracks

# A written motion, and what its tracks look like (measures.moves_like). The others swing: see `swings`.
LIKE = {**{m: m for m in ('left', 'right', 'up', 'down', 'spin', 'pulse')}, 'zoom': 'grow'}
MEASURED = (*LIKE, 'bounce', 'sway', 'shake', 'float')
ANGLES, WIDEST = 144, 18  # of a ring; how many of them a subject turns at most from its first frame


def swing(x: np.ndarray, cycles: tuple[int, ...]) -> float:
    """How far x swings to either side of its straight course, in so many cycles a clip."""
    t = np.arange(len(x))
    rest = x - np.polyval(np.polyfit(t, x, 1), t)
    return float(max(np.abs(np.fft.rfft(rest))[list(cycles)]) * 2 / len(x))


def turned(clip: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Degrees from the first frame to each frame, [F], for a subject that turns by less than 45 of them."""
    rings, radius = [], None
    for frame, inside in zip(clip, mask):
        ys, xs = np.nonzero(inside)
        if len(xs) < 60:
            return np.zeros(len(clip))
        x, y = xs.mean(), ys.mean()
        radius = radius or np.quantile(np.hypot(xs - x, ys - y), 0.9)
        rings.append(ring(frame, inside, x, y, radius, ANGLES))
    shifts = np.arange(-WIDEST, WIDEST + 1)
    costs = [[float(((np.roll(rings[0], s, 0) - r) ** 2).mean()) for s in shifts] for r in rings]
    return shifts[np.argmin(costs, 1)] * 360 / ANGLES


def swings(clip: np.ndarray, mask: np.ndarray, motion: str) -> bool:
    """The motions that go to and fro about a place."""
    t = tracks(clip, mask)
    if t is None or abs(t['rot'].sum()) > 180:
        return False
    x, y, gain = t['x'], t['y'], t['area'][-3:].mean() / t['area'][:3].mean()
    steady = 1 / 1.5 < gain < 1.5 and abs(x[-3:].mean() - x[:3].mean()) < 0.15
    low = np.ptp(x) < 0.2 and np.ptp(y) < 0.2
    return bool(
        steady
        and {
            'bounce': swing(y, (2,)) > max(0.05, swing(y, (1,))) and np.ptp(x) < 0.2,
            'float': swing(y, (1,)) > max(0.03, swing(y, (2,))) and np.ptp(x) < 0.12 and np.ptp(y) < 0.3,
            'shake': swing(x, (3, 4, 5)) > 0.009 and low,
            'sway': low and swing(turned(clip, mask), (1, 2)) > 9,
        }[motion]
    )


def shows(clip: np.ndarray, motion: str) -> bool:
    """Whether uint8 [16, 128, 128, 3] shows the written motion."""
    mask = foreground(clip)
    return moves_like(tracks(clip, mask), LIKE[motion]) if motion in LIKE else swings(clip, mask, motion)
