#!/usr/bin/env python3
"""Writes kit/training/lora.safetensors and its golden: three steps of a LoRA by torch, diffusers and peft on the kit's
tiny model.

python make_training_case.py kit    # needs torch, diffusers, peft
"""

import gzip
import sys
from pathlib import Path

import peft
import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
from safetensors.torch import load, save_file

RANK, ALPHA, STEPS, BATCH, SIZE, TOKENS = 2, 3.0, 3, 2, 16, 77
ADAMW = dict(lr=2e-3, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1)
MAX_NORM = 0.02
LAYERS = [
    "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
    "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_v",
    "up_blocks.2.attentions.1.transformer_blocks.0.attn1.to_out.0",
    "up_blocks.3.resnets.2.conv1",
]


def fixture(unet):
    g = torch.Generator().manual_seed(7)
    width = unet.config.cross_attention_dim
    tensors = {
        "latents": torch.randn(STEPS, BATCH, 4, SIZE, SIZE, generator=g),
        "noise": torch.randn(STEPS, BATCH, 4, SIZE, SIZE, generator=g),
        "timesteps": torch.randint(0, 1000, (STEPS, BATCH), generator=g),
        "text_table": torch.randn(2, TOKENS, width, generator=g),
        "text_index": torch.randint(0, 2, (STEPS, BATCH), generator=g),
    }
    for layer in LAYERS:
        w = unet.get_submodule(layer).weight
        down, up = (RANK, *w.shape[1:]), (w.shape[0], RANK, *([1] * (w.dim() - 2)))
        tensors[f"init.unet.{layer}.lora_A.weight"] = 0.2 * torch.randn(down, generator=g)
        tensors[f"init.unet.{layer}.lora_B.weight"] = 0.05 * torch.randn(up, generator=g)
    return tensors


def train(make_unet, data, dtype):
    unet = make_unet().to(dtype)
    config = peft.LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=LAYERS, init_lora_weights=False)
    peft.inject_adapter_in_model(config, unet)
    unet.requires_grad_(False)
    parameters = {}
    for layer in LAYERS:
        adapter = unet.get_submodule(layer)
        for side in ("lora_A", "lora_B"):
            key = f"unet.{layer}.{side}.weight"
            weight = getattr(adapter, side)["default"].to(dtype).weight
            weight.data.copy_(data[f"init.{key}"])
            parameters[key] = weight.requires_grad_(True)
    schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    schedule.alphas_cumprod = schedule.alphas_cumprod.to(dtype)
    optimiser = torch.optim.AdamW(parameters.values(), **ADAMW)
    losses, norms, first = [], [], {}
    for step in range(STEPS):
        latents, noise = data["latents"][step].to(dtype), data["noise"][step].to(dtype)
        text = data["text_table"][data["text_index"][step]].to(dtype)
        noisy = schedule.add_noise(latents, noise, data["timesteps"][step])
        loss = F.mse_loss(unet(noisy, data["timesteps"][step], encoder_hidden_states=text).sample, noise)
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            first = {key: p.grad.clone() for key, p in parameters.items()}
        norms.append(float(torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM)))
        losses.append(float(loss.detach()))
        optimiser.step()
    return losses, norms, first, {key: p.detach() for key, p in parameters.items()}


def tiny_unet(kit: Path) -> UNet2DConditionModel:
    weights = load(gzip.decompress((kit / "models/tiny-sd15.safetensors.gz").read_bytes()))
    conv_in = weights["model.diffusion_model.input_blocks.0.0.weight"].shape[0]
    widths = [conv_in] + [
        weights[f"model.diffusion_model.input_blocks.{n}.0.out_layers.3.bias"].shape[0] for n in (4, 7, 10)
    ]
    text_width = weights["model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"].shape[1]
    unet = UNet2DConditionModel(
        block_out_channels=widths,
        cross_attention_dim=text_width,
        attention_head_dim=8,
        layers_per_block=2,
        down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    )
    unet.load_state_dict({k: v.float() for k, v in convert_ldm_unet_checkpoint(weights, dict(unet.config)).items()})
    return unet


def main() -> None:
    kit = Path(sys.argv[1])
    make_unet = lambda: tiny_unet(kit)
    data = fixture(make_unet())
    single, double = (train(make_unet, data, dtype) for dtype in (torch.float32, torch.float64))
    change = {k: single[3][k] - data[f"init.{k}"] for k in single[3]}
    size = lambda tensors: sum(float(t.double().pow(2).sum()) for t in tensors.values()) ** 0.5
    apart = lambda i: size({k: single[i][k] - double[i][k] for k in single[i]})
    print(f"losses {single[0]}, norms {single[1]}")
    print(f"fp32 from fp64: gradients {apart(2) / size(double[2]):.1e}, changes {apart(3) / size(change):.1e}")
    (kit / "training").mkdir(exist_ok=True)
    save_file(data, kit / "training/lora.safetensors")
    golden = {"loss": torch.tensor(single[0]), "grad_norm": torch.tensor(single[1])}
    golden |= {f"grad.{k}": v.float() for k, v in double[2].items()} | {
        f"final.{k}": v.float() for k, v in double[3].items()
    }
    save_file({k: v.contiguous() for k, v in golden.items()}, kit / "training/lora.golden.safetensors")


if __name__ == "__main__":
    main()
