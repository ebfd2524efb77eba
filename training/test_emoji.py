"""The emoji world renders, tells what its captions tell, and every stage runs in it, on stand-in art: `python -m
unittest training.test_emoji`

Nothing is downloaded and nothing learns anything; it takes about a minute on one core.
"""

from __future__ import annotations

import json
import random
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from PIL import Image, ImageDraw
from safetensors.torch import load_file

from . import pack
from .__main__ import parser
from .checkpoints import ema, run_config, load_shards, run_world, stage_state
from .emoji.art import write_catalogue
from .emoji.loops import cut_loop
from .emoji.palette import MOTIONS
from .emoji.spec import EmojiWorld, held_out
from .emoji.subjects import SPRITE, Subject, choose, trimmed
from .emoji.vector import vector_sprites
from .emoji.words import nearest, words
from .export.files import read
from .quantise import from_bytes, to_bytes
from .tokenizer import token_ids
from .vocabulary import Vocabulary
from .words import write_words
from .worlds import movable

SHAPES = {
    'dog': ('rectangle', (170, 110, 60)),
    'cat': ('ellipse', (240, 160, 60)),
    'rocket': ('polygon', (220, 60, 60)),
    'fish': ('ellipse', (60, 120, 230)),
    'penguin': ('rectangle', (40, 40, 50)),
    'butterfly': ('polygon', (150, 80, 210)),
}


def shape(kind: str, rgb: tuple[int, int, int], size: int = SPRITE) -> Image.Image:
    image = Image.new('RGBA', (size, size))
    draw, a, b = ImageDraw.Draw(image), size // 8, size - size // 8
    if kind == 'polygon':
        draw.polygon([(size // 2, a), (b, b), (a, b)], fill=(*rgb, 255))
    else:
        getattr(draw, kind)([a, a, b, b], fill=(*rgb, 255))
    return image


def stand_in(folder: Path) -> EmojiWorld:
    """An art folder of six plain shapes, of which the dog has a loop."""
    folder.mkdir(parents=True, exist_ok=True)
    sprites = np.stack([np.asarray(shape(*s)) for s in SHAPES.values()])
    subjects = [
        Subject(
            name,
            f'{i:x}',
            'animals',
            i < 4,
            ('puppy',) if name == 'dog' else (),
            (),
            ('pet',),
            0 if name == 'dog' else None,
        )
        for i, name in enumerate(SHAPES)
    ]
    write_catalogue(folder, subjects, sprites)
    shifted = [np.roll(sprites[0], round(6 * np.sin(2 * np.pi * f / 16)), 1) for f in range(16)]
    np.save(folder / 'loops.npy', np.stack(shifted)[None])
    return EmojiWorld(str(folder))


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.world = stand_in(self.folder / 'art')


class WorldTest(Folder):
    def test_a_clip_is_the_same_on_every_rendering_and_in_every_motion(self) -> None:
        for motion in MOTIONS:
            sp = self.world.sample(random.Random(3), motion=motion)
            self.assertTrue((self.world.render(sp, [0, 5]) == self.world.render(sp, [0, 5])).all(), motion)
            self.assertGreater(self.world.masks(sp, [0, 5]).max(), 100, motion)

    def test_left_and_right_differ_in_a_single_frame(self) -> None:
        for motion in ('left', 'right'):
            sp = self.world.sample(random.Random(3), motion=motion, background='blue', subject='fish', every=True)
            top = self.world.render(sp, [8])[0].astype(int)[:6].mean((0, 2))
            self.assertEqual(
                top[:16].mean() > top[-16:].mean() + 8, motion == 'left', 'light falls from where it is going'
            )

    def test_loops_close(self) -> None:
        for motion in ('own', 'bounce', 'spin', 'sway', 'shake', 'pulse', 'float'):
            sp = self.world.sample(
                random.Random(5), moving=True, motion=motion, subject='dog', background='snow', every=True
            )
            clip = self.world.render(sp).astype(float)
            steps = np.abs(np.diff(np.concatenate([clip, clip[:1]]), axis=0)).mean((1, 2, 3))
            self.assertLess(steps[-1], 1.6 * steps[:-1].max() + 0.5, motion)

    def test_two_subjects_stand_beside_each_other(self) -> None:
        sp = self.world.sample(
            random.Random(1), motion='own', subject='fish', other='cat', background='white', every=True
        )
        columns = self.world.masks(sp, [0])[0].sum(0)
        self.assertGreater(min(columns[2:7].max(), columns[9:14].max()), 500)
        self.assertIn(' and ', self.world.full_caption(sp))

    def test_held_out_pairs_never_come_up_in_training(self) -> None:
        rng = random.Random(0)
        self.assertFalse(any(held_out(self.world.sample(rng)) for _ in range(300)))

    def test_popular_subjects_come_up_more_often(self) -> None:
        rng = random.Random(0)
        seen = [self.world.sample(rng).subject for _ in range(600)]
        self.assertGreater(seen.count('cat'), 3 * seen.count('penguin'))

    def test_every_word_of_the_captions_is_in_the_vocabulary(self) -> None:
        vocab, rng = Vocabulary(self.folder / 'vocab.json', self.world), random.Random(0)
        texts = [
            self.world.caption(self.world.sample(rng, style=rng.choice(self.world.styles)), rng) for _ in range(400)
        ]
        ids = vocab.encode(texts)
        strange = [t for t, row in zip(texts, ids) if (row >= vocab.foreign).any()]
        self.assertEqual(strange, [])
        self.assertTrue((vocab.encode(['xylograph'])[0] >= vocab.foreign).any())

    def test_a_personalisation_brings_a_character_of_its_own(self) -> None:
        sp = self.world.sample(random.Random(2), character='robot', background='white', every=True)
        self.assertEqual(sp.subject, 'sks robot')
        self.assertEqual(sp.labels()['subject'], len(SHAPES))
        self.assertGreater(self.world.masks(sp, [0]).max(), 100)

    def test_a_world_survives_its_arguments(self) -> None:
        world = EmojiWorld(str(self.folder / 'art'), favour=3, popular=True)
        self.assertEqual(EmojiWorld.parse(world.to_args()), world)
        self.assertNotIn('penguin', world.subjects)


class ArtTest(Folder):
    def test_a_set_is_known_by_its_artwork_not_by_where_it_lies(self) -> None:
        elsewhere = stand_in(self.folder / 'elsewhere')
        self.assertNotEqual(elsewhere, self.world)
        self.assertEqual(movable(elsewhere), movable(self.world))
        (self.folder / 'elsewhere' / 'subjects.json').write_text('[]')
        self.assertNotEqual(movable(elsewhere), movable(self.world))

    def test_subjects_are_chosen_and_named(self) -> None:
        pictures, names = self.folder / 'stills', self.folder / 'en'
        pictures.mkdir(), names.mkdir()
        entries = [
            {'hexcode': '1F415', 'label': 'dog', 'tags': ['pet', 'hound'], 'group': 3, 'subgroup': 1},
            {'hexcode': '1F697', 'label': 'automobile', 'tags': ['drive'], 'group': 5, 'subgroup': 1},
            {'hexcode': '1F1E6', 'label': 'flag: nowhere', 'tags': [], 'group': 9, 'subgroup': 2},
            {'hexcode': '1F5FF', 'label': 'moai', 'tags': [], 'group': 5, 'subgroup': 1},
        ]
        (names / 'data.json').write_text(json.dumps(entries))
        (names / 'messages.json').write_text(
            json.dumps({'subgroups': [{'order': 1, 'key': 'things'}, {'order': 2, 'key': 'flag'}]})
        )
        for code in ('1f415', '1f697', '1f1e6'):
            shape('ellipse', (9, 9, 9), 256).save(pictures / f'{code}.webp', lossless=True)
        with mock.patch('training.emoji.subjects.popular', lambda: {'dog': ['puppy']}):
            subjects, files = choose(names, pictures)
        self.assertEqual([s.name for s in subjects], ['dog', 'red car'])
        self.assertEqual((subjects[0].words, subjects[0].popular, subjects[1].popular), (('puppy',), True, False))
        self.assertEqual(trimmed(files[0]).shape, (SPRITE, SPRITE, 4))

    def test_a_loop_becomes_sixteen_frames_and_a_single_frame_none(self) -> None:
        frames = [shape('ellipse', (200, 10 * (f % 24), 60), 64) for f in range(48)]
        path = self.folder / 'loop.webp'
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=40, loop=0, lossless=True)
        self.assertEqual(cut_loop(path).shape, (16, SPRITE, SPRITE, 4))
        frames[0].save(path)
        self.assertIsNone(cut_loop(path))

    def test_other_artists_sprites_come_from_icon_sets(self) -> None:
        square = {'body': '<path fill="currentColor" d="M4 4h24v24H4z"/>'}
        icons = {'width': 32, 'height': 32, 'icons': {'dog-face': square}, 'aliases': {'dog': {'parent': 'dog-face'}}}
        (self.folder / 'icons.json').write_text(json.dumps(icons))
        (self.folder / 'chars.json').write_text(json.dumps({'0': 'dog'}))
        subjects = self.world.catalogue.subjects
        sprites = vector_sprites(self.folder, subjects)
        self.assertGreater(int(sprites[0, 80, 80, 3]), 250)
        self.assertFalse(sprites[1:].any())
        np.save(self.folder / 'art' / 'flat.npy', sprites)
        sp = self.world.sample(random.Random(0), 'flat', background='white', every=True)
        self.assertEqual(sp.subject, 'dog', 'the others are not in the set')
        self.assertLess(int(self.world.render(sp, [0]).min()), 40)

    def test_words_tell_the_page_what_is_known(self) -> None:
        known = words(self.world)
        self.assertEqual([s['name'] for s in known['subjects']], list(SHAPES))
        self.assertEqual(nearest(self.world.catalogue)['dachshund'], 'dog')
        self.assertNotIn('puppy', known['nearest'])

    def test_words_of_a_dreambooth_hold_its_character(self) -> None:
        write_words(self.world, self.folder / 'plain')
        write_words(self.world, self.folder / 'robot', 'robot')
        plain, robot = (json.loads((self.folder / f / 'words.json').read_text()) for f in ('plain', 'robot'))
        self.assertEqual(robot['subjects'][:-1], plain['subjects'])
        self.assertEqual((robot['subjects'][-1]['name'], robot['subjects'][-1]['synonyms']), ('sks robot', ['sks']))
        with Image.open(self.folder / 'robot' / 'words.webp') as sheet:
            self.assertGreater(float(np.asarray(sheet)[:32, 6 * 32 : 7 * 32].std()), 20)


class QuantiseTest(unittest.TestCase):
    def test_bytes_stand_38_db_below_the_weights(self) -> None:
        torch.manual_seed(0)
        sd = {'conv.weight': torch.randn(96, 64, 3, 3) * torch.rand(96, 1, 1, 1), 'bias': torch.randn(96)}
        back = from_bytes(to_bytes(sd))
        self.assertEqual(set(back), set(sd))
        error = (back['conv.weight'] - sd['conv.weight']).pow(2).mean() / sd['conv.weight'].pow(2).mean()
        self.assertLess(10 * float(error.log10()), -37.5)
        self.assertTrue(torch.allclose(back['bias'], sd['bias'], atol=2e-3))


def run(*arguments: str) -> None:
    options = parser().parse_args([*arguments, '--threads', '1', '--workers', '1'])
    options.run_it(options)


class StagesTest(Folder):
    def test_every_stage_trains_and_is_published(self) -> None:
        work, out = self.folder / 'work', self.folder / 'out' / 'mini'
        micro = ['--work', str(work), '--preset', 'micro', '--world', 'emoji', '--art', self.world.art]
        micro += ['--log-every', '1', '--minutes', '5', '--no-sheet', '--steps', '1']
        few = mock.patch('training.stages.ways.CLIPS', 2)  # its renderings would take most of the time
        few.start(), self.addCleanup(few.stop)
        for stage in (
            'vae',
            'text',
            'base',
            'motion',
            'base',
            'motion',
            'lora',
            'dreambooth',
            'motion-lora',
            'lcm',
            'lcm-motion',
        ):
            run(stage, *micro)
        run('base', *micro, '--ways', '--finish')
        self.assertEqual(stage_state(work, 'base')['step'], 3)
        run('motion', *micro, '--ways')
        before = load_shards(work / 'ckpt' / 'vae', 'normal')
        run('vae', *micro, '--as-drawn', '--crisp')
        after = load_shards(work / 'ckpt' / 'vae', 'normal')
        for key in ('encoder.conv_out.weight', 'quant_conv.weight', 'quant_conv.bias'):
            np.testing.assert_allclose(after[key].float(), before[key].float(), rtol=2e-3, atol=1e-4, err_msg=key)
        self.assertFalse((after['decoder.conv_out.weight'] == before['decoder.conv_out.weight']).all())
        self.assertEqual(run_world(work), self.world)
        with self.assertRaisesRegex(SystemExit, 'words.json'):
            run('foreign', *micro)
        run('export', '--work', str(work), '--out', str(out))
        for name in (
            'words.json',
            'words.webp',
            'unet/diffusion_pytorch_model.safetensors.gz',
            'loras/neon.safetensors',
            'README.md',
        ):
            self.assertTrue((out / name).exists(), name)
        self.assertIn('Microsoft', (out / 'README.md').read_text())
        self.check_unknown_words(out)
        self.check_measured(work, out)
        self.check_packed(work, out)

    def check_unknown_words(self, out: Path) -> None:
        """Of the published text encoder: a noun that stands near a known one reads as that, other words as nothing."""
        rows = read(out / 'text_encoder/model.safetensors.gz')['text_model.embeddings.token_embedding.weight']
        terrier, dog, harbour, cute = (rows[ids[1]] for ids in token_ids(['terrier', 'dog', 'harbour', 'cute'], pad=False))
        self.assertTrue(torch.equal(terrier, dog))
        self.assertTrue(torch.equal(harbour, cute))
        self.assertFalse(torch.equal(dog, cute))

    def check_measured(self, work: Path, out: Path) -> None:
        """Every command that measures runs on what was trained and writes its section."""
        page = self.folder / 'page' / 'page.md'
        few, judges = ['--work', str(work)], ['--judge-clips', '16', '--judge-steps', '1', '--judge-minutes', '0.001']
        to = ['--document', str(page)]

        def drawn(prompt: str, seed: int, folder: Path, arguments: tuple[str, ...]) -> None:
            folder.mkdir(parents=True, exist_ok=True)
            for i in range(1 if arguments[-1] == 'none' else 16):
                Image.new('RGB', (128, 128), (seed * 9 % 256, 90, 120)).save(folder / f'{i:04d}.png')

        shorter = mock.patch('training.evaluate.subject_judge.HELD', 6)
        engine = mock.patch('training.evaluate.engine.render_prompt', drawn)
        with shorter, engine:
            run('evaluate', *few, *judges, '--n', '2', '--steps', '1')
            only = 'base,neon,robot,zoom,distilled'
            run('claim', *few, *judges, *to, '--n', '2', '--steps', '1', '--only', only)
            run('engine', *few, *judges, *to, '--mini', str(out), '--n', '9', '--style-n', '2')
            run('sheets', *few, *to, '--mini', str(out))
            run('natural', *few, *to, '--mini', str(out), '--judge-minutes', '0.001')
        text, record = page.read_text(), json.loads((work / 'eval' / 'clips.json').read_text())
        for row in ('base, loops', 'neon LoRA, no module', 'base, prompts of robot', 'motion LoRA zoom', 'shuffled'):
            self.assertIn(f'| {row}', text)
        for row in ('aim, all subjects', 'aim, loops', 'aim, neon', 'Mini, 6 steps of lcm'):
            self.assertIn(f'| {row} |', text)
        self.assertIn('others taken for a robot', text)
        self.assertIn('60 prompts', text)
        self.assertTrue((page.parent / 'mini-clips.webp').exists())
        self.assertEqual(set(record['results']), {'real renderings', 'Mini', 'shuffled captions'})
        with self.assertRaisesRegex(SystemExit, 'natural'):
            run('nouns', *few)

    def check_packed(self, work: Path, out: Path) -> None:
        packed, other = self.folder / 'packed', self.folder / 'unpacked'
        run('pack', '--work', str(work), '--out', str(packed), '--bytes')
        with mock.patch.object(pack, 'PUBLISHED', out):
            run('unpack', '--work', str(other), '--source', str(packed))
        self.assertEqual(run_config(other), run_config(work))
        for stage in ('base', 'motion'):
            kept = ema(other, stage)
            for name, t in ema(work, stage).items():
                self.assertLess(float((kept[name] - t).norm()), 0.02 * float(t.norm()) + 1e-2, f'{stage} {name}')
        normal = load_file(next((other / 'ckpt' / 'vae').glob('normal-*.safetensors')))
        self.assertTrue(all(t.dtype == torch.float32 for t in normal.values()))
        self.assertEqual(stage_state(other, 'base')['samples'], stage_state(work, 'base')['samples'])


if __name__ == '__main__':
    unittest.main()
