"""Every stage runs for a few steps, resumes, and what it made is published, loads back and draws. `python -m unittest training.test_stages`

Nothing here learns anything; it takes about a minute on one core. Not part of `npm test`, which needs no Python.
"""

from __future__ import annotations

import json
import random
import tempfile
import unittest
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from .__main__ import parser
from .checkpoints import stage_state
from .config import BPE
from .export.files import rounded
from .tokenizer import token_ids
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
            white = (frame.min(-1) > 200) & ~mask
            columns = np.nonzero(white)[1]
            subject = np.nonzero(mask)[1].mean()
            self.assertGreater(len(columns), 20)
            self.assertEqual(columns.mean() > subject, motion == 'left', 'speed lines trail the subject')


class TokenizerTest(unittest.TestCase):
    @unittest.skipUnless(BPE.exists(), 'the page has not brought its tokenizer yet')
    def test_ids_are_those_of_openai_clip(self) -> None:
        self.assertEqual(token_ids(['a photo of a cat'], pad=False), [[49406, 320, 1125, 539, 320, 2368, 49407]])


class RoundingTest(unittest.TestCase):
    def test_rounding_keeps_the_asked_bits_and_the_nearest_value(self) -> None:
        t = torch.randn(10000).half()
        r = rounded(t, 7)
        self.assertTrue(((r.view(torch.int16) & 7) == 0).all())
        self.assertLessEqual(float(((r.float() - t.float()).abs() / t.float().abs().clamp(min=6.2e-5)).max()), 2**-8)


class StagesTest(unittest.TestCase):
    def test_every_stage_trains_resumes_and_is_published(self) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            work, out = Path(temporary, 'work'), Path(temporary, 'out')
            micro = ['--work', str(work), '--preset', 'micro', '--log-every', '1', '--minutes', '5', '--no-sheet']
            for stage in ('vae', 'text', 'base', 'motion'):
                run(stage, *micro, '--steps', '2')
            run('motion', *micro, '--steps', '1', '--words')
            self.assertEqual(stage_state(work, 'motion')['step'], 3)
            run('base', *micro, '--steps', '1', '--finish')
            self.assertEqual(stage_state(work, 'base')['step'], 3)
            self.assertTrue(stage_state(work, 'base')['finished'])
            run('lora', *micro, '--steps', '2', '--style', 'neon')
            run('export', '--work', str(work), '--out', str(out))
            names = sorted(str(p.relative_to(out)) for p in out.rglob('*') if p.is_file())
            self.assertIn('unet/diffusion_pytorch_model.safetensors.gz', names)
            self.assertIn('motion_adapter/diffusion_pytorch_model.safetensors.gz', names)
            self.assertIn('loras/neon.safetensors', names)
            self.assertEqual(len(json.loads((out / 'preview.json').read_text())['matrix']), 3)
            first = {n: sha256((out / n).read_bytes()).hexdigest() for n in names}
            run('export', '--work', str(work), '--out', str(out))
            self.assertEqual(first, {n: sha256((out / n).read_bytes()).hexdigest() for n in names}, 'export is deterministic')


if __name__ == '__main__':
    unittest.main()
