"""Words from outside of the world: the text encoder alone learns to read them, until its states are those of a sentence
it knows.

They share a few embeddings that take turns over CLIP's vocabulary (vocabulary.py), each a noun for one of
FOREIGN_SUBJECTS. Two kinds of sentences:
the subject called by a foreign word, to be read as if it had been named; and a foreign word beside the name, to be read
like "cute", which says nothing.
Sentences without any keep their states, so that UNet, motion module and LoRAs stay valid; minutes after a base, instead
of captions for the base to learn from.
"""

from __future__ import annotations

import random

import torch

from ..checkpoints import ema, load_base, load_text, stage_state
from ..config import FOREIGN_ROWS, FOREIGN_SUBJECTS, MAX_TOKENS
from ..world.captions import caption
from ..world.spec import Spec, training_spec
from ..worlds import EmojiWorld
from .stage import Context, Loss, Metrics, Stage, trainable

HELD = 64
OWN_PLACE = 0.3  # weight of the state at an idle foreign word itself, which cannot know yet that the name follows


class ForeignStage(Stage):
    name = 'foreign'
    curves = ['loss', 'named', 'idle', 'kept']

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        if isinstance(ctx.world, EmojiWorld):
            raise SystemExit('in the emoji world the page says which subject stands for an unknown word (words.json)')
        _, self.text, vocab = load_base(ctx.work)
        self.text = self.text.to(self.dev).train()
        self.teacher = (
            load_text(vocab.make_text(ctx.run['text_layers']), ema(ctx.work, 'base', 'text.'))
            .to(self.dev)
            .eval()
            .requires_grad_(False)
        )
        self.nouns, self.cute = vocab.nouns().to(self.dev), int(vocab.encode(['cute'])[0, 1])
        turns = [FOREIGN_SUBJECTS[r % len(FOREIGN_SUBJECTS)] for r in range(FOREIGN_ROWS)]
        before = stage_state(ctx.work, self.name)
        if before and not ctx.options.overwrite and before['base_step'] != stage_state(ctx.work, 'base')['step']:
            raise SystemExit('the base has gone on since: teach its new text encoder with --overwrite')
        if not before or ctx.options.overwrite:
            table = self.text.get_input_embeddings().weight
            with torch.no_grad():
                table[vocab.foreign :] = table[vocab.encode(turns)[:, 1].to(self.dev)]
        rng = random.Random(12)
        specs = [
            training_spec(rng, ctx.world, subject=rng.choice(FOREIGN_SUBJECTS)) for _ in range(self.cfg.clips + HELD)
        ]
        self.ids = vocab.encode([self.sentence(sp, rng) for sp in specs]).to(self.dev)
        self.names = torch.tensor([[float(t == sp.subject) for t in turns] for sp in specs], device=self.dev)
        others = [caption(training_spec(rng, ctx.world), rng) for _ in range(self.cfg.clips + HELD)]
        self.others = vocab.encode(others).to(self.dev)

    @staticmethod
    def sentence(sp: Spec, rng: random.Random) -> str:
        """A caption, or one of the short things that people type first."""
        if rng.random() < 0.5:
            return caption(sp, rng)
        return ' '.join(
            f'{rng.choice(["a", "a", "an", "the", ""])} {rng.choice(["", "", sp.color])} {sp.subject}'.split()
        )

    def groups(self):
        return [(trainable(self.text, 'text.'), 1.0)]

    def extra_state(self) -> dict:
        return {'base_step': stage_state(self.ctx.work, 'base')['step']}

    def named(self, i: torch.Tensor) -> torch.Tensor:
        """Sentences whose subject is called by a foreign word of its own, ids [n, 77]."""
        word = self.ctx.vocab.foreign + torch.multinomial(self.names[i], 1)
        return torch.where(self.nouns[self.ids[i]], word, self.ids[i])

    def idle(self, i: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Sentences with "cute" in a random place, the same with any foreign word there, [n, 77] each."""
        ids, n = self.others[i], len(i)
        length = (ids == self.ctx.vocab.eos).int().argmax(1)
        at = 1 + (torch.rand(n, device=self.dev) * length).long().clamp(max=MAX_TOKENS - 3)
        steps = torch.arange(MAX_TOKENS, device=self.dev)[None]
        moved = ids.gather(1, (steps - (steps > at[:, None]).long()).expand(n, -1))
        here = steps == at[:, None]
        foreign = self.ctx.vocab.foreign + torch.randint(0, FOREIGN_ROWS, (n, 1), device=self.dev)
        return torch.where(here, self.cute, moved), torch.where(here, foreign, moved)

    def distance(self, student: torch.Tensor, teacher: torch.Tensor, weigh: bool = False) -> torch.Tensor:
        """Mean squared difference of the states, of their mean square. ids [n, 77]."""
        with torch.no_grad():
            want = self.teacher(input_ids=teacher).last_hidden_state
        e = (self.text(input_ids=student).last_hidden_state - want) ** 2
        w = torch.where(student != teacher, OWN_PLACE, 1.0)[..., None] if weigh else 1.0
        return (e * w).mean() / (want**2).mean()

    def loss(self) -> Loss:
        third = self.cfg.batch // 3 or 1
        named_i, idle_i, kept_i = torch.randint(HELD, len(self.ids), (3, third), device=self.dev)
        named = self.distance(self.named(named_i), self.ids[named_i])
        plain, foreign = self.idle(idle_i)
        idle = self.distance(foreign, plain, weigh=True)
        kept = self.distance(self.others[kept_i], self.others[kept_i])
        return named + idle + 4 * kept, {'named': named.detach(), 'idle': idle.detach(), 'kept': kept.detach()}

    @torch.no_grad()
    def evaluate(self) -> Metrics:
        """On held-out sentences: squared distance to the states asked for, of their mean square."""
        with torch.random.fork_rng():
            torch.manual_seed(3)
            held = torch.arange(HELD, device=self.dev)
            plain, foreign = self.idle(held)
            return {
                'held_named': float(self.distance(self.named(held), self.ids[held])),
                'held_idle': float(self.distance(foreign, plain)),
                'held_kept': float(self.distance(self.others[held], self.others[held])),
            }
