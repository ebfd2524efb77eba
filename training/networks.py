"""Builds the networks of the family and starts them well: PyTorch's default initialisation stalls both the VAE and the
text encoder."""

from __future__ import annotations

import torch
import torch.nn as nn
from diffusers import AutoencoderKL, DDIMScheduler, LCMScheduler, MotionAdapter, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from transformers import CLIPTextConfig, CLIPTextModel

from .config import BOS, CLIP_VOCABULARY, EOS, LATENT, MAX_TOKENS, MOTION_MODULES, SCHEDULE, TEXT_DIM, UNETS, VAES
from .world.palette import SIZE


def make_vae(preset: str) -> AutoencoderKL:
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        latent_channels=4,
        sample_size=SIZE,
        scaling_factor=1.0,
        down_block_types=('DownEncoderBlock2D',) * 4,
        up_block_types=('UpDecoderBlock2D',) * 4,
        **VAES[preset],
    )


def make_unet(preset: str) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=LATENT, in_channels=4, out_channels=4, cross_attention_dim=TEXT_DIM, **UNETS[preset]
    )


def make_adapter(preset: str) -> MotionAdapter:
    a = MotionAdapter(
        block_out_channels=UNETS[preset]['block_out_channels'], motion_max_seq_length=32, **MOTION_MODULES[preset]
    )
    for name, p in a.named_parameters():  # AnimateDiff: a new module starts as the identity
        if name.endswith(('proj_out.weight', 'proj_out.bias')):
            nn.init.zeros_(p)
    return a


def make_text(layers: int, vocab_size: int = CLIP_VOCABULARY, bos: int = BOS, eos: int = EOS) -> CLIPTextModel:
    m = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocab_size,
            hidden_size=TEXT_DIM,
            intermediate_size=4 * TEXT_DIM,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=MAX_TOKENS,
            hidden_act='quick_gelu',
            projection_dim=TEXT_DIM,
            bos_token_id=bos,
            eos_token_id=eos,
            pad_token_id=eos,
        )
    )
    for name, p in m.named_parameters():  # transformers' 0.02 makes all captions look alike for thousands of steps
        if 'token_embedding' in name:
            nn.init.normal_(p, 0, 0.7)
        elif 'position_embedding' in name:
            nn.init.normal_(p, 0, 0.2)
    return m


def make_scheduler() -> DDIMScheduler:
    return DDIMScheduler(**SCHEDULE)


def make_lcm_scheduler() -> LCMScheduler:
    """Multistep consistency sampling over the same schedule."""
    shared = (
        'num_train_timesteps',
        'beta_start',
        'beta_end',
        'beta_schedule',
        'prediction_type',
        'clip_sample',
        'set_alpha_to_one',
    )
    return LCMScheduler(**{k: SCHEDULE[k] for k in shared})


def plain_attention(m: nn.Module) -> nn.Module:
    """On CPU explicit matmul-softmax attention is faster than SDPA at these sizes (forward + backward)."""
    m.set_attn_processor(AttnProcessor())
    return m


def init_unet(u: nn.Module) -> None:
    """Variance-preserving main path, nearly zero residual outputs, zero biases, zero conv_out (as in ADM)."""
    for n, c in u.named_modules():
        if isinstance(c, (nn.Conv2d, nn.Linear)):
            if c.bias is not None:
                nn.init.zeros_(c.bias)
            small = n.endswith(('conv2', 'proj_out', 'to_out.0', 'ff.net.2'))
            gain = 0.02 if small else 0.0 if n == 'conv_out' else 2**0.5 if n.endswith('conv1') else 1.0
            nn.init.normal_(c.weight, 0, gain / c.weight[0].numel() ** 0.5)


def init_vae(m: AutoencoderKL) -> None:
    """PyTorch's default shrinks the signal about 3x a convolution (a deep f8 autoencoder then sits at 15 dB for
    ages)."""
    for n, c in m.named_modules():
        if isinstance(c, nn.Conv2d):
            if c.bias is not None:
                nn.init.zeros_(c.bias)
            gain = 2**0.5 if n.endswith('conv1') else 0.25 if n.endswith('conv2') else 1.0
            nn.init.normal_(c.weight, 0, gain / c.weight[0].numel() ** 0.5)
            if 'sampl' in n and c.in_channels == c.out_channels and c.kernel_size == (3, 3):
                with torch.no_grad():
                    c.weight.mul_(0.3).add_(nn.init.dirac_(torch.empty_like(c.weight)))
        elif isinstance(c, nn.Linear) and 'to_out' in n:
            nn.init.normal_(c.weight, 0, 0.02)
    with torch.no_grad():
        nn.init.dirac_(m.quant_conv.weight)
        m.quant_conv.bias[4:] = -4
        nn.init.dirac_(m.post_quant_conv.weight)
        m.encoder.conv_out.weight[4:] *= 0.1


@torch.no_grad()
def normalise_vae(vae: AutoencoderKL, mu: torch.Tensor, sd: torch.Tensor) -> None:
    """Folds the latents' means and deviations [4] into the quant convolutions: unit latents, scaling_factor 1.

    Exact: decode(encode(x)) is unchanged.
    """
    q, p = vae.quant_conv, vae.post_quant_conv
    p.bias += p.weight[:, :, 0, 0] @ mu
    p.weight *= sd.view(1, -1, 1, 1)
    q.weight[:4] /= sd.view(-1, 1, 1, 1)
    q.bias[:4] = (q.bias[:4] - mu) / sd
    q.bias[4:] -= 2 * sd.log()


def normalised_by(raw: AutoencoderKL, unit: AutoencoderKL) -> tuple[torch.Tensor, torch.Tensor]:
    """Means and deviations [4] that lead from `raw` to `unit`, which have the same encoder."""
    a, b = raw.quant_conv, unit.quant_conv
    sd = a.weight[:4].flatten(1).norm(dim=1) / b.weight[:4].flatten(1).norm(dim=1)
    return (a.bias[:4] - b.bias[:4] * sd).detach(), sd.detach()
