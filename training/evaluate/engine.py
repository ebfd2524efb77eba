"""`python -m training engine`: held-out prompts through the page's own engine at 8 bits, from published weights; and
`sheets` of what it drew.

Every prompt is one call of the command line (`npm run --silent render -- --precision q8 --json`), kept in
WORK/eval/engine by the digest of the weights
that it used, so that an interrupted run goes on and what changed weights concern is drawn anew. `--mini` names the
folder of another family than the published one, as `export --out` writes it.
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
from PIL import Image

from ..checkpoints import run_world
from ..config import EMOJI_STYLE_NOTES, LCM_STEPS, PUBLISHED, ROOT, SAMPLE_CFG, SAMPLE_STEPS
from ..export.files import weights_digest
from ..pictures import save_clip, save_prompt_sheet, tiled
from ..world.palette import FRAMES, SIZE
from .document import write_section
from .examiner import accuracy_line, examiner, real
from .report import table

ROWS_A_SHEET = 15
FRONT = 8  # of them play side by side in the README


@dataclass(frozen=True)
class Drawn:
    """A set of prompts (see Examiner.ask) drawn in one way."""

    name: str
    prompts: str = 'base'
    arguments: tuple[str, ...] = ()
    frames: int = FRAMES


def family(folder: Path) -> tuple[str, ...]:
    """The options that name a family's folder and how it is sampled. The published one needs none."""
    if folder.resolve() == PUBLISHED.resolve():
        return ()
    size = ('--width', str(SIZE), '--height', str(SIZE), '--steps', str(SAMPLE_STEPS), '--cfg', str(SAMPLE_CFG))
    return (
        *('--checkpoint', str(folder), '--motion', str(folder / 'motion_adapter')),
        *(*size, '--sampler', 'ddim_trailing'),
    )


def combined(options: tuple[str, ...]) -> list[str]:
    """The last value of every option counts: the command line refuses an option given twice. LoRAs may be many."""
    pairs = list(zip(options[::2], options[1::2]))
    last = {k: v for k, v in pairs if k not in ('--lora', '--motion-lora')}
    many = [(k, v) for k, v in pairs if k not in last]
    return [part for pair in (*last.items(), *many) for part in pair]


def render_prompt(prompt: str, seed: int, out: Path, arguments: tuple[str, ...]) -> dict:
    """One clip by the command line -> its report; frames as OUT/0000.png ... Kept, if it is already there."""
    report = out / 'report.json'
    if not report.exists():
        options = ['--prompt', prompt, '--seed', str(seed), '--precision', 'q8', '--threads', '1', '--json']
        done = subprocess.run(
            ['npm', 'run', '--silent', 'render', '--', *options, *combined(arguments), '--out', f'{out}/'],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f'the engine refused "{prompt}": {done.stderr.strip()}')
        report.write_text(json.dumps({'prompt': prompt, **json.loads(done.stdout)}, indent=1))
    return json.loads(report.read_text())


def draw(drawn: Drawn, prompts: list[str], work: Path, workers: int = 1, mini: Path = PUBLISHED) -> np.ndarray:
    """-> uint8 [N, F, 128, 128, 3]. So many processes at once, of one thread each."""
    inside = [Path(part) for part in drawn.arguments if part.startswith(f'{shown(mini)}/')]
    digest = weights_digest(mini, loras=[str(Path(ROOT, part).relative_to(mini.resolve())) for part in inside])
    arguments = (*family(mini), *drawn.arguments)

    def clip(i: int) -> np.ndarray:
        name = sha256(json.dumps([prompts[i], i, arguments]).encode()).hexdigest()[:12]
        out = work / 'eval' / 'engine' / digest / name
        render_prompt(prompts[i], i, out, arguments)
        print(f'{drawn.name}: {i + 1}/{len(prompts)} {prompts[i]}', flush=True)
        return np.stack([np.asarray(Image.open(p).convert('RGB')) for p in sorted(out.glob('*.png'))])

    with ThreadPoolExecutor(max(1, workers)) as pool:
        return np.stack(list(pool.map(clip, range(len(prompts)))))


def shown(path: Path) -> str:
    """A path as the command line takes it: from the project's root, where it lies there."""
    path = path.resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def ways(styles: list[str], sets: tuple[str, ...] = (), mini: Path = PUBLISHED) -> list[Drawn]:
    """Mini as it comes, also on other sets of prompts; distilled, if that LoRA is there; every style with and without
    motion."""
    lcm, out = mini / 'loras' / 'lcm.safetensors', [Drawn('Mini'), *(Drawn(f'Mini, {s}', s) for s in sets)]
    if lcm.exists():
        few = ('--lora', shown(lcm), '--sampler', 'lcm', '--steps', str(LCM_STEPS), '--cfg', '1')
        out.append(Drawn(f'Mini, {LCM_STEPS} steps of lcm', arguments=few))
    for s in styles:
        lora = ('--lora', shown(mini / 'loras' / f'{s}.safetensors'))
        out += [Drawn(f'{s} LoRA', s, lora), Drawn(f'{s} LoRA, stills', s, (*lora, '--motion', 'none'), 1)]
    return out


def by_kind(rows: list[dict], kinds: list[tuple[str, ...]], measures: list[str]) -> dict[str, dict[str, float]]:
    """Mean scores by the kinds that each clip belongs to."""
    found: dict[str, list[dict]] = defaultdict(list)
    for r, names in zip(rows, kinds):
        for name in names:
            found[name].append(r)
    return {
        f'{k} ({len(v)})': {c: float(np.mean([r[c] for r in v if c in r])) for c in measures if any(c in r for r in v)}
        for k, v in sorted(found.items())
    }


def missed_of(checks: dict) -> list[str]:
    """What a clip does not show of its caption. A plain prompt asks for no style; who is not first may be among
    five."""
    return [k for k, v in checks.items() if k not in ('prompt', 'style', 'among five') and not v]


def scores_path(work: Path, mini: Path) -> Path:
    return work / 'eval' / 'engine' / weights_digest(mini) / 'scores.json'


def engine(a: argparse.Namespace) -> None:
    ex = examiner(a)
    styles = [s for s in EMOJI_STYLE_NOTES if (a.mini / 'loras' / f'{s}.safetensors').exists() and a.style_n]
    rows: dict[str, dict[str, float]] = {}
    reached, missed, measures = [], [], list(ex.aims['base'])
    for way in ways(styles, ex.sets, a.mini):
        asked = ex.ask(way.prompts, a.style_n if way.prompts in styles else a.n)
        prompts = [ex.world.full_caption(sp) for sp in asked.specs]
        scores, single = ex.score(draw(way, prompts, a.work, a.workers, a.mini), asked)
        measured = way.frames > 1 and (not way.arguments or way.prompts in styles)  # in few steps: only a row
        if measured and (aims := ex.aims.get(way.prompts)):
            of = '' if way.prompts == 'base' else f', {way.prompts}'
            ceiling = ex.score(real(ex.world, asked), asked)[0]
            rows[f'real renderings{of}'] = ceiling
            rows[f'aim{of}'] = {k: v * ceiling[k] for k, v in aims.items() if k in ceiling}
            for k, v in rows[f'aim{of}'].items():
                (reached if scores[k] >= v else missed).append(k if way.prompts == 'base' else f'{k} of {way.prompts}')
        if way.name == 'Mini':
            kinds = by_kind(single, [ex.kinds(sp) for sp in asked.specs], measures)
            worst = sorted(zip(single, prompts), key=lambda r: -len(missed_of(r[0])))[:8]
            record = [{'prompt': p, **{k: bool(v) for k, v in r.items()}} for p, r in zip(prompts, single)]
            path = scores_path(a.work, a.mini)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(record, indent=1))
        rows[way.name] = scores
    lines = [
        f'`python -m training engine`: {a.n} held-out prompts a row ({a.style_n} a style), one call of `npm run --silent render -- --prompt … --precision q8` each, seeds 0, 1, 2 …; published weights {weights_digest(a.mini)}. An aim is a share of what real renderings score.',
        '',
        table('', rows, ex.columns),
        '',
        f'Aims reached: {", ".join(reached) or "none"}; missed: {", ".join(missed) or "none"}.',
        '',
        table('Mini, by kind', kinds, measures),
        '',
        'The eight worst:',
        '',
        *(f'- "{p}": {", ".join(missed_of(r)) or "nothing"} wrong' for r, p in worst),
        '',
        accuracy_line(ex),
    ]
    write_section('engine', '\n'.join(lines), a.document, ex.world)


def sheets(a: argparse.Namespace) -> None:
    """The first thirty of those prompts beside eight of their frames, good and bad, as small PNGs beside the page; and
    the first few as one animation."""
    path = scores_path(a.work, a.mini)
    if not path.exists():
        raise SystemExit('run `python -m training engine` first: the sheets show what it drew')
    record, beside = json.loads(path.read_text())[:30], a.document.parent
    clips = draw(Drawn('Mini'), [r['prompt'] for r in record], a.work, mini=a.mini)
    labels = []
    for r in record:
        missed = missed_of(r)
        labels.append((r['prompt'], f'missed: {", ".join(missed)}' if missed else ''))
    pictures = []
    for k in range(0, len(record), ROWS_A_SHEET):
        out = beside / f'mini-sheet-{k // ROWS_A_SHEET + 1}.png'
        save_prompt_sheet(clips[k : k + ROWS_A_SHEET, ::2], labels[k : k + ROWS_A_SHEET], out)
        pictures.append(f'![Prompts beside eight frames each]({out.name})')
    if len(clips) >= FRONT:
        save_clip(tiled(clips[:FRONT], FRONT // 2), beside / 'mini-clips.webp')
    whole = sum(not missed for _, missed in labels)
    text = f'`python -m training sheets`: the first thirty prompts of the section above, as the engine drew them, none left out. {whole} of {len(labels)} show all that was asked.'
    write_section('sheets', '\n\n'.join([text, *pictures]), a.document, run_world(a.work))
