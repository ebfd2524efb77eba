"""`python -m training taught`: what `zoetrope train` learns from a handful of examples, judged like the LoRAs that
PyTorch trained.

A style from 24 pictures, a camera move from 8 clips: drawn by the world's renderer, taught by the command line to the
published Mini, rendered by the engine for held-out prompts. Everything lies in WORK/taught, and what is there is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import time
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from textwrap import fill

import numpy as np
from PIL import Image

from ..config import PUBLISHED, ROOT, WORLDS
from ..device import pick_device
from ..export.files import weights_digest
from ..pictures import save_clip, save_grid
from ..world.captions import full_caption
from ..world.palette import CAMERAS, WALLS
from ..world.render import render
from ..world.spec import Spec, World, training_spec
from .document import write_section
from .engine import Drawn, draw
from .judge import train_judge
from .report import held_out_specs, score, table

PICTURES, CLIPS = 24, 8
COLUMNS = ['subject', 'color', 'background', 'style', 'motion', 'camera', 'frame difference']


@dataclass(frozen=True)
class Lesson:
    """What is taught, and with which options."""

    name: str
    options: tuple[str, ...]

    @property
    def moving(self) -> bool:
        return self.name in CAMERAS


def lessons(styles: list[str], cameras: list[str], style_options: str, camera_options: str) -> list[Lesson]:
    return [Lesson(s, tuple(style_options.split())) for s in styles] + [
        Lesson(c, tuple(camera_options.split())) for c in cameras
    ]


def still(world: World) -> World:
    """The world in which only the camera moves."""
    return replace(world, motions=('still',), backgrounds=tuple(b for b in world.backgrounds if b in WALLS))


def write_examples(lesson: Lesson, world: World, folder: Path) -> None:
    """PNGs of the style or GIFs of the camera move, each with its caption in a text file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(21)
    for i in range(CLIPS if lesson.moving else PICTURES):
        subject = world.subjects[i % len(world.subjects)]
        if lesson.moving:
            sp = training_spec(rng, still(world), subject=subject)
            save_clip(render(sp, camera=lesson.name), folder / f'{i:02d}.gif')
        else:
            sp = training_spec(rng, world, lesson.name, subject=subject)
            Image.fromarray(render(sp, index=[8])[0]).save(folder / f'{i:02d}.png')
        (folder / f'{i:02d}.txt').write_text(full_caption(sp))


def teach(lesson: Lesson, world: World, work: Path) -> tuple[Path, dict]:
    """-> the LoRA's file and {'seconds', 'loss'}; kept under a name made of the options and Mini's weights."""
    key = sha256(json.dumps([lesson.options, weights_digest(loras=[])]).encode()).hexdigest()[:8]
    folder = work / 'taught' / f'{lesson.name}-{key}'
    out, notes = folder / f'{lesson.name}.safetensors', folder / 'notes.json'
    if notes.exists():
        return out, json.loads(notes.read_text())
    write_examples(lesson, world, folder / 'examples')
    kind, source = ('motion-lora', '--clips') if lesson.moving else ('lora', '--pictures')
    start = time.monotonic()
    done = subprocess.run(
        ['node', 'src/cli/zoetrope.mjs', 'train', kind, source, str(folder / 'examples'), '--captions', 'txt']
        + ['--threads', '1', '--json', *lesson.options, '--out', str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f'{lesson.name} was not taught: {done.stderr[-500:]}')
    told = {'seconds': round(time.monotonic() - start), 'loss': json.loads(done.stdout)['loss']}
    (folder / 'log.jsonl').write_text(done.stderr)
    notes.write_text(json.dumps(told))
    print(f'{lesson.name}: taught in {told["seconds"]} s, last loss {told["loss"]:.3f}', flush=True)
    return out, told


def ways(lesson: Lesson, path: Path) -> list[Drawn]:
    if lesson.moving:
        return [
            Drawn(f'{lesson.name}, taught', arguments=('--motion-lora', str(path))),
            Drawn(f'Mini, prompts of {lesson.name}'),
        ]
    lora = ('--lora', str(path))
    return [
        Drawn(f'{lesson.name} LoRA, taught', lesson.name, lora),
        Drawn(f'{lesson.name} LoRA, taught, stills', lesson.name, (*lora, '--motion', 'none'), 1),
    ]


def specs_for(lesson: Lesson, n: int, world: World) -> list[Spec]:
    return held_out_specs(n, still(world)) if lesson.moving else held_out_specs(n, world, lesson.name)


def taught(a: argparse.Namespace) -> None:
    device, world = pick_device(a.device, a.threads), World.parse(WORLDS['narrow'])
    judge, accuracy = train_judge(a.work, world, device, a.workers, a.judge_clips, a.judge_steps)
    rows: dict[str, dict[str, float]] = {}
    said = []
    for lesson in lessons(a.styles, a.cameras, a.style_options, a.camera_options):
        path, notes = teach(lesson, world, a.work)
        specs, camera = specs_for(lesson, a.n, world), lesson.name if lesson.moving else ''
        style = 'plain' if lesson.moving else lesson.name
        prompts = [full_caption(sp) for sp in specs]
        for way in ways(lesson, path):
            clips = draw(way, prompts, a.work, a.workers)
            rows[way.name], _ = score(clips, specs, judge, device, style, camera)
            print(f'{way.name}: {rows[way.name]}', flush=True)
            sheet = path.parent / f'{way.name.replace(" ", "_").replace(",", "")}.png'
            save_grid([list(clip[:: max(1, len(clip) // 8)]) for clip in clips], sheet, prompts)
        real = np.stack([render(sp, camera=camera) for sp in specs])
        rows[f'… real renderings of {lesson.name}'], _ = score(real, specs, judge, device, style, camera)
        of = f'{CLIPS} clips' if lesson.moving else f'{PICTURES} pictures'
        said.append(f'{lesson.name}: {of}, `{" ".join(lesson.options) or "no options"}`, {notes["seconds"]} s')
    intro = (
        f'`python -m training taught`: LoRAs that `zoetrope train` taught the published Mini ({weights_digest(loras=[])}) '
        f'on one thread of a shared machine, {a.n} held-out prompts a row through the engine at 8 bits.'
    )
    lines = [
        fill(intro, 120, break_on_hyphens=False),
        '',
        *(f'- {line}' for line in said),
        '',
        table('', {n: {k: r[k] for k in COLUMNS if k in r} for n, r in rows.items()}, COLUMNS),
        '',
        f"The judging network's own accuracy on held-out renderings: {', '.join(f'{k} {v:.2f}' for k, v in accuracy.items())}.",
    ]
    write_section('taught', '\n'.join(lines))
