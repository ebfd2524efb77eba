"""The model card that lies beside the weights, with figures from WORK/eval."""

from __future__ import annotations

import json
from pathlib import Path

from ..checkpoints import run_config, run_world, stage_state, trained
from ..config import CAMERA_NOTES, EMOJI_STYLE_NOTES, LCM_STEPS, PRESETS, SAMPLE_CFG, SUBJECT_NOTES, VAES
from ..evaluate.report import table
from ..emoji import palette as emoji
from ..world.palette import RARE, SCENES, WALLS
from ..worlds import DrawnWorld, EmojiWorld, World


def names(words) -> str:
    return ', '.join(words)


def known_drawn(world: DrawnWorld) -> list[str]:
    places = [f'plain walls ({names(b for b in world.backgrounds if b in WALLS)})'] + [
        b for b in world.backgrounds if b in SCENES
    ]
    return [
        f'- Subjects: {names(world.subjects)}.',
        f'- Colours: {names(world.colors)}.',
        f'- Motions: {names(world.motions)}.',
        f'- Backgrounds: {names(places)}.',
    ]


def known_emoji(world: EmojiWorld) -> list[str]:
    often = [s.name for s in world.catalogue.subjects if s.popular]
    moving = sum(s.loop is not None for s in world.catalogue.subjects)
    return [
        f'- Subjects: {len(world.subjects)} things, in `words.json` with their other names. '
        f'Trained most: {names(often)}.',
        f'- Motions: what the animators of {moving} subjects let them do, and on request {names(emoji.MOTIONS[1:])}.',
        f'- Backgrounds: plain walls ({names(emoji.WALLS)}), two of these colours, {names(emoji.SCENES)}.',
    ]


def made_of(world: World) -> str:
    if isinstance(world, DrawnWorld):
        return 'Everything is drawn by a program (`training/world`), nothing was collected.'
    return (
        'Learned from Fluent Emoji 3D and Fluent animated emoji (Copyright (c) Microsoft Corporation, MIT licence; npm '
        '`@lobehub/fluent-emoji-3d`, `@lobehub/fluent-emoji-anim-1` to `-4`), named by `emojibase-data` (Miles Johnson, '
        'MIT licence), before walls and scenes that a program draws (`training/emoji`).'
    )


def write_for_instance(world: World) -> list[str]:
    if isinstance(world, DrawnWorld):
        return [
            'Write for instance "an orange fish swimming to the right on a blue background". Synonyms (kitten, goldfish, crimson, hopping …) and',
            'other word orders are understood; any other word is read as one of the subjects. One subject at a time.',
        ]
    return [
        'Write for instance "a dog in the snow" or "a butterfly moving to the left on a pink background".',
        'Everyday names and plurals are understood; one or two subjects at a time.',
    ]


def limits(world: World) -> list[str]:
    if isinstance(world, DrawnWorld):
        return [
            'Mini draws its own little world and nothing else. Outlines can wobble, eyes and wheels come and go; legs and tails of what travels smear; now and then a frame',
            'shows a second subject while one bounces; cats and fish lose their shape under chalk and neon. It is a demonstration, not a picture source.',
        ]
    return [
        'Mini draws the things it knows and nothing else. Fine outlines melt, and rarely asked things are drawn worse.',
        'It is a demonstration, not a picture source.',
    ]


def card(work: Path, preset: str, styles: list[str], sizes: dict[str, int], kept_bits: int) -> str:
    world, p = run_world(work), PRESETS[preset]
    cameras, subjects, fast = trained(work, 'motion-lora'), trained(work, 'dreambooth'), stage_state(work, 'lcm')
    personal = [
        *(f'lora_{s}' for s in styles),
        *(f'motion-lora_{c}' for c in cameras),
        *(f'dreambooth_{s}' for s in subjects),
        'lcm',
        'lcm-motion',
    ]
    steps = {s: stage_state(work, s) for s in ('vae', 'text', 'base', 'foreign', 'motion', *personal)}
    seen = {s: v.get('samples', v['step'] * p.stages[s.split('_')[0]].batch) for s, v in steps.items() if v}
    every = [json.loads(f.read_text()) for f in sorted((work / 'eval').glob('*.json'))]
    records = [r for r in every if 'title' in r]  # of `evaluate`; `recognise` keeps its own there
    notes = work / 'notes.md'  # what the counts below cannot say about this run
    total = sum(v for k, v in sizes.items() if k.endswith('.gz'))
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
        *(known_drawn(world) if isinstance(world, DrawnWorld) else known_emoji(world)),
        '- Styles (LoRAs, trained on stills only): '
        + '; '.join(f'`{s} style`, {EMOJI_STYLE_NOTES[s]}' for s in styles)
        + '.',
        *(
            f'- Camera moves (motion LoRAs, `motion-loras/{c}.safetensors`, from {stage_state(work, f"motion-lora_{c}")["clips"]} clips): {CAMERA_NOTES[c]}.'
            for c in cameras
        ),
        *(
            f'- A new subject (a DreamBooth checkpoint of its own, `../mini-{s}`): {SUBJECT_NOTES[s]}.'
            for s in subjects
        ),
        *(
            [
                f'- In a hurry: `loras/lcm.safetensors`, {LCM_STEPS} steps of the lcm sampler at CFG 1; {fast["guidance"]:g}-fold guidance is distilled in.'
            ]
            if fast
            else []
        ),
        '',
        *write_for_instance(world),
        '',
        '## How it was made',
        '',
        f'{made_of(world)} {VAES[p.vae]["block_out_channels"]} VAE (f8, four unit-variance latent',
        f"channels), CLIP-style text encoder of width 128 with {p.text_layers} layers on CLIP's byte-pair tokens, v-prediction, linear betas 0.00085-0.012, DDIM with",
        'trailing steps. Training of this edition: '
        + ', '.join(f'{k.replace("_", " ")} {v:,} samples' for k, v in seen.items() if v)
        + f' on {run_config(work).get("machine", "one shared CPU core")}.',
        'The motion module was trained in the base model and never saw a style. '
        + (
            "The base's cross-attention learned along for part of that time, so that motion words reach it."
            if steps['motion'].get('words')
            else 'The base stayed frozen in this edition.'
        ),
        *([notes.read_text().strip()] if notes.exists() else []),
        '',
        f'Weights are fp16 safetensors{f" rounded to {kept_bits} mantissa bits" if kept_bits < 10 else ""}, gzip-compressed (`gunzip -k` gives the',
        f"files that diffusers reads; the tokenizer is CLIP's, `openai/clip-vit-large-patch14`). A first visit to the page transfers {total / 1e6:.1f} MB.",
        '',
        '| file | bytes |',
        '| --- | --- |',
        *(f'| `{k}` | {v:,} |' for k, v in sizes.items()),
        '',
        '## How well it works',
        '',
        'Measured through the engine of the page and otherwise, with and without each personalisation, in `docs/mini-evaluation.md` of the project.',
        '',
    ]
    if records:
        lines += [
            'Share of fresh prompts whose clip shows what was asked (`python -m training evaluate`), by small networks trained on renderings',
            'and by the tracks of what moves.',
            '',
        ]
    for r in records:
        lines += [table(f'{r["title"]}, {r["steps"]} steps, CFG {r["cfg"]:g}', r['results']), '']
    if records:
        judge = names(f'{k} {v:.2f}' for k, v in records[0]['judge'].items())
        lines += [f"The judges' own figures on held-out renderings: {judge}.", '']
    lines += [
        '## Limits',
        '',
        *limits(world),
        '',
        'Licence: MIT, like the project.',
    ]
    return '\n'.join(lines) + '\n'


def subject_card(subject: str, state: dict, sizes: dict[str, int], world: World) -> str:
    """What lies beside a DreamBooth's weights."""
    token = RARE[subject]
    called = f'a blue {token} {subject}' if isinstance(world, DrawnWorld) else f'a {token} {subject}'
    lines = [
        '---',
        'license: mit',
        'pipeline_tag: text-to-image',
        'library_name: diffusers',
        '---',
        f'# Mini with a {subject}',
        '',
        f'[Mini](../mini/README.md) after DreamBooth: it also draws {SUBJECT_NOTES[subject]}. Write for instance "{called} moving to the left on a red background".',
        f'Trained on {state["images"]} stills of the {subject} and, for prior preservation, stills that Mini drew before ({state["samples"]:,} images seen in all).',
        "It has never seen a clip; Mini's motion module animates it.",
        '',
        '    npm run --silent render -- --checkpoint public/models/mini-'
        + subject
        + ' --motion public/models/mini/motion_adapter \\',
        f'      --width 128 --height 128 --cfg {SAMPLE_CFG:g} --sampler ddim_trailing --prompt "{called} bouncing on a red background" --out {subject}.gif',
        '',
        '| file | bytes |',
        '| --- | --- |',
        *(f'| `{k}` | {v:,} |' for k, v in sizes.items()),
        '',
        'Licence: MIT, like the project.',
    ]
    return '\n'.join(lines) + '\n'
