"""CLIP's byte-pair tokens, built from the merge list that the page ships too
(`public/tokenizer/bpe_simple_vocab_16e6.txt.gz`, from OpenAI CLIP)."""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from transformers import CLIPTokenizer

from .config import BPE, CLIP_VOCABULARY, MAX_TOKENS


def byte_letters() -> list[str]:
    """A printable character for each of the 256 bytes, in the vocabulary's order: printable ones stand for
    themselves."""
    printable = [*range(ord('!'), ord('~') + 1), *range(ord('¡'), ord('¬') + 1), *range(ord('®'), ord('ÿ') + 1)]
    others = 256 - len(printable)
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(others)]


def vocabulary(path: Path = BPE) -> tuple[dict[str, int], list[str]]:
    """-> token -> id (49408 of them), merges in order of priority."""
    lines = gzip.decompress(path.read_bytes()).decode().split('\n')
    merges = lines[1 : CLIP_VOCABULARY - 512 - 2 + 1]
    letters = byte_letters()
    tokens = [
        *letters,
        *(c + '</w>' for c in letters),
        *(''.join(m.split()) for m in merges),
        '<|startoftext|>',
        '<|endoftext|>',
    ]
    return {t: i for i, t in enumerate(tokens)}, merges


@cache
def tokenizer() -> CLIPTokenizer:
    os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')  # whoever has it is forked to render
    ids, merges = vocabulary()
    with TemporaryDirectory() as folder:
        files = Path(folder, 'vocab.json'), Path(folder, 'merges.txt')
        files[0].write_text(json.dumps(ids))
        files[1].write_text('\n'.join(['#version: 0.2', *merges]))
        return CLIPTokenizer(*map(str, files), pad_token='<|endoftext|>', model_max_length=MAX_TOKENS)


def token_ids(texts: list[str], pad: bool = True) -> list[list[int]]:
    """CLIP ids with start and end tokens, padded with the end token to 77 unless told otherwise."""
    return tokenizer()(texts, padding='max_length' if pad else False, max_length=MAX_TOKENS, truncation=True)[
        'input_ids'
    ]
