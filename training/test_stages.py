"""Every stage runs for a few steps, resumes, and what it made is published, loads back and draws. `python -m unittest
training.test_stages`

Nothing here learns anything; it takes about a minute on one core. Not part of `npm test`, which needs no Python.
"""

from __future__ import annotations

import json
import random
import tempfile
import unittest
from hashlib import sha256
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from . import pack
from .__main__ import parser
from .checkpoints import ema, lora_weights, run_config, stage_state
from .config import BPE
from .diffusion import alphas_cumprod, noised
from .export.files import rounded
from .optim import Muon
from .stages.lcm import consistency, ddim_step
from .tokenizer import token_ids
from .vocabulary import Vocabulary
from .words import drawn_words, write_words
from .world.render import render, render_masks
from .world.spec import World, sample_spec


def run(*arguments: str) -> None:
    options = parser().parse_args([*arguments, '--threads', '1', '--workers', '1'])
    options.run_it(options)


class WorldTest(unittest.TestCase):
    def test_a_clip_is_the_same_on_every_rendering(self) -> None:
        spec = sample_spec(random.Random(3), World())
        self.assertTrue((render(spec) == render(spec)).all())

    def test_left_and_right_differ_in_a_single_frame_even_for_a_round_subject(self) -> None:
        for motion in ('left', 'right'):
            spec = sample_spec(random.Random(3), World(), subject='ball', motion=motion, color='red', background='blue')
            frame, mask = render(spec, index=[8])[0].astype(int), render_masks(spec, index=[8], size=128, over=1)[0] > 0
            white = (frame.min(-1) > 150) & ~mask
            columns = np.nonzero(white)[1]
            subject = np.nonzero(mask)[1].mean()
            self.assertGreater(len(columns), 20)
            self.assertEqual(columns.mean() > subject, motion == 'left', 'speed lines trail the subject')
            top = frame[:8].mean((0, 2))
            self.assertEqual(
                top[:16].mean() > top[-16:].mean() + 10, motion == 'left', 'light falls from where it is going'
            )
            self.assertEqual(top[-16:].mean() > top[:16].mean() + 10, motion == 'right')


class WordsTest(unittest.TestCase):
    def test_the_list_holds_what_this_part_of_the_world_knows_and_where_other_nouns_go(self) -> None:
        world = World(subjects=('ball', 'cat'), motions=('left', 'bounce'), backgrounds=('red', 'sky'))
        known = drawn_words(world)
        self.assertEqual([s['name'] for s in known['subjects']], ['ball', 'cat'])
        self.assertEqual(known['subjects'][1]['synonyms'], ['kitten', 'kitty'])
        self.assertIn('hopping', known['motions']['bounce'])
        self.assertEqual((known['walls'], list(known['scenes'])), (['red'], ['sky']))
        self.assertEqual((known['nearest']['dog'], known['nearest'].get('shark')), ('cat', None))
        self.assertEqual(known['nearest']['balloon'], 'ball')
        self.assertNotIn('balloon', drawn_words(World())['nearest'])

    def test_a_dreambooth_brings_its_subject_and_its_picture(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_words(World(), Path(folder), 'robot')
            known = json.loads(Path(folder, 'words.json').read_text())
            self.assertEqual(known['subjects'][-1]['words'], ['sks robot', 'sks'])
            with Image.open(Path(folder, 'words.webp')) as sheet:
                robot = np.asarray(sheet.convert('RGB'))[64:128, 6 * 64 : 7 * 64]
            self.assertEqual(len(known['subjects']), 15, 'so the robot is the seventh of the second row')
            self.assertGreater(float(robot.std()), 20)


class TokenizerTest(unittest.TestCase):
    @unittest.skipUnless(BPE.exists(), 'the page has not brought its tokenizer yet')
    def test_ids_are_those_of_openai_clip(self) -> None:
        self.assertEqual(token_ids(['a photo of a cat'], pad=False), [[49406, 320, 1125, 539, 320, 2368, 49407]])


class ForeignWordsTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.vocab = Vocabulary(Path(self.folder.name, 'vocab.json'))

    def test_a_word_from_outside_the_world_has_a_row_of_a_few_shared_ones(self) -> None:
        ids = self.vocab.encode([f'a {w}' for w in ('scissors', 'dragon', 'tree', 'owl', 'crown', 'piano')])[:, 2]
        self.assertTrue((ids >= self.vocab.foreign).all())
        self.assertGreater(len(ids.unique()), 2, 'not all of them ask for the same')
        cat, cats, red = self.vocab.encode(['cat', 'cats', 'red'])[:, 1]
        self.assertEqual([bool(self.vocab.nouns()[i]) for i in (cat, cats, red)], [True, True, False])

    def test_published_ids_reach_the_same_rows(self) -> None:
        compact = self.vocab.make_text(1)
        text = 'a majestic dragon on a red background'
        full = self.vocab.expand(compact, 1)
        published = full(input_ids=torch.tensor(token_ids([text]))).last_hidden_state
        self.assertTrue(
            torch.allclose(published, compact(input_ids=self.vocab.encode([text])).last_hidden_state, atol=1e-5)
        )


class RoundingTest(unittest.TestCase):
    def test_rounding_keeps_the_asked_bits_and_the_nearest_value(self) -> None:
        t = torch.randn(10000).half()
        r = rounded(t, 7)
        self.assertTrue(((r.view(torch.int16) & 7) == 0).all())
        self.assertLessEqual(float(((r.float() - t.float()).abs() / t.float().abs().clamp(min=6.2e-5)).max()), 2**-8)


class MuonTest(unittest.TestCase):
    def test_a_step_follows_the_nearest_orthogonal_matrix_whatever_shares_its_shape(self) -> None:
        torch.manual_seed(0)
        shapes = [(16, 48), (48, 16), (16, 48), (32, 4, 3, 3)]
        params = [torch.nn.Parameter(torch.zeros(s)) for s in shapes]
        for p in params:
            p.grad = torch.randn_like(p)
        Muon([{'params': params}], lr=1.0).step()
        for p in params:
            g, moved = p.grad.flatten(1), -p.detach().flatten(1) / (0.2 * max(p.flatten(1).shape) ** 0.5)
            u, _, vh = torch.linalg.svd(g, full_matrices=False)
            self.assertGreater(float((moved * (u @ vh)).sum() / (moved.norm() * (u @ vh).norm())), 0.95)
            self.assertTrue(((torch.linalg.svdvals(moved) - 1).abs() < 0.45).all())


class ConsistencyTest(unittest.TestCase):
    def test_the_consistency_function_is_the_identity_at_the_start_and_the_clean_latents_elsewhere(self) -> None:
        acp, x0, eps = alphas_cumprod(), torch.randn(3, 4, 2, 2), torch.randn(3, 4, 2, 2)
        t = torch.tensor([19, 499, 999])
        x, v = noised(x0, eps, t, acp)
        self.assertTrue(torch.allclose(consistency(v, x, t, acp), x0, atol=1e-4))
        start = torch.zeros(3, dtype=torch.long)
        self.assertTrue(torch.equal(consistency(v, x, start, acp), x))

    def test_a_ddim_step_with_the_true_v_lands_on_the_same_noise_at_the_earlier_time(self) -> None:
        acp, x0, eps = alphas_cumprod(), torch.randn(2, 4, 2, 2), torch.randn(2, 4, 2, 2)
        t, to = torch.tensor([999, 199]), torch.tensor([899, 99])
        x, v = noised(x0, eps, t, acp)
        self.assertTrue(torch.allclose(ddim_step(v, x, t, to, acp), noised(x0, eps, to, acp)[0], atol=1e-4))


class StagesTest(unittest.TestCase):
    def test_every_stage_trains_resumes_and_is_published(self) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            work, out = Path(temporary, 'work'), Path(temporary, 'out', 'mini')
            micro = ['--work', str(work), '--preset', 'micro', '--log-every', '1', '--minutes', '5', '--no-sheet']
            for stage in ('vae', 'text', 'base', 'motion'):
                run(stage, *micro, '--steps', '2')
            run('motion', *micro, '--steps', '1', '--words')
            self.assertEqual(stage_state(work, 'motion')['step'], 3)
            run('base', *micro, '--steps', '1', '--ways', '--finish')
            self.assertEqual(stage_state(work, 'base')['step'], 3)
            measured = json.loads((work / 'logs' / 'base.jsonl').read_text().splitlines()[-1])
            self.assertIn('ways', measured)
            self.assertNotIn('ways_upright', measured, 'the narrow world has no such clips')
            self.assertTrue(stage_state(work, 'base')['finished'])
            run('foreign', *micro, '--steps', '2')
            self.assertEqual(stage_state(work, 'foreign')['base_step'], 3)
            run('base', *micro, '--steps', '1')
            with self.assertRaisesRegex(SystemExit, 'gone on'):
                run('foreign', *micro, '--steps', '1')
            run('foreign', *micro, '--steps', '1', '--overwrite')
            run('motion', *micro, '--steps', '1', '--joint')
            self.assertEqual(stage_state(work, 'motion')['step'], 3, 'the ablation leaves the module alone')
            for stage in ('lora', 'dreambooth', 'motion-lora', 'lcm', 'lcm-motion'):
                run(stage, *micro, '--steps', '1')
                run(stage, *micro, '--steps', '1', '--finish')
            for label in ('lora_neon', 'dreambooth_robot', 'motion-lora_zoom', 'lcm', 'lcm-motion'):
                self.assertEqual(stage_state(work, label)['step'], 2, f'{label} resumes')
            run('export', '--work', str(work), '--out', str(out))
            names = sorted(str(p.relative_to(out)) for p in out.rglob('*') if p.is_file())
            self.assertIn('unet/diffusion_pytorch_model.safetensors.gz', names)
            self.assertIn('motion_adapter/diffusion_pytorch_model.safetensors.gz', names)
            for name in ('loras/neon.safetensors', 'loras/lcm.safetensors', 'motion-loras/zoom.safetensors'):
                self.assertIn(name, names)
            for checkpoint in (out, out.parent / 'mini-robot'):
                self.assertTrue({'words.json', 'words.webp'} <= {p.name for p in checkpoint.iterdir()})
            self.assertTrue((out.parent / 'mini-robot' / 'unet' / 'diffusion_pytorch_model.safetensors.gz').exists())
            zoom = load_file(out / 'motion-loras' / 'zoom.safetensors')
            key = 'down_blocks.0.motion_modules.0.temporal_transformer.transformer_blocks.0.attention_blocks.1.processor.to_out_lora.up.weight'
            self.assertEqual(zoom[key].shape, (64, 16))
            self.assertEqual(len(json.loads((out / 'preview.json').read_text())['matrix']), 3)
            first = {n: sha256((out / n).read_bytes()).hexdigest() for n in names}
            run('export', '--work', str(work), '--out', str(out))
            self.assertEqual(
                first, {n: sha256((out / n).read_bytes()).hexdigest() for n in names}, 'export is deterministic'
            )
            self.check_restored(work, out, Path(temporary, 'restored'))
            self.check_packed(work, Path(temporary, 'packed'), Path(temporary, 'unpacked'))

    def check_packed(self, work: Path, packed: Path, other: Path) -> None:
        run('pack', '--work', str(work), '--out', str(packed), '--machine', 'a test', '--limit', '500')
        self.assertTrue(all(p.stat().st_size < 16 * 2**20 for p in packed.iterdir()))
        with mock.patch.object(pack, 'PUBLISHED', work.parent / 'out' / 'mini'):
            run('unpack', '--work', str(other), '--source', str(packed))
        self.assertEqual(run_config(other), run_config(work))
        for stage in ('base', 'foreign', 'motion', 'lora_neon', 'lcm', 'lcm-motion', 'motion-lora_zoom'):
            for k, v in ema(work, stage).items():
                self.assertTrue(torch.equal(v, ema(other, stage)[k]), f'{stage} {k}')
        for stage in ('dreambooth_robot', 'motion-joint'):
            for k, v in ema(work, stage).items():
                self.assertTrue(torch.allclose(v, ema(other, stage)[k], rtol=2e-3, atol=1e-6), f'{stage} {k}')
        run('motion', '--work', str(other), '--log-every', '1', '--minutes', '5', '--no-sheet', '--steps', '1')
        self.assertEqual(stage_state(other, 'motion')['step'], stage_state(work, 'motion')['step'] + 1, 'it goes on')

    def check_restored(self, work: Path, out: Path, other: Path) -> None:
        micro = ['--work', str(other), '--preset', 'micro']
        run('restore', *micro, '--source', str(out))
        for label in ('lora_neon', 'motion-lora_zoom', 'lcm', 'lcm-motion'):
            trained, restored = lora_weights(work, label), lora_weights(other, label)
            self.assertEqual(set(trained), set(restored), label)
            for k, v in trained.items():
                self.assertTrue(torch.allclose(v, restored[k], rtol=2e-3, atol=1e-6), f'{label} {k}')
        run('lora', *micro, '--log-every', '1', '--minutes', '5', '--no-sheet', '--steps', '1')
        self.assertEqual(
            set(lora_weights(other, 'lora_neon')),
            set(lora_weights(work, 'lora_neon')),
            'it goes on under the same names',
        )


if __name__ == '__main__':
    unittest.main()
