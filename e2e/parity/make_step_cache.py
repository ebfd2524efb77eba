"""
Step caching (DeepCache, Ma et al. 2023) as diffusers' modules compute it, for src/runtime/pipeline/step-cache.test.ts:

    python make_step_cache.py FULL kit/vectors/step-cache.safetensors

FULL is a kit of make_kit.py (dev). One full call keeps what enters the layer that takes a skip connection on the way
up; a second
call, of other latents at another timestep, gets that in its place. Tensors: `branch.B`, and with residuals of a
ControlNet
`controlled.B`, predictions [F, 4, h, w] of the second call.
"""

import sys

import torch
from diffusers import MotionAdapter, UNet2DConditionModel, UNetMotionModel
from safetensors.torch import load_file, save_file

FIRST, SECOND = 601, 501


def residual(shape, index):
    count = torch.arange(torch.Size(shape).numel(), dtype=torch.float64)
    return (0.1 * torch.sin(0.7 * count + index)).float().reshape(shape)


@torch.no_grad()
def main(kit, out):
    base = UNet2DConditionModel.from_pretrained(f"{kit}/models/tiny-sd15-diffusers/unet")
    adapter = MotionAdapter.from_pretrained(
        f"{kit}/models/motion-v2-diffusers", variant="fp16", torch_dtype=torch.float32
    )
    unet = UNetMotionModel.from_unet2d(base, adapter).eval()
    vectors = load_file(f"{kit}/vectors/unet.safetensors")
    video, text = vectors["video_sample"], vectors["ctx"][:1]
    frames = video.shape[2]
    text = text.repeat_interleave(frames, 0)
    layers = [resnet for block in unet.up_blocks for resnet in block.resnets]

    skips = []
    hooks = [
        layer.register_forward_pre_hook(lambda _, args, given: skips.append(given["input_tensor"]), with_kwargs=True)
        for layer in layers
    ]
    unet(video[:1], FIRST, encoder_hidden_states=text)
    for hook in hooks:
        hook.remove()
    # The way up takes the skips from the inside out; each resnet gets its input and its skip concatenated.
    widths = [unet.config.block_out_channels[0]]
    for level, width in enumerate(unet.config.block_out_channels):
        widths += [width] * (2 if level == 3 else 3)
    sizes = [entering.shape[2:] for entering in reversed(skips)]
    residuals = tuple(residual((frames, width, *size), i) for i, (width, size) in enumerate(zip(widths, sizes)))
    middle = residual((frames, widths[-1], *sizes[-1]), len(residuals))

    goldens = {}
    for name, control in (
        ("branch", {}),
        ("controlled", dict(down_block_additional_residuals=residuals, mid_block_additional_residual=middle)),
    ):
        for branch in (0, 1, 2, 5):
            layer, kept = layers[-1 - branch], []

            def keep(_, args, given):
                kept.append(given["input_tensor"][:, : -widths[branch]])

            def put(_, args, given):
                skip = given["input_tensor"][:, -widths[branch] :]
                return args, {**given, "input_tensor": torch.cat([kept[0], skip], 1)}

            hook = layer.register_forward_pre_hook(keep, with_kwargs=True)
            unet(video[:1], FIRST, encoder_hidden_states=text, **control)
            hook.remove()
            hook = layer.register_forward_pre_hook(put, with_kwargs=True)
            prediction = unet(video[1:], SECOND, encoder_hidden_states=text, **control).sample
            hook.remove()
            goldens[f"{name}.{branch}"] = prediction[0].permute(1, 0, 2, 3).contiguous()  # [4, F, h, w] -> [F, 4, h, w]
    save_file(goldens, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
