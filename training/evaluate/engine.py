"""`python -m training engine`: held-out prompts through the page's own engine at 8 bits, from the published weights;
and `sheets` of what it drew.

Every prompt is one call of the command line (`npm run --silent render -- --precision q8 --json`), kept in
WORK/eval/engine by the digest of the weights
that it used, so that an interrupted run goes on and what changed weights concern is drawn anew.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..checkpoints import run_world
from ..config import LCM_STEPS, PUBLISHED, ROOT, STYLE_NOTES
from ..device import pick_device
from ..export.files import weights_digest
from ..pictures import save_clip, save_prompt_sheet, tiled
from ..world.captions import full_caption
from ..world.palette import FRAMES, WALLS
from ..world.render import render
from ..world.spec import Spec
from .document import write_section
from .judge import train_judge
from .report import held_out_specs, score, table

AIMS = {'subject': 0.90, 'color': 0.95, 'background': 0.95, 'motion': 0.85}  # of what real renderings score
COLUMNS = ['subject', 'color', 'hue', 'background', 'style', 'motion', 'frame difference']
ROWS_A_SHEET = 15
FRONT = 8  # of them play side by side in the README


@dataclass(frozen=True)
class Drawn:
    """A set of prompts drawn in one way."""

    name: str
    style: str = 'plain'
    arguments: tuple[str, ...] = ()
    frames: int = FRAMES


def render_prompt(prompt: str, seed: int, out: Path, arguments: tuple[str, ...]) -> dict:
    """One clip by the command line -> its report; frames as OUT/0000.png ... Kept, if it is already there."""
    report = out / 'report.json'
    if not report.exists():
        options = ['--prompt', prompt, '--seed', str(seed), '--precision', 'q8', '--threads', '1', '--json', *arguments]
        done = subprocess.run(
            ['npm', 'run', '--silent', 'render', '--', *options, '--out', f'{out}/'],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f'the engine refused "{prompt}": {done.stderr.strip()}')
        report.write_text(json.dumps({'prompt': prompt, **json.loads(done.stdout)}, indent=1))
    return json.loads(report.read_text())


def draw(drawn: Drawn, prompts: list[str], work: Path, workers: int = 1) -> np.ndarray:
    """-> uint8 [N, F, 128, 128, 3]. So many processes at once, of one thread each."""
    inside = f'{PUBLISHED.relative_to(ROOT)}/'
    digest = weights_digest(loras=[part.removeprefix(inside) for part in drawn.arguments if part.startswith(inside)])

    def clip(i: int) -> np.ndarray:
        name = sha256(json.dumps([prompts[i], i, drawn.arguments]).encode()).hexdigest()[:12]
        out = work / 'eval' / 'engine' / digest / name
        render_prompt(prompts[i], i, out, drawn.arguments)
        print(f'{drawn.name}: {i + 1}/{len(prompts)} {prompts[i]}', flush=True)
        return np.stack([np.asarray(Image.open(p).convert('RGB')) for p in sorted(out.glob('*.png'))])

    with ThreadPoolExecutor(max(1, workers)) as pool:
        return np.stack(list(pool.map(clip, range(len(prompts)))))


def ways(styles: list[str]) -> list[Drawn]:
    """Mini as it comes, distilled if that LoRA is published, and every style with and without motion."""
    lcm, out = PUBLISHED / 'loras' / 'lcm.safetensors', [Drawn('Mini')]
    if lcm.exists():
        out.append(
            Drawn(
                f'Mini, {LCM_STEPS} steps of lcm',
                arguments=(
                    '--lora',
                    str(lcm.relative_to(ROOT)),
                    '--sampler',
                    'lcm',
                    '--steps',
                    str(LCM_STEPS),
                    '--cfg',
                    '1',
                ),
            )
        )
    for s in styles:
        lora = ('--lora', f'public/models/mini/loras/{s}.safetensors')
        out += [Drawn(f'{s} LoRA', s, lora), Drawn(f'{s} LoRA, stills', s, (*lora, '--motion', 'none'), 1)]
    return out


def by_kind(rows: list[dict], specs: list[Spec]) -> dict[str, dict[str, float]]:
    """Mean scores by subject, by motion and by sort of background."""
    kinds: dict[str, list[dict]] = defaultdict(list)
    for r, sp in zip(rows, specs):
        for kind in (sp.subject, f'motion: {sp.motion}', 'on a plain wall' if sp.background in WALLS else 'in a scene'):
            kinds[kind].append(r)
    return {
        f'{k} ({len(v)})': {c: float(np.mean([r[c] for r in v if c in r])) for c in AIMS if any(c in r for r in v)}
        for k, v in sorted(kinds.items())
    }


def missed_of(checks: dict) -> list[str]:
    """What a clip does not show of its caption. A plain prompt asks for no style."""
    return [k for k, v in checks.items() if k not in ('prompt', 'style') and not v]


def engine(a: argparse.Namespace) -> None:
    device, world = pick_device(a.device, a.threads), run_world(a.work)
    judge, accuracy = train_judge(a.work, world, device, a.workers, a.judge_clips, a.judge_steps)
    styles = [s for s in STYLE_NOTES if (PUBLISHED / 'loras' / f'{s}.safetensors').exists() and a.style_n]
    table_rows: dict[str, dict[str, float]] = {}
    for way in ways(styles):
        specs = held_out_specs(a.n if way.style == 'plain' else a.style_n, world, way.style)
        prompts = [full_caption(sp) for sp in specs]
        clips = draw(way, prompts, a.work, a.workers)
        scores, rows = score(clips, specs, judge, device, way.style)
        if way.name == 'Mini':
            real = np.stack([render(sp) for sp in specs])
            table_rows['real renderings'], _ = score(real, specs, judge, device, 'plain')
            kinds, worst = by_kind(rows, specs), sorted(zip(rows, prompts), key=lambda r: -len(missed_of(r[0])))[:8]
            record = [{'prompt': p, **{k: bool(v) for k, v in r.items()}} for p, r in zip(prompts, rows)]
            path = a.work / 'eval' / 'engine' / weights_digest() / 'scores.json'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(record, indent=1))
            table_rows['aim'] = {k: v * table_rows['real renderings'][k] for k, v in AIMS.items()}
        table_rows[way.name] = scores
    reached = [k for k, v in table_rows['aim'].items() if table_rows['Mini'][k] >= v]
    lines = [
        f'`python -m training engine`: {a.n} held-out prompts ({a.style_n} a style), one call of `npm run --silent render -- --prompt … --precision q8` each, seeds 0, 1, 2 …; published weights {weights_digest()}.',
        '',
        table('', {n: {k: r[k] for k in COLUMNS if k in r} for n, r in table_rows.items()}, COLUMNS),
        '',
        f'Aims reached: {", ".join(reached) or "none"}; missed: {", ".join(k for k in AIMS if k not in reached) or "none"}.',
        '',
        table('Mini, by kind', kinds, list(AIMS)),
        '',
        'The eight worst:',
        '',
        *(f'- "{p}": {", ".join(missed_of(r)) or "nothing"} wrong' for r, p in worst),
        '',
        f"The judging network's own accuracy on held-out renderings: {', '.join(f'{k} {v:.2f}' for k, v in accuracy.items())}.",
    ]
    write_section('engine', '\n'.join(lines))


def sheets(a: argparse.Namespace) -> None:
    """The first thirty of those prompts beside eight of their frames, good and bad, as small PNGs in docs/; and the
    first few as one animation."""
    path = a.work / 'eval' / 'engine' / weights_digest() / 'scores.json'
    if not path.exists():
        raise SystemExit('run `python -m training engine` first: the sheets show what it drew')
    record = json.loads(path.read_text())[:30]
    clips = draw(Drawn('Mini'), [r['prompt'] for r in record], a.work)
    labels = []
    for r in record:
        missed = missed_of(r)
        labels.append((r['prompt'], f'missed: {", ".join(missed)}' if missed else ''))
    pictures = []
    for k in range(0, len(record), ROWS_A_SHEET):
        out = ROOT / 'docs' / f'mini-sheet-{k // ROWS_A_SHEET + 1}.png'
        save_prompt_sheet(clips[k : k + ROWS_A_SHEET, ::2], labels[k : k + ROWS_A_SHEET], out)
        pictures.append(f'![Prompts beside eight frames each]({out.name})')
    save_clip(tiled(clips[:FRONT], FRONT // 2), ROOT / 'docs' / 'mini-clips.webp')
    whole = sum(not missed for _, missed in labels)
    text = f'`python -m training sheets`: the first thirty prompts of the section above, as the engine drew them, none left out. {whole} of {len(labels)} show all that was asked.'
    write_section('sheets', '\n\n'.join([text, *pictures]))
