#!/usr/bin/env python3
"""Makes the reference numbers in fixtures/ with torch, diffusers and transformers (CPU, fp32).

usage: make_fixtures.py            (needs torch, diffusers, transformers, numpy, scipy)

numbers.bin holds little-endian fp32 arrays, numbers.json says where: name -> [offset, length] in elements.
Made with torch 2.13.0, diffusers 0.42.1, transformers 5.23.0.
"""

import gzip
import json
import math
import os

import diffusers
import numpy as np
import scipy.stats
import torch
from diffusers import (
    AutoencoderTiny,
    DDIMScheduler,
    DDPMScheduler,
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    DPMSolverSinglestepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    PNDMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)
from diffusers.pipelines import free_noise_utils
from diffusers.pipelines.free_init_utils import FreeInitMixin
from diffusers.pipelines.free_noise_utils import AnimateDiffFreeNoiseMixin
from transformers import CLIPTokenizer

diffusers.utils.logging.set_verbosity_error()
HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "fixtures")
VOCABULARY = os.path.join(HERE, "../../../public/tokenizer/bpe_simple_vocab_16e6.txt.gz")

COMMON = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012)
MULTISTEP = dict(steps_offset=1, solver_order=2, timestep_spacing="linspace")
SAMPLERS = {
    "ddim": (DDIMScheduler, dict(steps_offset=1, clip_sample=False, set_alpha_to_one=True, timestep_spacing="leading")),
    "ddim_trailing": (DDIMScheduler, dict(clip_sample=False, set_alpha_to_one=True, timestep_spacing="trailing")),
    "euler": (EulerDiscreteScheduler, dict(steps_offset=1, timestep_spacing="linspace")),
    "euler_trailing": (EulerDiscreteScheduler, dict(steps_offset=1, timestep_spacing="trailing")),
    "euler_leading": (EulerDiscreteScheduler, dict(steps_offset=1, timestep_spacing="leading")),
    "euler_a": (EulerAncestralDiscreteScheduler, dict(steps_offset=1, timestep_spacing="linspace")),
    "dpmpp_2m": (DPMSolverMultistepScheduler, dict(algorithm_type="dpmsolver++", **MULTISTEP)),
    "dpmpp_2m_karras": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="dpmsolver++", use_karras_sigmas=True, **MULTISTEP),
    ),
    "pndm": (
        PNDMScheduler,
        dict(steps_offset=1, skip_prk_steps=True, set_alpha_to_one=False, timestep_spacing="leading"),
    ),
    "lcm": (
        LCMScheduler,
        dict(original_inference_steps=50, set_alpha_to_one=True, clip_sample=False, timestep_scaling=10.0),
    ),
    "unipc": (UniPCMultistepScheduler, MULTISTEP),
    "unipc_karras": (UniPCMultistepScheduler, dict(use_karras_sigmas=True, **MULTISTEP)),
    "heun": (HeunDiscreteScheduler, dict(steps_offset=1, timestep_spacing="linspace")),
    "heun_karras": (HeunDiscreteScheduler, dict(steps_offset=1, use_karras_sigmas=True, timestep_spacing="linspace")),
    "euler_karras": (EulerDiscreteScheduler, dict(use_karras_sigmas=True, timestep_spacing="linspace")),
    "euler_exponential": (EulerDiscreteScheduler, dict(use_exponential_sigmas=True, timestep_spacing="linspace")),
    "euler_beta": (EulerDiscreteScheduler, dict(use_beta_sigmas=True, timestep_spacing="linspace")),
    "dpmpp_2m_exponential": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="dpmsolver++", use_exponential_sigmas=True, **MULTISTEP),
    ),
    "dpmpp_2m_beta": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="dpmsolver++", use_beta_sigmas=True, **MULTISTEP),
    ),
    "dpmpp_2m_trailing": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="dpmsolver++", solver_order=2, timestep_spacing="trailing"),
    ),
    "dpmpp_2m_sde": (DPMSolverMultistepScheduler, dict(algorithm_type="sde-dpmsolver++", **MULTISTEP)),
    "dpmpp_2m_sde_karras": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="sde-dpmsolver++", use_karras_sigmas=True, **MULTISTEP),
    ),
    "dpmpp_2m_sde_exponential": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="sde-dpmsolver++", use_exponential_sigmas=True, **MULTISTEP),
    ),
    "dpmpp_2m_sde_beta": (
        DPMSolverMultistepScheduler,
        dict(algorithm_type="sde-dpmsolver++", use_beta_sigmas=True, **MULTISTEP),
    ),
    "dpmpp_sde": (DPMSolverSinglestepScheduler, dict(algorithm_type="sde-dpmsolver++", solver_order=2)),
    "dpmpp_sde_karras": (
        DPMSolverSinglestepScheduler,
        dict(algorithm_type="sde-dpmsolver++", solver_order=2, use_karras_sigmas=True),
    ),
    "deis": (DEISMultistepScheduler, dict(algorithm_type="deis", solver_type="logrho", **MULTISTEP)),
    "ddpm": (
        DDPMScheduler,
        dict(steps_offset=1, clip_sample=False, variance_type="fixed_small", timestep_spacing="leading"),
    ),
    "tcd": (
        TCDScheduler,
        dict(original_inference_steps=50, set_alpha_to_one=True, clip_sample=False, timestep_scaling=10.0),
    ),
}
STOCHASTIC = {
    "euler_a",
    "lcm",
    "tcd",
    "ddpm",
    "dpmpp_2m_sde",
    "dpmpp_2m_sde_karras",
    "dpmpp_2m_sde_exponential",
    "dpmpp_2m_sde_beta",
    "dpmpp_sde",
    "dpmpp_sde_karras",
}
SCHEDULES = ("linear", "scaled_linear")
SHAPE = (1, 4, 2, 2, 2)

numbers = {}


def put(name, values):
    numbers[name] = np.asarray(values, dtype=np.float32).ravel()


def scheduler(name, schedule, prediction="epsilon"):
    cls, options = SAMPLERS[name]
    return cls(**COMMON, **options, beta_schedule=schedule, prediction_type=prediction)


def tables():
    for schedule in SCHEDULES:
        put(f"alphas_cumprod.{schedule}", scheduler("ddim", schedule).alphas_cumprod)
        zero_snr = DDIMScheduler(**COMMON, beta_schedule=schedule, rescale_betas_zero_snr=True)
        put(f"alphas_cumprod.{schedule}.zero_snr", zero_snr.alphas_cumprod)
        for name in SAMPLERS:
            for n in (1, 2, 3, 4, 5, 6, 7, 8, 16, 20, 25, 48):
                s = scheduler(name, schedule)
                s.set_timesteps(n)
                key = f"{name}.{schedule}.{n}"
                put(f"{key}.timesteps", s.timesteps)
                put(f"{key}.init_noise_sigma", float(s.init_noise_sigma))


def beta_quantiles():
    put("beta_quantiles", scipy.stats.beta.ppf(np.linspace(0, 1, 41), 0.6, 0.6))


def trajectories():
    """Runs a fixed pseudo-model, m_k = 0.9 eps[k] + 0.1 (the scaled input).

    Stochastic samplers draw from a generator of seed 7."""
    g = torch.Generator().manual_seed(11)
    x_init = torch.randn(SHAPE, generator=g)
    eps = torch.randn((21, *SHAPE), generator=g)
    x0 = torch.randn(SHAPE, generator=g)
    put("x_init", x_init)
    put("eps", eps)
    put("x0", x0)
    for name in SAMPLERS:
        for schedule in SCHEDULES:
            for prediction in ("epsilon", "v_prediction"):
                for n in (1, 2, 3, 5, 8):
                    s = scheduler(name, schedule, prediction)
                    s.set_timesteps(n)
                    put(f"{name}.{schedule}.{prediction}.{n}", walk(name, s, x_init * s.init_noise_sigma, eps))
            if name == "pndm":  # diffusers cuts the doubled call out of the list, which is a defect
                continue
            s = scheduler(name, schedule)
            s.set_timesteps(8)
            start = (8 - int(8 * 0.7)) * s.order
            x = s.add_noise(x0, x_init, s.timesteps[start : start + 1])
            put(f"{name}.{schedule}.strength.start", x)
            put(f"{name}.{schedule}.strength.steps", walk(name, s, x, eps, start))


def walk(name, s, x, eps, start=0):
    options = {"generator": torch.Generator().manual_seed(7)} if name in STOCHASTIC else {}
    states = []
    for k, t in enumerate(s.timesteps[start:]):
        m = 0.9 * eps[k] + 0.1 * s.scale_model_input(x, t)
        x = s.step(m, t, x, **options).prev_sample
        states.append(x)
    return torch.stack(states)


def noise():
    for seed in (0, 42, 2**31 + 7, 2**40 + 5):
        for n in (1, 8, 15, 16, 17, 31, 64, 100):
            put(f"randn.{seed}.{n}", torch.randn(n, generator=torch.Generator().manual_seed(seed)))
        g = torch.Generator().manual_seed(seed)
        for i, n in enumerate((64, 20, 5, 16, 2)):  # one generator, several draws
            put(f"randn.{seed}.draw{i}", torch.randn(n, generator=g))
        put(f"randperm.{seed}", torch.randperm(23, generator=torch.Generator().manual_seed(seed)))
    put("randn.42.4096", torch.randn(4096, generator=torch.Generator().manual_seed(42)))


def free_noise():
    """The frame indices that diffusers' FreeNoise picks: the noise of a frame holds the frame's number."""
    for frames, length, stride in ((16, 8, 4), (23, 8, 3), (8, 8, 4)):
        mixin = AnimateDiffFreeNoiseMixin()
        mixin._free_noise_context_length, mixin._free_noise_context_stride = length, stride
        mixin._free_noise_noise_type, mixin.vae_scale_factor = "shuffle_context", 8
        g = torch.Generator().manual_seed(42)
        drawn = torch.arange(frames).reshape(1, 1, frames, 1, 1).float()
        free_noise_utils.randn_tensor = lambda *_, **__: drawn
        put(
            f"free_noise.{frames}.{length}.{stride}",
            mixin._prepare_latents_free_noise(1, 1, frames, 8, 8, torch.float32, "cpu", g),
        )


def scattered(name, shape):
    """The numbers that src/models/testing/tiny-files.ts derives from a tensor's name."""
    state = 0x811C9DC5
    for char in name:
        state = ((state ^ ord(char)) * 0x01000193) & 0xFFFFFFFF
    values = []
    for _ in range(math.prod(shape)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values.append(state / 2**32 - 0.5)
    return torch.tensor(values).reshape(shape)


def tiny_vae():
    width = (4,) * 4
    vae = AutoencoderTiny(
        encoder_block_out_channels=width,
        decoder_block_out_channels=width,
        num_encoder_blocks=(1, 3, 3, 3),
        num_decoder_blocks=(3, 3, 3, 1),
    )
    vae.load_state_dict({name: scattered(name, value.shape) for name, value in vae.state_dict().items()})
    latents, pixels = 4 * scattered("latents", (1, 4, 3, 2)), 2 * scattered("pixels", (1, 3, 24, 16))
    with torch.no_grad():
        put("tiny_vae.decoded", vae.decode(latents).sample)
        put("tiny_vae.encoded", vae.encode(pixels).latents)


def free_init():
    """Frequencies of two clips mixed; [1, C, F, h, w] there, [F, C, h, w] here. Odd sizes are not symmetric."""
    shape = (1, 2, 3, 4, 5)
    diffused, noise = scattered("diffused", shape), scattered("noise", shape)
    mixin = FreeInitMixin()
    for name in ("butterworth", "gaussian", "ideal"):
        low_pass = mixin._get_free_init_freq_filter(shape, "cpu", name, 4, 0.25, 0.25)
        put(f"free_init.{name}", mixin._apply_freq_filter(diffused, noise, low_pass)[0].permute(1, 0, 2, 3))
    put("free_init.diffused", diffused[0].permute(1, 0, 2, 3))
    put("free_init.noise", noise[0].permute(1, 0, 2, 3))


PROMPTS = [
    "",
    " ",
    "a",
    "A",
    "hello world",
    "Hello,   World!!",
    "masterpiece, best quality, 1girl, solo",
    "it's we're they've I'm he'll she'd",
    "IT'S WE'RE",
    "don't can’t",
    "8k uhd 4096x2160 f/1.8 50mm",
    "12345678901234567890",
    "½ ² ³ ① Ⅷ ٣ 五",
    "snake_case_and-hyphen--dash—em",
    "(weighted:1.3) [bracketed] {curly} <lora:foo:0.8>",
    "<|startoftext|> inside <|endoftext|> text",
    "<|endoftext|>",
    "<|ENDOFTEXT|> shouted",
    "a<|endoftext|>b",
    "email@example.com http://x.y/z?q=1&r=2",
    "line one\nline two\ttabbed\r\nthree",
    "trailing space ",
    "  leading",
    "café naïve Ünïcødé",
    "cafe\u0301 decomposed",
    "Straße ﬁne ﬂow Ǆ",
    "İstanbul ı I i",
    "I\u0307 decomposed",
    "東京タワー 夜景",
    "中文提示词，高质量",
    "한국어 프롬프트",
    "Привет мир",
    "مرحبا بالعالم",
    "नमस्ते दुनिया",
    "שלום עולם",
    "🌃🌉 night city 👩‍👩‍👧‍👦 👍🏽",
    "❤️",
    "a\u00a0b\u2003c\u200bd\ufeffe",
    "a\u0085b\u180ec\u001cd\u3000e",
    "!\ufeff!",
    "\u0000\u0001 control",
    "ａｂｃ fullwidth １２３",
    "....!!!???",
    "''''s 's 'S 'll",
    "'SHE's 'tis",
    "&amp; &lt;b&gt; &quot;",
    "supercalifragilisticexpialidocious antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "word " * 100,
    "x" * 400,
    "🚂" * 60,
    "\U0001f1ef\U0001f1f5 flag",
    "a, b; c: d. e/f\\g|h",
    "C++ c# .NET node.js",
    "ἀρχή ΣΊΣΥΦΟΣ ς σ",
    "Ŀlŀ ŉ ĸ",
    "100% $5.00 €20 £3 ¥500 №5 §7 ©®™",
    "“curly” ‘quotes’ …",
    "\ud7ff\ue000 private",
    "Kelvin \u212a Ångström \u212b",
    "a corgi walking in the park, best quality, masterpiece, 8k",
    "Ünïcødé café — 東京タワー at night 🌃, l'été, ½ pint №5",
    "an extremely long prompt about a lighthouse on a cliff above a stormy sea with gulls wheeling in the wind, " * 8,
]


def tokens():
    lines = gzip.open(VOCABULARY, "rt", encoding="utf-8").read().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    words = [
        *alphabet,
        *(c + "</w>" for c in alphabet),
        *("".join(m) for m in merges),
        "<|startoftext|>",
        "<|endoftext|>",
    ]
    tokenizer = CLIPTokenizer(vocab={w: i for i, w in enumerate(words)}, merges=merges, model_max_length=77)
    found = [dict(text=p, ids=tokenizer(p).input_ids[1:-1]) for p in PROMPTS]
    with open(f"{OUT}/tokens.json", "w") as f:
        f.write("[\n" + ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in found) + "\n]\n")


def main():
    os.makedirs(OUT, exist_ok=True)
    tables()
    beta_quantiles()
    trajectories()
    tiny_vae()
    noise()
    free_noise()
    free_init()
    tokens()
    index, offset = {}, 0
    with open(f"{OUT}/numbers.bin", "wb") as f:
        for name, values in numbers.items():
            assert all(math.isfinite(v) for v in values), name
            index[name] = [offset, len(values)]
            offset += len(values)
            f.write(values.astype("<f4").tobytes())
    with open(f"{OUT}/numbers.json", "w") as f:
        f.write("{\n" + ",\n".join(f'"{k}":[{a},{b}]' for k, (a, b) in index.items()) + "\n}\n")


main()
