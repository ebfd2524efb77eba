"""`python -m training evaluate`: samples held-out prompts and writes WORK/eval/NAME.json, NAME.md and a contact sheet.
What is measured depends on the run's world (drawn.py, emoji/examiner.py)."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ..checkpoints import stage_state
from ..config import SAMPLE_STEPS, WORLDS
from ..device import pick_device
from ..sampling import Choice, load_sampler, sheet
from ..worlds import parse_world
from .examiner import accuracy_line, examiner, others, real


def table(title: str, rows: dict[str, dict[str, float]], order: list[str] | None = None) -> str:
    """A Markdown table of the measures that any row has, in the given order or as they come."""
    found = list(dict.fromkeys(k for r in rows.values() for k in r))
    keys = [k for k in order if k in found] if order else found
    lines = [f'| {title} | ' + ' | '.join(keys) + ' |', '| --- ' * (len(keys) + 1) + '|']
    return '\n'.join(
        lines
        + [f'| {n} | ' + ' | '.join(f'{r[k]:.2f}' if k in r else '' for k in keys) + ' |' for n, r in rows.items()]
    )


def evaluate(a: argparse.Namespace) -> None:
    device, steps = pick_device(a.device, a.threads), a.steps or SAMPLE_STEPS
    ex = examiner(a, parse_world(WORLDS[a.world]) if a.world else None)
    asked = ex.ask(a.lora or 'base', a.n)
    prompts = [ex.world.full_caption(sp) for sp in asked.specs]
    sample = load_sampler(a.work, device, not a.image, Choice(a.lora or ''))
    clips = sample(prompts, steps, a.cfg, a.seed, batch=16 if a.device == 'cuda' or a.image else 2)
    model, single = ex.score(clips, asked)
    results = {
        'real renderings': ex.score(real(ex.world, asked, [8] if a.image else None), asked)[0],
        'Mini': model,
        'shuffled captions': ex.score(clips[others(a.n)], asked)[0],
    }
    name = ('stills' if a.image else 'clips') + (f'_{a.lora}' if a.lora else '') + (f'_{a.world}' if a.world else '')
    title = (
        f'{a.n} {"stills" if a.image else "clips"}'
        + (f', {a.lora} LoRA' if a.lora else '')
        + (f', {a.world} world' if a.world else '')
    )
    text = f'{table(title, results, ex.columns)}\n\n{accuracy_line(ex)}\n'
    out: Path = a.work / 'eval'
    out.mkdir(parents=True, exist_ok=True)
    reached = {s: stage_state(a.work, s).get('step') for s in ('vae', 'text', 'base', 'motion')}
    each = [{'prompt': p, **r} for p, r in zip(prompts, single)]
    record = {
        'title': title,
        'n': a.n,
        'cfg': a.cfg,
        'steps': steps,
        'trained': reached,
        'judge': ex.accuracy,
        'results': results,
        'clips': each,
    }
    (out / f'{name}.json').write_text(json.dumps(record, indent=1, default=bool))
    (out / f'{name}.md').write_text(text)
    sheet(clips[:28], prompts[:28], a.work / 'sheets' / f'eval_{name}.png')
    print(text)
