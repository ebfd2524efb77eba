"""The sets that stages ask for, rendered beforehand: all of them by the same processes, those first that are needed
first."""

from __future__ import annotations

from collections.abc import Sequence

from ..dataset import SetSpec, build
from ..world.palette import CAMERAS, RARE
from ..worlds import World
from .stage import Context

# Stage, name, seed and what is special: as the stages call Context.frames and Context.latents.
STILLS = [('vae', 'stills', 1, {'styled': 0.35})]


def latents(world: World, cameras: Sequence[str]) -> list[tuple[str, str, int, dict]]:
    return [
        ('base', 'base', 3, {}),
        ('motion', 'video', 4, {}),
        *(('dreambooth', f'dreambooth_{s}', 7, {'subject': s}) for s in RARE),
        *(('lora', f'style_{s}', 6, {'style': s}) for s in world.styles[1:]),
        *(('motion-lora', f'camera_{c}', 9, {'camera': c}) for c in cameras),
    ]


def render_sets(ctx: Context, clips: dict[str, int], cameras: Sequence[str] = CAMERAS) -> None:
    """`clips`: how many, by stage; what others learn from is not rendered."""

    def specs(sets: list[tuple[str, str, int, dict]]) -> list[SetSpec]:
        return [
            ctx.set_spec(name, clips[stage], ctx.preset.stages[stage].frames, seed, **more)
            for stage, name, seed, more in sets
            if stage in clips
        ]

    build(ctx.work, specs(STILLS), ctx.options.workers)
    ctx.encoded(specs(latents(ctx.world, cameras)))
