"""Writing weights: fp16, optionally with fewer mantissa bits so that they compress better, and gzip that is the same on
every run."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import torch
from safetensors.torch import load as load_bytes
from safetensors.torch import save as save_bytes

from ..checkpoints import Tensors
from ..config import PUBLISHED


def half(sd: Tensors) -> Tensors:
    return {k: (v.half() if v.is_floating_point() else v).contiguous().clone() for k, v in sd.items()}


def rounded(t: torch.Tensor, bits: int) -> torch.Tensor:
    """fp16 rounded to nearest with `bits` of its ten mantissa bits; the others become zero."""
    drop = 10 - bits
    if drop <= 0 or t.dtype != torch.float16:
        return t
    whole = t.contiguous().view(torch.int16).int() & 0xFFFF
    whole = ((whole + (1 << (drop - 1))) >> drop) << drop
    return whole.to(torch.int32).sub(65536 * (whole >= 32768)).to(torch.int16).view(torch.float16)


def steady(data: bytes) -> bytes:
    """The same safetensors file with its metadata in order: the library writes them in a random one."""
    length = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8 : 8 + length])
    header['__metadata__'] = dict(sorted(header['__metadata__'].items()))
    text = json.dumps(header, separators=(',', ':'), ensure_ascii=False).encode()
    text += b' ' * (-len(text) % 8)
    return len(text).to_bytes(8, 'little') + text + data[8 + length :]


def write(path: Path, sd: Tensors, bits: int = 10, **metadata: str) -> int:
    """Writes fp16 safetensors, gzip-compressed if the name ends in .gz -> bytes on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = steady(save_bytes({k: rounded(v, bits) for k, v in half(sd).items()}, metadata={'format': 'pt', **metadata}))
    path.write_bytes(gzip.compress(data, 9, mtime=0) if path.suffix == '.gz' else data)
    return path.stat().st_size


def read(path: Path) -> Tensors:
    """fp32 tensors of a file written by `write`."""
    data = path.read_bytes()
    return {k: v.float() for k, v in load_bytes(gzip.decompress(data) if path.suffix == '.gz' else data).items()}


def weights_digest(folder: Path = PUBLISHED, loras: Iterable[str] | None = None) -> str:
    """Names the published weights: all of them, or the family's own (.gz) and some LoRAs, by their paths in the
    folder."""
    wanted = None if loras is None else {folder / name for name in loras}
    digest = sha256()
    for path in sorted(
        p
        for p in folder.rglob('*')
        if p.suffix == '.gz' or p.suffix == '.safetensors' and (wanted is None or p in wanted)
    ):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()[:12]
