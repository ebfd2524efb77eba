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
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from textwrap import fill

from PIL import Image

from ..checkpoints import run_world
from ..config import ROOT, WORLDS
from ..export.files import weights_digest
from ..pictures import save_clip, save_grid
from ..world.camera import WINDOW
from ..world.palette import CAMERAS
from ..worlds import EmojiWorld, World, parse_world
from .document import write_section
from .emoji.asked import names_of
from .engine import Drawn, draw
from .examiner import accuracy_line, examiner, real
from .report import table

PICTURES, CLIPS = 24, 8


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


def subjects_of(world: World, style: str) -> list[str]:
    """What the examples show, in turn."""
    if not isinstance(world, EmojiWorld):
        return list(world.subjects)
    names = names_of(world, True, style)
    return random.Random(20).sample(names, len(names))


def write_examples(lesson: Lesson, world: World, folder: Path) -> None:
    """PNGs of the style or GIFs of the camera move, each with its caption in a text file."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, names = random.Random(21), subjects_of(world, 'plain' if lesson.moving else lesson.name)
    for i in range(CLIPS if lesson.moving else PICTURES):
        subject = {'subject': names[i % len(names)]}
        if lesson.moving:
            sp = world.sample(rng, motion=world.resting, **subject)
            if isinstance(world, EmojiWorld):
                sp.s /= WINDOW  # room for the camera
            save_clip(world.render(sp, camera=lesson.name), folder / f'{i:02d}.gif')
        else:
            sp = world.sample(rng, lesson.name, **subject)
            Image.fromarray(world.render(sp, [8])[0]).save(folder / f'{i:02d}.png')
        (folder / f'{i:02d}.txt').write_text(world.full_caption(sp))


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


def taught(a: argparse.Namespace) -> None:
    world = run_world(a.work) if (a.work / 'run.json').exists() else None
    if not isinstance(world, EmojiWorld):
        world = parse_world(WORLDS['narrow'])
    ex = examiner(a, world)
    rows: dict[str, dict[str, float]] = {}
    said = []
    for lesson in lessons(a.styles, a.cameras, a.style_options, a.camera_options):
        path, notes = teach(lesson, world, a.work)
        asked = ex.ask(lesson.name, a.n)
        prompts = [world.full_caption(sp) for sp in asked.specs]
        for way in ways(lesson, path):
            clips = draw(way, prompts, a.work, a.workers)
            rows[way.name], _ = ex.score(clips, asked)
            print(f'{way.name}: {rows[way.name]}', flush=True)
            sheet = path.parent / f'{way.name.replace(" ", "_").replace(",", "")}.png'
            save_grid([list(clip[:: max(1, len(clip) // 8)]) for clip in clips], sheet, prompts)
        rows[f'… real renderings of {lesson.name}'], _ = ex.score(real(world, asked), asked)
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
        table('', rows, ex.columns),
        '',
        accuracy_line(ex),
    ]
    write_section('taught', '\n'.join(lines), a.document, world)
