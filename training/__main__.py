"""Trains, samples, measures and publishes the Mini family: `python -m training COMMAND --help`. See
training/README.md."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
import torch

from .config import (
    ART,
    EMOJI_STYLE_NOTES,
    LCM_STEPS,
    MANTISSA_BITS,
    PRESETS,
    PUBLISHED,
    ROOT,
    SAMPLE_CFG,
    SAMPLE_STEPS,
    WORK,
    WORLDS,
)
from .evaluate.document import DOCUMENT
from .world.palette import CAMERAS, RARE


def train(a: argparse.Namespace) -> None:
    from .stages.base import BaseStage
    from .stages.dreambooth import DreamBoothStage
    from .stages.foreign import ForeignStage
    from .stages.lcm import LcmMotionStage, LcmStage
    from .stages.lora import LoraStage
    from .stages.motion import MotionStage
    from .stages.motion_lora import MotionLoraStage
    from .stages.stage import Context
    from .stages.text import TextStage
    from .stages.vae import VaeStage
    from .trainer import Trainer

    torch.manual_seed(0)
    np.random.seed(0)
    stages = (
        VaeStage,
        TextStage,
        BaseStage,
        ForeignStage,
        MotionStage,
        LoraStage,
        DreamBoothStage,
        MotionLoraStage,
        LcmStage,
        LcmMotionStage,
    )
    Trainer({s.name: s for s in stages}[a.command](Context(a))).run()


def dataset(a: argparse.Namespace) -> None:
    """Stages render what they need by themselves; this does it beforehand, or shows the world on a sheet."""
    from .stages.sets import render_sets
    from .stages.stage import Context
    from .world_sheet import write_sheet

    ctx = Context(a)
    if a.sheet:
        write_sheet(ctx.world, a.sheet)
    render_sets(ctx, {stage: a.clips or ctx.preset.stages[stage].clips for stage in a.set})


def fetch_art(a: argparse.Namespace) -> None:
    from .emoji.art import art

    art(a)


def write_words(a: argparse.Namespace) -> None:
    from .words import export_words

    export_words(a)


def sample(a: argparse.Namespace) -> None:
    from .checkpoints import run_world
    from .config import PROMPTS
    from .device import Clock, pick_device
    from .sampling import Choice, load_sampler, save_clips, sheet

    prompts = a.prompts or PROMPTS[run_world(a.work).widest]
    prompts = [f'{p}, {a.lora} style' for p in prompts] if a.lora and not a.prompts else prompts
    choice = Choice(a.lora or '', a.subject or '', a.camera or '', a.lcm)
    draw, clock = load_sampler(a.work, pick_device(a.device, a.threads), not a.image, choice), Clock()
    clips = draw(
        prompts,
        a.steps or (LCM_STEPS if a.lcm else SAMPLE_STEPS),
        a.cfg,
        a.seed,
        a.negative,
        batch=14 if a.device == 'cuda' or a.image else 2,
    )
    out = a.work / 'sheets' / f'{a.name}.png'
    sheet(clips, prompts, out)
    if not a.image:
        save_clips(clips, prompts, a.work / 'gifs' / a.name)
    print(f'{len(prompts)} prompts in {clock():.1f} s -> {out}')


def measure(a: argparse.Namespace) -> None:
    from .evaluate.report import evaluate

    evaluate(a)


def measure_subjects(a: argparse.Namespace) -> None:
    from .evaluate.recognise import recognise

    recognise(a)


def measure_claim(a: argparse.Namespace) -> None:
    from .evaluate.claim import claim

    claim(a)


def measure_engine(a: argparse.Namespace) -> None:
    from .evaluate.engine import engine

    engine(a)


def draw_sheets(a: argparse.Namespace) -> None:
    from .evaluate.engine import sheets

    sheets(a)


def draw_natural(a: argparse.Namespace) -> None:
    from .evaluate.natural import natural

    natural(a)


def measure_nouns(a: argparse.Namespace) -> None:
    from .evaluate.nouns import nouns

    nouns(a)


def measure_taught(a: argparse.Namespace) -> None:
    from .evaluate.taught import taught

    taught(a)


def publish(a: argparse.Namespace) -> None:
    from .export.publish import export

    export(a)


def take_up(a: argparse.Namespace) -> None:
    from .restore import restore

    restore(a)


def pack_run(a: argparse.Namespace) -> None:
    from .pack import pack

    pack(a)


def unpack_run(a: argparse.Namespace) -> None:
    from .pack import unpack

    unpack(a)


def measure_speed(a: argparse.Namespace) -> None:
    from .probe import probe

    probe(a)


def train_edition(a: argparse.Namespace) -> None:
    from .edition import edition

    edition(a)


def stage_number(text: str) -> tuple[str, int]:
    """'base=32000' -> ('base', 32000)"""
    stage, number = text.split('=')
    return stage, int(number)


def parser() -> argparse.ArgumentParser:
    ap = argparse.ArgumentParser(
        prog='python -m training', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = ap.add_subparsers(dest='command', required=True)
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument('--work', type=Path, default=WORK, help='where everything that training makes lies')
    everywhere.add_argument('--device', default='cpu', choices=['cpu', 'cuda'])
    everywhere.add_argument('--threads', type=int, help='default: OMP_NUM_THREADS, else all cores')
    everywhere.add_argument(
        '--workers', type=int, default=max(1, (os.cpu_count() or 2) - 1), help='rendering processes'
    )

    run = argparse.ArgumentParser(add_help=False)
    run.add_argument('--preset', default='small', choices=list(PRESETS), help='fixed by the first call')
    curriculum = "default: the preset's; a later call may widen it (curriculum)"
    run.add_argument('--world', choices=list(WORLDS), help=curriculum)
    run.add_argument('--clips', type=int, default=0, help='size of the rendered set')
    run.add_argument('--art', type=Path, help=f"the emoji world's artwork (default {ART.relative_to(ROOT)})")

    chunk = argparse.ArgumentParser(add_help=False)
    chunk.add_argument(
        '--minutes', type=float, default=10, help='of training steps in this chunk; rendering and saving come on top'
    )
    chunk.add_argument('--until', type=float, default=0.0, help='seconds since 1970: when steps end at the latest')
    chunk.add_argument('--steps', type=int, default=0, help='at most so many steps in this chunk')
    chunk.add_argument(
        '--finish', action='store_true', help='let the learning rate fall to its end over the last part of this chunk'
    )
    chunk.add_argument('--fall', type=float, default=0.35, help='how large a part of a finishing chunk that is')
    chunk.add_argument('--overwrite', action='store_true', help='start this stage afresh instead of going on')
    chunk.add_argument('--lr', type=float, default=0.0)
    chunk.add_argument('--opt', choices=['adamw', 'muon'], help='default: as configured for the stage')
    chunk.add_argument('--batch', type=int, default=0)
    chunk.add_argument(
        '--compile',
        action='store_true',
        help='torch.compile: a quarter faster on a CPU, after minutes of compilation; watch text_gap, see README',
    )
    chunk.add_argument('--log-every', type=int, default=50)
    chunk.add_argument('--save-minutes', type=float, default=5)
    chunk.add_argument('--no-sheet', dest='sheet', action='store_false')

    judging = argparse.ArgumentParser(add_help=False)
    judging.add_argument(
        '--judge-clips', type=int, default=10000, help='renderings that the judging network is trained on'
    )
    judging.add_argument('--judge-steps', type=int, default=600)
    minutes = argparse.ArgumentParser(add_help=False)
    minutes.add_argument(
        '--judge-minutes', type=float, default=8, help='of training the judge of subjects in the emoji world'
    )
    page = argparse.ArgumentParser(add_help=False)
    page.add_argument('--document', type=Path, default=DOCUMENT, help='the page to write; pictures lie beside it')
    weights = argparse.ArgumentParser(add_help=False)
    weights.add_argument('--mini', type=Path, default=PUBLISHED, help='folder of the family, as `export` writes it')

    draw = argparse.ArgumentParser(add_help=False)
    draw.add_argument('--steps', type=int, default=0, help=f'default {SAMPLE_STEPS}, with --lcm {LCM_STEPS}')
    draw.add_argument('--cfg', type=float, default=SAMPLE_CFG)
    draw.add_argument('--seed', type=int, default=0)
    choose = argparse.ArgumentParser(add_help=False)
    choose.add_argument('--image', action='store_true', help='stills of the base, without the motion module')
    choose.add_argument('--lora', choices=list(EMOJI_STYLE_NOTES))
    choose.add_argument(
        '--subject',
        choices=list(RARE),
        help='the DreamBooth that knows this subject; prompts name it by its rare token',
    )
    choose.add_argument('--camera', choices=CAMERAS, help='with this motion LoRA')
    choose.add_argument('--lcm', action='store_true', help='with the distilled LoRAs, in a few steps without guidance')

    def command(name: str, what: str, run_it, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        p = commands.add_parser(name, help=what, description=what, parents=[everywhere, *parents])
        p.set_defaults(run_it=run_it)
        return p

    p = command('art', "download the emoji world's artwork and names from npm and prepare them", fetch_art)
    p.add_argument('--art', type=Path, default=ART, help='folder for them')
    p.add_argument('--no-loops', dest='loops', action='store_false', help="without the animators' loops (730 MB)")
    p = command('words', 'write the list of what a world knows, and its thumbnails', write_words)
    p.add_argument('--world', choices=list(WORLDS), default='emoji')
    p.add_argument('--subject', choices=list(RARE), help='also the one that this DreamBooth brings')
    p.add_argument('--art', type=Path, default=ART)
    p.add_argument('--out', type=Path, required=True)
    p = command('dataset', 'render training sets beforehand, or a contact sheet of the world', dataset, run)
    p.add_argument(
        '--set',
        nargs='+',
        default=[],
        choices=['vae', 'base', 'motion', 'dreambooth', 'lora', 'motion-lora'],
        help='of these stages',
    )
    p.add_argument('--sheet', type=Path, help='write a PNG: a row per clip, then the styles')
    p = command('vae', 'train the autoencoder', train, run, chunk)
    p.add_argument('--decoder-only', action='store_true', help='sharpen pictures, keep the latents')
    p.add_argument(
        '--as-drawn', action='store_true', help='the same, on latents as the base draws them, so that its errors show less'
    )
    command('text', 'pretrain the text encoder', train, run, chunk)
    p.add_argument('--crisp', action='store_true', help='with --as-drawn: an adversary asks for outlines')
    p = command('base', 'train UNet and text encoder on stills', train, run, chunk)
    p.add_argument(
        '--ways',
        type=float,
        nargs='?',
        const=0.0,
        metavar='SHARE',
        help='half of every batch: what travels, at high noise, where its way is decided; after that share of the chunk',
    )
    command(
        'foreign', 'teach the text encoder alone to read foreign words as subjects, after `base`', train, run, chunk
    )
    p = command('motion', 'train the motion module in the frozen base', train, run, chunk)
    p.add_argument('--words', action='store_true', help="let the base's cross-attention learn motion words along")
    p.add_argument(
        '--ways', action='store_true', help='three steps of four: what travels, at high noise, where its way is decided'
    )
    p.add_argument(
        '--joint', action='store_true', help='ablation: go on with the base unfrozen, in a checkpoint of its own'
    )
    p = command('lora', 'train a style LoRA on stills', train, run, chunk)
    p.add_argument('--style', default='neon', choices=list(EMOJI_STYLE_NOTES))
    p = command('dreambooth', 'teach the base a new subject under a rare token, on stills', train, run, chunk)
    p.add_argument('--subject', default='robot', choices=list(RARE))
    p = command('motion-lora', 'train a camera move on few clips', train, run, chunk)
    p.add_argument('--camera', default='zoom', choices=CAMERAS)
    command('lcm', 'distil the base into a LoRA for a few steps without guidance, on stills', train, run, chunk)
    command('lcm-motion', "the same for the motion module's attention, on clips, after `lcm`", train, run, chunk)
    p = command('sample', 'prompts to GIFs and a contact sheet', sample, draw, choose)
    p.add_argument('--prompts', nargs='*')
    p.add_argument('--negative', default='')
    p.add_argument('--name', default='sample')
    p = command('evaluate', 'measure what clips show of their captions', measure, draw, judging, minutes)
    p.add_argument('--n', type=int, default=48)
    p.add_argument('--image', action='store_true', help='stills of the base, without the motion module')
    p.add_argument('--lora', choices=list(EMOJI_STYLE_NOTES))
    p.add_argument('--world', choices=list(WORLDS), help="prompts from this world (default: the run's)")
    recognised = 'is what Mini draws in the emoji world recognised? by a judge, and without names for the eye'
    p = command('recognise', recognised, measure_subjects, draw, minutes)
    p.add_argument('--n', type=int, default=48, help='subjects, popular ones and as many others')
    p.add_argument('--image', action='store_true', help='stills of the base, without the motion module')
    p.add_argument('--blind', action='store_true', help='also twenty pictures without names, and their key')
    p = command(
        'claim',
        "AnimateDiff's claim in figures, into docs/mini-evaluation.md: base and personalisations with and without the module, ablations",
        measure_claim,
        draw,
        judging,
        minutes,
        page,
    )
    p.add_argument('--n', type=int, default=24, help='prompts a row')
    p.add_argument('--only', help='rows whose name holds one of these words, comma list')
    p = command(
        'engine',
        "held-out prompts through the page's own engine at 8 bits, into docs/mini-evaluation.md",
        measure_engine,
        judging,
        minutes,
        page,
        weights,
    )
    p.add_argument('--n', type=int, default=40)
    p.add_argument('--style-n', type=int, default=12, help='prompts for every style LoRA (0: none)')
    command('sheets', 'thirty of those prompts beside their frames, into docs/', draw_sheets, page, weights)
    p = command('natural', 'sixty prompts as people write them, on one sheet', draw_natural, minutes, page, weights)
    p.add_argument('--n', type=int, default=60, help='the first so many of them')
    p.add_argument('--run', action='store_true', help='drawn from the run by PyTorch, before anything is published')
    p = command(
        'nouns',
        'what the base draws for words outside of its world, into docs/mini-evaluation.md',
        measure_nouns,
        draw,
        judging,
        page,
    )
    p.add_argument('--n', type=int, default=100)
    p = command(
        'taught',
        'what `zoetrope train` learns from a handful of examples, into docs/mini-evaluation.md',
        measure_taught,
        judging,
        minutes,
        page,
    )
    p.add_argument('--n', type=int, default=12, help='prompts a row')
    p.add_argument('--styles', nargs='*', default=['neon'])
    p.add_argument('--cameras', nargs='*', default=['pan'], choices=CAMERAS)
    p.add_argument('--style-options', default='', help='more options of `zoetrope train lora`, in one string')
    p.add_argument('--camera-options', default='--batch 1', help='the same of `zoetrope train motion-lora`')
    p = command('restore', 'begin a run from the published family', take_up, run)
    p.add_argument(
        '--source',
        type=Path,
        default=PUBLISHED,
        help='its folder, or that of an edition under way, which holds what differs',
    )
    p.add_argument(
        '--no-text', dest='text', action='store_false', help='leave the text encoder to a text stage of this run'
    )
    p.add_argument(
        '--apart', type=float, default=1.0, help='move the embeddings of "left" and "right" so many times as far apart'
    )
    p = command('edition', 'all stages after `text` on one GPU, within so many seconds (see gpu.sh)', train_edition)
    p.add_argument('--world', default='wide', choices=list(WORLDS))
    p.add_argument('--seconds', type=float, default=390, help='for everything')
    p.add_argument('--since', type=float, default=0.0, help='when they began, in seconds since 1970 (default: now)')
    p.add_argument('--out', type=Path, required=True, help='for what `pack` writes, and contact sheets')
    p.add_argument('--check', action='store_true', help='every stage for a few steps instead')
    p.add_argument(
        '--clips', type=stage_number, nargs='+', default=[], metavar='STAGE=N', help='sizes of rendered sets'
    )
    p.add_argument('--batch', type=stage_number, nargs='+', default=[], metavar='STAGE=N')
    p = command('pack', 'what a run has trained as a few files of 15 MiB', pack_run)
    p.add_argument('--out', type=Path, required=True)
    p.add_argument('--bytes', action='store_true', help='weights as int8: half the space, 38 dB')
    p.add_argument('--limit', type=float, default=60, help='MiB of all files together')
    p.add_argument('--machine', default='', help='what the run was trained on, for the model card')
    p = command('unpack', 'lay such files out, to go on with here', unpack_run)
    p.add_argument('--source', type=Path, required=True)
    p = command('probe', 'samples a second by batch size', measure_speed, run, chunk)
    p.add_argument('stage', choices=['base', 'motion'])
    p.add_argument('--batches', type=int, nargs='+', required=True)
    p.set_defaults(words=False, joint=False)
    p = command('export', 'write public formats and verify them', publish)
    p.add_argument('--out', type=Path, default=PUBLISHED)
    p.add_argument('--styles', help='LoRAs to publish, comma list (default: all trained)')
    p.add_argument('--mantissa', type=int, default=MANTISSA_BITS, help='bits of fp16 mantissa to keep (10: all)')
    return ap


if __name__ == '__main__':
    options = parser().parse_args()
    options.run_it(options)
