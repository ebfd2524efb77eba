"""`python -m training pack` and `unpack`: carries a run between machines in few small files.

OUT/pack.00, pack.01 ... joined are a tar of one archive a stage: its averaged weights as fp16 and its state, no
moments. The run's configuration, vocabulary and curves come first, then stages by what is built on them; what exceeds
the limit stays behind. Stages that were only restored are not packed. The VAE travels where it differs from the
published one, and so does the judge of subjects where there is one. With --bytes weights travel as int8 (quantise.py),
in half the space.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tarfile
from pathlib import Path

import torch
from safetensors.torch import load, save

from .checkpoints import load_shards, run_config, stage_state
from .config import PUBLISHED
from .export.files import read, rounded
from .quantise import SCALE, from_bytes, to_bytes
from .restore import write_vae

PART = 15 * 2**20
JUDGE = Path(
    'eval', 'subject-judge'
)  # takes minutes to train and names what the edition drew (evaluate/subject_judge.py)
XZ = b'\xfd7zXZ'
ORDER = ('vae', 'base', 'text', 'foreign', 'motion', 'lora_', 'lcm', 'motion-lora_', 'dreambooth_', 'motion-joint')
ROUNDED = {
    'dreambooth_': 8,
    'motion-joint': 8,
}  # bits of mantissa: nothing goes on from these, and publication keeps no more


def compact(path: Path, stage: str, as_bytes: bool) -> bytes:
    """The file as it travels."""
    bits = next((b for name, b in ROUNDED.items() if stage.startswith(name)), 10)
    data = path.read_bytes()
    if path.suffix != '.safetensors':
        return data
    if as_bytes:
        return save(to_bytes(load(data)))
    return (
        save({k: rounded(v, bits) for k, v in load(data).items()})
        if bits < 10 and path.name.startswith('ema-')
        else data
    )


def archive(work: Path, files: list[Path], stage: str = '', as_bytes: bool = False) -> bytes:
    """-> .tar.gz of `files`, by their paths in `work`; .tar.xz where weights are bytes, which it packs closer."""
    out = io.BytesIO()
    how = {'mode': 'w:xz'} if as_bytes else {'mode': 'w:gz', 'compresslevel': 6}
    with tarfile.open(fileobj=out, **how) as tar:
        for path in files:
            add(tar, str(path.relative_to(work)), compact(path, stage, as_bytes))
    return out.getvalue()


def own_vae(work: Path) -> bool:
    """Whether the run's VAE is another than the published one."""
    mine, theirs = load_shards(work / 'ckpt' / 'vae', 'normal'), read(published_vae())
    if mine is None:
        return False
    return any(k not in theirs or not torch.equal(v.half().float(), theirs[k]) for k, v in mine.items())


def add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def published_vae() -> Path:
    return PUBLISHED / 'vae' / 'diffusion_pytorch_model.safetensors.gz'


def rank(stage: str) -> int:
    return ORDER.index(max((name for name in ORDER if stage.startswith(name)), key=len))


def pack(a: argparse.Namespace) -> None:
    a.out.mkdir(parents=True, exist_ok=True)
    if a.machine:
        (a.work / 'run.json').write_text(json.dumps(run_config(a.work) | {'machine': a.machine}, indent=1))
    trained = [p.parent.name for p in sorted((a.work / 'ckpt').glob('*/state.json'))]
    stages = sorted((s for s in trained if s != 'vae' and not stage_state(a.work, s).get('restored')), key=rank)
    stages = ['vae', *stages] if own_vae(a.work) else stages
    parts = {
        'run': archive(a.work, [a.work / 'run.json', a.work / 'vocab.json', *sorted((a.work / 'logs').glob('*.jsonl'))])
    }
    for stage in stages:
        folder = a.work / 'ckpt' / stage
        names = ('normal',) if stage == 'vae' else ('ema', 'words')
        weights = [p for name in names for p in sorted(folder.glob(f'{name}-*.safetensors'))]
        data = archive(a.work, [folder / 'state.json', *weights], stage, a.bytes)
        if sum(map(len, parts.values())) + len(data) > a.limit * 2**20:
            print(f'{stage} stays behind: {len(data):,} bytes more than the limit allows')
            continue
        parts[stage] = data
        print(f'{len(data):>12,} {stage}')
    if judge := sorted((a.work / JUDGE).glob('judge*')):
        parts['judge'] = archive(a.work, judge, as_bytes=a.bytes)
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode='w') as tar:
        for stage, data in parts.items():
            add(tar, f'{stage}.tar.{"xz" if data.startswith(XZ) else "gz"}', data)
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
    for path in [*(a.work / 'ckpt').glob('*/*.safetensors'), *(a.work / JUDGE).glob('*.safetensors')]:
        sd = load(path.read_bytes())
        if any(k.endswith(SCALE) for k in sd):
            path.write_bytes(save(from_bytes(sd)))
    vae = load_shards(a.work / 'ckpt' / 'vae', 'normal') or read(published_vae())
    write_vae(a.work, {k: v.float() for k, v in vae.items()})
    print(f'{", ".join(sorted(p.parent.name for p in (a.work / "ckpt").glob("*/state.json")))} in {a.work}')
