"""Measurements that need no network: foreground, its hue, and tracks of centroid, area and rotation. They read plain
walls only."""

from __future__ import annotations

import colorsys

import numpy as np

from ..world.palette import COLORS

# What a camera move does to a subject that stands still.
LOOKS_LIKE = {
    **{'zoom': 'grow', 'zoom-out': 'shrink', 'roll': 'roll'},
    **{'pan': 'left', 'pan-left': 'right', 'pan-up': 'down', 'pan-down': 'up'},
}


def foreground(clip: np.ndarray, threshold: float = 34) -> np.ndarray:
    """bool [F, H, W]: pixels far from the wall, whose colour per row runs from one border's to the other's (medians
    over all frames).

    The wall is not of one colour: light falls from where a traveller is going, and guidance makes it strong enough to
    pass for the subject.
    """
    f = clip.astype(np.float32)
    left, right = (np.median(b, axis=(0, 2))[:, None] for b in (f[:, :, :6], f[:, :, -6:]))
    wall = left + (right - left) * np.linspace(0, 1, f.shape[2], dtype=np.float32)[None, :, None]
    return np.abs(f - wall[None]).max(-1) > threshold


def hue_name(clip: np.ndarray, mask: np.ndarray) -> str | None:
    """Name of the foreground's most typical saturated colour."""
    if mask.sum() < 150:
        return None
    px = clip[mask].astype(np.float32)
    bright = px[px.max(1) > 110]
    px = bright if len(bright) > 50 else px
    sat = px.max(1) - px.min(1)
    rgb = np.median(px[sat >= np.quantile(sat, 0.4)], 0)
    h, l, s = colorsys.rgb_to_hls(*(rgb / 255))
    if s < 0.25 or l > 0.93:
        return 'white'
    hues = {k: colorsys.rgb_to_hls(*(v / 255 for v in c))[0] for k, c in COLORS.items() if k != 'white'}
    name = min(hues, key=lambda k: min(abs(h - hues[k]), 1 - abs(h - hues[k])))
    return ('pink' if l > 0.68 else 'red') if name in ('red', 'pink') else name


def ring(frame: np.ndarray, mask: np.ndarray, x: float, y: float, radius: float, angles: int = 48) -> np.ndarray:
    """Colours on circles around (x, y) -> [angles, radii * 3], zero outside the subject."""
    t = np.arange(angles) * 2 * np.pi / angles
    r = np.linspace(0.3, 1.0, 6)[:, None] * radius
    h, w = mask.shape
    xi, yi = (x + r * np.cos(t)).round().astype(int), (y + r * np.sin(t)).round().astype(int)
    inside = (xi >= 0) & (xi < w) & (yi >= 0) & (yi < h)
    xi, yi = xi.clip(0, w - 1), yi.clip(0, h - 1)
    v = frame[yi, xi].astype(np.float32) * (mask[yi, xi] & inside)[..., None]
    return v.transpose(1, 0, 2).reshape(angles, -1)


def tracks(clip: np.ndarray, mask: np.ndarray) -> dict[str, np.ndarray] | None:
    """-> x, y (0..1), area (share of the frame) per frame, rot: degrees from each frame to the next. None if the
    subject is lost."""
    n, h, w = mask.shape
    rows, rings = [], []
    for f in range(n):
        ys, xs = np.nonzero(mask[f])
        if len(xs) < 60:
            rows.append((np.nan,) * 3), rings.append(None)
            continue
        x, y = xs.mean(), ys.mean()
        rows.append((x / w, y / h, len(xs) / (h * w)))
        rings.append(ring(clip[f], mask[f], x, y, np.quantile(np.hypot(xs - x, ys - y), 0.9)))
    a = np.array(rows)
    ok = ~np.isnan(a[:, 0])
    if ok.sum() < 10:
        return None
    rot = [0.0]
    for p, q in zip(rings[:-1], rings[1:]):
        if p is None or q is None:
            rot.append(0.0)
            continue
        costs = {s: float(((np.roll(p, s, 0) - q) ** 2).mean()) for s in range(-7, 8)}
        best = min(costs, key=costs.get)
        rot.append(7.5 * best if costs[best] < 0.9 * costs[0] else 0.0)
    return {'x': a[ok, 0], 'y': a[ok, 1], 'area': a[ok, 2], 'rot': np.array(rot)}


def moves_like(t: dict[str, np.ndarray] | None, motion: str) -> bool:
    """Whether the tracks show the named motion."""
    if t is None:
        return False
    x, y, area, rot = t['x'], t['y'], t['area'], t['rot']
    dx, dy = x[-3:].mean() - x[:3].mean(), y[-3:].mean() - y[:3].mean()
    px, py = np.ptp(x), np.ptp(y)
    gain, swell = area[-3:].mean() / area[:3].mean(), np.quantile(area, 0.9) / np.quantile(area, 0.1)
    turn, wobble = rot.sum(), np.abs(rot).sum()
    return bool(
        {
            'left': dx < -0.2 and abs(dy) < 0.2,
            'right': dx > 0.2 and abs(dy) < 0.2,
            'up': dy < -0.2 and abs(dx) < 0.2,
            'down': dy > 0.2 and abs(dx) < 0.2,
            'bounce': py > 0.15 and px < 0.2 and abs(dy) < 0.85 * py and swell < 2.5,
            'spin': abs(turn) > 180,
            'grow': gain > 1.8,
            'shrink': gain < 1 / 1.8,
            'pulse': swell > 1.3 and 1 / 2.2 < gain < 2.2 and px < 0.2 and py < 0.2 and wobble < 150,
            'swing': wobble > 90 and abs(turn) < 120 and px < 0.25 and py < 0.25 and 1 / 1.8 < gain < 1.8,
            'roll': abs(turn) > 60 and px < 0.25 and py < 0.25 and 1 / 1.5 < gain < 1.5,
            'circle': px > 0.25 and py > 0.22,
            'still': px < 0.1 and py < 0.1 and 1 / 1.35 < gain < 1.35 and abs(turn) < 90,
        }[motion]
    )
