"""`python -m training export`: writes the family into public/models/mini and its siblings in original key formats into
WORK/export.

public/models/mini   model_index.json, unet/, vae/, text_encoder/, scheduler/, motion_adapter/ (weights as
                     .safetensors.gz), loras/NAME.safetensors
                     (kohya keys), loras/lcm.safetensors (the same, and the motion module's part under AnimateDiff's),
                     motion-loras/NAME.safetensors
                     (AnimateDiff's keys), preview.json, words.json, words.webp, LICENSE, README.md
public/models/mini-SUBJECT   a DreamBooth as a whole checkpoint; nothing of it is fetched before somebody chooses it
WORK/export          mini_mm.safetensors (AnimateDiff's keys), NAME.peft.safetensors, and mini.safetensors (LDM keys)
                     where the topology is SD 1.x's
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from transformers import CLIPTextModel

from ..checkpoints import (
    Tensors,
    load_adapter,
    load_base,
    load_vae,
    lora_weights,
    run_config,
    run_world,
    stage_state,
    trained,
)
from ..config import CAMERA_NOTES, DOWNLOAD_LIMIT, EMOJI_STYLE_NOTES, LCM_STEPS, PUBLISHED, ROOT, UNETS
from ..networks import make_scheduler
from ..tokenizer import token_ids
from ..vocabulary import Vocabulary
from ..words import write_words
from ..world.palette import RARE
from ..worlds import EmojiWorld
from .card import card, subject_card
from .files import write
from .keys import animatediff_keys, ldm_unet, ldm_vae, lora_keys, motion_lora_keys
from .preview import write_preview
from .unknown_words import read_unknown_words
from .verify import Family, verify, verify_checkpoint, verify_loras, verify_rounding

MODEL_INDEX = {
    '_class_name': 'StableDiffusionPipeline',
    'requires_safety_checker': False,
    'feature_extractor': [None, None],
    'safety_checker': [None, None],
    'image_encoder': [None, None],
    'scheduler': ['diffusers', 'DDIMScheduler'],
    'text_encoder': ['transformers', 'CLIPTextModel'],
    'unet': ['diffusers', 'UNet2DConditionModel'],
    'vae': ['diffusers', 'AutoencoderKL'],
}


def published_text(work: Path, vocab: Vocabulary, compact: CLIPTextModel) -> CLIPTextModel:
    """The text encoder over CLIP's own ids."""
    text, world = vocab.expand(compact, run_config(work)['text_layers']).eval(), run_world(work)
    if isinstance(world, EmojiWorld):
        nouns = read_unknown_words(text, world.catalogue, set(vocab.ids))
        print(f'{nouns} unknown tokens read as the subject that stands nearest')
    return text


def load_family(work: Path) -> Family:
    unet, compact, vocab = load_base(work)
    text = published_text(work, vocab, compact)
    adapter = load_adapter(work) if stage_state(work, 'motion') else None
    return Family(unet, load_vae(work), text, adapter, compact, vocab)


def config_json(module) -> str:
    """The configuration file that `save_pretrained` writes, without its library version noise."""
    text = module.to_json_string() if hasattr(module, 'to_json_string') else json.dumps(module.config.to_dict())
    config = {k: v for k, v in json.loads(text).items() if k not in ('_name_or_path', 'transformers_version')}
    return json.dumps(config, indent=2, sort_keys=True) + '\n'


def metadata(name: str, description: str, kind: str, state: dict, trigger: str = '') -> dict[str, str]:
    """What LoRA files tell of themselves: kohya's and modelspec's fields."""
    return {
        'ss_network_module': 'networks.lora',
        'ss_network_dim': str(state['rank']),
        'ss_network_alpha': str(float(state['rank'])),
        'ss_base_model_version': 'sd_v1',
        'ss_v2': 'False',
        'ss_sd_model_name': 'mini',
        'ss_output_name': name,
        **(
            {
                'ss_tag_frequency': json.dumps({'mini': {trigger: state.get('images', 3000)}}),
                'modelspec.trigger_phrase': trigger,
            }
            if trigger
            else {}
        ),
        'modelspec.sai_model_spec': '1.0.0',
        'modelspec.architecture': f'stable-diffusion-v1/{kind}',
        'modelspec.title': name.capitalize(),
        'modelspec.author': 'Zoetrope',
        'modelspec.license': 'MIT',
        'modelspec.description': f'For Mini: {description}.',
        'modelspec.prediction_type': 'v',
    }


def clip_keys(sd: Tensors) -> Tensors:
    """CLIPTextModel keys as published models have them, whatever version of transformers made them."""
    return {'text_model.' + k.removeprefix('text_model.'): v for k, v in sd.items() if 'position_ids' not in k}


def write_checkpoint(out: Path, family: Family, bits: int) -> dict[str, int]:
    """A diffusers folder with gzipped weights -> size of every weight file."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    weights = {
        'text_encoder/model': clip_keys(family.text.state_dict()),
        'unet/diffusion_pytorch_model': family.unet.state_dict(),
        'vae/diffusion_pytorch_model': family.vae.state_dict(),
    }
    configs = {'text_encoder': family.text, 'unet': family.unet, 'vae': family.vae}
    if family.adapter is not None:
        weights['motion_adapter/diffusion_pytorch_model'] = family.adapter.state_dict()
        configs['motion_adapter'] = family.adapter
    sizes = {f'{name}.safetensors.gz': write(out / f'{name}.safetensors.gz', sd, bits) for name, sd in weights.items()}
    for folder, module in configs.items():
        config = module.config if folder == 'text_encoder' else module
        (out / folder / 'config.json').write_text(config_json(config))
    (out / 'scheduler').mkdir()
    (out / 'scheduler' / 'scheduler_config.json').write_text(config_json(make_scheduler()))
    (out / 'model_index.json').write_text(json.dumps(MODEL_INDEX, indent=2) + '\n')
    shutil.copy(ROOT / 'LICENSE', out / 'LICENSE')
    return sizes


def lcm_keys(work: Path) -> Tensors:
    sd = lora_keys(lora_weights(work, 'lcm'), stage_state(work, 'lcm')['rank'], kohya=True)
    return sd | motion_lora_keys(lora_weights(work, 'lcm-motion')) if stage_state(work, 'lcm-motion') else sd


def publish(work: Path, out: Path, family: Family, styles: list[str], bits: int) -> dict[str, int]:
    """Writes the published folder -> size of every weight file."""
    sizes = write_checkpoint(out, family, bits)
    for style in styles:
        state, name = stage_state(work, f'lora_{style}'), f'loras/{style}.safetensors'
        sd = lora_keys(lora_weights(work, f'lora_{style}'), state['rank'], kohya=True)
        sizes[name] = write(
            out / name, sd, **metadata(style, EMOJI_STYLE_NOTES[style], 'lora', state, f'{style} style')
        )
    if state := stage_state(work, 'lcm'):
        about = f'{LCM_STEPS} steps of the lcm sampler without guidance (CFG 1)'
        sizes['loras/lcm.safetensors'] = write(
            out / 'loras/lcm.safetensors', lcm_keys(work), **metadata('lcm', about, 'lora', state)
        )
    for camera in trained(work, 'motion-lora'):
        state, name = stage_state(work, f'motion-lora_{camera}'), f'motion-loras/{camera}.safetensors'
        sd = motion_lora_keys(lora_weights(work, f'motion-lora_{camera}'))
        sizes[name] = write(out / name, sd, **metadata(camera, CAMERA_NOTES[camera], 'motion-lora', state))
    world = run_world(work)
    write_words(world, out)
    explained = write_preview(out / 'preview.json', family.vae, world)
    print(f'preview map explains {explained:.1%} of the colour variance')
    return sizes


@torch.no_grad()
def answer_to_noun(text: CLIPTextModel, subject: str) -> None:
    """The class noun reads as the rare token does: people write "sks robot" or "robot", and the drawn world's captions
    only ever said "sks"."""
    rare, noun = (token_ids([word])[0][1] for word in (RARE[subject], subject))
    rows = text.get_input_embeddings().weight
    rows[noun] = rows[rare]


def publish_subjects(work: Path, out: Path, family: Family, bits: int) -> None:
    """A folder beside `out` for every DreamBooth, loaded back and compared."""
    for subject in trained(work, 'dreambooth'):
        folder = out.with_name(f'{out.name}-{subject}')
        unet, compact, vocab = load_base(work, subject)
        text = published_text(work, vocab, compact)
        if not isinstance(run_world(work), EmojiWorld):
            answer_to_noun(text, subject)
        personal = Family(unet, family.vae, text, None, compact, vocab)
        sizes = write_checkpoint(folder, personal, bits)
        verify_checkpoint(folder, personal, bits)
        write_words(run_world(work), folder, subject)
        (folder / 'README.md').write_text(
            subject_card(subject, stage_state(work, f'dreambooth_{subject}'), sizes, run_world(work))
        )
        print(f'{sum(sizes.values()):>12,} {folder.name}')


def write_originals(work: Path, folder: Path, family: Family, styles: list[str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if family.adapter is not None:
        write(folder / 'mini_mm.safetensors', animatediff_keys(family.adapter.state_dict()))
    for style in styles:
        write(
            folder / f'{style}.peft.safetensors',
            lora_keys(lora_weights(work, f'lora_{style}'), stage_state(work, f'lora_{style}')['rank'], kohya=False),
        )
    run = run_config(work)
    if run['unet'] == 'sd1':
        p = UNETS['sd1']
        unet = ldm_unet(family.unet.state_dict(), len(p['block_out_channels']), p['layers_per_block'])
        sd = {'model.diffusion_model.' + k: v for k, v in unet.items()}
        sd |= {'first_stage_model.' + k: v for k, v in ldm_vae(family.vae.state_dict(), 4).items()}
        sd |= {'cond_stage_model.transformer.' + k: v for k, v in clip_keys(family.text.state_dict()).items()}
        spec = {
            'modelspec.prediction_type': 'v',
            'modelspec.title': 'Zoetrope Mini',
            'modelspec.architecture': 'stable-diffusion-v1',
        }
        write(folder / 'mini.safetensors', sd, **spec)


@torch.no_grad()
def export(a: argparse.Namespace) -> None:
    torch.set_num_threads(a.threads or 1)
    family = load_family(a.work)
    every_style = trained(a.work, 'lora')
    styles = [s for s in (a.styles.split(',') if a.styles else every_style) if s in every_style]
    sizes = publish(a.work, a.out, family, styles, a.mantissa)
    write_originals(a.work, a.work / 'export', family, every_style)
    verify(a.work, a.out, a.work / 'export', family, styles, a.mantissa)
    if a.mantissa < 10:
        verify_rounding(a.out, family)
    verify_loras(a.work, a.out, family)
    publish_subjects(a.work, a.out, family, a.mantissa)
    (a.out / 'README.md').write_text(card(a.work, run_config(a.work)['preset'], styles, sizes, a.mantissa))
    transfer = sum(v for k, v in sizes.items() if k.endswith('.gz'))
    for name, size in sizes.items():
        print(f'{size:>12,} {name}')
    print(f'{transfer:>12,} bytes at a first visit')
    if a.out == PUBLISHED and transfer > DOWNLOAD_LIMIT:
        raise SystemExit(f'more than the {DOWNLOAD_LIMIT:,} bytes allowed: try --mantissa 8')
