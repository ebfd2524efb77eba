"""`python -m training nouns`: what the base draws for words outside its world. Softly degraded means: a clean picture
of some subject, never noise."""

from __future__ import annotations

import argparse
import random

import numpy as np
import torch

from ..checkpoints import run_world
from ..config import LATENT, SAMPLE_STEPS
from ..device import autocast, pick_device
from ..pictures import save_grid, to_uint8
from ..sampling import Choice, load_sampler
from ..world.render import render
from ..world.spec import sample_spec
from ..worlds import EmojiWorld
from .document import write_section
from .judge import Judge, shrink, train_judge

NOUNS = (
    'anchor apple arrow axe backpack banana barrel basket bear bed bee bell bench bicycle book boot bottle bowl bread bridge broom bucket bus button cactus '
    'cake camel camera candle castle chair cheese church clock cloud coat compass cow crab crown cup deer desk dice dog door dragon drum duck elephant '
    'envelope feather fence fork frog glove guitar hammer hat helicopter horse house island jacket kettle key kite knife ladder lamp leaf lemon lion lizard '
    'map mirror monkey moon mountain mushroom nest owl penguin piano pig pillow pizza pumpkin queen rabbit ring river sandwich scissors shark shoe snail snake spoon tree'
).split()
ALLOWED = 0.05  # share of real renderings that count as unclean, which sets the threshold


@torch.no_grad()
def certainty(judge: Judge, stills: np.ndarray, device: torch.device, *heads: str) -> np.ndarray:
    """uint8 [N, 128, 128, 3] -> the smallest of the judge's certainties of any subject, any background, as asked,
    [N]."""
    out = [judge(shrink(b.to(device))) for b in torch.from_numpy(stills).split(64)]
    return torch.stack([torch.cat([o[k].softmax(-1).amax(-1) for o in out]) for k in heads]).amin(0).cpu().numpy()


@torch.no_grad()
def decoded_noise(sample, n: int) -> np.ndarray:
    """What the decoder makes of latents that no model has touched -> uint8 [n, 128, 128, 3]."""
    z = torch.randn(n, 4, LATENT, LATENT, generator=torch.Generator().manual_seed(0)).to(sample.device)
    with autocast(sample.device):
        return to_uint8(torch.cat([sample.vae.decode(b).sample.float() for b in z.split(16)]))


def nouns(a: argparse.Namespace) -> None:
    device, world = pick_device(a.device, a.threads), run_world(a.work)
    if isinstance(world, EmojiWorld):
        raise SystemExit('the page sends unknown nouns to subjects of the emoji world (words.json): see `natural`')
    judge, _ = train_judge(a.work, world, device, a.workers, a.judge_clips, a.judge_steps)
    rng = random.Random(77)
    real = np.concatenate([render(sample_spec(rng, world), index=[rng.randrange(16)]) for _ in range(200)])
    sample = load_sampler(a.work, device, video=False, choice=Choice())
    words = NOUNS[: a.n]
    stills = sample(
        [f'{"an" if w[0] in "aeiou" else "a"} {w}' for w in words], a.steps or SAMPLE_STEPS, a.cfg, a.seed, batch=20
    )[:, 0]
    noise = decoded_noise(sample, 50)

    def passing(*heads: str) -> tuple[np.ndarray, float, float]:
        """Which stills the judge is as certain of as of all but the least certain renderings; the threshold; the share
        of noise that passes."""
        threshold = float(np.quantile(certainty(judge, real, device, *heads), ALLOWED))
        return (
            certainty(judge, stills, device, *heads) >= threshold,
            threshold,
            float((certainty(judge, noise, device, *heads) >= threshold).mean()),
        )

    (clean, threshold, floor), (both, strict, strict_floor) = passing('subject'), passing('subject', 'background')
    save_grid(
        [list(stills[i : i + 10]) for i in range(0, len(stills) - len(stills) % 10, 10)],
        a.work / 'sheets' / 'nouns.png',
    )
    unclean = [w for w, ok in zip(words, clean) if not ok]
    text = (
        f'`python -m training nouns`: {len(words)} nouns from outside the world, one still each. **{clean.mean():.0%}** give a clean picture of some subject: the judging network is as '
        f'certain of a subject as it is of {1 - ALLOWED:.0%} of real renderings (certainty {threshold:.2f}); decoded noise passes in {floor:.0%}. The aim is 80 %. '
        f'Of a background of one named colour, too, it is as certain in {both.mean():.0%} (certainty {strict:.2f} of both; noise {strict_floor:.0%}): no word asks for one, and walls come out in colours between.'
    )
    write_section('nouns', text + (f'\n\nNot clean: {", ".join(unclean)}.' if unclean else ''), a.document, world)
