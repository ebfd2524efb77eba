"""`python -m training art`: fetches the artwork and names, and prepares what the renderer draws with.

Packages come from npm by name and version and are unpacked under the art folder; nothing of them is committed:
`@lobehub/fluent-emoji-3d` (stills, 256 x 256 with alpha; Fluent Emoji, Microsoft, MIT), `@lobehub/fluent-emoji-anim-1`
to `-4` (the animators' loops; Microsoft, MIT; 730 MB), `emojibase-data` (names and tags; MIT) and the icon sets that
vector.py names with their licences. Afterwards the folder holds

    subjects.json   the catalogue (subjects.py)
    sprites.npy     uint8 [N, 160, 160, 4], one trimmed still a subject
    loops.npy       uint8 [M, 16, 160, 160, 4], a closed loop each (loops.py)
    noto.npy, flat.npy, contrast.npy   the same subjects by other artists (vector.py), like sprites.npy
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap

from .loops import FRAMES, cut_loop
from .subjects import SPRITE, Subject, choose, code_of, trimmed
from .vector import SETS, vector_sprites

STILLS, NAMES = '@lobehub/fluent-emoji-3d@1.1.0', 'emojibase-data@17.0.0'
LOOPS = [f'@lobehub/fluent-emoji-anim-{i}@1.0.0' for i in (1, 2, 3, 4)]


def fetch(package: str, folder: Path) -> Path:
    """Unpacks an npm package, unless that has been done -> its folder."""
    name = package.rsplit('@', 1)[0].rsplit('/', 1)[-1]
    target = folder / name
    if (target / 'package.json').exists():
        return target
    npm = shutil.which('npm')
    if npm is None:
        raise SystemExit('npm is not installed; it downloads the artwork')
    folder.mkdir(parents=True, exist_ok=True)
    print(f'downloading {package}', flush=True)
    command = [npm, 'pack', '--silent', '--pack-destination', str(folder), package]
    archive = (
        folder / subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
    )
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            member.name = member.name.removeprefix('package/')
            tar.extract(member, target, filter='data')
    archive.unlink()
    return target


def write_catalogue(folder: Path, subjects: list[Subject], sprites: np.ndarray) -> None:
    (folder / 'subjects.json').write_text(json.dumps([s.to_dict() for s in subjects], indent=0))
    np.save(folder / 'sprites.npy', sprites)


def write_loops(folder: Path, subjects: list[Subject], files: dict[str, Path]) -> list[Subject]:
    """Cuts the loops of the subjects that move -> the subjects, each with its row in loops.npy."""
    path, out, row = folder / 'loops.npy', [], 0
    moving = [s for s in subjects if s.code in files]
    loops = open_memmap(path, 'w+', np.uint8, (len(moving), FRAMES, SPRITE, SPRITE, 4))
    for s in subjects:
        loop = cut_loop(files[s.code]) if s.code in files else None
        if loop is not None:
            loops[row] = loop
        out.append(s.with_loop(row if loop is not None else None))
        row += loop is not None
        if loop is not None and row % 50 == 0:
            print(f'{row} loops', flush=True)
    del loops
    kept = np.load(path, mmap_mode='r')[:row].copy()
    np.save(path, kept)
    return out


def art(a: argparse.Namespace) -> None:
    stills, names = fetch(STILLS, a.art), fetch(NAMES, a.art)
    subjects, pictures = choose(names / 'en', stills / 'assets')
    sprites = np.stack([trimmed(p) for p in pictures])
    if a.loops:
        files = {code_of(p.stem): p for package in LOOPS for p in (fetch(package, a.art) / 'assets').glob('*.webp')}
        subjects = write_loops(a.art, subjects, files)
    write_catalogue(a.art, subjects, sprites)
    for style, package in SETS.items():
        np.save(a.art / f'{style}.npy', vector_sprites(fetch(package, a.art), subjects))
    moving = sum(s.loop is not None for s in subjects)
    print(
        f'{len(subjects)} subjects, {sum(s.popular for s in subjects)} of them popular, {moving} that move, in {a.art}'
    )
