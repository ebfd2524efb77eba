#!/usr/bin/env python3
"""Loads the files of bench/learned-files.ts through diffusers and compares what they do there with what the engine
computed.

python bench/learned_files.py .cache/learned    # needs torch, diffusers, transformers, peft
"""

import gzip
import sys
from pathlib import Path

import torch
from diffusers import MotionAdapter, UNetMotionModel
from diffusers.loaders import StableDiffusionLoraLoaderMixin as Loras
from diffusers.loaders.single_file_utils import convert_animatediff_checkpoint_to_diffusers
from safetensors.torch import load, load_file
from transformers import CLIPTextConfig, CLIPTextModel

ROOT = Path(__file__).resolve().parent.parent
KIT = ROOT / "e2e/parity/kit"
sys.path.insert(0, str(ROOT / "e2e/parity"))
from make_training_case import tiny_unet  # noqa: E402

TIMESTEP, LIMIT = 333, 1e-5
folder = Path(sys.argv[1])
ours = load_file(folder / "ours.safetensors")
worst = 0.0


def compare(name: str, actual: torch.Tensor) -> None:
    global worst
    error = float((actual - ours[name]).norm() / ours[name].norm())
    worst = max(worst, error)
    print(f"{name}: {error:.1e}")


def text_encoder() -> CLIPTextModel:
    prefix = "cond_stage_model.transformer."
    weights = load(gzip.decompress((KIT / "models/tiny-sd15.safetensors.gz").read_bytes()))
    own = {k[len(prefix) :]: v.float() for k, v in weights.items() if k.startswith(prefix) and "position_ids" not in k}
    ff, width = own["text_model.encoder.layers.0.mlp.fc1.weight"].shape
    layers = 1 + max(int(k.split(".")[3]) for k in own if ".layers." in k)
    model = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=width,
            intermediate_size=ff,
            num_hidden_layers=layers,
            num_attention_heads=width // 64,
            vocab_size=49408,
            hidden_act="quick_gelu",
            projection_dim=width,
        )
    )
    names = set(model.state_dict())
    model.load_state_dict({k if k in names else k.removeprefix("text_model."): v for k, v in own.items()})
    return model


def predict(unet, name: str) -> torch.Tensor:
    sample, hidden = ours[f"{name}.sample"], ours[f"{name}.hidden"]
    if isinstance(unet, UNetMotionModel):
        frames = len(sample)
        out = unet(sample.transpose(0, 1)[None], TIMESTEP, encoder_hidden_states=hidden.expand(frames, -1, -1)).sample
        return out[0].transpose(0, 1)
    return unet(sample, TIMESTEP, encoder_hidden_states=hidden).sample


@torch.no_grad()
def main() -> None:
    state, alphas = Loras.lora_state_dict(str(folder / "lora.safetensors"), unet_config=tiny_unet(KIT).config)[:2]
    unet, text = tiny_unet(KIT), text_encoder()
    Loras.load_lora_into_text_encoder(state, alphas, text)
    Loras.load_lora_into_unet(state, alphas, unet)
    ids = torch.tensor([[49406] + [320 + 100 * i for i in range(1, 9)] + [49407] * 68])
    compare("lora.hidden", text(ids).last_hidden_state)
    compare("lora.prediction", predict(unet, "lora"))

    plain = tiny_unet(KIT)
    widths = plain.config.block_out_channels
    adapter = MotionAdapter(block_out_channels=widths, use_motion_mid_block=True, motion_max_seq_length=32)
    converted = convert_animatediff_checkpoint_to_diffusers(load_file(folder / "motion.safetensors"))
    missing, unexpected = adapter.load_state_dict(converted, strict=False)
    assert not unexpected and all("pos_embed" in key for key in missing), (missing, unexpected)
    moving = UNetMotionModel.from_unet2d(plain, adapter)
    compare("motion.prediction", predict(moving, "motion"))

    # As diffusers' scripts/convert_animatediff_motion_lora_to_diffusers.py does.
    motion_lora = convert_animatediff_checkpoint_to_diffusers(load_file(folder / "motion-lora.safetensors"))
    state, alphas = Loras.lora_state_dict({f"unet.{key}": value for key, value in motion_lora.items()})[:2]
    Loras.load_lora_into_unet(state, alphas, moving)
    compare("motion-lora.prediction", predict(moving, "motion-lora"))
    print("pass" if worst <= LIMIT else f"FAIL: above {LIMIT}")
    sys.exit(0 if worst <= LIMIT else 1)


if __name__ == "__main__":
    main()
