"""What Mini's text encoder makes of words that no caption of the emoji world holds.

A noun that `nearest` names reads as the subject that stands nearest ("dachshund" as "dog"), and every other unknown
word as an adjective that changes nothing: so "a wibbling dachshund" asks for a dog, not for a random thing. The page
says both. The rows are copies, which compress to almost nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import torch
from transformers import CLIPTextModel

from ..config import CLIP_VOCABULARY
from ..emoji.captions import IDLE
from ..emoji.subjects import Catalogue
from ..emoji.words import nearest
from ..tokenizer import token_ids


def tokens_of(word: str) -> list[int]:
    return token_ids([word], pad=False)[0][1:-1]


def single_token(words: Iterable[str]) -> int | None:
    """The token of the first word that is one token."""
    return next((ids[0] for ids in map(tokens_of, words) if len(ids) == 1), None)


def twins(near: Mapping[str, str], known: Catalogue, learned: Collection[int]) -> dict[int, int]:
    """Unknown token -> the token of the noun that it reads as.

    Of a noun of several tokens the last one does, if training saw none of them. Where only several tokens name the
    subject, the last of them says most: "crow" reads as the "bird" of "black bird".
    """
    out: dict[int, int] = {}
    for word, name in sorted(near.items(), key=lambda each: len(tokens_of(each[0]))):
        subject = known.subjects[known.index[name]]
        noun, ids = single_token((name, *subject.words)), tokens_of(word)
        if not any(i in learned for i in ids):
            out.setdefault(ids[-1], tokens_of(name)[-1] if noun is None else noun)
    return out


@torch.no_grad()
def read_unknown_words(text: CLIPTextModel, known: Catalogue, learned: Collection[int]) -> int:
    """Fills the rows of tokens that are not `learned` (CLIP ids) -> how many of them read as a noun."""
    rows, near = text.get_input_embeddings().weight, twins(nearest(known), known, learned)
    foreign = torch.ones(CLIP_VOCABULARY, dtype=torch.bool)
    foreign[torch.tensor(sorted(learned))] = False
    rows[foreign] = rows[single_token(IDLE)].clone()
    for token, noun in near.items():
        rows[token] = rows[noun]
    return len(near)
