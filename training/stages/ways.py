"""How far the words for a way and for its opposite ("left" and "right", "rising" and "falling") reach the base: what
they change in its prediction, as a share of what they should.

At high noise the best prediction is the mean of all clips that fit the caption. So the difference between the means of
clips that go one way and clips that go the other, all else
alike, is what exchanging the words has to bring about: the slope of the one on the other is 1 for a base that obeys, 0
for one that does not read them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np
import torch

from ..checkpoints import load_vae
from ..dataset import ATTRIBUTES, Clips
from ..device import autocast
from ..diffusion import alphas_cumprod, noised
from ..pictures import to_float
from ..world.palette import FRAMES
from ..worlds import EmojiWorld, Spec, World
from .stage import Context

CLIPS, TIMESTEPS = 48, (960, 800)
# A pair of ways, and the clips by which their words are measured: subject, background and, in the drawn world, colour.
PAIRS = {
    'ways': ('left', 'right', (('fish', 'blue', 'orange'), ('cat', 'white', 'red'), ('car', 'gray', 'green'))),
    'ways_upright': (
        'up',
        'down',
        (('ball', 'blue', 'orange'), ('butterfly', 'white', 'red'), ('rocket', 'gray', 'green')),
    ),
}
EMOJI_PAIRS = {
    'ways': ('left', 'right', (('fish', 'red'), ('cat', 'light blue'), ('rocket', 'green'))),
    'ways_upright': ('up', 'down', (('butterfly', 'pink'), ('dog', 'blue'), ('rocket', 'green'))),
}


def measurable(world: World) -> dict[str, tuple]:
    """The pairs whose motions, and in the emoji world whose subjects, are part of `world`."""
    if not isinstance(world, EmojiWorld):
        return {name: pair for name, pair in PAIRS.items() if {*pair[:2]} <= set(world.motions)}
    known = {*world.motions, *world.subjects}
    return {
        name: (a, b, cases) for name, (a, b, cases) in EMOJI_PAIRS.items() if {a, b, *(c[0] for c in cases)} <= known
    }


def travelling(clips: Clips, world: World) -> torch.Tensor:
    """Which clips go some way."""
    motion = clips.labels[:, ATTRIBUTES.index('motion')]
    return torch.isin(motion, torch.tensor(world.travelling, device=motion.device)).nonzero()[:, 0]


def written(clips: Clips, world: World) -> torch.Tensor:
    """Which clips have a written motion, one that the captions name."""
    motion = clips.labels[:, ATTRIBUTES.index('motion')]
    return (motion != world.motions.index(world.resting)).nonzero()[:, 0]


@dataclass
class Case:
    """A clip that goes `way`, latents of many like it, and what these are on average more than those that go the other
    way."""

    spec: Spec
    opposite: str
    x: torch.Tensor
    wanted: torch.Tensor


class WaysProbe:
    """Measures every pair of PAIRS that the world has."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.acp = ctx, alphas_cumprod().to(ctx.device)
        rng, vae = random.Random(6), load_vae(ctx.work).to(ctx.device)

        @torch.no_grad()
        def latents(specs: list[Spec]) -> torch.Tensor:
            frames = np.stack([ctx.world.render(sp, [7 * i % FRAMES])[0] for i, sp in enumerate(specs)])
            return vae.encode(to_float(torch.from_numpy(frames).to(ctx.device))).latent_dist.mode()

        def case(opposite: str, way: str, subject: str, background: str, *color: str) -> Case:
            fixed = {'subject': subject, 'background': background, 'motion': way, **dict(zip(['color'], color))}
            specs = [ctx.world.sample(rng, every=True, **fixed) for _ in range(CLIPS)]
            x = latents(specs)
            return Case(
                specs[0], opposite, x, x.mean(0) - latents([replace(sp, motion=opposite) for sp in specs]).mean(0)
            )

        self.pairs = {
            name: [case(opposite, way, *named) for named in cases]
            for name, (opposite, way, cases) in measurable(ctx.world).items()
        }

    def __call__(self, unet: torch.nn.Module, text: torch.nn.Module) -> dict[str, float]:
        return {
            name: float(np.mean([self.slope(c, t, unet, text) for c in cases for t in TIMESTEPS]))
            for name, cases in self.pairs.items()
        }

    @torch.no_grad()
    def slope(self, case: Case, timestep: int, unet: torch.nn.Module, text: torch.nn.Module) -> float:
        x = case.x
        eps = torch.randn(x.shape, generator=torch.Generator().manual_seed(1)).to(x.device)
        t = torch.full((len(x),), timestep, device=x.device)
        xt, _ = noised(x, eps, t, self.acp)
        said = []
        for motion in (case.opposite, case.spec.motion):
            ids = self.ctx.vocab.encode([self.ctx.world.full_caption(replace(case.spec, motion=motion))])
            h = text(input_ids=ids.to(x.device)).last_hidden_state
            with autocast(x.device):
                said.append(unet(xt, t, h.expand(len(x), -1, -1)).sample.float().mean(0))
        # v = sqrt(a) noise - sqrt(1 - a) clean, so clean pictures differ the other way round.
        found = (said[0] - said[1]) / (1 - self.acp[timestep]).sqrt()
        return float((found * case.wanted).sum() / (case.wanted**2).sum())
