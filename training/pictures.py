"""Pictures that training leaves behind: loss curves, contact sheets, GIFs; and conversion between pixels and
tensors."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw


def plot_curves(rows: list[dict], keys: list[str], path: Path, x: str = 'step', w: int = 720, h: int = 360) -> None:
    """A plain line chart (log y if all positive) drawn with PIL: no matplotlib needed."""
    series = {k: [(r[x], r[k]) for r in rows if isinstance(r.get(k), (int, float)) and np.isfinite(r[k])] for k in keys}
    series = {k: v for k, v in series.items() if v}
    if not series:
        return
    xs = [p[0] for v in series.values() for p in v]
    ys = np.array([p[1] for v in series.values() for p in v], float)
    log = bool((ys > 0).all())
    f = np.log if log else (lambda v: v)
    lo, hi = float(f(ys).min()), float(f(ys).max())
    x0, x1 = min(xs), max(max(xs), min(xs) + 1)
    hi = max(hi, lo + 1e-6)
    im = Image.new('RGB', (w, h), 'white')
    d = ImageDraw.Draw(im)
    for i in range(5):
        y = 20 + (h - 50) * i / 4
        val = hi - (hi - lo) * i / 4
        d.line([(60, y), (w - 10, y)], fill=(225, 225, 225))
        d.text((4, y - 6), f'{np.exp(val) if log else val:.4g}', fill=(90, 90, 90))
    d.text((60, h - 22), f'{x} {x0} .. {x1}', fill=(90, 90, 90))
    colours = [(200, 40, 40), (40, 90, 200), (40, 150, 70), (170, 80, 190), (220, 140, 30), (90, 90, 90)]
    for i, (k, pts) in enumerate(series.items()):
        c = colours[i % len(colours)]
        xy = [(60 + (w - 70) * (a - x0) / (x1 - x0), 20 + (h - 50) * (hi - float(f(b))) / (hi - lo)) for a, b in pts]
        d.line(xy if len(xy) > 1 else xy * 2, fill=c, width=2)
        d.text((160 + 130 * i, h - 22), k, fill=c)
    path.parent.mkdir(parents=True, exist_ok=True)
    im.save(path)


def save_grid(rows: list[list[np.ndarray]], path: Path, labels: list[str] | None = None) -> None:
    """rows of uint8 [H, W, 3] images -> one PNG; an optional caption strip above each row."""
    bands = []
    for i, row in enumerate(rows):
        band = np.concatenate(row, 1)
        if labels:
            strip = Image.new('RGB', (band.shape[1], 14), 'white')
            ImageDraw.Draw(strip).text((3, 1), labels[i], fill='black')
            bands.append(np.asarray(strip))
        bands.append(band)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(bands, 0)).save(path)


def save_prompt_sheet(
    clips: np.ndarray, labels: list[tuple[str, str]], path: Path, side: int = 64, margin: int = 176
) -> None:
    """clips uint8 [N, F, H, W, 3]: a row each, its prompt and a second, red line beside `side`-pixel frames; few
    colours, so that the file stays small."""
    n, f = clips.shape[:2]
    im = Image.new('RGB', (margin + f * (side + 2), n * (side + 2)), 'white')
    d = ImageDraw.Draw(im)
    for i, (clip, (prompt, remark)) in enumerate(zip(clips, labels)):
        y = i * (side + 2)
        lines = textwrap.wrap(prompt, 27)
        d.text((4, y + 6), '\n'.join(lines), fill='black', spacing=1)
        d.text((4, y + 8 + 12 * len(lines)), remark, fill=(190, 30, 30))
        for k, frame in enumerate(clip):
            im.paste(Image.fromarray(frame).resize((side, side), Image.Resampling.BOX), (margin + k * (side + 2), y))
    path.parent.mkdir(parents=True, exist_ok=True)
    im.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


def tiled(clips: np.ndarray, columns: int) -> np.ndarray:
    """Clips uint8 [N, F, H, W, 3], N a multiple of `columns`, side by side in rows -> one clip [F, rows * H, columns *
    W, 3]."""
    n, f, h, w, _ = clips.shape
    return (
        clips.reshape(n // columns, columns, f, h, w, 3)
        .transpose(2, 0, 3, 1, 4, 5)
        .reshape(f, n // columns * h, columns * w, 3)
    )


def save_clip(clip: np.ndarray, path: Path, ms: int = 110) -> None:
    """clip: uint8 [F, H, W, 3], as a GIF or an animated WebP, by the ending of its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = [Image.fromarray(f) for f in clip]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=ms, loop=0)


def to_uint8(x: torch.Tensor) -> np.ndarray:
    """[..., 3, H, W] in -1..1 -> uint8 [..., H, W, 3]."""
    return ((x.float().clamp(-1, 1) + 1) * 127.5).round().byte().movedim(-3, -1).cpu().numpy()


def to_float(x: torch.Tensor) -> torch.Tensor:
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in -1..1, channels last."""
    return (x.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
