"""The model card that lies beside the weights, with figures from WORK/eval."""

from __future__ import annotations

import json
from pathlib import Path

from ..checkpoints import run_world, stage_state
from ..config import PRESETS, STYLE_NOTES, VAES
from ..evaluate.report import table
from ..world.palette import SCENES, WALLS


def names(words) -> str:
    return ', '.join(words)


def card(work: Path, preset: str, styles: list[str], sizes: dict[str, int], kept_bits: int) -> str:
    world, p = run_world(work), PRESETS[preset]
    steps = {s: stage_state(work, s) for s in ('vae', 'text', 'base', 'motion', *(f'lora_{s}' for s in styles))}
    seen = {s: v.get('samples', v['step'] * p.stages[s.split('_')[0]].batch) for s, v in steps.items() if v}
    records = [json.loads(f.read_text()) for f in sorted((work / 'eval').glob('*.json'))]
    notes = work / 'notes.md'  # what the counts below cannot say about this run
    total = sum(v for k, v in sizes.items() if k.endswith('.gz'))
    places = [f'plain walls ({names(b for b in world.backgrounds if b in WALLS)})'] + [b for b in world.backgrounds if b in SCENES]
    lines = [
        '---',
        'license: mit',
        'pipeline_tag: text-to-video',
        'library_name: diffusers',
        '---',
        '# Mini',
        '',
        "Zoetrope's own AnimateDiff family: a text-to-image model of 128 × 128 pixels, a motion module for 16 frames and style LoRAs. It is small enough",
        'to be part of a web page and takes the same road through the engine as any Stable Diffusion 1.x model.',
        '',
        '## What Mini knows',
        '',
        f'- Subjects: {names(world.subjects)}.',
        f'- Colours: {names(world.colors)}.',
        f'- Motions: {names(world.motions)}.',
        f'- Backgrounds: {names(places)}.',
        f'- Styles (LoRAs, trained on stills only): ' + '; '.join(f'`{s} style`, {STYLE_NOTES[s]}' for s in styles) + '.',
        '',
        'Write for instance "an orange fish swimming to the right on a blue background". Synonyms (kitten, goldfish, crimson, hopping …) and',
        'other word orders are understood; other words share one embedding and say nothing. One subject at a time.',
        '',
        '## How it was made',
        '',
        f'Everything is drawn by a program (`training/world`), nothing was collected. {VAES[p.vae]["block_out_channels"]} VAE (f8, four unit-variance latent',
        f'channels), CLIP-style text encoder of width 128 with {p.text_layers} layers on CLIP\'s byte-pair tokens, v-prediction, linear betas 0.00085-0.012, DDIM with',
        'trailing steps. Training: ' + ', '.join(f'{k.replace("_", " ")} {v:,} samples' for k, v in seen.items()) + ' on one shared CPU core.',
        'The motion module was trained in the base model and never saw a style. '
        + ("The base's cross-attention learned along for part of that time, so that motion words reach it." if steps['motion'].get('words') else 'The base stayed frozen.'),
        *([notes.read_text().strip()] if notes.exists() else []),
        '',
        f'Weights are fp16 safetensors{f" rounded to {kept_bits} mantissa bits" if kept_bits < 10 else ""}, gzip-compressed (`gunzip -k` gives the',
        f'files that diffusers reads; the tokenizer is CLIP\'s, `openai/clip-vit-large-patch14`). A first visit to the page transfers {total / 1e6:.1f} MB.',
        '',
        '| file | bytes |',
        '| --- | --- |',
        *(f'| `{k}` | {v:,} |' for k, v in sizes.items()),
        '',
        '## How well it works',
        '',
        'Share of fresh prompts whose clip shows what was asked (`python -m training evaluate`): subject, colour and background by a small network',
        'trained on renderings, hue by histogram, motion by the track of the centroid.',
        '',
    ]
    for r in records:
        lines += [table(f'{r["title"]}, {r["steps"]} steps, CFG {r["cfg"]:g}', r['results']), '']
    if records:
        judge = names(f'{k} {v:.2f}' for k, v in records[0]['judge'].items())
        lines += [f"The judging network's own accuracy on held-out renderings: {judge}.", '']
    lines += [
        '## Limits',
        '',
        'Mini draws its own little world and nothing else. Outlines can wobble, eyes and wheels come and go; cats may pass for cars or dogs; left and right are',
        'sometimes exchanged; under the neon LoRA shapes dissolve. It is a demonstration, not a picture source.',
        '',
        'Licence: MIT, like the project.',
    ]
    return '\n'.join(lines) + '\n'
