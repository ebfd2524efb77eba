#!/usr/bin/env python3
"""Training steps of a LoRA by PyTorch, diffusers and peft, for bench/train-step.ts: prints seconds, bytes and losses as
JSON.

python bench/train_step_peer.py UNET_DIR FIXTURE.safetensors --steps N --threads N
"""

import argparse
import json
import resource
import time

import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("unet")
parser.add_argument("fixture")
parser.add_argument("--steps", type=int, default=3)
parser.add_argument("--threads", type=int, default=1)
args = parser.parse_args()
torch.set_num_threads(args.threads)

import peft
from diffusers import DDPMScheduler, UNet2DConditionModel
from safetensors.torch import load_file

begin = time.perf_counter()
data = load_file(args.fixture)
unet = UNet2DConditionModel.from_pretrained(args.unet, torch_dtype=torch.float32)
unet.requires_grad_(False)
starts = {k[len("init.unet.") :]: v for k, v in data.items() if k.startswith("init.")}
layers = sorted({k.rsplit(".lora_", 1)[0] for k in starts})
rank = next(v for k, v in starts.items() if "lora_A" in k).shape[0]
peft.inject_adapter_in_model(peft.LoraConfig(r=rank, lora_alpha=rank, target_modules=layers), unet)
parameters = []
for layer in layers:
    for side in ("lora_A", "lora_B"):
        weight = getattr(unet.get_submodule(layer), side)["default"].weight
        weight.data.copy_(starts[f"{layer}.{side}.weight"])
        parameters.append(weight.requires_grad_(True))
schedule = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
optimiser = torch.optim.AdamW(parameters, lr=1e-4, weight_decay=0.01)
text = data["text_table"][data["text_index"][0]]
load_s = time.perf_counter() - begin
losses, wall_s, cpu_s = [], [], []
for step in range(args.steps + 1):
    wall, cpu = time.perf_counter(), time.process_time()
    noisy = schedule.add_noise(data["latents"][0], data["noise"][0], data["timesteps"][0])
    loss = F.mse_loss(unet(noisy, data["timesteps"][0], encoder_hidden_states=text).sample, data["noise"][0])
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimiser.step()
    losses.append(float(loss.detach()))
    if step > 0:
        wall_s.append(time.perf_counter() - wall)
        cpu_s.append(time.process_time() - cpu)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(dict(losses=losses, wallS=wall_s, cpuS=cpu_s, loadS=load_s, peakBytes=peak)))
