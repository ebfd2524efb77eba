#!/usr/bin/env python3
"""Generate a Zoetrope parity kit 2 (pickle files, adapters, IP-Adapter, TAESD, more samplers, FreeInit, FreeNoise
weights, training).  See KIT2_README.md.  Reuses make_kit.py (kit 1), which must lie beside this file or in --kit1.

usage: make_kit2.py --config dev|held --out DIR [--seed N] [--bpe FILE] [--kit1 DIR_OF_make_kit.py] [--only REGEX]
needs: torch, diffusers, transformers, safetensors, scipy, peft, lycoris-lora (einops, toml)
"""

import argparse, copy, functools, hashlib, io, json, math, os, re, shutil, struct, subprocess, sys, time, types, warnings, zipfile, zlib
from collections import OrderedDict

_here = os.path.dirname(os.path.abspath(__file__))
_pre = argparse.ArgumentParser(add_help=False)
_pre.add_argument("--kit1", default=None)
_k1 = _pre.parse_known_args()[0].kit1
for _d in (_k1, _here, os.path.dirname(_here)):
    if _d and os.path.exists(os.path.join(_d, "make_kit.py")):
        sys.path.insert(0, _d)
        break
warnings.filterwarnings("ignore")
os.environ.setdefault("PYTHONWARNINGS", "ignore")

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

import make_kit as mk
from make_kit import VAE_SCALE, half_sd, jdump, ldm_unet_key, ldm_vae_key, original_motion_key, rel_l2
import diffusers
import peft
import transformers
import lycoris
from diffusers import (
    AnimateDiffPipeline,
    AutoencoderTiny,
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSinglestepScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    StableDiffusionPipeline,
    TCDScheduler,
)
from lycoris.modules.full import FullModule
from lycoris.modules.ia3 import IA3Module
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from lycoris.modules.norms import NormModule
from transformers import CLIPImageProcessor, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

MARKER = "/tmp/zoetrope_kit2_pwned"
EMB_STRIDE = 2  # token-embedding row i = storage[2 i : 2 i + C]

CONFIGS2 = {
    "dev": dict(
        mk.CONFIGS["dev"],
        unet=(64, 64, 64, 64),
        small=(32, 32, 32, 32),
        clip=(64, 2, 256),
        vae=(32, 32, 32, 32),
        size=(80, 64),
        frames=4,
        steps=4,
        lyco_rank=4,
        lyco_alpha=2.0,
        conv_rank=3,
        ip_tokens_plus=5,
        vision=dict(hidden=64, layers=3, heads=2, image=56, patch=14, proj=48, act="gelu"),
        taesd=16,
        train=dict(rank=4, alpha=2.0, mrank=2, batch=2, frames=4, hw=(12, 16)),
        ip_weights=(0.6, 1.0),
        free_iters=(3, 2),
        ctx=(11, 8, 4),
        seed=20240,
    ),
    "held": dict(
        mk.CONFIGS["held"],
        unet=(64, 64, 64, 96),
        small=(32, 32, 32, 32),
        clip=(64, 3, 192),
        vae=(32, 32, 32, 32),
        size=(64, 96),
        frames=5,
        steps=5,
        lyco_rank=3,
        lyco_alpha=4.0,
        conv_rank=2,
        ip_tokens_plus=7,
        vision=dict(hidden=96, layers=4, heads=3, image=42, patch=14, proj=40, act="quick_gelu"),
        taesd=24,
        train=dict(rank=3, alpha=4.5, mrank=3, batch=3, frames=5, hw=(16, 12)),
        ip_weights=(0.45, 1.0),
        free_iters=(2, 3),
        ctx=(13, 8, 5),
        seed=77031,
    ),
}
TRIGGER = "kit2style"
GROUPS = ("train", "pickle", "adapters", "ip", "taesd", "samplers", "freeinit", "freenoise")
SD = dict(mk.COMMON)
SAMPLERS2 = {
    "ddpm": (
        DDPMScheduler,
        dict(steps_offset=1, clip_sample=False, variance_type="fixed_small", timestep_spacing="leading"),
    ),
    "dpmpp_2m_sde": (
        DPMSolverMultistepScheduler,
        dict(steps_offset=1, algorithm_type="sde-dpmsolver++", solver_order=2, timestep_spacing="linspace"),
    ),
    "dpmpp_2m_sde_karras": (
        DPMSolverMultistepScheduler,
        dict(
            steps_offset=1,
            algorithm_type="sde-dpmsolver++",
            solver_order=2,
            use_karras_sigmas=True,
            timestep_spacing="linspace",
        ),
    ),
    "dpmpp_sde": (DPMSolverSinglestepScheduler, dict(algorithm_type="sde-dpmsolver++", solver_order=2)),
    "deis": (
        DEISMultistepScheduler,
        dict(steps_offset=1, solver_order=2, algorithm_type="deis", solver_type="logrho", timestep_spacing="linspace"),
    ),
    "tcd": (
        TCDScheduler,
        dict(original_inference_steps=50, set_alpha_to_one=True, clip_sample=False, timestep_scaling=10.0),
    ),
    "euler_karras": (EulerDiscreteScheduler, dict(steps_offset=1, use_karras_sigmas=True, timestep_spacing="linspace")),
    "euler_exponential": (
        EulerDiscreteScheduler,
        dict(steps_offset=1, use_exponential_sigmas=True, timestep_spacing="linspace"),
    ),
    "euler_beta": (EulerDiscreteScheduler, dict(steps_offset=1, use_beta_sigmas=True, timestep_spacing="linspace")),
    "dpmpp_2m_exponential": (
        DPMSolverMultistepScheduler,
        dict(
            steps_offset=1,
            algorithm_type="dpmsolver++",
            solver_order=2,
            use_exponential_sigmas=True,
            timestep_spacing="linspace",
        ),
    ),
    "dpmpp_2m_beta": (
        DPMSolverMultistepScheduler,
        dict(
            steps_offset=1,
            algorithm_type="dpmsolver++",
            solver_order=2,
            use_beta_sigmas=True,
            timestep_spacing="linspace",
        ),
    ),
    "heun": (HeunDiscreteScheduler, dict(steps_offset=1, timestep_spacing="linspace")),
    "ddim_trailing": (
        DDIMScheduler,
        dict(steps_offset=1, clip_sample=False, set_alpha_to_one=True, timestep_spacing="trailing"),
    ),
    **mk.SAMPLERS,
}
STOCHASTIC = {"ddpm", "dpmpp_2m_sde", "dpmpp_2m_sde_karras", "dpmpp_sde", "tcd", "euler_a", "lcm"}


def clone_te(te):
    t = CLIPTextModel(te.config).eval()
    t.load_state_dict(te.state_dict())
    return t


def lyco_diff(mod, kind, shape):
    """dW at multiplier 1 as the LyCORIS module's own forward uses it.  NOT get_diff_weight / get_merged_weight: for
    LoHa and
    LoKr those multiply by alpha/rank a second time (lycoris-lora 4.1.3), so its merge differs from what it trained."""
    d = mod.get_weight(shape) if kind in ("loha", "lokr") else mod.make_weight() * mod.scale
    return d.detach().reshape(shape)


def lyco_merge(mod, kind, shape, w):
    if kind == "ia3":
        return mod.get_merged_weight(multiplier=w, shape=shape)[0].detach().reshape(shape)
    W, d = mod.org_weight.detach().reshape(shape), lyco_diff(mod, kind, shape)
    if getattr(mod, "wd", False):  # A1111 / ComfyUI at w != 1: W + w * (W1 - W)
        return W + w * (mod.apply_weight_decompose(W + d, 1).detach() - W)
    return W + w * d


def check_forward(mod, kind, layer, w=1.0):
    """the merged weight must be what mod.forward computes"""
    m, lay = copy.deepcopy(mod), copy.deepcopy(layer)
    m.org_module = [lay]
    m.multiplier = w
    m.eval()
    m.apply_to()
    x = torch.randn(
        (2, lay.in_features) if isinstance(lay, nn.Linear) else (2, lay.in_channels, 5, 5),
        generator=torch.Generator().manual_seed(1),
    )
    y = m.forward(x).detach()
    W = lyco_merge(mod, kind, layer.weight.shape, w)
    z = (
        F.linear(x, W, layer.bias)
        if isinstance(layer, nn.Linear)
        else F.conv2d(x, W, layer.bias, layer.stride, layer.padding)
    )
    assert rel_l2(y, z) < 1e-5, (kind, rel_l2(y, z))


class Kit2(mk.Kit):
    def __init__(self, cfg, seed, out, bpe, only=None):
        super().__init__(cfg, seed, out, bpe, only)
        shutil.rmtree(f"{out}/vectors", ignore_errors=True)
        for d in ("models/hostile", "models/adapters", "models/ti", "models/clip-vision", "train"):
            os.makedirs(f"{out}/{d}", exist_ok=True)
        self.hostile, self.train_cases, self.vs, self.selfdump, self.bpe, self.merge = [], [], {}, None, bpe, False

    # ---- models -----------------------------------------------------------------------------------
    def build_models(self):
        super().build_models()
        hid = self.c["clip"][0]
        n = 49407 * EMB_STRIDE + hid
        g = self.gen("emb-store")
        self.emb_store = mk.low_entropy((n,), 0.35, g)
        self.te.get_input_embeddings().weight.copy_(self.emb_view().float())
        self.fit_output_conv()  # again: the text states changed
        for name in ("v1", "lcm"):
            self.motion.pop(name)

    def emb_view(self):
        hid = self.c["clip"][0]
        return self.emb_store.as_strided((49408, hid), (EMB_STRIDE, 1))

    def base_sd(self):
        sd = {"model.diffusion_model." + ldm_unet_key(k): v for k, v in half_sd(self.unet.state_dict()).items()}
        for k, v in half_sd(self.vae.state_dict()).items():
            nk = ldm_vae_key(k)
            sd["first_stage_model." + nk] = v[:, :, None, None].contiguous() if ".attn_1." in nk and v.ndim == 2 else v
        sd.update({"cond_stage_model.transformer." + k: v for k, v in half_sd(self.clip_sd()).items()})
        sd["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)[None]
        return sd

    def motion_sd(self, name, pe=True):
        sd = {
            original_motion_key(k): v
            for k, v in half_sd(self.motion[name].state_dict()).items()
            if "pos_embed" not in k
        }
        if pe:
            for k in [k for k in sd if k.endswith("to_q.weight")]:
                sd[k[: -len("to_q.weight")] + "pos_encoder.pe"] = mk.sinusoid(32, sd[k].shape[0])
        return sd

    def write_models(self):
        m = f"{self.out}/models"
        save_file(self.base_sd(), f"{m}/tiny-sd15.safetensors", metadata={"format": "pt"})
        for name in ("v2",):
            save_file(self.motion_sd(name), f"{m}/motion-{name}.safetensors", metadata={"format": "pt"})
        # motion LoRA (v2), and a second VAE
        g, self.mlora, ls = self.gen("motion-lora"), {}, mk.LoraSet()
        for n, x in self.linear_targets(self.motion["v2"], r"attn\d\.(to_[qkv]|to_out\.0)$"):
            up, down = mk.pair(g, x.weight, 2)
            base, proj = original_motion_key(n.replace(".to_out.0", ".to_out") + ".").rstrip(".").rsplit(".", 1)
            (
                self.mlora[f"{base}.processor.{proj}_lora.down.weight"],
                self.mlora[f"{base}.processor.{proj}_lora.up.weight"],
            ) = down, up
            ls.add("unet", n, up, down, 1.0)
        self.loras["mlora"] = ls
        save_file(self.mlora, f"{m}/motion-lora.safetensors")

    # ---- one rendering case -----------------------------------------------------------------------
    def case(
        self,
        name,
        group,
        *,
        motion=None,
        motion_file=None,
        norm="original",
        ckpt="tiny-sd15.safetensors",
        args=(),
        sampler="ddim",
        sched_kw=None,
        schedule="linear",
        cfg=7.5,
        frames=None,
        size=None,
        steps=None,
        seed=1234,
        seed_only=False,
        prompt=None,
        neg=None,
        unet_mod=None,
        te_mod=None,
        encode=None,
        decode=None,
        ip=None,
        guidance_rescale=0.0,
        free_init=None,
        freenoise=None,
        window=None,
        step_kw=None,
        optional=False,
        needs=(),
        pick=None,
        keep_steps=None,
        notes="",
        oracle="",
        vs=None,
        emit=True,
    ):
        if self.only and not re.search(self.only, name) and emit:
            return
        if name in self.results:
            return
        c, t0 = self.c, time.time()
        W, H = size or c["size"]
        h, w = H // 8, W // 8
        f = frames or (c["frames"] if motion else 1)
        steps = steps or c["steps"]
        prompt = c["prompt"] if prompt is None else prompt
        neg = c["neg"] if neg is None else neg
        init, rel = self.latents(seed, f, h, w)
        a = ["render", "--checkpoint", f"{{kit}}/models/{ckpt}"]
        if motion:
            a += ["--motion", "{kit}/models/" + (motion_file or f"motion-{motion}.safetensors")]
        a += [
            "--prompt",
            prompt,
            "--negative",
            neg,
            "--seed",
            str(seed),
            "--steps",
            str(steps),
            "--cfg",
            str(cfg),
            "--sampler",
            sampler,
            "--schedule",
            schedule,
            "--frames",
            str(f),
            "--width",
            str(W),
            "--height",
            str(H),
        ]
        if not seed_only:
            a += ["--init-latents", "{kit}/" + rel]
        if motion:
            a += ["--norm", norm]
        a += list(args) + ["--precision", "fp32", "--out", "{out}", "--dump", "{dump}"]

        def run(dtype):
            unet, te = self.make_unet(motion, norm), clone_te(self.te)
            if unet_mod:
                unet_mod(unet)
            if te_mod:
                te_mod(te)
            cls, kw = SAMPLERS2[sampler]
            sched = cls(**SD, **{**kw, **(sched_kw or {})}, **mk.betas_for(schedule))
            embeds = None
            if ip:
                vis = copy.deepcopy(self.vision)
                kw2 = dict(
                    vae=self.vae,
                    text_encoder=te,
                    tokenizer=self.tok,
                    unet=unet,
                    scheduler=sched,
                    image_encoder=vis,
                    feature_extractor=CLIPImageProcessor(
                        size=self.c["vision"]["image"], crop_size=self.c["vision"]["image"]
                    ),
                )
                pipe = (
                    AnimateDiffPipeline(motion_adapter=self.motion[motion], **kw2)
                    if motion
                    else StableDiffusionPipeline(safety_checker=None, requires_safety_checker=False, **kw2)
                )
                pipe.load_ip_adapter(f"{self.out}/models", subfolder="", weight_name=ip["file"])
                pipe.set_ip_adapter_scale(ip["scale"])
                unet.to(dtype), vis.to(dtype)
                images = [Image.open(f"{self.out}/{p}") for p in ip["images"]]
                embeds = pipe.prepare_ip_adapter_image_embeds(
                    [images] if len(images) > 1 else images[0], None, "cpu", 1, cfg > 1
                )
            if freenoise:
                pipe = AnimateDiffPipeline(
                    vae=self.vae,
                    text_encoder=te,
                    tokenizer=self.tok,
                    unet=unet,
                    motion_adapter=self.motion[motion],
                    scheduler=sched,
                )
                pipe.enable_free_noise(
                    context_length=freenoise[0],
                    context_stride=freenoise[1],
                    weighting_scheme=freenoise[2],
                    noise_type="random",
                )
            unet, te = unet.to(dtype).eval(), te.to(dtype)
            enc = encode or (lambda text, t: self.encode(text, t))
            cond, unc = enc(prompt, te), (enc(neg, te) if cfg > 1 else None)
            ctx = torch.cat([unc, cond]) if cfg > 1 else cond
            sched.set_timesteps(steps)
            gen = torch.Generator().manual_seed(seed)
            if seed_only:
                torch.randn((1, 4, f, h, w), generator=gen)
            x = init.to(dtype) * sched.init_noise_sigma
            d = {"latents.init": init[0].permute(1, 0, 2, 3), "text.cond": cond}
            if unc is not None:
                d["text.uncond"] = unc

            def model(inp, t, lo=0, hi=None):
                if motion is None:
                    return unet(
                        inp[:, :, 0],
                        t,
                        encoder_hidden_states=ctx,
                        added_cond_kwargs={"image_embeds": embeds} if ip else None,
                    ).sample[:, :, None]
                if hasattr(unet, "clip_info"):
                    unet.clip_info["frames"] = inp.shape[2]
                return unet(
                    inp,
                    t,
                    encoder_hidden_states=ctx.repeat_interleave(inp.shape[2], 0),
                    added_cond_kwargs={"image_embeds": embeds} if ip else None,
                ).sample

            fi, rounds, allt, k = None, 1, [], 0
            if free_init:
                fi = AnimateDiffPipeline(
                    vae=self.vae,
                    text_encoder=te,
                    tokenizer=self.tok,
                    unet=unet,
                    motion_adapter=self.motion[motion],
                    scheduler=sched,
                )
                fi.enable_free_init(num_iters=free_init[0], method=free_init[1], use_fast_sampling=False)
                rounds = free_init[0]
            for r in range(rounds):
                ts = sched.timesteps
                if fi:
                    before = gen.get_state()
                    x, ts = fi._apply_free_init(x, r, steps, "cpu", dtype, gen)
                    if r:
                        g2 = torch.Generator()
                        g2.set_state(before)
                        d[f"noise.freeinit.{r}"] = torch.randn((1, 4, f, h, w), generator=g2)[0].permute(1, 0, 2, 3)
                        d[f"noise.freeinit.start.{r}"] = x[0].permute(1, 0, 2, 3)
                for i, t in enumerate(ts):
                    inp = sched.scale_model_input(torch.cat([x] * 2) if cfg > 1 else x, t).to(dtype)
                    if window:
                        acc, cnt = torch.zeros_like(inp), torch.zeros((1, 1, f, 1, 1), dtype=dtype)
                        for lo, hi in mk.windows(f, *window[:2]):
                            wt = torch.tensor(window[2](hi - lo), dtype=dtype).view(1, 1, -1, 1, 1)
                            acc[:, :, lo:hi] += wt * model(inp[:, :, lo:hi], t)
                            cnt[:, :, lo:hi] += wt
                        eps = acc / cnt
                    else:
                        eps = model(inp, t)
                    if cfg > 1:
                        u, cnd = eps.chunk(2)
                        eps = u + cfg * (cnd - u)
                        if guidance_rescale:
                            eps = diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion.rescale_noise_cfg(
                                eps, cnd, guidance_rescale=guidance_rescale
                            )
                    kw = dict(step_kw or {})
                    if sampler in STOCHASTIC:
                        kw["generator"] = gen
                        eps, x = eps.float(), x.float()
                    before = gen.get_state()
                    x = sched.step(eps, t, x, **kw).prev_sample.to(dtype)
                    if not torch.equal(before, gen.get_state()):
                        g2 = torch.Generator()
                        g2.set_state(before)
                        d[f"noise.step.{k:03d}"] = torch.randn((1, 4, f, h, w), generator=g2)[0].permute(1, 0, 2, 3)
                    d[f"latents.step.{k:03d}"] = x[0].permute(1, 0, 2, 3)
                    allt.append(float(t))
                    k += 1
            d["latents.final"] = x[0].permute(1, 0, 2, 3)
            pk = pick if pick is not None else ([0] if f == 1 else [])
            d["_pick"] = pk
            if pk or vs == "frames":
                z = x[0].permute(1, 0, 2, 3)[pk or [0]]
                fr = decode(z, dtype) if decode else self.decode(z, dtype)
                d["_raw_frames"] = fr
                for j, i in enumerate(pk):
                    d[f"frames@{i}"] = fr[j].clamp(-1, 1)
            return d, sched, allt

        d, sched, allt = run(torch.float32)
        d64, _, _ = run(torch.float64)
        if self.selfdump and emit:  # the fp64 run as if a renderer had dumped it
            sd = {k: v.float().contiguous().clone() for k, v in d64.items() if not k.startswith(("_", "frames"))}
            fk = [k for k in d64 if k.startswith("frames@")]
            if fk:
                sd["frames"] = torch.zeros(f, *d64[fk[0]].shape)
                for k in fk:
                    sd["frames"][int(k[7:])] = d64[k].float()
            save_file(sd, f"{self.selfdump}/{name}.safetensors")
        floor = max(rel_l2(d[k], d64[k]) for k in d if k.startswith("latents.step"))
        d.pop("_pick")
        raw = d.pop("_raw_frames", None)
        n = len(allt)
        keep = {0, n // 2} if keep_steps is None else set(keep_steps)
        self.results[name] = dict(final=d["latents.final"].clone(), frames=raw)
        if not emit:
            return
        text = self.text_golden(d.pop("text.cond"), d.pop("text.uncond", None))
        gold = {}
        for k, v in d.items():
            if k == "latents.init" or (k.startswith("latents.step") and int(k[-3:]) not in keep):
                continue
            v = v.float().contiguous()
            gold[k] = v.half() if k.startswith("frames") else v.clone()
        save_file(gold, f"{self.out}/golden/{name}.safetensors")
        tol = max(1e-4, 20 * floor)
        ftol = None if raw is None else float((raw.double() - d64["_raw_frames"]).abs().max())
        self.stats[name] = dict(
            seconds=round(time.time() - t0, 2),
            final_std=float(d["latents.final"].std()),
            fp32_vs_fp64_rel_l2=floor,
            frames_std=float(raw.std()) if raw is not None else None,
            frames_fp32_vs_fp64_max=ftol,
            frames_saturated=float((raw.abs() > 1).float().mean()) if raw is not None else None,
        )
        conf = {
            k: v
            for k, v in dict(sched.config).items()
            if not k.startswith("_") and k in {**SAMPLERS2[sampler][1], **(sched_kw or {})}
        }
        self.cases.append(
            dict(
                name=name,
                group=group,
                optional=optional,
                needs=list(needs),
                args=a,
                golden=[text, f"golden/{name}.safetensors"],
                init_golden=rel,
                tolerance={
                    "text.*": {"rel_l2": 2e-5, "max_abs": 5e-4},
                    "latents.init": {"rel_l2": 2e-6, "max_abs": 5e-6},
                    "latents.*": {"rel_l2": float(f"{tol:.2g}"), "max_rel": float(f"{20 * tol:.2g}")},
                    "noise.freeinit.start.*": {"rel_l2": float(f"{tol:.2g}"), "max_rel": float(f"{20 * tol:.2g}")},
                    "noise.*": {"rel_l2": 2e-6, "max_abs": 5e-6},
                    "frames*": {"rel_l2": float(f"{max(2e-3, 20 * tol):.2g}"), "max_abs": 0.02},
                },
                reference=dict(
                    scheduler=type(sched).__name__,
                    schedule=schedule,
                    scheduler_args=conf,
                    step_args={**(step_kw or {})},
                    timesteps=allt,
                    sigmas=[float(s) for s in sched.sigmas]
                    if hasattr(sched, "sigmas") and len(sched.sigmas) < 200
                    else None,
                    init_noise_sigma=float(sched.init_noise_sigma),
                    fp32_vs_fp64_rel_l2=floor,
                    oracle=oracle,
                ),
                notes=notes,
            )
        )
        self.vs[name] = vs
        print(
            f"{name:38s} std={self.stats[name]['final_std']:.3f} floor={floor:.1e} "
            f"{'' if raw is None else 'frames=%.3f sat=%.2f ' % (raw.std(), self.stats[name]['frames_saturated'])}{self.stats[name]['seconds']}s",
            flush=True,
        )

    def decode(self, z, dtype):
        self.vae.to(dtype)
        fr = self.vae.decode(z / VAE_SCALE).sample
        self.vae.float()
        return fr

    def alias(self, name, of, group, replace, optional=False, needs=(), notes="", oracle=""):
        """another file, the same golden as case `of` (by construction the weights are bit-identical)"""
        src = next((x for x in self.cases if x["name"] == of), None)
        if src is None or (self.only and not re.search(self.only, name)):
            return
        x = copy.deepcopy(src)
        args = []
        for s in x["args"]:
            for k, v in replace.items():
                s = s.replace(k, v)
            args.append(s)
        x.update(name=name, group=group, args=args, optional=optional, needs=list(needs), notes=notes)
        x["reference"]["oracle"] = oracle or f"same weights as {of}"
        x["reference"]["same_as"] = of
        if self.selfdump:
            shutil.copy(f"{self.selfdump}/{of}.safetensors", f"{self.selfdump}/{name}.safetensors")
        self.cases.append(x)
        assert args != src["args"], name

    def small_family(self):
        """a second, smaller family for the checkpoint pickles (so that the kit stays small); shares everything else"""
        kb = Kit2(
            dict(self.c, unet=self.c["small"], vae=(32, 32, 32, 32)), self.seed + 1, self.out, self.bpe, self.only
        )
        kb.selfdump = self.selfdump
        for a in ("cases", "stats", "results", "vs", "lat_files", "text_files"):
            setattr(kb, a, getattr(self, a))
        kb.build_models()
        return kb

    # ---- 1. pickle --------------------------------------------------------------------------------
    def group_pickle(self):
        m, c = f"{self.out}/models", self.c
        G = "pickle"
        self.case("p-motion-v2", G, motion="v2", pick=[1], oracle="diffusers UNetMotionModel", notes="safetensors twin")
        kb = self.small_family()
        self.case(
            "p-motion-lora",
            G,
            motion="v2",
            unet_mod=lambda u: self.loras["mlora"].apply(u, None, 0.9),
            vs="p-motion-v2",
            args=["--motion-lora", "{kit}/models/motion-lora.safetensors:0.9"],
            notes="safetensors twin",
        )
        base = kb.base_sd()
        emb_key = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"

        def as_views(src, transpose=True):
            """the same tensors as views (offset, transposed, permuted) into ONE shared storage, some wrapped as
            nn.Parameter"""
            out, flat, plan, off = OrderedDict(), [], [], 0
            for i, (k, v) in enumerate((k, v) for k, v in src.items() if v.dtype == torch.float16):
                tr, pm = v.ndim == 2 and i % 2 == 0, v.ndim == 4 and i % 3 == 0
                t = v.t().contiguous() if tr else v.permute(2, 3, 1, 0).contiguous() if pm else v.contiguous()
                plan.append((k, t.shape, off, tr, pm))
                flat.append(t.flatten())
                off += t.numel()
            store = torch.cat(flat)
            for i, (k, shape, o, tr, pm) in enumerate(plan):
                t = store[o : o + math.prod(shape)].view(shape)
                t = t.t() if tr else t.permute(3, 2, 0, 1) if pm else t
                assert torch.equal(t, src[k])
                out[k] = nn.Parameter(t, requires_grad=i % 10 == 0) if i % 5 == 0 else t
            return out

        # (1) zip format, nested in state_dict, surrounded by what a Lightning checkpoint holds
        fake = types.ModuleType("pytorch_lightning.callbacks.model_checkpoint")
        cls = type("ModelCheckpoint", (), {"__module__": fake.__name__})
        fake.ModelCheckpoint = cls
        sd = as_views({k: v for k, v in base.items() if k != emb_key})
        sd[emb_key] = kb.emb_view()
        ids = "cond_stage_model.transformer.text_model.embeddings.position_ids"
        sd[ids] = base[ids].expand(1, 77)
        sched = mk.make_scheduler("ddim", "scaled_linear")
        sd["betas"], sd["alphas_cumprod"] = sched.betas.clone(), sched.alphas_cumprod.clone()
        sd["alphas_cumprod_f64"] = sched.alphas_cumprod.double()
        sd["model_ema.decay"], sd["model_ema.num_updates"] = torch.tensor(0.9999), torch.tensor(7, dtype=torch.int32)
        sd["flag"] = torch.tensor(True)
        sd._metadata = OrderedDict([("", {"version": 1}), ("model", {"version": 1})])
        small = torch.randn(4, 4, generator=self.gen("opt"))
        full = {
            "epoch": 3,
            "global_step": 875000,
            "pytorch-lightning_version": "1.4.2",
            "state_dict": sd,
            "callbacks": {
                "ModelCheckpoint{'monitor': 'val/loss_simple_ema', 'mode': 'min'}": {
                    "best_model_score": torch.tensor(0.1234),
                    "best_model_path": "",
                    "current_score": None,
                }
            },
            "optimizer_states": [
                {
                    "state": {0: {"step": 10, "exp_avg": small, "exp_avg_sq": small.abs()}},
                    "param_groups": [
                        {
                            "lr": 1e-05,
                            "betas": (0.9, 0.999),
                            "eps": 1e-08,
                            "weight_decay": 0.01,
                            "amsgrad": False,
                            "params": [0, 1, 2],
                        }
                    ],
                }
            ],
            "lr_schedulers": [{"last_epoch": -1, "_step_count": 1, "base_lrs": [1e-05]}],
            "hparams_name": "kwargs",
            "big": 2**70,
            "neg": -3,
            "set": {1, 2},
            "bytes": b"\x00\xff",
            "uni": "\u00e9\u6771",
            "none": None,
            "flags": [True, False],
            "size": torch.Size([1, 2]),
            "dtype": torch.float16,
            "device": torch.device("cpu"),
        }
        torch.save(full, f"{m}/tiny-sd15-nested.ckpt")
        Z = dict(schedule="scaled_linear", ckpt="tiny-sd15-nested.ckpt")
        kb.case(
            "p-ckpt-zip-nested",
            G,
            **Z,
            oracle="torch.save (zip); diffusers UNet2DConditionModel",
            notes="state_dict inside; optimizer states, Lightning metadata, OrderedDict with _metadata, a set, bytes, 2**70, torch.Size, torch.dtype, torch.device around it; all weights are views (offset, transposed, permuted) of ONE shared fp16 storage, the token embedding an overlapping strided view, some are nn.Parameter",
        )
        # (3) motion modules
        v2, v3 = kb.motion_sd("v2"), kb.motion_sd("v3")
        torch.save(
            {"epoch": 1, "global_step": 5000, "state_dict": OrderedDict(("module." + k, v) for k, v in v2.items())},
            f"{m}/motion-v2-module.ckpt",
        )
        kb.case(
            "p-motion-zip-module-prefix",
            G,
            motion="v2",
            size=(128, 128),
            frames=3,
            steps=3,
            motion_file="motion-v2-module.ckpt",
            ckpt="tiny-sd15-nested.ckpt",
            oracle="torch.save (zip)",
            notes="AnimateDiff's trainer form: state_dict of a DistributedDataParallel model (module. prefix); over a pickled checkpoint",
        )
        torch.save(dict(v3), f"{m}/motion-v3-legacy.pth", _use_new_zipfile_serialization=False)
        kb.case(
            "p-motion-legacy",
            G,
            motion="v3",
            size=(128, 128),
            frames=3,
            steps=3,
            motion_file="motion-v3-legacy.pth",
            ckpt="tiny-sd15-nested.ckpt",
            oracle="torch.save (legacy, protocol 2)",
            notes="a pickled motion module over a pickled checkpoint",
        )
        # (4) motion LoRA: zip with views and Parameters, fp32; bf16
        views = {}
        for i, (k, v) in enumerate(self.mlora.items()):
            big = torch.zeros(v.numel() + 7)
            big[5 : 5 + v.numel()] = v.float().flatten()
            t = big[5 : 5 + v.numel()].view(v.shape)
            views["module." + k] = nn.Parameter(t) if i % 2 else t
        torch.save({"state_dict": views, "global_step": 1}, f"{m}/motion-lora-views.pt")
        self.alias(
            "p-motion-lora-zip-views",
            "p-motion-lora",
            G,
            {"motion-lora.safetensors": "motion-lora-views.pt"},
            oracle="torch.save (zip)",
            notes="fp32, storage longer than the tensor, offset 5, Parameters, module. prefix",
        )
        torch.save(
            {k: v.bfloat16() for k, v in self.mlora.items()},
            f"{m}/motion-lora-bf16.bin",
            _use_new_zipfile_serialization=False,
        )
        ls16 = mk.LoraSet()
        for w, path, d in self.loras["mlora"].items:
            pass
        bf = {k: v.bfloat16().float() for k, v in self.mlora.items()}
        for n, x in self.linear_targets(self.motion["v2"], r"attn\d\.(to_[qkv]|to_out\.0)$"):
            b, proj = original_motion_key(n.replace(".to_out.0", ".to_out") + ".").rstrip(".").rsplit(".", 1)
            ls16.add(
                "unet", n, bf[f"{b}.processor.{proj}_lora.up.weight"], bf[f"{b}.processor.{proj}_lora.down.weight"], 1.0
            )
        self.case(
            "p-motion-lora-bf16",
            G,
            motion="v2",
            unet_mod=lambda u: ls16.apply(u, None, 0.9),
            vs="p-motion-v2",
            args=["--motion-lora", "{kit}/models/motion-lora-bf16.bin:0.9"],
            oracle="torch.save (legacy) of BFloat16Storage",
            notes="weights rounded to bfloat16 first",
        )
        # (5) VAE .pt
        self.case("t-none", G, schedule="scaled_linear", emit=False)
        g = self.gen("vae2")
        vae2 = diffusers.AutoencoderKL.from_config(self.vae.config)
        vae2.load_state_dict(self.vae.state_dict())
        mk.init_module(
            vae2.decoder, g, [(r"conv_out\.weight", 0.4), (r"to_[qk]\.weight", 1.2), (r"conv2\.weight", 0.7)]
        )
        vae2.eval()
        vsd = {}
        for k, v in half_sd(vae2.state_dict()).items():
            nk = ldm_vae_key(k)
            vsd[nk] = v[:, :, None, None] if ".attn_1." in nk and v.ndim == 2 else v
        vsd = as_views(vsd)
        vsd["loss.logvar"] = torch.zeros(1)
        vsd["model_ema.decay"] = torch.tensor(0.9999)
        torch.save(
            {"epoch": 14, "global_step": 420000, "state_dict": vsd},
            f"{m}/tiny-vae.vae.pt",
            _use_new_zipfile_serialization=False,
        )

        def dec(z, dtype):
            vae2.to(dtype)
            fr = vae2.decode(z / VAE_SCALE).sample
            vae2.float()
            return fr

        self.case(
            "p-vae-pt",
            G,
            schedule="scaled_linear",
            args=["--vae", "{kit}/models/tiny-vae.vae.pt"],
            decode=dec,
            vs="frames:t-none",
            oracle="torch.save (legacy, protocol 2); AutoencoderKL",
            notes="legacy format; every tensor a view of one shared storage, some nn.Parameter",
        )
        # (6) textual inversion
        hid, gt = c["clip"][0], self.gen("ti")
        vec = (0.4 * torch.randn(3, hid, generator=gt)).half().float()
        text = f"a {TRIGGER} picture, " + c["prompt"]
        torch.save(
            {
                "string_to_token": {"*": torch.tensor(265)},
                "string_to_param": {"*": nn.Parameter(vec)},
                "name": TRIGGER,
                "step": 1999,
                "sd_checkpoint": "e02601f3",
                "sd_checkpoint_name": "tiny",
            },
            f"{m}/ti/{TRIGGER}.pt",
        )
        os.makedirs(f"{m}/ti/diffusers", exist_ok=True)
        torch.save({f"<{TRIGGER}>": vec[0].clone()}, f"{m}/ti/diffusers/{TRIGGER}.bin")
        torch.save({f"<{TRIGGER}>": vec.clone()}, f"{m}/ti/learned_embeds.bin", _use_new_zipfile_serialization=False)
        os.makedirs(f"{m}/ti/paramdict", exist_ok=True)
        pd = nn.ParameterDict({"*": nn.Parameter(vec)})
        torch.save(
            {"string_to_token": {"*": 265}, "string_to_param": pd, "name": TRIGGER, "step": None},
            f"{m}/ti/paramdict/{TRIGGER}.pt",
        )

        def encode_with(state, token):
            te = copy.deepcopy(self.te)
            tok = mk.build_tokenizer(self.bpe)[0]
            pipe = StableDiffusionPipeline(
                vae=self.vae,
                text_encoder=te,
                tokenizer=tok,
                unet=self.unet,
                scheduler=mk.make_scheduler("ddim"),
                safety_checker=None,
                feature_extractor=None,
                requires_safety_checker=False,
            )
            pipe.load_textual_inversion(state, token=token)

            def enc(t, given):
                pipe.text_encoder.to(next(given.parameters()).dtype)
                t = pipe.maybe_convert_prompt(t, tok)
                ids = tok(t, padding="max_length", max_length=77, truncation=True, return_tensors="pt").input_ids
                return pipe.text_encoder(ids).last_hidden_state

            return enc

        self.case("p-ti-none", G, prompt=text, emit=False, schedule="scaled_linear")
        self.case(
            "p-ti-a1111",
            G,
            prompt=text,
            encode=encode_with(vec.clone(), TRIGGER),
            schedule="scaled_linear",
            vs="p-ti-none",
            args=["--embedding", f"{{kit}}/models/ti/{TRIGGER}.pt"],
            oracle="torch.save; diffusers load_textual_inversion, 3 vectors",
            notes="called by the file's name; no space is kept between the word and its neighbours' tokens",
        )
        self.alias(
            "p-ti-a1111-parameterdict",
            "p-ti-a1111",
            G,
            {f"ti/{TRIGGER}.pt": f"ti/paramdict/{TRIGGER}.pt"},
            optional=True,
            notes="original textual_inversion / old A1111: string_to_param is a torch.nn.ParameterDict (GLOBAL torch.nn.modules.container ParameterDict + BUILD)",
        )
        self.case(
            "p-ti-diffusers-bin",
            G,
            prompt=text,
            encode=encode_with(vec[0].clone(), TRIGGER),
            schedule="scaled_linear",
            vs="p-ti-none",
            args=["--embedding", f"{{kit}}/models/ti/diffusers/{TRIGGER}.bin"],
            oracle="torch.save; diffusers load_textual_inversion, 1 vector of shape [C]",
        )
        t2 = text.replace(TRIGGER, f"<{TRIGGER}>")
        self.case(
            "p-ti-learned-embeds",
            G,
            prompt=t2,
            encode=encode_with(vec.clone(), f"<{TRIGGER}>"),
            schedule="scaled_linear",
            vs="p-ti-none",
            optional=True,
            args=["--embedding", "{kit}/models/ti/learned_embeds.bin"],
            oracle="diffusers load_textual_inversion",
            notes="a file called learned_embeds.*: the trigger is the key of the tensor, <kit2style>, not the file name",
        )
        # (7) class references that are never called
        sys.modules["pytorch_lightning"] = types.ModuleType("pytorch_lightning")
        sys.modules["pytorch_lightning.callbacks"] = types.ModuleType("pytorch_lightning.callbacks")
        sys.modules[fake.__name__] = fake
        torch.save(
            {
                "epoch": 0,
                "callbacks": {cls: {"best_model_score": torch.tensor(0.5)}},
                "state_dict": {k: v for k, v in self.mlora.items()},
            },
            f"{m}/motion-lora-lightning.ckpt",
        )
        for k in (fake.__name__, "pytorch_lightning.callbacks", "pytorch_lightning"):
            sys.modules.pop(k)
        self.alias(
            "p-motion-lora-lightning-class",
            "p-motion-lora",
            G,
            {"motion-lora.safetensors": "motion-lora-lightning.ckpt"},
            optional=True,
            notes="the pickle names the class pytorch_lightning...ModelCheckpoint as a dict key (never called), as SD 1.x full-ema files do; torch's weights_only refuses it",
        )
        self.hostile_pickles()

    def hostile_pickles(self):
        m = f"{self.out}/models/hostile"
        P = b"\x80\x02"
        uni = lambda s: b"X" + struct.pack("<I", len(s.encode())) + s.encode()
        glob = lambda mod, name: b"c" + mod.encode() + b"\n" + name.encode() + b"\n"
        cmd = f"touch {MARKER}"
        one = lambda mod, name, arg: glob(mod, name) + b"(" + uni(arg) + b"tR"
        key = "module.down_blocks.0.motion_modules.0.temporal_transformer.norm.weight"
        wrap = lambda val: P + b"}" + uni(key) + val + b"s."  # {key: val}

        def zip_of(pkl, extra=None, method=zipfile.ZIP_STORED, name="archive"):
            b = io.BytesIO()
            with zipfile.ZipFile(b, "w", method) as z:
                z.writestr(zipfile.ZipInfo(f"{name}/data.pkl"), pkl)
                for n, v in (extra or {"data/0": b"\0" * 64}).items():
                    z.writestr(
                        zipfile.ZipInfo(n if n.startswith(("/", "..")) else f"{name}/{n}"), v, compress_type=method
                    )
                z.writestr(zipfile.ZipInfo(f"{name}/version"), b"3\n")
            return b.getvalue()

        def tensor(storage=b"FloatStorage", sk="0", numel=16, off=0, size=(16,), stride=(1,)):
            i = lambda n: b"\x8a\x09" + int(n).to_bytes(9, "little", signed=True)
            tup = lambda xs: b"(" + b"".join(i(x) for x in xs) + b"t"
            pid = b"(" + uni("storage") + glob("torch", storage.decode()) + uni(sk) + uni("cpu") + i(numel) + b"tQ"
            return (
                glob("torch._utils", "_rebuild_tensor_v2")
                + b"("
                + pid
                + i(off)
                + tup(size)
                + tup(stride)
                + b"\x89"
                + glob("collections", "OrderedDict")
                + b")RtR"
            )

        legacy_head = (
            P
            + b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
            + P
            + b"M\xe9\x03."
            + P
            + b"}("
            + uni("protocol_version")
            + b"M\xe9\x03"
            + uni("little_endian")
            + b"\x88"
            + uni("type_sizes")
            + b"}u."
        )
        H = {}

        def put(name, data, why, ran=False):
            H[name] = (data, why, ran)

        put("os-system.ckpt", zip_of(wrap(one("os", "system", cmd))), "GLOBAL os.system, REDUCE", True)
        put(
            "posix-system-legacy.ckpt",
            legacy_head + wrap(one("posix", "system", cmd)) + P + b"].",
            "posix.system in a legacy file",
            True,
        )
        put("posix-system-bare.bin", wrap(one("posix", "system", cmd)), "a bare pickle, no torch container", True)
        put(
            "builtins-eval.pt",
            zip_of(wrap(one("builtins", "eval", f"__import__('os').system('{cmd}')"))),
            "builtins.eval",
            True,
        )
        put(
            "py2-builtin-eval.pt",
            zip_of(wrap(one("__builtin__", "eval", f"__import__('os').system('{cmd}')"))),
            "__builtin__.eval (protocol 2 spelling)",
            True,
        )
        put("exec.pth", zip_of(wrap(one("builtins", "exec", f"import os; os.system('{cmd}')"))), "builtins.exec", True)
        put(
            "getattr-chain.ckpt",
            zip_of(
                wrap(
                    glob("builtins", "getattr")
                    + b"("
                    + glob("os", "path")
                    + uni("os")
                    + b"tR0"
                    + one("os", "system", cmd)
                )
            ),
            "getattr chain, then os.system",
            True,
        )
        put(
            "subprocess.ckpt",
            zip_of(wrap(glob("subprocess", "Popen") + b"((" + uni("touch") + uni(MARKER) + b"ltR")),
            "subprocess.Popen([..])",
            True,
        )
        put(
            "stack-global.ckpt",
            zip_of(b"\x80\x04}" + uni(key) + uni("os") + uni("system") + b"\x93(" + uni(cmd) + b"tRs."),
            "STACK_GLOBAL (protocol 4)",
            True,
        )
        put(
            "dotted-attr.ckpt",
            zip_of(
                b"\x80\x04}" + uni(key) + uni("torch._utils") + uni("sys.modules.get") + b"\x93(" + uni("os") + b"tRs."
            ),
            "STACK_GLOBAL with a dotted name that climbs out of an allowed module",
        )
        put("inst-opcode.ckpt", zip_of(P + b"}" + uni(key) + b"(" + uni(cmd) + b"ios\nsystem\ns."), "INST opcode", True)
        put(
            "obj-opcode.ckpt",
            zip_of(P + b"}" + uni(key) + b"(" + glob("os", "system") + uni(cmd) + b"os."),
            "OBJ opcode",
            True,
        )
        put(
            "newobj.ckpt",
            zip_of(
                P + b"}" + uni(key) + glob("subprocess", "Popen") + b"((" + uni("touch") + uni(MARKER) + b"lt\x81s."
            ),
            "NEWOBJ of subprocess.Popen",
        )
        put(
            "build-setstate.ckpt",
            zip_of(
                P
                + b"}"
                + uni(key)
                + glob("collections", "OrderedDict")
                + b")R}"
                + uni("__reduce__")
                + glob("os", "system")
                + b"sbs."
            ),
            "BUILD writing attributes that name os.system",
        )
        put("ext-opcode.ckpt", zip_of(P + b"}" + uni(key) + b"\x82\x01s."), "EXT1 (copyreg extension registry)")
        put(
            "nested-load-from-bytes.ckpt",
            zip_of(
                wrap(
                    glob("torch.storage", "_load_from_bytes")
                    + b"("
                    + b"B"
                    + struct.pack("<I", len(zip_of(wrap(one("os", "system", cmd)))))
                    + zip_of(wrap(one("os", "system", cmd)))
                    + b"tR"
                )
            ),
            "torch.storage._load_from_bytes with a nested pickle: a name inside torch. that loads again",
        )
        put(
            "torch-hub.ckpt",
            zip_of(wrap(one("torch.hub", "load", "evil/repo"))),
            "torch.hub.load: not every torch.* name is harmless",
        )
        put(
            "rebuild-then-system.ckpt",
            zip_of(P + b"}(" + uni(key) + tensor() + uni(key + "2") + one("os", "system", cmd) + b"u."),
            "a good tensor first, then os.system",
        )
        put(
            "memo-global.ckpt",
            zip_of(P + glob("os", "system") + b"q\x000}" + uni(key) + b"h\x00(" + uni(cmd) + b"tRs."),
            "os.system through the memo",
            True,
        )
        arr = glob("numpy.core.multiarray", "_reconstruct") + b"(" + glob("numpy", "ndarray") + b"(K\x00tC\x01btR"
        put("numpy-weights.ckpt", zip_of(wrap(arr)), "weights are numpy arrays, not tensors")
        put(
            "numpy-object-array.ckpt",
            zip_of(
                wrap(
                    arr
                    + b"(K\x01(K\x01t"
                    + glob("numpy", "dtype")
                    + b"("
                    + uni("O8")
                    + b"K\x00K\x01tR\x89]("
                    + one("os", "system", cmd)
                    + b"etb"
                )
            ),
            "object array holding a call",
            True,
        )
        # bombs
        put("deep-nesting.ckpt", zip_of(P + b"]" * 100000 + b"a" * 99999 + b"."), "100,000 nested lists")
        put(
            "billion-laughs.ckpt",
            zip_of(
                P
                + b"}"
                + uni(key)
                + b"K\x01"
                + b"".join(b"q" + bytes([i]) + b"h" + bytes([i]) + b"\x86" for i in range(100))
                + b"s."
            ),
            "100 doublings through the memo: 2^100 leaves if walked",
        )
        put("memo-cycle-list.ckpt", zip_of(P + b"]q\x00h\x00a."), "a list that holds itself")
        put(
            "memo-cycle-state-dict.ckpt",
            zip_of(P + b"}q\x00" + uni("state_dict") + b"h\x00s."),
            "state_dict is the dict itself, without end",
        )
        put(
            "huge-unicode.ckpt",
            zip_of(P + b"X\xff\xff\xff\xff" + b"a" * 10),
            "BINUNICODE of 4 GiB in a file of a few bytes",
        )
        put("huge-unicode8.ckpt", zip_of(b"\x80\x04\x8d" + struct.pack("<Q", 2**62) + b"a."), "BINUNICODE8 of 2^62")
        put("huge-bytes8.ckpt", zip_of(b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"a."), "BINBYTES8 of 2^40")
        put("huge-long4.ckpt", zip_of(P + b"\x8b\xff\xff\xff\x7fa."), "LONG4 of 2 GiB")
        put("negative-long4.ckpt", zip_of(P + b"\x8b\xff\xff\xff\xffa."), "LONG4 with a negative length")
        put("huge-frame.ckpt", zip_of(b"\x80\x04\x95" + struct.pack("<Q", 2**50) + b"}."), "FRAME of 2^50")
        put("memo-index.ckpt", zip_of(P + b"]r\xff\xff\xff\x7f."), "LONG_BINPUT at index 2^31-1 (no dense memo)")
        put("huge-shape.ckpt", zip_of(wrap(tensor(size=(2**40, 2**40), stride=(2**40, 1)))), "shape 2^40 x 2^40")
        put(
            "overflow-shape.ckpt",
            zip_of(wrap(tensor(size=(2**32, 2**32), stride=(0, 0), numel=1))),
            "shape product overflows 64 bits, stride 0",
        )
        put(
            "expanded-bomb.ckpt",
            zip_of(wrap(tensor(size=(2**20, 2**20), stride=(0, 0), numel=1))),
            "1 value expanded to 2^40 by stride 0: legal for torch, must not be materialised",
        )
        put("many-dims.ckpt", zip_of(wrap(tensor(size=(1,) * 2000, stride=(1,) * 2000))), "2,000 dimensions")
        # storages
        put(
            "short-storage.ckpt",
            zip_of(wrap(tensor(numel=16, size=(100, 100), stride=(100, 1)))),
            "tensor larger than its storage",
        )
        put(
            "short-record.ckpt",
            zip_of(wrap(tensor(numel=10000, size=(100, 100), stride=(100, 1)))),
            "storage record shorter than its numel",
        )
        put("offset-past-end.ckpt", zip_of(wrap(tensor(off=15, size=(4,)))), "storage offset past the end")
        put("negative-offset.ckpt", zip_of(wrap(tensor(off=-4, size=(4,)))), "negative storage offset")
        put("negative-stride.ckpt", zip_of(wrap(tensor(off=3, size=(4,), stride=(-1,)))), "negative stride")
        put("negative-size.ckpt", zip_of(wrap(tensor(size=(-16,)))), "negative size")
        put("missing-record.ckpt", zip_of(wrap(tensor(sk="7"))), "storage record is not in the archive")
        put(
            "slip-key.ckpt",
            zip_of(wrap(tensor(sk="../../../../../../../../etc/passwd", numel=8, size=(8,)))),
            "storage key with ../ : must not be read from outside the archive",
        )
        put("bad-persid.ckpt", zip_of(wrap(b"K\x05Q")), "persistent id is an int")
        put("bad-dtype.ckpt", zip_of(wrap(tensor(storage=b"EvilStorage"))), "unknown storage class")
        put(
            "legacy-short-storage.ckpt",
            legacy_head + wrap(b"(" + uni("x") + b"tQ") + P + b"].",
            "legacy: malformed persistent id",
        )
        # containers
        good = zip_of(wrap(tensor()))
        put("truncated.ckpt", good[: len(good) // 2], "zip cut in half")
        put("truncated-legacy.ckpt", (legacy_head + wrap(tensor()))[:-9], "legacy cut")
        put("no-stop.ckpt", zip_of(wrap(tensor())[:-1]), "pickle without STOP")
        put("stack-underflow.ckpt", zip_of(P + b"tRR."), "stack underflow")
        put("empty.ckpt", b"", "empty file")
        put("not-a-pickle.ckpt", b"PK\x03\x04" + bytes(range(200)), "zip magic, then noise")
        bad = bytearray(good)
        cd = good.rfind(
            b"PK\x01\x02", 0, good.rfind(b"PK\x01\x02")
        )  # second to last entry of the central directory: data/0
        struct.pack_into("<II", bad, cd + 20, 0x7FFFFFFF, 0x7FFFFFFF)
        put("zip-wrong-sizes.ckpt", bytes(bad), "central directory says 2 GiB for a record of 64 bytes")
        bad = bytearray(good)
        struct.pack_into("<I", bad, cd + 42, len(good) + 1000)
        put("zip-offset-outside.ckpt", bytes(bad), "record offset outside of the file")
        bad = bytearray(good)
        struct.pack_into("<H", bad, len(good) - 22 + 10, 60000)
        struct.pack_into("<I", bad, len(good) - 22 + 12, 0x7FFFFFFF)
        put("zip-wrong-directory.ckpt", bytes(bad), "end record says 60,000 entries of 2 GiB")
        bomb = zip_of(wrap(tensor()), {"data/0": b"\0" * (64 << 20)}, zipfile.ZIP_DEFLATED)
        put(
            "zip-bomb.ckpt",
            bomb,
            "data/0 is a deflated record of 64 MiB for a tensor of 64 bytes (torch stores, never deflates)",
        )
        put(
            "zip-slip.ckpt",
            zip_of(
                wrap(tensor(sk="9")),
                {
                    "../../../../../../tmp/zoetrope_kit2_slip": b"x",
                    "/tmp/zoetrope_kit2_slip2": b"x",
                    "data/0": b"\0" * 64,
                },
            ),
            "archive entries with ../ and absolute names (and no record 9): nothing may be written",
        )
        absent = [MARKER, "/tmp/zoetrope_kit2_slip", "/tmp/zoetrope_kit2_slip2"]
        for name, (data, why, ran) in H.items():
            with open(f"{m}/{name}", "wb") as fh:
                fh.write(data)
            as_motion = name.startswith(("subprocess", "short", "zip", "deep", "memo-cycle"))
            args = [
                "render",
                "--checkpoint",
                "{kit}/models/" + ("tiny-sd15.safetensors" if as_motion else f"hostile/{name}"),
            ]
            if as_motion:
                args += ["--motion", f"{{kit}}/models/hostile/{name}"]
            args += [
                "--prompt",
                "x",
                "--seed",
                "1",
                "--steps",
                "1",
                "--frames",
                "1" if not as_motion else "2",
                "--width",
                "64",
                "--height",
                "64",
                "--out",
                "{out}",
                "--dump",
                "{dump}",
            ]
            self.hostile.append(
                dict(
                    name="hostile-" + name.replace(".", "-"),
                    group="hostile",
                    file=f"models/hostile/{name}",
                    args=args,
                    why=why,
                    executes_under_plain_pickle=ran,
                    expect=dict(exit=2, stderr_lines=1, absent=absent, no_output=True, seconds=60),
                )
            )
        self.check_hostile()

    def check_hostile(self):
        """prove that the dangerous files are dangerous (plain pickle runs them) and that torch's weights_only refuses
        all of them"""
        m, ok, refused = f"{self.out}/models/hostile", 0, 0
        for h in self.hostile:
            p = f"{self.out}/{h['file']}"
            if h["executes_under_plain_pickle"]:
                if os.path.exists(MARKER):
                    os.remove(MARKER)
                code = (
                    "import sys,zipfile,pickle,io\np=sys.argv[1]\n"
                    "d=open(p,'rb').read()\n"
                    "class U(pickle.Unpickler):\n    def persistent_load(self,x): return None\n"
                    "try:\n d=zipfile.ZipFile(p).read('archive/data.pkl')\nexcept Exception: pass\n"
                    "f=io.BytesIO(d)\n"
                    "try:\n  while f.tell()<len(d): U(f).load()\nexcept Exception as e: pass\n"
                    "import time;time.sleep(0.2)\n"
                )
                subprocess.run([sys.executable, "-c", code, p], timeout=120, capture_output=True)
                assert os.path.exists(MARKER), f"{h['name']} does nothing under plain pickle"
                os.remove(MARKER)
                ok += 1
        code = (
            "import torch,sys,os,resource,signal\ntorch.set_num_threads(1)\n"
            "for p in sys.argv[1:]:\n"
            "  sys.stdout.flush(); pid=os.fork()\n"
            "  if pid==0:\n"
            "    signal.alarm(30); resource.setrlimit(resource.RLIMIT_AS,(6<<30,6<<30)); r='loaded'\n"
            "    try: torch.load(p,weights_only=True)\n"
            "    except BaseException as e: r='refused '+type(e).__name__\n"
            "    print(os.path.basename(p)+'|'+r,flush=True); os._exit(0)\n"
            "  st=os.waitpid(pid,0)[1]\n"
            "  if st: print(os.path.basename(p)+'|crashed, status '+str(st),flush=True)\n"
        )
        r = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code] + [f"{self.out}/{h['file']}" for h in self.hostile],
            timeout=1200,
            capture_output=True,
            text=True,
        )
        said = dict(line.split("|", 1) for line in r.stdout.splitlines() if "|" in line)
        for h in self.hostile:
            h["torch_weights_only"] = said.get(os.path.basename(h["file"]), "?")
            refused += "refused" in h["torch_weights_only"]
        assert not os.path.exists(MARKER)
        print(
            f"hostile: {len(self.hostile)} files, {ok} proven to run code under plain pickle, torch weights_only refuses {refused}",
            flush=True,
        )
        print(
            "   torch weights_only does not refuse:",
            [
                (h["name"], h.get("torch_weights_only"))
                for h in self.hostile
                if "refused" not in h.get("torch_weights_only", "")
            ],
        )

    # ---- 2. adapters ------------------------------------------------------------------------------
    def lyco(self, gen, layer, kind, amp=0.6, **kw):
        """a LyCORIS module over `layer`, its parameters filled; the tensors are rounded to fp16 as in the file"""
        cls = dict(lora=LoConModule, loha=LohaModule, lokr=LokrModule, ia3=IA3Module)[kind]
        layer = copy.deepcopy(layer)
        mod = cls("n", layer, 1.0, **kw)
        with torch.no_grad():
            for n, p in mod.named_parameters():
                if n == "dora_scale":
                    p.mul_(1 + 0.25 * torch.randn(p.shape, generator=gen))
                elif kind == "ia3":
                    p.copy_(0.4 * torch.randn(p.shape, generator=gen))
                elif p.numel():
                    fan = p[0].numel() if p.ndim > 1 else p.numel()
                    p.copy_(torch.randn(p.shape, generator=gen) / math.sqrt(fan))
            # bring the difference to `amp` of the weight's norm by scaling one factor
            if kind != "ia3":
                d = lyco_diff(mod, kind, layer.weight.shape)
                tgt = amp * layer.weight.norm() / d.norm().clamp_min(1e-9)
                first = next(
                    p for n, p in mod.named_parameters() if n in ("lora_up.weight", "hada_w1_a", "lokr_w1", "lokr_w1_a")
                )
                first.mul_(tgt)
            for p in mod.parameters():
                p.copy_(p.half().float())
            check_forward(mod, kind, layer)
        return mod

    def lyco_tensors(self, mod, kind):
        if kind == "ia3":
            return {"weight": mod.weight.detach().half().contiguous(), "on_input": mod.on_input.detach().clone()}
        return {k: v.detach().float().half().contiguous().clone() for k, v in mod.custom_state_dict().items()}

    def group_adapters(self):
        c, m = self.c, f"{self.out}/models/adapters"
        G, r, alpha, rc = "adapters", c["lyco_rank"], c["lyco_alpha"], c["conv_rank"]
        LIN = r"((down_blocks\.[02]|mid_block|up_blocks\.[13]).*(attn\d\.to_[qv]|to_out\.0)|(down_blocks\.1|up_blocks\.2).*ff\.net\.(0\.proj|2))$"
        CONV = r"(down_blocks\.[01]\.(resnets\.0\.conv1|downsamplers\.0\.conv)|mid_block\.resnets\.0\.conv2|up_blocks\.[23]\.resnets\.0\.conv1)$"
        PROJ = r"attentions\.\d\.proj_(in|out)$"
        ATTN2 = r"attn2\.(to_[qkv]|to_out\.0)$"
        self.case("a-none", G, schedule="scaled_linear", emit=False)
        self.case("a-none-v2", G, motion="v2", emit=False)

        def build(tag, rows, prefix=("lora_unet_", "lora_te_")):
            """rows: (where, regex, kind, kwargs) -> file tensors and a list of (where, path, merge(weight multiplier)
            -> weight)"""
            g, sd, merges = self.gen("adapter-" + tag), {}, []
            for where, pat, kind, kw in rows:
                root = self.unet if where == "unet" else self.te
                for n, x in self.linear_targets(root, pat):
                    mod = self.lyco(g, x, kind, **kw)
                    pre = prefix[0] if where == "unet" else prefix[1]
                    path = n if where == "unet" else self.te_path(n)
                    for k, v in self.lyco_tensors(mod, kind).items():
                        sd[pre + path.replace(".", "_") + "." + k] = v
                    merges.append((where, n, mod, kind))
            return sd, merges

        def apply(merges, where, weight, dora="lycoris"):
            def f(root):
                with torch.no_grad():
                    for w, n, mod, kind in merges:
                        if w != where:
                            continue
                        p = root.get_submodule(n).weight
                        new = lyco_merge(mod, kind, p.shape, weight)
                        p.copy_(new)

            return f

        def go(
            name,
            rows,
            weight=1.0,
            motion=None,
            prefix=("lora_unet_", "lora_te_"),
            mutate=None,
            notes="",
            oracle="lycoris-lora modules' forward (get_weight, once scaled)",
            **kw,
        ):
            tag = name[2:]
            sd, merges = build(kw.pop("tag", tag), rows, prefix)
            if mutate:
                sd = mutate(sd, merges)
            save_file(sd, f"{m}/{tag}.safetensors", metadata={"ss_network_module": "lycoris.kohya"})
            self.case(
                name,
                G,
                motion=motion,
                schedule="linear" if motion else "scaled_linear",
                args=["--lora", f"{{kit}}/models/adapters/{tag}.safetensors:{weight}"],
                unet_mod=apply(merges, "unet", weight),
                te_mod=apply(merges, "te", weight),
                vs="a-none-v2" if motion else "a-none",
                notes=notes,
                oracle=oracle,
                **kw,
            )

        TE = r"self_attn\.(q|v|out)_proj$|mlp\.fc1$"
        D = dict(lora_dim=r, alpha=alpha)
        Dc = dict(lora_dim=rc, alpha=1.5)
        go(
            "a-loha",
            [("unet", LIN, "loha", D), ("unet", CONV, "loha", Dc), ("unet", PROJ, "loha", Dc), ("te", TE, "loha", D)],
            0.8,
            notes="(w1_a w1_b) * (w2_a w2_b) * alpha/rank; conv without tucker: w*_b is [r, in*k*k]",
        )
        go("a-loha-v2", [("unet", ATTN2, "loha", D)], 1.0, motion="v2")
        go(
            "a-loha-tucker",
            [("unet", CONV, "loha", dict(Dc, use_tucker=True))],
            0.8,
            notes="hada_t1/t2 [r,r,k,k]; w*_a is [r, out], w*_b [r, in]",
        )
        go(
            "a-lokr-full-w1",
            [
                ("unet", LIN, "lokr", dict(lora_dim=2, alpha=1.0, factor=4)),
                ("unet", CONV, "lokr", dict(lora_dim=2, alpha=1.0, factor=4)),
                ("te", TE, "lokr", dict(lora_dim=2, alpha=1.0, factor=8)),
            ],
            0.9,
            notes="lokr_w1 full, lokr_w2 = w2_a w2_b; kron(w1, w2) * alpha/rank; conv w2_b is [r, in2*k*k]",
        )
        go(
            "a-lokr-full-matrix",
            [("unet", ATTN2, "lokr", dict(lora_dim=4, alpha=1.0, factor=4, full_matrix=True))],
            1.0,
            notes="both halves full: the file's alpha does not matter, the scale is 1",
            mutate=lambda sd, mg: {
                k: (torch.tensor(0.37).half() if k.endswith(".alpha") else v) for k, v in sd.items()
            },
        )
        go(
            "a-lokr-decomposed-both",
            [
                ("unet", ATTN2, "lokr", dict(lora_dim=1, alpha=0.5, factor=8, decompose_both=True)),
                ("unet", r"ff\.net\.0\.proj$", "lokr", dict(lora_dim=2, alpha=0.5, factor=8, decompose_both=True)),
            ],
            1.0,
            notes="lokr_w1_a/b and lokr_w2_a/b: alpha/rank once, not squared",
        )
        go(
            "a-lokr-tucker",
            [("unet", CONV, "lokr", dict(lora_dim=2, alpha=1.0, factor=4, use_tucker=True))],
            1.0,
            notes="lokr_t2 [r,r,k,k], w2_a [r, out2], w2_b [r, in2]",
        )
        go(
            "a-locon-tucker",
            [("unet", CONV, "lora", dict(Dc, use_tucker=True)), ("unet", PROJ, "lora", Dc)],
            1.0,
            notes="lora_mid.weight (CP decomposition): down 1x1, mid kxk, up 1x1",
        )
        DW = dict(D, weight_decompose=True)
        go(
            "a-dora-in",
            [
                ("unet", LIN, "lora", dict(DW, wd_on_out=False)),
                ("unet", CONV, "lora", dict(Dc, weight_decompose=True, wd_on_out=False)),
            ],
            1.0,
            notes="dora_scale [1, in] (conv [1, in, 1, 1]): norm per INPUT channel of W + dW (LyCORIS wd_on_out=False; A1111, ComfyUI)",
        )
        go(
            "a-dora-out",
            [
                ("unet", LIN, "lora", dict(DW, wd_on_out=True)),
                ("unet", CONV, "lora", dict(Dc, weight_decompose=True, wd_on_out=True)),
                ("te", TE, "lora", dict(DW, wd_on_out=True)),
            ],
            1.0,
            notes="dora_scale [out, 1] (conv [out, 1, 1, 1]): norm per OUTPUT row of W + dW (LyCORIS wd_on_out=True, the default of 4.1.3). ComfyUI divides by the norm of W alone here (quirk); square layers: the SHAPE decides",
        )
        go(
            "a-dora-in-0.6",
            [("unet", ATTN2, "lora", dict(DW, wd_on_out=False))],
            0.6,
            notes="weight other than 1: W + weight*(W' - W) (A1111, ComfyUI). LyCORIS' own multiplier scales (m/|W+dW| - 1) instead and differs",
            oracle="LyCORIS for W', A1111/ComfyUI for the interpolation",
        )
        go("a-dora-loha-out", [("unet", ATTN2, "loha", dict(DW, wd_on_out=True))], 1.0, notes="LoHa with dora_scale")
        go(
            "a-dora-lokr-in",
            [("unet", ATTN2, "lokr", dict(lora_dim=2, alpha=1.0, factor=4, weight_decompose=True, wd_on_out=False))],
            1.0,
            notes="LoKr with dora_scale",
        )
        go(
            "a-ia3",
            [
                ("unet", r"attn2\.to_[kv]$", "ia3", dict(train_on_input=False)),
                ("unet", r"ff\.net\.2$", "ia3", dict(train_on_input=True)),
                ("unet", r"attentions\.\d\.proj_out$", "ia3", dict(train_on_input=False)),
            ],
            0.7,
            notes="LyCORIS form: <layer>.weight + <layer>.on_input (0/1); W *= 1 + weight*w along out (or in) channels; biases untouched",
        )

        # full difference and norms
        g, sd, mods = self.gen("adapter-full"), {}, []
        for n, x in self.linear_targets(
            self.unet,
            r"(attn1\.to_out\.0|conv_in|(up_blocks\.1|mid_block).*ff\.net\.2|(down_blocks\.0|mid_block)\.resnets\.0\.conv1|mid_block.*time_emb_proj|up_blocks\.3.*conv_shortcut)$",
        ):
            d = (0.3 * x.weight.std() * torch.randn(x.weight.shape, generator=g)).half()
            sd["lora_unet_" + n.replace(".", "_") + ".diff"] = d
            fm = FullModule("n", copy.deepcopy(x), 1.0)
            fm.weight.data.copy_(d.float())
            if x.bias is not None:
                b = (0.2 * torch.randn(x.bias.shape, generator=g)).half()
                sd["lora_unet_" + n.replace(".", "_") + ".diff_b"] = b
                fm.bias.data.copy_(b.float())
            mods.append((n, fm))
        for n, x in self.linear_targets(
            self.unet, r"attn2\.to_v$"
        ):  # plain LoRA with a bias difference is not used here: attn2.to_v has none
            pass
        for n, x in [
            (n, x)
            for n, x in self.unet.named_modules()
            if isinstance(x, (nn.GroupNorm, nn.LayerNorm))
            and re.search(r"(up_blocks\.[12]|mid_block|conv_norm_out)", n)
        ]:
            nm = NormModule("n", copy.deepcopy(x), 1.0)
            nm.w_norm.data.copy_((0.25 * torch.randn(nm.w_norm.shape, generator=g)).half().float())
            nm.b_norm.data.copy_((0.25 * torch.randn(nm.b_norm.shape, generator=g)).half().float())
            sd["lora_unet_" + n.replace(".", "_") + ".w_norm"], sd["lora_unet_" + n.replace(".", "_") + ".b_norm"] = (
                nm.w_norm.data.half(),
                nm.b_norm.data.half(),
            )
            mods.append((n, nm))
        save_file(sd, f"{m}/full-and-norms.safetensors")

        def full(weight):
            def f(u):
                with torch.no_grad():
                    for n, mod in mods:
                        w, b = mod.get_merged_weight(multiplier=weight)
                        x = u.get_submodule(n)
                        x.weight.copy_(w.reshape(x.weight.shape))
                        if b is not None:
                            x.bias.copy_(b)

            return f

        for w in (1.0, 0.5):
            self.case(
                f"a-full-and-norms-{w}",
                G,
                schedule="scaled_linear",
                args=["--lora", f"{{kit}}/models/adapters/full-and-norms.safetensors:{w}"],
                unet_mod=full(w),
                vs="a-none",
                oracle="lycoris-lora FullModule / NormModule",
                notes=".diff, .diff_b added times the weight; .w_norm/.b_norm added to norm weight/bias",
            )
        self.case(
            "a-full-and-norms-v2",
            G,
            motion="v2",
            args=["--lora", "{kit}/models/adapters/full-and-norms.safetensors:0.8"],
            unet_mod=full(0.8),
            vs="a-none-v2",
            oracle="lycoris-lora",
        )

        # alpha: 0 and missing; block-wise partial file of every kind
        def drop_alpha(sd, mg):
            return {k: v for k, v in sd.items() if not k.endswith(".alpha")}

        go(
            "a-loha-no-alpha",
            [("unet", ATTN2, "loha", dict(lora_dim=r, alpha=r))],
            0.8,
            mutate=drop_alpha,
            notes="no alpha: alpha = rank (scale 1)",
        )
        go(
            "a-alpha-zero",
            [
                ("unet", ATTN2, "lora", dict(lora_dim=r, alpha=r)),
                ("unet", r"attn1\.to_q$", "lokr", dict(lora_dim=2, alpha=2, factor=4)),
            ],
            1.0,
            mutate=lambda sd, mg: {
                k: (torch.zeros((), dtype=torch.float16) if k.endswith(".alpha") else v) for k, v in sd.items()
            },
            optional=True,
            notes="alpha = 0 means alpha = rank (LyCORIS: 'if alpha == 0 or None, alpha is rank'); A1111 and ComfyUI would scale by 0",
        )
        go(
            "a-mixed-blocks",
            [
                ("unet", r"^mid_block.*attn\d\.to_[qkv]$", "loha", D),
                ("unet", r"^up_blocks\.1\.attentions\.1.*attn2", "lokr", dict(lora_dim=2, alpha=1.0, factor=4)),
                ("unet", r"^down_blocks\.0\.attentions\.0.*ff\.net\.2$", "lora", D),
                ("unet", r"^down_blocks\.2.*attn1\.to_v$", "lora", dict(DW, wd_on_out=True)),
                ("te", r"layers\.0\.self_attn\.(k|q)_proj$", "lora", D),
            ],
            1.0,
            notes="only some blocks, four algorithms in one file",
        )
        # other key prefixes over one and the same set of weights
        rows = [
            ("unet", r"attn\d\.to_[qv]$", "lora", D),
            ("unet", r"down_blocks\.1\.resnets\.0\.conv1$", "lora", Dc),
            ("te", r"self_attn\.q_proj$", "lora", D),
        ]
        go("a-prefix-kohya", rows, 1.0, tag="prefix")
        src = load_file(f"{m}/prefix-kohya.safetensors")
        names = {("lora_unet_" + n.replace(".", "_")): n for n, _ in self.linear_targets(self.unet, ".")}
        names_te = {
            ("lora_te_" + self.te_path(n).replace(".", "_")): self.te_path(n)
            for n, _ in self.linear_targets(self.te, ".")
        }

        def rename(fu, ft):
            out = {}
            for k, v in src.items():
                base, leaf = k.split(".", 1)
                out[(fu(names[base]) if base in names else ft(names_te[base])) + "." + leaf] = v.clone()
            return out

        omi = lambda n: "unet." + ldm_unet_key(n + ".weight")[: -len(".weight")]
        save_file(rename(omi, lambda n: "clip_l." + n), f"{m}/prefix-omi.safetensors")
        save_file(
            rename(lambda n: "lora_unet." + n, lambda n: "lora_te." + n), f"{m}/prefix-onetrainer-dots.safetensors"
        )
        save_file(
            rename(
                lambda n: "lora_unet_" + ldm_unet_key(n + ".weight")[: -len(".weight")].replace(".", "_"),
                lambda n: "lora_te1_" + n.replace(".", "_"),
            ),
            f"{m}/prefix-ldm-names.safetensors",
        )
        save_file(
            {
                k: v
                for k, v in rename(
                    lambda n: "lycoris_" + n.replace(".", "_"), lambda n: "text_encoder_lycoris_" + n
                ).items()
                if k.startswith("lycoris_")
            },
            f"{m}/prefix-lycoris.safetensors",
        )
        rep = lambda f: {"prefix-kohya.safetensors": f"prefix-{f}.safetensors"}
        self.alias(
            "a-prefix-omi",
            "a-prefix-kohya",
            G,
            rep("omi"),
            notes="OneTrainer 'OMI' keys: unet.input_blocks.1.1....lora_up.weight, clip_l.text_model....",
            oracle="OneTrainer modules/util/convert/lora/convert_sd_lora.py (unet = LDM names with dots, clip_l)",
        )
        self.alias(
            "a-prefix-onetrainer-dots",
            "a-prefix-kohya",
            G,
            rep("onetrainer-dots"),
            optional=True,
            notes="OneTrainer 'diffusers' keys: lora_unet.down_blocks.0....lora_up.weight",
            oracle="OneTrainer convert_lora_util.py, diffusers_prefix",
        )
        self.alias(
            "a-prefix-ldm-names",
            "a-prefix-kohya",
            G,
            rep("ldm-names"),
            notes="lora_unet_ + LDM names with underscores; text encoder lora_te1_",
            oracle="ComfyUI comfy/lora.py model_lora_keys_unet / model_lora_keys_clip key map",
        )
        mg = build("prefix", rows)[1]
        self.case(
            "a-prefix-lycoris",
            G,
            schedule="scaled_linear",
            args=["--lora", "{kit}/models/adapters/prefix-lycoris.safetensors:1.0"],
            unet_mod=apply(mg, "unet", 1.0),
            vs="a-none",
            oracle="lycoris.wrapper LORA_PREFIX 'lycoris_' (SimpleTuner)",
            notes="lycoris_ + diffusers names with underscores; UNet only",
        )

        # PEFT DoRA and PEFT IA3, through peft itself
        g = self.gen("adapter-peft-dora")
        u = self.make_unet()
        cfg_ = peft.LoraConfig(
            r=r,
            lora_alpha=alpha,
            use_dora=True,
            target_modules=r".*(attn\d\.to_[qv]|down_blocks\.0\.resnets\.0\.conv1)",
        )
        pm = peft.get_peft_model(u, cfg_)
        with torch.no_grad():
            for n, p in pm.named_parameters():
                if "lora_A" in n:
                    p.copy_((torch.randn(p.shape, generator=g) / math.sqrt(p[0].numel())).half())
                elif "lora_B" in n:
                    p.copy_((0.5 * torch.randn(p.shape, generator=g)).half())
                elif "lora_magnitude_vector" in n:
                    p.copy_((p * (1 + 0.25 * torch.randn(p.shape, generator=g))).half())
        sd = {
            k.replace("base_model.model.", "unet."): v.half().contiguous()
            for k, v in peft.get_peft_model_state_dict(pm).items()
        }
        meta = json.dumps({"unet.r": r, "unet.lora_alpha": alpha, "unet.use_dora": True})
        save_file(sd, f"{m}/peft-dora.safetensors", metadata={"format": "pt", "lora_adapter_metadata": meta})
        print(
            "   peft dora keys:",
            [
                (k, tuple(v.shape))
                for k, v in sd.items()
                if "conv1" in k or "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q" in k
            ],
        )
        merged = {n: p.detach().clone() for n, p in pm.merge_and_unload().named_parameters()}

        def setall(u2):
            with torch.no_grad():
                for n, p in u2.named_parameters():
                    if n in merged:
                        p.copy_(merged[n])

        self.case(
            "a-peft-dora",
            G,
            schedule="scaled_linear",
            args=["--lora", "{kit}/models/adapters/peft-dora.safetensors:1.0"],
            unet_mod=setall,
            vs="a-none",
            oracle="peft LoraConfig(use_dora=True).merge_and_unload",
            notes="lora_magnitude_vector [out] (conv [1,out,1,1]); norm per OUTPUT row of W + s*BA; PEFT files carry no alpha tensor: alpha only in the metadata lora_adapter_metadata (unet.lora_alpha)",
        )
        u = self.make_unet()
        pm = peft.get_peft_model(
            u, peft.IA3Config(target_modules=r".*(attn\d\.to_[kv]|ff\.net\.2)", feedforward_modules=r".*ff\.net\.2")
        )
        with torch.no_grad():
            for n, p in pm.named_parameters():
                if "ia3_l" in n:
                    p.copy_((1 + 0.4 * torch.randn(p.shape, generator=g)).half())
        save_file(
            {
                k.replace("base_model.model.", "unet."): v.half().contiguous()
                for k, v in peft.get_peft_model_state_dict(pm).items()
            },
            f"{m}/peft-ia3.safetensors",
        )
        merged2 = {n: p.detach().clone() for n, p in pm.merge_and_unload().named_parameters()}

        def setall2(u2):
            with torch.no_grad():
                for n, p in u2.named_parameters():
                    if n in merged2:
                        p.copy_(merged2[n])

        self.case(
            "a-peft-ia3",
            G,
            schedule="scaled_linear",
            optional=True,
            args=["--lora", "{kit}/models/adapters/peft-ia3.safetensors:1.0"],
            unet_mod=setall2,
            vs="a-none",
            oracle="peft IA3Config.merge_and_unload",
            notes="ia3_l [out,1] (feed-forward modules: [1,in]); W *= ia3_l (no +1)",
        )

    # ---- 3. IP-Adapter ----------------------------------------------------------------------------
    def group_ip(self):
        c, m, v = self.c, f"{self.out}/models", self.c["vision"]
        g = self.gen("clip-vision")
        conf = CLIPVisionConfig(
            hidden_size=v["hidden"],
            intermediate_size=4 * v["hidden"],
            num_hidden_layers=v["layers"],
            num_attention_heads=v["heads"],
            image_size=v["image"],
            patch_size=v["patch"],
            projection_dim=v["proj"],
            hidden_act=v["act"],
        )
        self.vision = CLIPVisionModelWithProjection(conf).eval()
        mk.init_module(
            self.vision,
            g,
            [
                (r"[qk]_proj\.weight", 1.4),
                (r"position_embedding", 6.0),
                (r"class_embedding", 1.0),
                (r"patch_embedding", 1.5),
                (r"visual_projection", 1.0),
            ],
        )
        sd = {}
        for k, t in half_sd({k: t for k, t in self.vision.state_dict().items() if "position_ids" not in k}).items():
            sd[k if k.startswith(("vision_model.", "visual_projection.")) else "vision_model." + k] = t
        sd["vision_model.embeddings.position_ids"] = torch.arange((v["image"] // v["patch"]) ** 2 + 1)[None]
        save_file(sd, f"{m}/clip-vision/model.safetensors", metadata={"format": "pt"})
        jdump(
            f"{m}/clip-vision/config.json",
            dict(
                architectures=["CLIPVisionModelWithProjection"],
                attention_dropout=0.0,
                dropout=0.0,
                hidden_act=v["act"],
                hidden_size=v["hidden"],
                image_size=v["image"],
                initializer_factor=1.0,
                initializer_range=0.02,
                intermediate_size=4 * v["hidden"],
                layer_norm_eps=1e-05,
                model_type="clip_vision_model",
                num_attention_heads=v["heads"],
                num_channels=3,
                num_hidden_layers=v["layers"],
                patch_size=v["patch"],
                projection_dim=v["proj"],
                torch_dtype="float16",
            ),
        )
        print("   vision keys:", sorted(k for k in sd if "layers" not in k))
        # adapters
        hid = c["clip"][0]
        order = [n for n in self.unet.attn_processors if n.endswith("attn2.processor")]
        assert order[-1].startswith("mid_block")
        g = self.gen("ip")
        r = lambda shape, s: (s * torch.randn(shape, generator=g)).half()
        kv = {}
        for i, n in enumerate(order):
            out = self.unet.get_submodule(n[: -len(".processor")]).to_q.weight.shape[0]
            for p in "kv":
                kv[f"ip_adapter.{2 * i + 1}.to_{p}_ip.weight"] = r((out, hid), 1.2 / math.sqrt(hid))
        plain = {
            "image_proj.proj.weight": r((4 * hid, v["proj"]), 1 / math.sqrt(v["proj"])),
            "image_proj.proj.bias": r((4 * hid,), 0.1),
            "image_proj.norm.weight": (1 + 0.2 * torch.randn(hid, generator=g)).half(),
            "image_proj.norm.bias": r((hid,), 0.1),
            **kv,
        }
        save_file(plain, f"{m}/ip-adapter.safetensors", metadata={"format": "pt"})
        torch.save(
            {
                "image_proj": {k[len("image_proj.") :]: t for k, t in plain.items() if k.startswith("image_proj.")},
                "ip_adapter": {k[len("ip_adapter.") :]: t for k, t in plain.items() if k.startswith("ip_adapter.")},
            },
            f"{m}/ip-adapter.bin",
        )
        d, inner, nq, depth = 64, 128, c["ip_tokens_plus"], 4
        plus = {
            "image_proj.latents": r((1, nq, d), 0.5),
            "image_proj.proj_in.weight": r((d, v["hidden"]), 1 / math.sqrt(v["hidden"])),
            "image_proj.proj_in.bias": r((d,), 0.1),
            "image_proj.proj_out.weight": r((hid, d), 1 / math.sqrt(d)),
            "image_proj.proj_out.bias": r((hid,), 0.1),
            "image_proj.norm_out.weight": (1 + 0.2 * torch.randn(hid, generator=g)).half(),
            "image_proj.norm_out.bias": r((hid,), 0.1),
        }
        for i in range(depth):
            q = f"image_proj.layers.{i}."
            for nn_ in ("0.norm1", "0.norm2", "1.0"):
                plus[q + nn_ + ".weight"], plus[q + nn_ + ".bias"] = (
                    (1 + 0.2 * torch.randn(d, generator=g)).half(),
                    r((d,), 0.1),
                )
            plus.update(
                {
                    q + "0.to_q.weight": r((inner, d), 1.3 / math.sqrt(d)),
                    q + "0.to_kv.weight": r((2 * inner, d), 1.3 / math.sqrt(d)),
                    q + "0.to_out.weight": r((d, inner), 1 / math.sqrt(inner)),
                    q + "1.1.weight": r((4 * d, d), 1 / math.sqrt(d)),
                    q + "1.3.weight": r((d, 4 * d), 0.5 / math.sqrt(d)),
                }
            )
        for i, n in enumerate(order):
            out = self.unet.get_submodule(n[: -len(".processor")]).to_q.weight.shape[0]
            for p in "kv":
                plus[f"ip_adapter.{2 * i + 1}.to_{p}_ip.weight"] = r((out, hid), 1.2 / math.sqrt(hid))
        save_file(plus, f"{m}/ip-adapter-plus.safetensors", metadata={"format": "pt"})
        # images: exact size; wide and larger (resize + crop)
        n = v["image"]
        a, b = self.control_images(2, 90, 90, "ip")
        img = lambda x: Image.fromarray(x)
        img(a).resize((n, n), Image.BICUBIC).save(f"{self.out}/inputs/ip-exact.png")
        wide = np.concatenate([a, b[:, ::-1]], 1)[:, :151]
        img(wide).save(f"{self.out}/inputs/ip-wide.png")
        img(np.concatenate([b, a], 0)[:33, :29]).save(f"{self.out}/inputs/ip-small.png")
        proc = CLIPImageProcessor(size=n, crop_size=n)
        vec = {}
        for p in ("exact", "wide", "small"):
            px = proc(Image.open(f"{self.out}/inputs/ip-{p}.png"), return_tensors="pt").pixel_values
            o = self.vision(px, output_hidden_states=True)
            vec[f"{p}.pixel_values"], vec[f"{p}.image_embeds"], vec[f"{p}.hidden_-2"] = (
                px,
                o.image_embeds,
                o.hidden_states[-2],
            )
        vec["zeros.hidden_-2"] = self.vision(torch.zeros_like(px), output_hidden_states=True).hidden_states[-2]
        u = self.make_unet()
        for f_ in ("ip-adapter", "ip-adapter-plus"):
            pipe = StableDiffusionPipeline(
                vae=self.vae,
                text_encoder=self.te,
                tokenizer=self.tok,
                unet=self.make_unet(),
                scheduler=mk.make_scheduler("ddim"),
                safety_checker=None,
                requires_safety_checker=False,
                image_encoder=self.vision,
                feature_extractor=proc,
            )
            pipe.load_ip_adapter(m, subfolder="", weight_name=f_ + ".safetensors")
            for p in ("exact", "wide", "small"):
                e = pipe.prepare_ip_adapter_image_embeds(
                    Image.open(f"{self.out}/inputs/ip-{p}.png"), None, "cpu", 1, True
                )
                t = pipe.unet.encoder_hid_proj(e)[0]
                vec[f"{f_}.{p}.tokens_uncond"], vec[f"{f_}.{p}.tokens_cond"] = t[0], t[1]
        save_file({k: t.contiguous().clone() for k, t in vec.items()}, f"{self.out}/golden/vectors-ip.safetensors")
        # cases
        G, w0, w1 = "ip-adapter", *c["ip_weights"]
        self.case("i-none", G, schedule="scaled_linear", emit=False)
        self.case("i-none-v2", G, motion="v2", emit=False)
        self.case("i-none-v2d", G, motion="v2", norm="diffusers", emit=False)
        A = lambda f_, w, *imgs: (
            ["--ip-adapter", f"{{kit}}/models/{f_}:{w}", "--image-encoder", "{kit}/models/clip-vision"]
            + [y for x in imgs for y in ("--ip-image", f"{{kit}}/inputs/ip-{x}.png")]
        )
        ip = lambda f_, w, *imgs: dict(file=f_, scale=w, images=[f"inputs/ip-{x}.png" for x in imgs])
        O = "diffusers load_ip_adapter / prepare_ip_adapter_image_embeds"
        P, Q = "ip-adapter.safetensors", "ip-adapter-plus.safetensors"
        self.case(
            "i-ip-exact",
            G,
            schedule="scaled_linear",
            args=A(P, w0, "exact"),
            ip=ip(P, w0, "exact"),
            vs="i-none",
            oracle=O,
            notes="image already at the encoder's size: no resize",
        )
        self.case(
            "i-ip-wide",
            G,
            schedule="scaled_linear",
            args=A(P, w1, "wide"),
            ip=ip(P, w1, "wide"),
            vs="i-none",
            oracle=O,
            notes="shorter side resized (bicubic, antialiased), centre crop",
        )
        self.case(
            "i-ip-small",
            G,
            schedule="scaled_linear",
            args=A(P, w1, "small"),
            ip=ip(P, w1, "small"),
            vs="i-none",
            oracle=O,
            notes="image smaller than the encoder's size: enlarged",
        )
        self.case(
            "i-ip-cfg1",
            G,
            schedule="scaled_linear",
            cfg=1.0,
            args=A(P, w1, "exact"),
            ip=ip(P, w1, "exact"),
            oracle=O,
            notes="no unconditional pass",
        )
        self.case("i-ip-v2", G, motion="v2", args=A(P, w0, "exact"), ip=ip(P, w0, "exact"), vs="i-none-v2", oracle=O)
        self.case(
            "i-ip-v2-diffusers",
            G,
            motion="v2",
            norm="diffusers",
            args=A(P, w1, "wide"),
            ip=ip(P, w1, "wide"),
            vs="i-none-v2d",
            oracle=O,
        )
        self.case(
            "i-plus-exact",
            G,
            schedule="scaled_linear",
            args=A(Q, w0, "exact"),
            ip=ip(Q, w0, "exact"),
            vs="i-none",
            oracle=O,
        )
        self.case(
            "i-plus-wide",
            G,
            schedule="scaled_linear",
            args=A(Q, w1, "wide"),
            ip=ip(Q, w1, "wide"),
            vs="i-none",
            oracle=O,
        )
        self.case("i-plus-v2", G, motion="v2", args=A(Q, w0, "exact"), ip=ip(Q, w0, "exact"), vs="i-none-v2", oracle=O)
        self.case(
            "i-plus-two-images",
            G,
            schedule="scaled_linear",
            args=A(Q, w0, "exact", "wide"),
            ip=ip(Q, w0, "exact", "wide"),
            vs="i-plus-exact",
            oracle=O,
            notes="the tokens of both images are concatenated: one attention over 2*N tokens",
        )
        self.case(
            "i-ip-two-images-v2",
            G,
            motion="v2",
            args=A(P, w0, "exact", "wide"),
            ip=ip(P, w0, "exact", "wide"),
            vs="i-ip-v2",
            oracle=O,
        )
        self.alias(
            "i-ip-bin",
            "i-ip-exact",
            G,
            {P: "ip-adapter.bin"},
            needs=["pickle"],
            notes="h94's .bin form: {'image_proj': {...}, 'ip_adapter': {...}}",
            oracle="torch.save (zip)",
        )

    # ---- 4. TAESD ---------------------------------------------------------------------------------
    def group_taesd(self):
        m, ch = f"{self.out}/models", self.c["taesd"]
        t = AutoencoderTiny(
            encoder_block_out_channels=(ch,) * 4,
            decoder_block_out_channels=(ch,) * 4,
            num_encoder_blocks=(1, 3, 3, 3),
            num_decoder_blocks=(3, 3, 3, 1),
            latent_channels=4,
        ).eval()
        g = self.gen("taesd")
        mk.init_module(t, g, [(r"weight", 1.0), (r"conv\.4\.weight", 0.6), (r"layers\.\d+\.bias$", 0.3)])
        last = [n for n, _ in t.decoder.named_parameters()][-2:]
        t.decoder.get_submodule(last[0].rsplit(".", 1)[0]).weight.mul_(0.02)
        t.decoder.get_submodule(last[0].rsplit(".", 1)[0]).bias.copy_(torch.tensor([0.5, 0.45, 0.55]))
        # scale the last convolution so that pictures are mid-contrast
        z = 1.6 * torch.randn(1, 4, 10, 8, generator=g)
        y = t.decode(z).sample
        lc = t.decoder.get_submodule(last[0].rsplit(".", 1)[0])
        lc.weight.mul_(0.35 / float((y - y.mean((2, 3), keepdim=True)).std()))
        for p in t.parameters():
            p.copy_(p.half().float())
        y = t.decode(z).sample
        lc.bias.sub_(y.mean((0, 2, 3)) / 2)
        lc.bias.copy_(lc.bias.half().float())
        self.taesd = t
        sd = half_sd(t.state_dict())
        save_file(sd, f"{m}/taesd-diffusers.safetensors", metadata={"format": "pt"})
        dec = {}
        for k, v in sd.items():
            if k.startswith("decoder.layers."):
                i, rest = k[len("decoder.layers.") :].split(".", 1)
                dec[f"{int(i) + 1}.{rest}"] = v
        save_file(dec, f"{m}/taesd_decoder.safetensors")
        torch.save(dec, f"{m}/taesd_decoder.pth")
        print(
            "   taesd decoder keys:",
            sorted(dec, key=lambda k: [int(x) if x.isdigit() else x for x in k.split(".")])[:6],
            "...",
            list(dec)[-2:],
        )

        def decode(z, dtype):
            t.to(dtype)
            fr = t.decode(z).sample
            t.float()
            return fr

        G, O = "taesd", "diffusers AutoencoderTiny"
        self.case("t-base", G, schedule="scaled_linear", cfg=1.5, emit=False)
        self.case("t-base-v2", G, motion="v2", pick=[1], cfg=1.5, emit=False)
        N = "decode takes the scaled latents (no division by 0.18215); tanh(x/3)*3 first; output*2-1"
        self.case(
            "t-taesd-decoder",
            G,
            schedule="scaled_linear",
            cfg=1.5,
            args=["--vae", "{kit}/models/taesd_decoder.safetensors"],
            decode=decode,
            vs="frames:t-base",
            oracle=O,
            notes="original keys 1.weight ... ; " + N,
        )
        self.alias(
            "t-taesd-diffusers",
            "t-taesd-decoder",
            G,
            {"taesd_decoder.safetensors": "taesd-diffusers.safetensors"},
            notes="diffusers keys decoder.layers.N (index one less than the original's: the clamp has no weights but a place); holds an encoder too",
        )
        self.alias(
            "t-taesd-pth",
            "t-taesd-decoder",
            G,
            {"taesd_decoder.safetensors": "taesd_decoder.pth"},
            needs=["pickle"],
            notes="taesd_decoder.pth",
        )
        self.case(
            "t-taesd-v2",
            G,
            motion="v2",
            cfg=1.5,
            pick=[1],
            args=["--vae", "{kit}/models/taesd-diffusers.safetensors"],
            decode=decode,
            vs="frames:t-base-v2",
            oracle=O,
        )
        self.case(
            "t-taesd-odd",
            G,
            schedule="scaled_linear",
            cfg=1.5,
            size=(72, 88),
            args=["--vae", "{kit}/models/taesd_decoder.safetensors"],
            decode=decode,
            oracle=O,
        )

    # ---- 5. samplers ------------------------------------------------------------------------------
    def group_samplers(self):
        G = "samplers2"
        kw = dict(motion="v2", frames=3, pick=[])
        self.case("s-ddim", G, emit=False, **kw)
        for s, opt in (("ddpm", 0), ("dpmpp_2m_sde", 0), ("dpmpp_2m_sde_karras", 0), ("dpmpp_sde", 1), ("tcd", 0)):
            self.case(
                f"s-{s}",
                G,
                sampler=s,
                schedule="scaled_linear",
                seed_only=True,
                needs=["torch-rng"],
                steps=self.c["steps"] + 1,
                vs="s-ddim",
                optional=bool(opt),
                cfg=1.5 if s == "tcd" else 7.5,
                oracle=SAMPLERS2[s][0].__name__,
                notes={
                    "tcd": "eta 0.3 (step's default); no noise on the last step",
                    "dpmpp_sde": "singlestep; NOT k-diffusion's DPM++ SDE: diffusers' DPMSolverSDEScheduler draws from a Brownian tree and has no per-step randn form",
                    "ddpm": "variance fixed_small; noise at every step with t > 0 (with steps_offset 1 the last t is 1: noise there, too)",
                }.get(s, "one randn of the latents' shape per step, the last included (times 0)"),
                **kw,
            )
        self.case(
            "s-ddpm-linear",
            G,
            sampler="ddpm",
            schedule="linear",
            seed_only=True,
            needs=["torch-rng"],
            steps=7,
            vs="s-ddim",
            oracle="DDPMScheduler",
            **kw,
        )
        self.case(
            "s-tcd-eta0",
            G,
            sampler="tcd",
            schedule="linear",
            step_kw=dict(eta=0.0),
            args=["--tcd-eta", "0"],
            optional=True,
            vs="s-ddim",
            cfg=1.0,
            oracle="TCDScheduler eta 0",
            **kw,
        )
        for s in (
            "deis",
            "euler_karras",
            "euler_exponential",
            "euler_beta",
            "dpmpp_2m_exponential",
            "dpmpp_2m_beta",
            "heun",
        ):
            for sch in ("linear", "scaled_linear") if s in ("deis",) else ("scaled_linear",):
                self.case(
                    f"s-{s}" + ("-linear" if sch == "linear" else ""),
                    G,
                    sampler=s,
                    schedule=sch,
                    steps=self.c["steps"] + 2,
                    vs="s-ddim",
                    optional=s == "heun",
                    oracle=SAMPLERS2[s][0].__name__,
                    notes={
                        "heun": "2N-1 network calls; latents.step.k after every call, half steps included",
                        "euler_beta": "scipy.stats.beta.ppf(1 - linspace(0,1,N), 0.6, 0.6)",
                        "dpmpp_2m_beta": "scipy.stats.beta.ppf(1 - linspace(0,1,N), 0.6, 0.6)",
                    }.get(s, ""),
                    **kw,
                )
        z = dict(rescale_betas_zero_snr=True, prediction_type="v_prediction")
        Z = ["--prediction", "v", "--zero-snr"]
        self.case(
            "s-v",
            G,
            sampler="ddim_trailing",
            schedule="scaled_linear",
            sched_kw=dict(prediction_type="v_prediction"),
            args=["--prediction", "v"],
            vs="s-ddim",
            oracle="DDIMScheduler",
            **kw,
        )
        self.case(
            "s-zsnr-v",
            G,
            sampler="ddim_trailing",
            schedule="scaled_linear",
            sched_kw=z,
            args=Z,
            vs="s-v",
            oracle="DDIMScheduler rescale_betas_zero_snr",
            notes="trailing spacing; at t=999 alpha_bar is 0: x0 = -v",
            **kw,
        )
        self.case(
            "s-zsnr-v-rescale",
            G,
            sampler="ddim_trailing",
            schedule="scaled_linear",
            sched_kw=z,
            guidance_rescale=0.7,
            args=Z + ["--guidance-rescale", "0.7"],
            vs="s-zsnr-v",
            oracle="rescale_noise_cfg",
            notes="std over all but the batch dimension (channels, FRAMES, h, w), unbiased; applied to v",
            **kw,
        )
        self.case(
            "s-rescale-eps",
            G,
            sampler="ddim",
            schedule="scaled_linear",
            guidance_rescale=0.5,
            args=["--guidance-rescale", "0.5"],
            vs="s-ddim",
            oracle="rescale_noise_cfg",
            **kw,
        )
        self.case(
            "s-zsnr-euler-v",
            G,
            sampler="euler_trailing",
            schedule="scaled_linear",
            sched_kw=z,
            args=Z,
            optional=True,
            oracle="EulerDiscreteScheduler rescale_betas_zero_snr",
            notes="alpha_bar at t=999 is set to 2^-24 so that sigma is finite (4096)",
            **kw,
        )

    # ---- the cases that the project's tests ship --------------------------------------------------
    def group_small(self):
        """one adapter, one sampler and TAESD over the small pickled checkpoint, because the other checkpoint is too
        large to ship"""
        kb = self.small_family()
        kb.case = functools.partial(kb.case, ckpt="tiny-sd15-nested.ckpt", motion_file="motion-v2-module.ckpt")
        kb.group_adapters(), kb.group_samplers(), kb.group_taesd()

    # ---- 6. FreeInit, 7. FreeNoise weights --------------------------------------------------------
    def group_freeinit(self):
        G, n = "freeinit", self.c["free_iters"]
        kw = dict(
            motion="v2",
            norm="diffusers",
            seed_only=True,
            needs=["torch-rng"],
            steps=3,
            pick=[],
            keep_steps=range(99),
            oracle="diffusers FreeInitMixin._apply_free_init",
        )
        self.case("f-none", G, motion="v2", norm="diffusers", steps=3, emit=False, pick=[])
        for it, method in ((n[0], "butterworth"), (n[1], "gaussian"), (n[1], "ideal")):
            self.case(
                f"f-{method}-{it}",
                G,
                free_init=(it, method),
                args=["--free-init", str(it), "--free-init-filter", method],
                vs="f-none",
                notes="order 4, spatial and temporal stop frequency 0.25; latents.step counts through all iterations; noise.freeinit.start.k = latents at the start of iteration k (optional dump), "
                "noise.freeinit.k = its fresh noise: next randn of the generator that drew the first latents",
                **kw,
            )
        # cross-check the loop against the pipeline itself
        if not self.only:
            pipe = AnimateDiffPipeline(
                vae=self.vae,
                text_encoder=self.te,
                tokenizer=self.tok,
                unet=self.make_unet("v2", "diffusers"),
                motion_adapter=self.motion["v2"],
                scheduler=mk.make_scheduler("ddim"),
            )
            pipe.set_progress_bar_config(disable=True)
            pipe.enable_free_init(num_iters=n[0], method="butterworth")
            gen = torch.Generator().manual_seed(1234)
            W, H = self.c["size"]
            o = pipe(
                prompt_embeds=self.encode(self.c["prompt"]),
                negative_prompt_embeds=self.encode(self.c["neg"]),
                num_frames=self.c["frames"],
                width=W,
                height=H,
                num_inference_steps=3,
                guidance_scale=7.5,
                generator=gen,
                output_type="latent",
            ).frames
            d = rel_l2(o[0].permute(1, 0, 2, 3), self.results[f"f-butterworth-{n[0]}"]["final"])
            print(f"   FreeInit: golden against AnimateDiffPipeline.__call__: rel_l2 {d:.1e}")
            assert d < 1e-5

    def group_freenoise(self):
        G = "windows2"
        L, ln, st = self.c["ctx"]
        for scheme in ("flat", "pyramid", "delayed_reverse_sawtooth"):
            self.case(
                f"w-freenoise-{scheme}",
                G,
                motion="v2",
                norm="diffusers",
                frames=L,
                size=(64, 64),
                steps=2,
                freenoise=(ln, st, scheme),
                pick=[],
                args=[
                    "--context-mode",
                    "freenoise",
                    "--context-length",
                    str(ln),
                    "--context-overlap",
                    str(ln - st),
                    "--context-weights",
                    scheme,
                ],
                vs="w-freenoise-flat" if scheme != "flat" else None,
                oracle="diffusers FreeNoiseTransformerBlock",
                notes="windows inside each temporal block; stride = length - overlap; initial noise as given",
            )

        def pyramid(n):
            mid = n // 2
            return (
                list(range(1, mid + 1)) + list(range(mid, 0, -1))
                if n % 2 == 0
                else list(range(1, (n + 1) // 2)) + [(n + 1) // 2] + list(range((n + 1) // 2 - 1, 0, -1))
            )

        self.case(
            "w-window-flat",
            G,
            motion="v2",
            frames=L,
            size=(64, 64),
            steps=2,
            window=(ln, ln - st, lambda n: [1.0] * n),
            emit=False,
            pick=[],
        )
        self.case(
            "w-window-pyramid",
            G,
            motion="v2",
            frames=L,
            size=(64, 64),
            steps=2,
            window=(ln, ln - st, pyramid),
            pick=[],
            optional=True,
            vs="w-window-flat",
            args=["--context-length", str(ln), "--context-overlap", str(ln - st), "--context-weights", "pyramid"],
            oracle="formula: AnimateDiff-Evolved create_weights_pyramid on kit 1's window positions",
            notes="weighted mean of the windows' predictions; 1,2,..,m,m,..,2,1",
        )

    # ---- 8. training ------------------------------------------------------------------------------
    def fixture(self, tag, n, b, frames=None):
        """tensors of one training case; leading dimensions [steps, batch]"""
        g, (h, w) = self.gen("train-" + tag), self.c["train"]["hw"]
        shape = (n, b, frames, 4, h, w) if frames else (n, b, 4, h, w)
        lat = F.interpolate(
            torch.randn(math.prod(shape[:-3]), 4, 4, 4, generator=g), size=(h, w), mode="bicubic"
        ).reshape(shape) * 0.9 + 0.2 * torch.randn(shape, generator=g)
        ts = torch.randint(0, 1000, (n, b), generator=g)
        if n == 1:
            ts[0, 0] = 37
        prompts = [self.c["prompt"], self.c["travel"][0], "", self.c["travel"][1], self.c["neg"]]
        enc = {p: self.encode(p)[0] for p in prompts}
        index = torch.tensor([[(i * b + j) % len(prompts) for j in range(b)] for i in range(n)])
        table = torch.stack([enc[p] for p in prompts])
        return dict(
            latents=lat.contiguous(),
            noise=torch.randn(shape, generator=g),
            timesteps=ts,
            text_table=table[: int(index.max()) + 1].contiguous(),
            text_index=index,
        )

    def lora_init(self, model, pattern, rank, g, zero_up):
        """{module path: (down, up)}"""
        out = {}
        for n, x in model.named_modules():
            if isinstance(x, (nn.Linear, nn.Conv2d)) and re.search(pattern, n):
                k = x.weight.shape
                down = torch.randn((rank, *k[1:]), generator=g) / math.sqrt(math.prod(k[1:]))
                up = (
                    torch.zeros(k[0], rank, *([1] * (len(k) - 2)))
                    if zero_up
                    else 0.3 * torch.randn((k[0], rank, *([1] * (len(k) - 2))), generator=g)
                )
                out[n] = (down, up)
        return out

    def train_case(
        self,
        name,
        kind,
        *,
        prediction="epsilon",
        schedule="scaled_linear",
        norm="diffusers",
        steps=1,
        batch=None,
        grads=True,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        wd=0.01,
        clip=1.0,
        prior=None,
        zero_up=False,
        full_limit=10,
        notes="",
        variants=None,
        shared=None,
    ):
        if self.only and not re.search(self.only, name):
            return
        t0, tr = time.time(), self.c["train"]
        video = kind in ("motion", "motion-lora")
        tag = shared or name
        fx = self.fixture(
            tag, steps, batch or (1 if video and steps > 1 else tr["batch"]), tr["frames"] if video else None
        )
        rank, alpha = (tr["mrank"], float(tr["mrank"])) if kind == "motion-lora" else (tr["rank"], tr["alpha"])
        pat = {
            "lora": r"(attn[12]\.(to_[qkv]|to_out\.0)|(down_blocks\.0\.resnets\.0|mid_block\.resnets\.1)\.conv[12]|up_blocks\.[13]\.resnets\.0\.conv1|(down_blocks\.1\.down|up_blocks\.0\.up)samplers\.0\.conv)$",
            "motion-lora": r"motion_modules.*attn[12]\.(to_[qkv]|to_out\.0)$",
        }.get(kind)
        probe = self.make_unet("v2" if video else None, norm)
        init = self.lora_init(probe, pat, rank, self.gen("init-" + tag), zero_up) if pat else {}

        def lora_key(path, side):
            if kind == "lora":
                return f"unet.{path}.lora_{side}.weight"
            b, proj = original_motion_key(path.replace(".to_out.0", ".to_out") + ".").rstrip(".").rsplit(".", 1)
            return f"{b}.processor.{proj}_lora.{'down' if side == 'A' else 'up'}.weight"

        fixture = dict(fx)
        for n, (d, u) in init.items():
            fixture["init." + lora_key(n, "A")], fixture["init." + lora_key(n, "B")] = d, u
        save_file({k: v.contiguous() for k, v in fixture.items()}, f"{self.out}/train/{tag}.fixture.safetensors")

        def run(dtype, lr=lr, betas=betas, eps=eps, wd=wd, clip=clip, adam=torch.optim.AdamW):
            with torch.enable_grad():
                unet = self.make_unet("v2" if video else None, norm).to(dtype)
                unet.requires_grad_(False)
                params = OrderedDict()
                if pat:
                    peft.inject_adapter_in_model(
                        peft.LoraConfig(
                            r=rank,
                            lora_alpha=alpha,
                            target_modules=list(init),
                            lora_dropout=0.0,
                            init_lora_weights=False,
                        ),
                        unet,
                    )
                    for n, (d, u) in init.items():
                        x = unet.get_submodule(n)
                        x.lora_A["default"].weight.data.copy_(d), x.lora_B["default"].weight.data.copy_(u)
                        x.lora_A.to(dtype), x.lora_B.to(dtype)
                        assert x.scaling["default"] == alpha / rank
                        params[lora_key(n, "A")], params[lora_key(n, "B")] = (
                            x.lora_A["default"].weight,
                            x.lora_B["default"].weight,
                        )
                    unet.requires_grad_(False)
                elif kind == "motion":
                    for n, p in unet.named_parameters():
                        if "motion_modules" in n:
                            params[original_motion_key(n.replace(".norm.gn.", ".norm."))] = p
                else:
                    for n, p in unet.named_parameters():
                        params["model.diffusion_model." + ldm_unet_key(n)] = p
                for p in params.values():
                    p.requires_grad_(True)
                start = {k: p.detach().clone() for k, p in params.items()}
                sched = DDPMScheduler(
                    **SD,
                    **mk.betas_for(schedule),
                    prediction_type="v_prediction" if prediction == "v" else "epsilon",
                    clip_sample=False,
                )
                sched.alphas_cumprod = sched.alphas_cumprod.to(dtype)  # the table itself stays the float32 one
                opt = adam(list(params.values()), lr=lr, betas=betas, eps=eps, weight_decay=wd, foreach=False)
                losses, norms, g0 = [], [], None
                unet.train()
                for k in range(steps):
                    x0, nz, t, text = (
                        fx["latents"][k].to(dtype),
                        fx["noise"][k].to(dtype),
                        fx["timesteps"][k],
                        fx["text_table"][fx["text_index"][k]].to(dtype),
                    )
                    xt = sched.add_noise(x0, nz, t)
                    target = sched.get_velocity(x0, nz, t) if prediction == "v" else nz
                    if video:
                        if hasattr(unet, "clip_info"):
                            unet.clip_info["frames"] = tr["frames"]
                        pred = unet(
                            xt.transpose(1, 2), t, encoder_hidden_states=text.repeat_interleave(tr["frames"], 0)
                        ).sample.transpose(1, 2)
                    else:
                        pred = unet(xt, t, encoder_hidden_states=text).sample
                    if prior is not None:
                        (pi, pc), (ti, tc) = pred.chunk(2), target.chunk(2)
                        loss = F.mse_loss(pi, ti) + prior * F.mse_loss(pc, tc)
                    else:
                        loss = F.mse_loss(pred, target)
                    opt.zero_grad(set_to_none=False)
                    loss.backward()
                    if k == 0:
                        g0 = {n: p.grad.detach().clone() for n, p in params.items()}
                    nrm = torch.nn.utils.clip_grad_norm_(params.values(), clip if clip else float("inf"))
                    losses.append(float(loss.detach())), norms.append(float(nrm))
                    opt.step()
                return losses, norms, g0, start, {k: p.detach() for k, p in params.items()}

        if clip == "median":  # so that some steps are clipped and some are not
            clip = float(f"{float(np.median(run(torch.float32, clip=None)[1])):.2g}")
        L, N, G0, S, E = run(torch.float32, clip=clip)
        L6, N6, G6, S6, E6 = run(torch.float64, clip=clip)
        if self.selfdump:
            save_file(
                {
                    "loss": torch.tensor(L6),
                    "grad_norm": torch.tensor(N6),
                    **{"grad." + k: v.float().contiguous() for k, v in G6.items()},
                    **({"final." + k: v.float().contiguous() for k, v in E6.items()} if steps > 1 else {}),
                },
                f"{self.selfdump}/{name}.safetensors",
            )
        gl = math.sqrt(sum(float(v.double().pow(2).sum()) for v in G6.values()))
        gerr = math.sqrt(sum(float((G0[k].double() - G6[k]).pow(2).sum()) for k in G0)) / gl
        floor_abs = 1e-6 * gl
        gmax = max(
            max(0.0, float((G0[k].double() - G6[k]).norm()) - floor_abs) / max(float(G6[k].norm()), 1e-30) for k in G0
        )
        keys = sorted(G0)
        big = kind in ("motion", "dreambooth")
        pick = (
            keys
            if not big
            else sorted(
                set(
                    keys[:: max(1, len(keys) // full_limit)][:full_limit]
                    + [
                        k
                        for k in keys
                        if re.search(
                            r"(input_blocks\.0\.0\.weight|time_embed\.0\.weight|down_blocks\.0\.motion_modules\.0\.temporal_transformer\.(norm|proj_in)\.weight)$",
                            k,
                        )
                    ]
                )
            )
        )
        gold = dict(loss=torch.tensor(L), grad_norm=torch.tensor(N))
        gname = lambda k: f"golden/{name}.safetensors"
        entry = dict(
            name=name,
            group="train",
            kind=kind,
            fixture=f"train/{tag}.fixture.safetensors",
            golden=f"golden/{name}.safetensors",
            prediction=prediction,
            schedule=schedule,
            steps=steps,
            batch=list(fx["latents"].shape),
            norm=norm if video else None,
            rank=rank if pat else None,
            alpha=alpha if pat else None,
            prior_weight=prior,
            optimizer=dict(name="AdamW", lr=lr, betas=list(betas), eps=eps, weight_decay=wd, max_grad_norm=clip)
            if steps > 1
            else None,
            trainable=len(keys),
            notes=notes,
        )
        if grads:
            for k in pick if steps == 1 or big else []:
                gold["grad." + k] = G0[k].float().contiguous()
            entry["grad_norms"] = {k: float(G6[k].norm()) for k in keys}
            entry["grad_total_norm"] = gl
            entry["tolerance_grad"] = dict(
                tensor_rel_l2=float(f"{max(1e-3, 20 * gmax):.2g}"),
                tensor_abs=floor_abs,
                total_rel_l2=float(f"{max(1e-4, 20 * gerr):.2g}"),
            )
        lfl = max(abs(a - b) / b for a, b in zip(L, L6))
        entry["tolerance_loss_rel"] = float(f"{max(2e-5, 20 * lfl):.2g}")
        entry["reference"] = dict(
            losses=L,
            grad_norms_before_clipping=N,
            loss_fp32_vs_fp64=lfl,
            grad_fp32_vs_fp64_total=gerr,
            grad_fp32_vs_fp64_worst_tensor=gmax,
        )
        msg = (
            f"loss {L[0]:.4f}"
            + (f"..{L[-1]:.4f}" if steps > 1 else "")
            + f" |g|={N[0]:.3g} gfloor={gerr:.1e}/{gmax:.1e}"
        )
        if steps > 1:
            D6 = {k: E6[k] - S6[k] for k in keys}
            dn = {k: float(D6[k].norm()) for k in keys}
            tot = math.sqrt(sum(v * v for v in dn.values()))
            err = lambda A, B: math.sqrt(sum(float((A[k].double() - B[k].double()).pow(2).sum()) for k in keys)) / tot
            ferr = err(E, E6)
            fmax = max(float((E[k].double() - E6[k]).norm()) / max(dn[k], 1e-4 * tot) for k in keys)
            for k in pick:
                gold["final." + k] = E[k].float().contiguous()
            entry["delta_norms"], entry["delta_total_norm"] = dn, tot
            entry["final_norms"] = {k: float(E6[k].norm()) for k in keys}
            entry["tolerance_final"] = dict(
                total_rel_to_delta=float(f"{max(5e-4, 20 * ferr):.2g}"),
                tensor_rel_to_delta=float(f"{max(1e-2, 20 * fmax):.2g}"),
                tensor_min_delta=1e-4 * tot,
            )
            entry["reference"].update(final_fp32_vs_fp64_total=ferr, final_fp32_vs_fp64_worst_tensor=fmax)
            msg += f" ffloor={ferr:.1e}/{fmax:.1e} clipped {sum(n > clip for n in N)}/{steps}"
            entry["sensitivity"] = {}
            for vn, kw in (variants or {}).items():
                e = err(run(torch.float32, **{"clip": clip, **kw})[4], E)
                entry["sensitivity"][vn] = e / entry["tolerance_final"]["total_rel_to_delta"]
                msg += f" {vn}:{entry['sensitivity'][vn]:.0f}x"
        save_file(gold, f"{self.out}/golden/{name}.safetensors")
        a = ["train", kind, "--checkpoint", "{kit}/models/tiny-sd15.safetensors"]
        if video:
            a += ["--motion", "{kit}/models/motion-v2.safetensors", "--norm", norm]
        a += [
            "--fixture",
            "{kit}/" + entry["fixture"],
            "--prediction",
            prediction,
            "--schedule",
            schedule,
            "--steps",
            str(steps),
        ]
        if pat:
            a += ["--rank", str(rank), "--alpha", str(alpha)]
        a += [
            "--lr",
            repr(lr),
            "--betas",
            f"{betas[0]},{betas[1]}",
            "--eps",
            repr(eps),
            "--weight-decay",
            repr(wd),
            "--max-grad-norm",
            repr(clip),
        ]
        if prior is not None:
            a += ["--prior-weight", repr(prior)]
        entry["args"] = a + ["--precision", "fp32", "--dump", "{dump}"]
        self.train_cases.append(entry)
        self.stats[name] = dict(seconds=round(time.time() - t0, 1))
        print(f"{name:34s} {msg} {self.stats[name]['seconds']}s", flush=True)

    def group_train(self):
        for pred in ("epsilon", "v"):
            e = "eps" if pred == "epsilon" else "v"
            self.train_case(f"t-lora-grad-{e}", "lora", prediction=pred, shared="t-lora-grad")
            self.train_case(
                f"t-motion-lora-grad-{e}",
                "motion-lora",
                prediction=pred,
                schedule="linear",
                batch=2,
                shared="t-motion-lora-grad",
            )
            self.train_case(
                f"t-motion-grad-{e}", "motion", prediction=pred, schedule="linear", batch=2, shared="t-motion-grad"
            )
            self.train_case(f"t-dreambooth-grad-{e}", "dreambooth", prediction=pred, shared="t-dreambooth-grad")
        self.train_case(
            "t-motion-grad-eps-original",
            "motion",
            schedule="linear",
            norm="original",
            batch=2,
            shared="t-motion-grad",
            notes="temporal-transformer GroupNorm per frame",
        )
        self.train_case(
            "t-motion-lora-grad-eps-original",
            "motion-lora",
            schedule="linear",
            norm="original",
            batch=2,
            shared="t-motion-lora-grad",
        )
        V = {
            "no-clip": dict(clip=None),
            "no-weight-decay": dict(wd=0.0),
            "L2-instead-of-decoupled": dict(adam=torch.optim.Adam),
            "lr+5%": None,
            "beta2=0.99": None,
        }

        def var(lr, betas):
            return {
                **{k: v for k, v in V.items() if v is not None},
                "lr+5%": dict(lr=lr * 1.05),
                "beta2-other": dict(betas=(betas[0], 0.99 if betas[1] != 0.99 else 0.999)),
                "eps*1000": dict(eps=1e-4),
            }

        self.train_case(
            "t-lora-trace",
            "lora",
            steps=8,
            lr=2e-3,
            wd=0.5,
            eps=1e-6,
            clip="median",
            zero_up=True,
            variants=var(2e-3, (0.9, 0.999)),
            notes="up = 0 at the start, as usual",
        )
        self.train_case(
            "t-lora-trace-v",
            "lora",
            prediction="v",
            steps=8,
            lr=1e-3,
            wd=0.1,
            clip="median",
            betas=(0.8, 0.99),
            eps=1e-6,
            variants=var(1e-3, (0.8, 0.99)),
        )
        self.train_case(
            "t-motion-lora-trace",
            "motion-lora",
            schedule="linear",
            steps=8,
            lr=2e-3,
            wd=0.5,
            clip="median",
            zero_up=True,
            variants={"no-clip": dict(clip=None), "no-weight-decay": dict(wd=0.0)},
        )
        self.train_case(
            "t-motion-trace",
            "motion",
            schedule="linear",
            steps=8,
            lr=5e-4,
            wd=0.5,
            clip="median",
            eps=1e-7,
            variants={"no-clip": dict(clip=None), "no-weight-decay": dict(wd=0.0)},
        )
        self.train_case(
            "t-motion-trace-original",
            "motion",
            schedule="linear",
            steps=8,
            lr=5e-4,
            wd=0.1,
            clip="median",
            norm="original",
        )
        self.train_case(
            "t-dreambooth-prior",
            "dreambooth",
            steps=4,
            batch=2 * (self.c["train"]["batch"] // 2 or 1),
            lr=2e-4,
            wd=0.1,
            prior=1.0,
            variants={"no-clip": dict(clip=None)},
            notes="train_dreambooth.py: first half of the batch = instance, second half = class; loss = mse(instance) + prior_weight * mse(class)",
        )
        self.train_case("t-dreambooth-trace", "dreambooth", steps=4, lr=2e-4, wd=0.1)

    # ---- end --------------------------------------------------------------------------------------
    def finish2(self, args):
        R, bad = self.results, []
        seen = {}
        for x in self.cases:
            seen[x["name"]] = x
            v = self.vs.get(x["name"])
            if not v:
                continue
            if v.startswith("frames:"):
                a, b, tol = (
                    R[x["name"]]["frames"].clamp(-1, 1),
                    R[v[7:]]["frames"].clamp(-1, 1),
                    x["tolerance"]["frames*"]["rel_l2"],
                )
            else:
                a, b, tol = R[x["name"]]["final"], R[v]["final"], x["tolerance"]["latents.*"]["rel_l2"]
            if a.shape != b.shape:
                continue
            r = rel_l2(a, b)
            x["reference"]["effect"] = dict(against=v, rel_l2=r, times_tolerance=r / tol)
            if r < 100 * tol:
                bad.append((x["name"], v, r, r / tol))
        eff = [
            (x["reference"]["effect"]["times_tolerance"], x["name"]) for x in self.cases if "effect" in x["reference"]
        ]
        print(f"effects: {len(eff)} cases measured, smallest {min(eff) if eff else None}; below 100x tolerance: {bad}")
        if self.merge and os.path.exists(f"{self.out}/cases.json"):

            def merge(path, new, field):
                old = json.load(open(path))[field] if os.path.exists(path) else []
                nn_ = {x["name"]: x for x in new}
                return [nn_.pop(x["name"], x) for x in old] + list(nn_.values())

            self.cases = merge(f"{self.out}/cases.json", self.cases, "cases")
            self.hostile = merge(f"{self.out}/hostile.json", self.hostile, "cases")
            self.train_cases = merge(f"{self.out}/train.json", self.train_cases, "cases")
        head = dict(
            format=2,
            width_config="kit2-" + args.config,
            seed=self.seed,
            unet=self.c["unet"],
            clip=self.c["clip"],
            vae=self.c["vae"],
            versions=dict(
                torch=torch.__version__,
                diffusers=diffusers.__version__,
                transformers=transformers.__version__,
                peft=peft.__version__,
                lycoris=__import__("importlib.metadata").metadata.version("lycoris-lora"),
            ),
            placeholders={"{kit}": "absolute path of this directory", "{out}": "output file", "{dump}": "dump file"},
            conventions="see README.md",
        )
        jdump(f"{self.out}/cases.json", dict(head, cases=self.cases))
        jdump(f"{self.out}/hostile.json", dict(head, cases=self.hostile))
        short = lambda o: (
            {k: short(v) for k, v in o.items()}
            if isinstance(o, dict)
            else [short(v) for v in o]
            if isinstance(o, list)
            else float(f"{o:.9g}")
            if isinstance(o, float)
            else o
        )
        with open(f"{self.out}/train.json", "w") as fh:  # compact: it holds the norms of every tensor
            json.dump(dict(head, cases=short(self.train_cases)), fh, separators=(",", ":"))
        jdump(f"{self.out}/stats.json", dict(cases=self.stats, conv_out_fit_r2=self.fit_r2))
        src = os.path.join(_here, "KIT2_README.md")
        if os.path.exists(src):
            open(f"{self.out}/README.md", "w").write(
                open(src).read().replace("@CONFIG@", args.config).replace("@SEED@", str(self.seed))
            )
        if os.path.exists(os.path.join(_here, "compare.py")):
            shutil.copy(os.path.join(_here, "compare.py"), f"{self.out}/compare.py")
        total = sum(os.path.getsize(os.path.join(r, f)) for r, _, fs in os.walk(self.out) for f in fs)
        print(
            f"{len(self.cases)} cases, {len(self.hostile)} hostile, {len(self.train_cases)} training; {total / 1e6:.1f} MB"
        )
        return not bad


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--config", choices=sorted(CONFIGS2), default="dev")
    ap.add_argument("--seed", type=int)
    ap.add_argument("--out", required=True)
    ap.add_argument("--kit1")
    ap.add_argument("--bpe", default=None)
    ap.add_argument("--only", help="regex; refresh only these cases of an existing kit")
    ap.add_argument(
        "--selfdump",
        help="folder: also write the fp64 runs as dumps (compare.py KIT --no-run --dumps FOLDER must pass)",
    )
    ap.add_argument(
        "--groups",
        help="comma list of pickle,adapters,ip,taesd,samplers,freeinit,freenoise,train; small: adapters, samplers and taesd over the small checkpoint (with --only: names are those of the large one)",
    )
    args = ap.parse_args()
    bpe = args.bpe or next(
        p
        for p in (
            os.path.join(os.path.dirname(mk.__file__), "bpe_simple_vocab_16e6.txt.gz"),
            os.path.join(_here, "bpe_simple_vocab_16e6.txt.gz"),
        )
        if os.path.exists(p)
    )
    if os.path.isdir(args.out) and not args.only and not args.groups:
        shutil.rmtree(args.out)
    cfg = CONFIGS2[args.config]
    k = Kit2(cfg, args.seed or cfg["seed"], os.path.abspath(args.out), bpe, args.only)
    k.merge = bool(args.only or args.groups)
    if args.selfdump:
        os.makedirs(args.selfdump, exist_ok=True)
        k.selfdump = os.path.abspath(args.selfdump)
    k.build_models()
    print("conv_out fit R2", round(k.fit_r2, 3))
    k.write_models()
    for gname in (*GROUPS, "small"):
        if gname in (args.groups.split(",") if args.groups else GROUPS):
            t0 = time.time()
            getattr(k, "group_" + gname)()
            print(f"== {gname}: {time.time() - t0:.0f}s", flush=True)
    sys.exit(0 if k.finish2(args) else 1)


if __name__ == "__main__":
    main()
