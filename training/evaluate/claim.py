"""`python -m training claim`: AnimateDiff's claim on models that anyone can retrain. The base and every
personalisation, with and without the motion module.

Each row is measured once and kept in WORK/eval/claim until a checkpoint it depends on, a judge, or --n or
--steps changes: an interrupted run goes on.
Writes its section of the page (docs/mini-evaluation.md), and a contact sheet a row in WORK/sheets.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import torch

from ..checkpoints import run_config, stage_state, trained
from ..config import LCM_STEPS, SAMPLE_STEPS, STRENGTH
from ..device import pick_device
from ..sampling import Choice, load_sampler, sheet
from ..world.palette import FRAMES
from .document import write_section
from .examiner import Examiner, accuracy_line, examiner, others, real
from .report import table


@dataclass(frozen=True)
class Row:
    """One model and the prompts it is measured on."""

    name: str
    choice: Choice = Choice()
    frames: str = (
        'clips'  # 'stills': the model without the module; 'apart': 16 frames of noise of their own, without the module
    )
    prompts: str = 'base'  # see Examiner.ask

    @property
    def stages(self) -> list[str]:
        """What has to be trained for this row."""
        c = self.choice
        parts = (
            [f'lora_{c.style}'] * bool(c.style)
            + [f'dreambooth_{c.subject}'] * bool(c.subject)
            + [f'motion-lora_{c.camera}'] * bool(c.camera)
        )
        return ['base', 'motion', *parts, *['lcm'] * c.lcm, *['motion-joint'] * bool(c.joint)]


def rows_for(
    styles: list[str], subjects: list[str], cameras: list[str], lcm: bool, joint: bool, sets: tuple[str, ...] = ()
) -> list[Row]:
    """`sets`: of prompts for the base, beside its usual ones."""
    rows = [Row('base'), Row('base, no module', frames='stills'), *(Row(f'base, {s}', prompts=s) for s in sets)]
    for s in styles:
        rows += [
            Row(f'{s} LoRA', Choice(style=s), prompts=s),
            Row(f'{s} LoRA, no module', Choice(style=s), 'stills', s),
        ]
    for s in subjects:
        rows += [
            Row(f'DreamBooth {s}', Choice(subject=s), prompts=s),
            Row(f'DreamBooth {s}, no module', Choice(subject=s), 'stills', s),
            Row(f'base, prompts of {s}', prompts=s),
        ]
    for c in cameras:
        rows += [Row(f'motion LoRA {c}', Choice(camera=c), prompts=c), Row(f'base, prompts of {c}', prompts=c)]
    if lcm:
        rows += [Row(f'distilled, {LCM_STEPS} steps', Choice(lcm=True))]
    rows += [Row('ablation: frames drawn apart', frames='apart')]
    if joint:
        rows += [
            Row('ablation: trained jointly', Choice(joint='both')),
            Row('ablation: joint module, base as it was', Choice(joint='module')),
        ]
        rows += [
            Row(f'ablation: joint module, {s} LoRA', Choice(style=s, joint='module'), prompts=s) for s in styles[:1]
        ]
    return rows


def draw(row: Row, prompts: list[str], a: argparse.Namespace, device: torch.device) -> np.ndarray:
    sample = load_sampler(a.work, device, row.frames == 'clips', row.choice)
    steps = LCM_STEPS if row.choice.lcm else a.steps or SAMPLE_STEPS
    if row.frames == 'apart':
        asked = [p for p in prompts for _ in range(FRAMES)]
        return sample(asked, steps, a.cfg, a.seed, batch=16).reshape(len(prompts), FRAMES, 128, 128, 3)
    return sample(prompts, steps, a.cfg, a.seed, batch=16 if row.frames == 'stills' or a.device == 'cuda' else 2)


def measure(row: Row, a: argparse.Namespace, ex: Examiner, device: torch.device) -> dict[str, dict[str, float]]:
    """Scores of real renderings, the model and shuffled captions, from the cache if nothing changed."""
    state = {s: {k: stage_state(a.work, s).get(k) for k in ('step', 'samples')} for s in row.stages}
    strengths = {s: STRENGTH[s] for s in row.stages if s in STRENGTH}
    world = ex.world.to_args()
    drawn = [repr(row), a.n, a.steps, a.cfg, a.seed, world, state, *([strengths] if strengths else [])]
    key = json.dumps([*drawn, ex.accuracy])
    path = a.work / 'eval' / 'claim' / f'{sha256(key.encode()).hexdigest()[:16]}.json'
    if path.exists():
        return json.loads(path.read_text())['scores']
    asked = ex.ask(row.prompts, a.n)
    prompts = [ex.world.full_caption(sp) for sp in asked.specs]
    clips = draw(row, prompts, a, device)
    scores = {
        'real renderings': ex.score(real(ex.world, asked, [8] if row.frames == 'stills' else None), asked)[0],
        row.name: ex.score(clips, asked)[0],
        'shuffled captions': ex.score(clips[others(a.n)], asked)[0],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({'key': key, 'scores': scores}, indent=1))
    sheet(
        clips[:14],
        prompts[:14],
        a.work / 'sheets' / f'claim_{row.name.replace(" ", "_").replace(",", "").replace(":", "")}.png',
    )
    return scores


def claim(a: argparse.Namespace) -> None:
    device, ex = pick_device(a.device, a.threads), examiner(a)
    lists = [trained(a.work, kind) for kind in ('lora', 'dreambooth', 'motion-lora')]
    rows = rows_for(*lists, bool(stage_state(a.work, 'lcm')), bool(stage_state(a.work, 'motion-joint')), ex.sets)
    rows = [r for r in rows if not a.only or any(word in r.name for word in a.only.split(','))]
    out: dict[str, dict[str, float]] = {}
    for row in rows:
        scores = measure(row, a, ex, device)
        print(f'{row.name}: {scores[row.name]}', flush=True)
        if row.name == 'base':
            out['real renderings'] = scores['real renderings']
        out[row.name] = scores[row.name]
        if row.name == 'base':
            out['shuffled captions'] = scores['shuffled captions']
        elif row.frames == 'clips' and row.prompts in ex.sets:
            out[f'… real renderings, {row.prompts}'] = scores['real renderings']
            out[f'… shuffled captions, {row.prompts}'] = scores['shuffled captions']
        elif row.frames == 'clips' and row.prompts != 'base' and not row.choice.joint and row.choice != Choice():
            out[f'… real renderings of {row.prompts}'] = scores['real renderings']
    joint, motion = stage_state(a.work, 'motion-joint'), stage_state(a.work, 'motion')
    notes = [
        f'`python -m training claim`: {a.n} prompts a row, {a.steps or SAMPLE_STEPS} steps, CFG {a.cfg:g} (drawn by PyTorch, before any rounding of weights).',
        f'The module saw {motion.get("samples", 0):,} clips of the base and none of a personalisation. Shares of 1; frame difference: mean change of a pixel (0-255) to the next frame.',
    ]
    if origin := run_config(a.work).get('restored'):
        notes.append(
            f"Base and module went on from published weights {origin}, an earlier edition, in which the base's cross-attention once learned along with the module; since then each has learned without the other."
        )
    if joint:
        notes.append(
            f'The jointly trained pair went on from base and module for {joint["samples"]:,} clips with everything unfrozen.'
        )
    text = [*notes, '', table('', out, ex.columns), '', accuracy_line(ex)]
    write_section('claim', '\n'.join(text), a.document, ex.world)
