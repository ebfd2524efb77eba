"""`python -m training natural`: sixty prompts as people write them (prompts-natural.txt), through the page's own engine,
on one sheet, none left out. They were written before Mini had drawn any of them, and nothing is tuned to them.

`--run` draws them from the run by PyTorch instead, before there is anything to publish.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from ..checkpoints import run_world, stage_state
from ..config import SAMPLE_CFG, SAMPLE_STEPS
from ..device import pick_device
from ..emoji.subjects import Catalogue
from ..export.files import weights_digest
from ..sampling import Choice, load_sampler
from ..worlds import EmojiWorld
from .document import write_section
from .engine import Drawn, draw
from .judge import shrink
from .subject_judge import SubjectJudge, train_subject_judge

PROMPTS = Path(__file__).resolve().parent.parent / 'prompts-natural.txt'
COLUMNS, STRIP, LINE = 10, 40, 21  # pictures a row; pixels below each for its prompt, characters a line


def named_in(prompt: str, known: Catalogue) -> list[int]:
    """The subjects whose name or everyday word the prompt holds, the longest words first: "race car" is not also a
    car."""
    words = {w: i for i, s in enumerate(known.subjects) for w in (*s.words, s.name)}
    found, rest = [], prompt.lower()
    for w in sorted(words, key=len, reverse=True):
        rest, times = re.subn(rf'\b{re.escape(w)}s?\b', ' ', rest)
        if times and words[w] not in found:
            found.append(words[w])
    return found


@torch.no_grad()
def first_of(judge: SubjectJudge, stills: np.ndarray) -> list[int]:
    """uint8 [N, 128, 128, 3] -> the subject that the judge takes each for."""
    return [int(i) for b in torch.from_numpy(stills).split(64) for i in judge(shrink(b)).argmax(1)]


def write_sheet(stills: np.ndarray, prompts: Sequence[str], taken: Sequence[str], path: Path) -> None:
    """Stills uint8 [N, 128, 128, 3], below each its prompt and, in grey, what the judge takes it for."""
    side = stills.shape[1]
    im = Image.new('RGB', (COLUMNS * side, -(-len(stills) // COLUMNS) * (side + STRIP)), 'white')
    d = ImageDraw.Draw(im)
    for i, (still, prompt, guess) in enumerate(zip(stills, prompts, taken)):
        x, y = i % COLUMNS * side, i // COLUMNS * (side + STRIP)
        im.paste(Image.fromarray(still), (x, y))
        d.text((x + 2, y + side + 1), '\n'.join(textwrap.wrap(prompt, LINE)[:2]), fill='black', spacing=1)
        d.text((x + 2, y + side + 27), guess[:LINE], fill=(130, 130, 130))
    path.parent.mkdir(parents=True, exist_ok=True)
    im.save(path, quality=82, method=6)


def natural(a: argparse.Namespace) -> None:
    world = run_world(a.work)
    if not isinstance(world, EmojiWorld):
        raise SystemExit('these prompts are for the emoji world; this run is in the drawn one: see `nouns`')
    prompts = PROMPTS.read_text().splitlines()[: a.n]
    judge, accuracy = train_subject_judge(a.work, world, a.judge_minutes)
    if a.run:
        video = bool(stage_state(a.work, 'motion'))
        sample = load_sampler(a.work, pick_device(a.device, a.threads), video, Choice())
        clips = sample(prompts, SAMPLE_STEPS, SAMPLE_CFG, 0, batch=2 if video else 16)
        images = stage_state(a.work, 'base')['samples']
        how = f'drawn by PyTorch from a run under way ({images:,} images), {SAMPLE_STEPS} steps'
    else:
        clips = draw(Drawn('natural'), prompts, a.work, a.workers, a.mini)
        how = f'through the engine at 8 bits, seeds 0, 1, 2 …; published weights {weights_digest(a.mini)}'
    stills = np.ascontiguousarray(clips[:, clips.shape[1] // 2])
    first, names = first_of(judge, stills), [s.name for s in world.catalogue.subjects]
    write_sheet(stills, prompts, [names[i] for i in first], a.document.parent / 'mini-natural.webp')
    asked = [named_in(p, world.catalogue) for p in prompts]
    right = [i in wanted for i, wanted in zip(first, asked) if wanted]
    text = (
        f'`python -m training natural`: {len(prompts)} prompts as people write them, written before any training, {how}. '
        f'All of them, each in the middle of its clip; in grey what the judge of subjects takes it for. {len(right)} name '
        f'a subject that Mini knows by this name, and in {sum(right)} of these the judge sees it first (it is right about '
        f'{accuracy["top1"]:.2f} of real renderings). The eye is stricter: look.'
    )
    picture = '![Pictures with their prompts](mini-natural.webp)'
    write_section('natural', f'{text}\n\n{picture}', a.document, world)
