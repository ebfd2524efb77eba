#!/usr/bin/env python3
"""Writes kit/zero-motion/latents.safetensors: a clip of diffusers' TextToVideoZeroPipeline on the kit's tiny model,
fp32.

    python make_zero_motion_case.py kit    # needs torch, diffusers

Texts are those of kit/golden/text-3ade020f8c.safetensors, so no tokenizer is needed.
"""

import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import torch
from diffusers import DDIMScheduler
from diffusers.pipelines.deprecated.text_to_video_synthesis.pipeline_text_to_video_zero import TextToVideoZeroPipeline
from safetensors.torch import load_file, save_file

from make_training_case import tiny_unet

STEPS, FRAMES, WIDTH, HEIGHT, SEED, CFG, MOTION = 12, 4, 80, 64, 7, 5.0, (60.0, -40.0)
PART, AHEAD = 1, 2  # as core/animation/zero-motion.ts has them for so many steps


class NoVae(torch.nn.Module):
    """The pipeline asks for the number of levels only."""

    class config:
        block_out_channels = (1, 1, 1, 1)


class BarePipeline(TextToVideoZeroPipeline):
    """Takes parts without registering them as a folder's."""

    __setattr__ = object.__setattr__
    _execution_device = torch.device("cpu")

    def progress_bar(self, total):
        return nullcontext(SimpleNamespace(update=lambda: None))


def main() -> None:
    kit = Path(sys.argv[1])
    texts = load_file(kit / "golden/text-3ade020f8c.safetensors")
    schedule = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=True,
        steps_offset=1,
    )
    pipe = BarePipeline.__new__(BarePipeline)
    pipe.unet, pipe.scheduler, pipe.vae, pipe.vae_scale_factor = tiny_unet(kit), schedule, NoVae(), 8
    pipe.encode_prompt = lambda *args: (texts["text.cond"], texts["text.uncond"])
    pipe.decode_latents = pipe.run_safety_checker = pipe.maybe_free_model_hooks = lambda *args: None
    seen = []
    result = pipe(
        "",
        video_length=FRAMES,
        width=WIDTH,
        height=HEIGHT,
        num_inference_steps=STEPS,
        guidance_scale=CFG,
        generator=torch.Generator().manual_seed(SEED),
        motion_field_strength_x=MOTION[0],
        motion_field_strength_y=MOTION[1],
        t0=STEPS - 1 - AHEAD,
        t1=STEPS - 1 - PART,
        output_type="latent",
        return_dict=False,
        callback=lambda step, t, latents: seen.append(latents.clone()),
    )
    print(schedule.timesteps.tolist(), [tuple(x.shape) for x in seen], result[0].shape)
    (kit / "zero-motion").mkdir(exist_ok=True)
    save_file(
        {"parted": seen[AHEAD].contiguous(), "final": result[0].contiguous()}, kit / "zero-motion/latents.safetensors"
    )


if __name__ == "__main__":
    main()
