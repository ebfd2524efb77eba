"""The peers of bench/unet.ts, bench/unet-gpu.ts and bench/clip.ts: diffusers' models over the same synthetic files.

  python bench/unet_peers.py export SYNTHETIC OUT
      exports with torch.onnx to OUT/fp32/model.onnx, and quantises that to 8 bits in OUT/q8/model.onnx
  python bench/unet_peers.py run SYNTHETIC --dtype float32 --threads 1 --steps 2 [--output FILE]
      times UNet steps in PyTorch, eager; prints JSON
  python bench/unet_peers.py run SYNTHETIC --device cuda --dtype float16 --compile --stepwise
      the same on a graphics card, one step for each line on the standard input
  python bench/unet_peers.py clip SYNTHETIC --init-latents FILE [--onnx MODEL.onnx] [--dump FILE]
      makes a whole animation, with the UNet in PyTorch or the export

Requires diffusers 0.42, torch 2.13, transformers, safetensors; the export also requires onnx, onnxscript and
onnxruntime, for its MatMulNBits quantiser.
"""

import argparse
import json
import os
import shutil
import sys
import time

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, MotionAdapter, UNet2DConditionModel, UNetMotionModel
from diffusers.loaders.single_file_utils import convert_animatediff_checkpoint_to_diffusers
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

from make_synthetic import PRESETS, text_config, write_configs

TIMESTEP = 500


def load(folder, dtype):
    """UNet and v3 motion module, combined as diffusers' documentation does."""
    preset = PRESETS["sd15"]
    config = os.path.join(folder, "config")
    write_configs(config, preset)
    unet = UNet2DConditionModel.from_single_file(
        os.path.join(folder, "sd15.safetensors"), config=config, subfolder="unet", torch_dtype=dtype)
    adapter = MotionAdapter(use_motion_mid_block=False, motion_max_seq_length=32, block_out_channels=preset.channels,
                            motion_num_attention_heads=preset.heads)
    state = convert_animatediff_checkpoint_to_diffusers(load_file(os.path.join(folder, "motion_v3.safetensors")))
    missing, extra = adapter.load_state_dict(state, strict=False)
    assert not extra and all(key.endswith("pos_embed.pe") for key in missing), (missing[:3], extra[:3])
    return UNetMotionModel.from_unet2d(unet, adapter.to(dtype)).to(dtype).eval()


def wave(*shape):
    """The same numbers as in bench/unet-engine.ts."""
    return torch.from_numpy(np.sin(np.arange(np.prod(shape), dtype=np.float64) * 0.7).astype(np.float32).reshape(shape))


def inputs(frames, side, dtype=torch.float32, batch=1):
    """Latents [B, 4, F, h, w] and one text for every frame [B F, 77, 768]."""
    latents = wave(frames, 4, side, side).permute(1, 0, 2, 3)[None].repeat(batch, 1, 1, 1, 1)
    return latents.contiguous().to(dtype), wave(1, 77, 768).repeat(batch * frames, 1, 1).to(dtype)


@torch.no_grad()
def run(args):
    torch.set_num_threads(args.threads)
    began = time.perf_counter()
    model = load(args.folder, getattr(torch, args.dtype)).to(args.device)
    if args.compile:
        model = torch.compile(model)
    loaded = time.perf_counter() - began
    sample, text = (x.to(args.device) for x in inputs(args.frames, args.size // 8, getattr(torch, args.dtype)))
    # torch.compile would bake an integer timestep into the compiled graph as a constant.
    timestep = torch.tensor(TIMESTEP, device=args.device)

    def step():
        before = time.perf_counter(), time.process_time()
        out = model(sample, timestep, encoder_hidden_states=text).sample.cpu()      # .cpu() waits for the graphics card
        return out, time.perf_counter() - before[0], time.process_time() - before[1]

    out, first, _ = step()
    if args.output:
        out[0].permute(1, 0, 2, 3).float().numpy().tofile(args.output)
    wall, cpu = [], []
    for _ in step_triggers(args):
        _, seconds, processor = step()
        wall.append(seconds)
        cpu.append(processor)
        if args.stepwise:
            print(json.dumps({"wallS": seconds}), flush=True)
    print(json.dumps({"loadS": loaded, "firstS": first, "wallS": wall, "cpuS": cpu, "peakBytes": peak_bytes()}))


def step_triggers(args):
    """One item for each step, or for each line on the standard input."""
    if not args.stepwise:
        return range(args.steps)
    print(json.dumps({"ready": True}), flush=True)
    return iter(sys.stdin.readline, "")


def peak_bytes():
    """Reads VmHWM, because ru_maxrss of a child starts at its parent's value."""
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) * 1024


class Phases:
    """Wall and processor seconds of each part of a run."""

    def __init__(self):
        self.wall, self.cpu = {}, {}
        self.began = time.perf_counter(), time.process_time()

    def end(self, name):
        now = time.perf_counter(), time.process_time()
        self.wall[name], self.cpu[name] = (b - a for a, b in zip(self.began, now))
        self.began = now


class Exported:
    """torch.onnx's export in onnxruntime, with the call signature of the UNet that it was exported from."""

    def __init__(self, path, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def __call__(self, sample, timestep, encoder_hidden_states):
        feeds = {"sample": sample.numpy(), "timestep": np.asarray(timestep), "text": encoder_hidden_states.numpy()}
        return torch.from_numpy(self.session.run(None, feeds)[0])


class Loaded:
    """diffusers' model itself, eager or compiled."""

    def __init__(self, args):
        model = load(args.folder, getattr(torch, args.dtype)).to(args.device)
        self.model = torch.compile(model) if args.compile else model

    def __call__(self, sample, timestep, encoder_hidden_states):
        return self.model(sample, timestep.to(sample.device), encoder_hidden_states=encoder_hidden_states).sample


def load_text(folder, dtype):
    """The checkpoint's text encoder, and CLIP's tokenizer."""
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
    from training.tokenizer import tokenizer
    config = {k: v for k, v in text_config(PRESETS["sd15"]).items() if k not in ("architectures", "model_type")}
    model = CLIPTextModel(CLIPTextConfig(**config))
    prefix = "cond_stage_model.transformer."
    state = {k.removeprefix(prefix): v for k, v in load_file(os.path.join(folder, "sd15.safetensors")).items()
             if k.startswith(prefix)}
    if not set(model.state_dict()) & set(state):        # transformers 5 has no text_model. level
        state = {k.removeprefix("text_model."): v for k, v in state.items()}
    missing, _ = model.load_state_dict(state, strict=False)
    assert not missing, missing[:3]
    return model.to(dtype).eval(), tokenizer()


@torch.no_grad()
def clip(args):
    """Repeats AnimateDiffPipeline: both texts in one batch, DDIM, guidance, frames decoded one by one."""
    torch.set_num_threads(args.threads)
    dtype = getattr(torch, args.dtype)
    phases = Phases()
    unet = Exported(args.onnx, args.threads) if args.onnx else Loaded(args)
    text, tokenizer = load_text(args.folder, dtype)
    config = os.path.join(args.folder, "config")
    write_configs(config, PRESETS["sd15"])
    vae = AutoencoderKL.from_single_file(os.path.join(args.folder, "sd15.safetensors"), config=config, subfolder="vae",
                                         torch_dtype=dtype).eval()
    text, vae = text.to(args.device), vae.to(args.device)
    noise = load_file(args.init_latents)["latents"].to(args.device)
    frames = len(noise)
    if args.compile:
        unet(*warm_up(noise, dtype))
    phases.end("open")
    ids = tokenizer(["", args.prompt], padding="max_length", truncation=True,
                    return_tensors="pt").input_ids.to(args.device)
    states = text(input_ids=ids).last_hidden_state.repeat_interleave(frames, 0)
    states.cpu()        # waits for the graphics card, which computes asynchronously
    phases.end("text")
    scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="linear", clip_sample=False,
                              set_alpha_to_one=True, steps_offset=1)
    scheduler.set_timesteps(args.steps)
    latents = noise.permute(1, 0, 2, 3)[None].to(dtype)
    for t in scheduler.timesteps:
        without, with_text = unet(torch.cat([latents, latents]), t, states).chunk(2)
        latents = scheduler.step(without + args.cfg * (with_text - without), t, latents).prev_sample
    final = latents[0].permute(1, 0, 2, 3)
    kept = final.float().cpu()
    phases.end("denoise")
    for frame in final.split(1):
        vae.decode(frame / vae.config.scaling_factor).sample.cpu()
    phases.end("decode")
    if args.dump:
        save_file({"latents.final": kept.contiguous()}, args.dump)
    opened, cpu = phases.wall.pop("open"), {name: phases.cpu[name] for name in phases.wall}
    print(json.dumps({"openS": opened, "wallS": phases.wall, "cpuS": cpu, "peakBytes": peak_bytes()}))


def warm_up(noise, dtype):
    """Inputs of a guided UNet call, which holds every latent twice: with and without the text."""
    latents = noise.permute(1, 0, 2, 3)[None].to(dtype).repeat(2, 1, 1, 1, 1)
    return latents, torch.tensor(TIMESTEP), torch.zeros(2 * len(noise), 77, 768, dtype=dtype, device=noise.device)


class Step(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, text):
        return self.model(sample, timestep, encoder_hidden_states=text, return_dict=False)[0]


def export(args):
    path = os.path.join(args.out, "fp32", "model.onnx")
    if not os.path.exists(path):
        model = Step(load(args.folder, torch.float32))
        sample, text = inputs(args.frames, args.size // 8, batch=args.batch)
        began = time.perf_counter()
        with torch.no_grad():
            program = torch.onnx.export(model, (sample, torch.tensor(TIMESTEP), text), dynamo=True, opset_version=20,
                                        input_names=["sample", "timestep", "text"], output_names=["prediction"])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        program.save(path, external_data=True)
        print(f"exported in {time.perf_counter() - began:.0f} s")
        del model, program
    quantised = os.path.join(args.out, "q8")
    if not os.path.exists(quantised):
        quantise(path, os.path.join(quantised, "model.onnx"))


def quantise(path, out):
    """Quantises linears in blocks of 32 with int8 arithmetic, as onnxruntime recommends for processors."""
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
    from onnxruntime.quantization.quant_utils import QuantFormat
    began = time.perf_counter()
    config = DefaultWeightOnlyQuantConfig(block_size=32, is_symmetric=True, accuracy_level=4, bits=8,
                                          quant_format=QuantFormat.QOperator)
    quantiser = MatMulNBitsQuantizer(gemm_to_matmul(onnx.load(path)), algo_config=config)
    quantiser.process()
    os.makedirs(os.path.dirname(out))
    try:
        quantiser.model.save_model_to_file(out, use_external_data_format=True)
    except BaseException:
        shutil.rmtree(os.path.dirname(out))
        raise
    print(f"quantised in {time.perf_counter() - began:.0f} s")


def gemm_to_matmul(model):
    """Rewrites Gemm with transB, which the exporter uses for linears, as MatMul: the quantiser skips Gemm."""
    import onnx
    from onnx import numpy_helper
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    nodes, turned = [], set()
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        if node.op_type != "Gemm" or not attributes.get("transB") or node.input[1] not in constants:
            nodes.append(node)
            continue
        weight = constants[node.input[1]]
        if weight.name not in turned:
            turned.add(weight.name)
            weight.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(numpy_helper.to_array(weight).T), weight.name))
        product = node.output[0] + "/product"
        nodes.append(onnx.helper.make_node("MatMul", node.input[:2], [product], node.name))
        nodes.append(onnx.helper.make_node("Add", [product, node.input[2]], node.output, node.name + "/bias"))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["export", "run", "clip"])
    parser.add_argument("folder")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float16", "bfloat16"])
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--stepwise", action="store_true",
                        help="after warming up, wait for a line on the standard input before each step")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=1,
                        help="of the export; 2 runs with and without the text, as guidance needs")
    parser.add_argument("--output", help="file for the prediction, [F, 4, h, w] float32")
    parser.add_argument("--prompt", default="")
    parser.add_argument("--cfg", type=float, default=7.5)
    parser.add_argument("--init-latents", help="tensor latents [F, 4, h, w]")
    parser.add_argument("--onnx", help="the export to run in place of the UNet, of these frames and size, batch 2")
    parser.add_argument("--dump", help="file for latents.final, [F, 4, h, w]")
    args = parser.parse_args()
    {"export": export, "run": run, "clip": clip}[args.what](args)


if __name__ == "__main__":
    sys.exit(main())
