"""Key maps from diffusers to the formats that files on the web have: LDM single files, AnimateDiff motion modules,
kohya and PEFT LoRAs."""

from __future__ import annotations

import re

import torch

from ..checkpoints import Tensors


def ldm_unet(sd: Tensors, levels: int, layers: int) -> Tensors:
    """UNet2DConditionModel keys -> LDM keys (without the model.diffusion_model. prefix)."""
    n = layers + 1
    top = {
        'time_embedding.linear_1': 'time_embed.0',
        'time_embedding.linear_2': 'time_embed.2',
        'conv_in': 'input_blocks.0.0',
        'conv_norm_out': 'out.0',
        'conv_out': 'out.2',
    }
    res = {
        'norm1': 'in_layers.0',
        'conv1': 'in_layers.2',
        'norm2': 'out_layers.0',
        'conv2': 'out_layers.3',
        'time_emb_proj': 'emb_layers.1',
        'conv_shortcut': 'skip_connection',
    }
    blocks: dict[str, str] = {
        'mid_block.resnets.0.': 'middle_block.0.',
        'mid_block.attentions.0.': 'middle_block.1.',
        'mid_block.resnets.1.': 'middle_block.2.',
    }
    for i in range(levels):
        for j in range(layers):
            blocks[f'down_blocks.{i}.resnets.{j}.'] = f'input_blocks.{n * i + j + 1}.0.'
            blocks[f'down_blocks.{i}.attentions.{j}.'] = f'input_blocks.{n * i + j + 1}.1.'
        blocks[f'down_blocks.{i}.downsamplers.0.conv.'] = f'input_blocks.{n * (i + 1)}.0.op.'
        attention = any(k.startswith(f'up_blocks.{i}.attentions') for k in sd)
        for j in range(n):
            blocks[f'up_blocks.{i}.resnets.{j}.'] = f'output_blocks.{n * i + j}.0.'
            blocks[f'up_blocks.{i}.attentions.{j}.'] = f'output_blocks.{n * i + j}.1.'
        blocks[f'up_blocks.{i}.upsamplers.0.'] = f'output_blocks.{n * i + layers}.{2 if attention else 1}.'
    out = {}
    for k, v in sd.items():
        head, tail = k.rsplit('.', 1)
        if head in top:
            out[f'{top[head]}.{tail}'] = v
            continue
        old = next(b for b in blocks if k.startswith(b))
        rest = k[len(old) :]
        if '.resnets.' in old:
            part, tail = rest.rsplit('.', 1)
            rest = f'{res[part]}.{tail}'
        out[blocks[old] + rest] = v
    return out


def ldm_vae(sd: Tensors, levels: int) -> Tensors:
    """AutoencoderKL keys -> LDM keys (without the first_stage_model. prefix). Attention weights become 1 x 1
    convolutions."""
    out = {}
    for k, v in sd.items():
        k = re.sub(r'down_blocks\.(\d)\.resnets\.', r'down.\1.block.', k)
        k = re.sub(r'down_blocks\.(\d)\.downsamplers\.0\.', r'down.\1.downsample.', k)
        k = re.sub(r'up_blocks\.(\d)\.resnets\.', lambda m: f'up.{levels - 1 - int(m[1])}.block.', k)
        k = re.sub(r'up_blocks\.(\d)\.upsamplers\.0\.', lambda m: f'up.{levels - 1 - int(m[1])}.upsample.', k)
        k = re.sub(r'mid_block\.resnets\.(\d)\.', lambda m: f'mid.block_{int(m[1]) + 1}.', k)
        if 'mid_block.attentions.0.' in k:
            k = k.replace('mid_block.attentions.0.', 'mid.attn_1.')
            for a, b in (('group_norm', 'norm'), ('to_q', 'q'), ('to_k', 'k'), ('to_v', 'v'), ('to_out.0', 'proj_out')):
                k = k.replace('.' + a + '.', '.' + b + '.')
            v = v[:, :, None, None] if v.ndim == 2 else v
        k = k.replace('conv_norm_out', 'norm_out').replace('conv_shortcut', 'nin_shortcut')
        out[k] = v
    return out


def animatediff_keys(sd: Tensors) -> Tensors:
    """MotionAdapter keys -> AnimateDiff's (temporal_transformer, attention_blocks, norms, ff_norm, pos_encoder.pe)."""
    out = {}
    for k, v in sd.items():
        k = re.sub(r'(motion_modules\.\d+\.)', r'\1temporal_transformer.', k)
        if k.endswith('pos_embed.pe'):
            for i in (0, 1):
                out[k.replace('pos_embed.pe', f'attention_blocks.{i}.pos_encoder.pe')] = v
            continue
        for a, b in (
            ('.attn1.', '.attention_blocks.0.'),
            ('.attn2.', '.attention_blocks.1.'),
            ('.norm1.', '.norms.0.'),
            ('.norm2.', '.norms.1.'),
            ('.norm3.', '.ff_norm.'),
        ):
            k = k.replace(a, b)
        out[k] = v
    return out


def lora_keys(sd: Tensors, rank: int, kohya: bool) -> Tensors:
    """EMA LoRA parameters ('X.lora_A.default.weight') -> kohya ('lora_unet_X_.lora_down.weight' + alpha) or PEFT
    ('unet.X.lora_A.weight')."""
    out = {}
    for k, v in sd.items():
        name, ab = re.fullmatch(r'(.+)\.lora_(A|B)\.default\.weight', k).groups()
        if kohya:
            flat = 'lora_unet_' + name.replace('.', '_')
            out[f'{flat}.lora_{"down" if ab == "A" else "up"}.weight'] = v
            out[f'{flat}.alpha'] = torch.tensor(float(rank))
        else:
            out[f'unet.{name}.lora_{ab}.weight'] = v
    return out


def motion_lora_keys(sd: Tensors) -> Tensors:
    """EMA LoRA parameters of a motion module -> AnimateDiff's motion LoRA keys
    ('...attention_blocks.0.processor.to_q_lora.down.weight'), whose alpha is their rank."""
    out = {}
    for k, v in sd.items():
        path, attention, part, ab = re.fullmatch(
            r'(.+)\.attn(\d)\.(to_[qkv]|to_out)(?:\.0)?\.lora_(A|B)\.default\.weight', k
        ).groups()
        path = re.sub(r'(motion_modules\.\d+\.)', r'\1temporal_transformer.', path)
        out[
            f'{path}.attention_blocks.{int(attention) - 1}.processor.{part}_lora.{"down" if ab == "A" else "up"}.weight'
        ] = v
    return out


def lora_parameters(sd: Tensors, weights: Tensors) -> Tensors:
    """kohya's UNet keys -> LoRA parameters of the layers of `weights`, as `lora_keys` took them."""
    names = {
        'lora_unet_' + k.removesuffix('.weight').replace('.', '_'): k.removesuffix('.weight')
        for k in weights
        if k.endswith('.weight')
    }
    out = {}
    for k, v in sd.items():
        if found := re.fullmatch(r'(lora_unet_.+)\.lora_(down|up)\.weight', k):
            out[f'{names[found[1]]}.lora_{"A" if found[2] == "down" else "B"}.default.weight'] = v
    return out


def motion_lora_parameters(sd: Tensors) -> Tensors:
    """AnimateDiff's motion LoRA keys -> LoRA parameters, as `motion_lora_keys` took them."""
    out = {}
    for k, v in sd.items():
        if found := re.fullmatch(
            r'(.+)\.attention_blocks\.(\d)\.processor\.(to_[qkv]|to_out)_lora\.(down|up)\.weight', k
        ):
            path, attention, part, way = found.groups()
            name = f'{path.replace(".temporal_transformer", "")}.attn{int(attention) + 1}.{part}{".0" if part == "to_out" else ""}'
            out[f'{name}.lora_{"A" if way == "down" else "B"}.default.weight'] = v
    return out


def motion_lora_deltas(sd: Tensors) -> Tensors:
    """AnimateDiff's motion LoRA keys -> the change of every weight, under MotionAdapter's keys."""
    out = {}
    for k in [k for k in sd if k.endswith('_lora.down.weight')]:
        stem = k.removesuffix('_lora.down.weight')
        name = re.sub(
            r'\.attention_blocks\.(\d)\.processor',
            lambda m: f'.attn{int(m[1]) + 1}',
            stem.replace('.temporal_transformer', ''),
        )
        out[re.sub(r'to_out$', 'to_out.0', name) + '.weight'] = sd[f'{stem}_lora.up.weight'] @ sd[k]
    return out


def lora_deltas(sd: Tensors, weights: Tensors) -> Tensors:
    """kohya's UNet keys -> the change of every weight of `weights` that the file names."""
    names = {'lora_unet_' + k.removesuffix('.weight').replace('.', '_'): k for k in weights if k.endswith('.weight')}
    out = {}
    for k in [k for k in sd if k.endswith('.lora_down.weight')]:
        stem = k.removesuffix('.lora_down.weight')
        down, up = sd[k], sd[f'{stem}.lora_up.weight']
        scale = float(sd[f'{stem}.alpha']) / down.shape[0]
        out[names[stem]] = scale * (up.flatten(1) @ down.flatten(1)).view(weights[names[stem]].shape)
    return out
