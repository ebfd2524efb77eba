"""The words that Mini knows: training uses a short embedding table; publication expands it to CLIP's 49,408 rows."""

from __future__ import annotations

import json
import random
from pathlib import Path

import torch
from transformers import CLIPTextModel

from .config import BOS, CLIP_VOCABULARY, EOS
from .networks import make_text
from .tokenizer import token_ids
from .world.captions import caption
from .world.palette import STYLES
from .world.spec import sample_spec

EXTRA_WORDS = 'sks, neon, glowing, pencil drawing, sketch, pixel art, pastel, style, picture, the, with, two, of, grey gray'.split(', ')


class Vocabulary:
    """CLIP ids that the world's captions use <-> compact ids. Row 0 stands for every other CLIP token. Kept in WORK/vocab.json."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            self.ids: list[int] = json.loads(path.read_text())
        else:
            rng, texts = random.Random(5), set(EXTRA_WORDS)
            for i in range(16000):
                texts.add(caption(sample_spec(rng, style=STYLES[i % 5 if i % 3 == 0 else 0]), rng))
            self.ids = sorted({BOS, EOS}.union(*token_ids(sorted(texts), pad=False)))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(self.ids))
        self.size = len(self.ids) + 1
        self.lut = torch.zeros(CLIP_VOCABULARY, dtype=torch.long)
        self.lut[torch.tensor(self.ids)] = torch.arange(1, self.size)
        self.bos, self.eos = int(self.lut[BOS]), int(self.lut[EOS])

    def encode(self, texts: list[str]) -> torch.Tensor:
        """-> compact ids, long [N, 77]."""
        return self.lut[torch.tensor(token_ids(texts))]

    def make_text(self, layers: int) -> CLIPTextModel:
        return make_text(layers, self.size, self.bos, self.eos)

    def expand(self, compact: CLIPTextModel, layers: int) -> CLIPTextModel:
        """The same encoder over CLIP's own ids. Unknown tokens share row 0, which compresses to almost nothing."""
        full, state = make_text(layers), dict(compact.state_dict())
        key = next(k for k in state if k.endswith('token_embedding.weight'))
        state[key] = state[key][self.lut.to(state[key].device)]
        full.load_state_dict(state)
        return full
