"""The words that Mini knows: training uses a short embedding table; publication expands it to CLIP's 49,408 rows."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import CLIPTextModel

from .config import BOS, CLIP_VOCABULARY, EOS, FOREIGN_ROWS
from .networks import make_text
from .tokenizer import token_ids
from .world.captions import NOUNS
from .world.palette import EVERY_SUBJECT
from .worlds import DrawnWorld, World


class Vocabulary:
    """CLIP ids that the world's captions use <-> compact ids 0 ... n - 1. Kept in WORK/vocab.json.

    Every other CLIP token is foreign and shares one of FOREIGN_ROWS further rows, each a noun for one subject
    (stages/foreign.py): so a word that
    Mini has never heard still asks for one thing. A single row for all of them drew a mixture of all subjects.
    """

    def __init__(self, path: Path, world: World = DrawnWorld()) -> None:
        if path.exists():
            self.ids: list[int] = json.loads(path.read_text())
        else:
            self.ids = sorted({BOS, EOS}.union(*token_ids(sorted(world.vocabulary()), pad=False)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self.ids))
        self.foreign = len(self.ids)  # the first of their rows
        self.size = self.foreign + FOREIGN_ROWS
        self.lut = self.foreign + torch.arange(CLIP_VOCABULARY) % FOREIGN_ROWS
        self.lut[torch.tensor(self.ids)] = torch.arange(self.foreign)
        self.bos, self.eos = int(self.lut[BOS]), int(self.lut[EOS])

    def encode(self, texts: list[str]) -> torch.Tensor:
        """-> compact ids, long [N, 77]."""
        return self.lut[torch.tensor(token_ids(texts))]

    def nouns(self) -> torch.Tensor:
        """Which compact ids name a subject of the world, bool [size]."""
        words = [w for s in EVERY_SUBJECT for noun in [s, s + 's', *NOUNS.get(s, [])] for w in noun.split()[-1:]]
        found = torch.zeros(self.size, dtype=torch.bool)
        found[
            self.lut[
                torch.tensor(sorted({i for ids in token_ids(words, pad=False) for i in ids[1:-1]} & set(self.ids)))
            ]
        ] = True
        return found

    def make_text(self, layers: int) -> CLIPTextModel:
        return make_text(layers, self.size, self.bos, self.eos)

    def expand(self, compact: CLIPTextModel, layers: int) -> CLIPTextModel:
        """The same encoder over CLIP's own ids. Foreign tokens take turns at a few rows, which compresses to almost
        nothing."""
        full, state = make_text(layers), dict(compact.state_dict())
        key = next(k for k in state if k.endswith('token_embedding.weight'))
        state[key] = state[key][self.lut.to(state[key].device)]
        full.load_state_dict(state)
        return full
