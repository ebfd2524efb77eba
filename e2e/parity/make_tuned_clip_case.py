"""Golden numbers of Tune-A-Video for the reduced kit: a spatial transformer with sparse-causal and temporal attention, its
gradients, and DDIM inversion.

The transformer is written here from the paper (Wu et al. 2022, arXiv 2212.11565, section 4.1, and figure 5): the queries of
every frame look at the keys and values of the first frame and of the one before; after the feed-forward layer the frames
look at each other at every place. The inversion is diffusers' DDIMInverseScheduler over a network that is a formula.

    OMP_NUM_THREADS=1 python make_tuned_clip_case.py
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import DDIMInverseScheduler
from safetensors.torch import save_file

FRAMES, WIDTH, SIDE, HEADS, GROUPS, TOKENS, TEXT = 4, 16, 3, 2, 4, 5, 12
BLOCK = 'transformer_blocks.0.'


def weights() -> dict[str, torch.Tensor]:
    shapes = {'norm': [WIDTH], 'proj_in': [WIDTH, WIDTH, 1, 1], 'proj_out': [WIDTH, WIDTH, 1, 1]}
    for name in ('norm1', 'norm2', 'norm3', 'norm_temp'):
        shapes[BLOCK + name] = [WIDTH]
    for name, source in (('attn1', WIDTH), ('attn2', TEXT), ('attn_temp', WIDTH)):
        shapes |= {f'{BLOCK}{name}.to_{x}': [WIDTH, WIDTH if x == 'q' else source] for x in 'qkv'}
        shapes[f'{BLOCK}{name}.to_out.0'] = [WIDTH, WIDTH]
    shapes |= {f'{BLOCK}ff.net.0.proj': [8 * WIDTH, WIDTH], f'{BLOCK}ff.net.2': [WIDTH, 4 * WIDTH]}
    out = {}
    for name, shape in shapes.items():
        out[f'{name}.weight'] = torch.randn(shape) / math.sqrt(WIDTH) + ('norm' in name)
        if not name.endswith(('to_q', 'to_k', 'to_v')):
            out[f'{name}.bias'] = 0.1 * torch.randn(shape[0])
    return out


def transformer(w: dict[str, torch.Tensor], x: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
    """x [F, C, h, w], text [1, tokens, D]"""

    def linear(name: str, y: torch.Tensor) -> torch.Tensor:
        return F.linear(y, w[f'{name}.weight'].flatten(1), w.get(f'{name}.bias'))

    def norm(name: str, y: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(y, [WIDTH], w[f'{BLOCK}{name}.weight'], w[f'{BLOCK}{name}.bias'])

    def attend(name: str, y: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        heads = [
            linear(f'{BLOCK}{name}.to_{part}', z).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part, z in (('q', y), ('k', keys), ('v', keys))
        ]
        mixed = F.scaled_dot_product_attention(*heads).transpose(1, 2).flatten(2)
        return linear(f'{BLOCK}{name}.to_out.0', mixed)

    y = F.group_norm(x, GROUPS, w['norm.weight'], w['norm.bias'], 1e-6).flatten(2).transpose(1, 2)
    y = linear('proj_in', y)
    normal = norm('norm1', y)
    seen = [torch.cat([normal[0], normal[max(0, i - 1)]]) for i in range(len(normal))]
    y = y + attend('attn1', normal, torch.stack(seen))
    y = y + attend('attn2', norm('norm2', y), text.expand(len(y), -1, -1))
    value, gate = linear(f'{BLOCK}ff.net.0.proj', norm('norm3', y)).chunk(2, -1)
    y = y + linear(f'{BLOCK}ff.net.2', value * F.gelu(gate))
    places = y.transpose(0, 1)
    normal = norm('norm_temp', places)
    y = (places + attend('attn_temp', normal, normal)).transpose(0, 1)
    return linear('proj_out', y).transpose(1, 2).reshape(x.shape) + x


def inverted(x: torch.Tensor, prediction: str) -> tuple[torch.Tensor, torch.Tensor]:
    """-> the noise and the timesteps. The network is 0.3 x + t / 2000."""
    scheduler = DDIMInverseScheduler(
        1000, 0.00085, 0.012, 'scaled_linear', clip_sample=False, set_alpha_to_one=False, steps_offset=1,
        prediction_type=prediction, timestep_spacing='leading',
    )
    scheduler.set_timesteps(10)
    for t in scheduler.timesteps:
        x = scheduler.step(0.3 * x + t / 2000, t, x).prev_sample
    return x, scheduler.timesteps


def main() -> None:
    torch.manual_seed(5)
    w = weights()
    trained = [f'{BLOCK}{n}' for n in ('attn1.to_q.weight', 'attn_temp.to_k.weight', 'attn_temp.to_out.0.bias')]
    for name in trained:
        w[name].requires_grad_(True)
    x, text = torch.randn(FRAMES, WIDTH, SIDE, SIDE), torch.randn(1, TOKENS, TEXT)
    y = transformer(w, x, text)
    factor = torch.randn_like(y)
    (y * factor).sum().backward()
    out = {f'weights.{k}': v.detach().contiguous() for k, v in w.items()}
    out |= {'x': x, 'text': text, 'y': y.detach().contiguous(), 'factor': factor.contiguous()}
    out |= {f'grad.{name}': w[name].grad for name in trained}
    latents = torch.randn(2, 4, 3, 3)
    out['latents'] = latents
    for prediction in ('epsilon', 'v_prediction'):
        out[f'inverted.{prediction}'], timesteps = inverted(latents, prediction)
    out['timesteps'] = timesteps.float()
    folder = Path(__file__).parent / 'kit' / 'tuned-clip'
    folder.mkdir(exist_ok=True)
    save_file(out, folder / 'transformer.safetensors')
    print({k: v.norm().item() for k, v in out.items() if 'weights' not in k})


if __name__ == '__main__':
    main()
