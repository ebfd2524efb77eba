"""`python -m training pack` and `unpack`: carries a run between machines in few small files.

OUT/pack.00, pack.01 ... joined are a tar of one .tar.gz a stage: its averaged weights as fp16 and its state, no moments. The run's configuration, vocabulary and curves
come first, then stages by what is built on them; what exceeds the limit stays behind. Stages that were only restored are not packed, nor is the VAE, which is the published one.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tarfile
from pathlib import Path

from safetensors.torch import load, save

from .checkpoints import run_config, stage_state
from .config import PUBLISHED
from .export.files import read, rounded
from .restore import write_vae

PART = 15 * 2**20
ORDER = ('base', 'text', 'foreign', 'motion', 'lora_', 'lcm', 'motion-lora_', 'dreambooth_', 'motion-joint')
ROUNDED = {'dreambooth_': 8, 'motion-joint': 8}  # bits of mantissa: nothing goes on from these, and publication keeps no more


def compact(path: Path, stage: str) -> bytes:
    """The file as it travels."""
    bits = next((b for name, b in ROUNDED.items() if stage.startswith(name)), 10)
    data = path.read_bytes()
    return save({k: rounded(v, bits) for k, v in load(data).items()}) if bits < 10 and path.name.startswith('ema-') else data


def archive(work: Path, files: list[Path], stage: str = '') -> bytes:
    """-> .tar.gz of `files`, by their paths in `work`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w:gz', compresslevel=6) as tar:
        for path in files:
            add(tar, str(path.relative_to(work)), compact(path, stage))
    return out.getvalue()


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def rank(stage: str) -> int:
    return ORDER.index(max((name for name in ORDER if stage.startswith(name)), key=len))


def pack(a: argparse.Namespace) -> None:
    a.out.mkdir(parents=True, exist_ok=True)
    if a.machine:
        (a.work / 'run.json').write_text(json.dumps(run_config(a.work) | {'machine': a.machine}, indent=1))
    trained = [p.parent.name for p in sorted((a.work / 'ckpt').glob('*/state.json'))]
    stages = sorted((s for s in trained if s != 'vae' and not stage_state(a.work, s).get('restored')), key=rank)
    parts = {'run': archive(a.work, [a.work / 'run.json', a.work / 'vocab.json', *sorted((a.work / 'logs').glob('*.jsonl'))])}
    for stage in stages:
        folder = a.work / 'ckpt' / stage
        data = archive(a.work, [folder / 'state.json', *sorted(folder.glob('ema-*.safetensors')), *sorted(folder.glob('words-*.safetensors'))], stage)
        if sum(map(len, parts.values())) + len(data) > a.limit * 2**20:
            print(f'{stage} stays behind: {len(data):,} bytes more than the limit allows')
            continue
        parts[stage] = data
        print(f'{len(data):>12,} {stage}')
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode='w') as tar:
        for stage, data in parts.items():
            add(tar, f'{stage}.tar.gz', data)
    pieces = [whole.getvalue()[i : i + PART] for i in range(0, whole.tell(), PART)]
    for i, piece in enumerate(pieces):  # the files of an earlier pack stay whole until all of these are there
        (a.out / f'.pack.{i:02d}').write_bytes(piece)
    for old in a.out.glob('pack.*'):
        old.unlink()
    for i in range(len(pieces)):
        os.replace(a.out / f'.pack.{i:02d}', a.out / f'pack.{i:02d}')
    print(f'{whole.tell():>12,} bytes in {len(pieces)} file(s) of {a.out.name}', flush=True)


def unpack(a: argparse.Namespace) -> None:
    if (a.work / 'ckpt').exists():
        raise SystemExit(f'{a.work} already holds a run; choose another --work')
    whole = b''.join(p.read_bytes() for p in sorted(a.source.glob('pack.*')))
    if not whole:
        raise SystemExit(f'no pack.* in {a.source}')
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        for member in tar:
            with tarfile.open(fileobj=tar.extractfile(member)) as stage:
                stage.extractall(a.work, filter='data')
    write_vae(a.work, read(PUBLISHED / 'vae' / 'diffusion_pytorch_model.safetensors.gz'))
    print(f'{", ".join(sorted(p.parent.name for p in (a.work / "ckpt").glob("*/state.json")))} in {a.work}')
