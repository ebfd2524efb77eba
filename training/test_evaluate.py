"""What the measures read off real renderings, and what the evaluation's page keeps. `python -m unittest
training.test_evaluate`"""

from __future__ import annotations

import random
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from .config import PUBLISHED, WORLDS
from .evaluate import document
from .evaluate.claim import rows_for
from .evaluate.drawn import asked_for
from .evaluate.engine import Drawn, combined, family, ways
from .evaluate.measures import LOOKS_LIKE, foreground, moves_like, tracks
from .pictures import save_prompt_sheet
from .world.palette import CAMERAS, SCENES, WALLS
from .world.render import render
from .world.spec import World, held_out
from .worlds import EmojiWorld


class CameraTest(unittest.TestCase):
    def test_a_camera_move_shows_in_the_tracks_of_a_subject_that_stands_still(self) -> None:
        world = World(subjects=('ball', 'star', 'heart', 'car'))
        for camera in CAMERAS:
            asked = asked_for(camera, 8, world, [])
            specs = asked.specs
            self.assertEqual(asked.camera, camera)
            self.assertTrue(all(sp.motion == 'still' and sp.background in WALLS for sp in specs))
            seen = {
                c: [
                    moves_like(tracks(clip, foreground(clip)), LOOKS_LIKE[camera])
                    for clip in (render(sp, camera=c) for sp in specs)
                ]
                for c in (camera, '')
            }
            self.assertGreaterEqual(np.mean(seen[camera]), 0.75, camera)
            self.assertEqual(np.mean(seen['']), 0, f'no {camera} without a camera')


class LightTest(unittest.TestCase):
    def test_a_traveller_is_told_from_the_light_on_its_way(self) -> None:
        world = World(
            subjects=('ball', 'star', 'heart', 'fish', 'cat', 'car'),
            motions=('left', 'right'),
            backgrounds=tuple(WALLS),
        )
        shade = np.linspace(0, 70, 128)[None, None, :, None]  # as strong as guidance draws it
        for prompts in ('base', 'chalk'):
            specs = asked_for(prompts, 24, world, []).specs
            clips = [
                (render(sp) + (shade if sp.motion == 'right' else shade[:, :, ::-1])).clip(0, 255).astype(np.uint8)
                for sp in specs
            ]
            self.assertGreaterEqual(
                np.mean([moves_like(tracks(c, foreground(c)), sp.motion) for c, sp in zip(clips, specs)]), 0.9, prompts
            )
            self.assertEqual(
                sum(moves_like(tracks(c[::-1], foreground(c[::-1])), sp.motion) for c, sp in zip(clips, specs)),
                0,
                'the other way is another motion',
            )


class RowsTest(unittest.TestCase):
    def test_every_personalisation_stands_in_the_table_with_and_without_the_module(self) -> None:
        rows = rows_for(['neon'], ['robot'], ['zoom'], lcm=True, joint=True)
        for name in ('base', 'neon LoRA', 'DreamBooth robot'):
            self.assertEqual(
                [r.frames for r in rows if r.name.startswith(name) and 'prompts of' not in r.name], ['clips', 'stills']
            )
        self.assertEqual(len({r.name for r in rows}), len(rows))
        self.assertIn('dreambooth_robot', next(r for r in rows if r.name == 'DreamBooth robot').stages)

    def test_every_subject_is_asked_for_on_plain_walls_too_where_motion_can_be_measured(self) -> None:
        world = World.parse(WORLDS['wide'])
        specs = asked_for('base', 45, world, []).specs
        self.assertEqual({sp.subject for sp in specs if sp.background in WALLS}, set(world.subjects))
        self.assertEqual({sp.subject for sp in specs if sp.background in SCENES}, set(world.subjects))

    def test_prompts_are_combinations_that_training_never_saw(self) -> None:
        asked = asked_for('neon', 12, World(), [])
        self.assertEqual(asked.style, 'neon')
        self.assertGreater(np.mean([held_out(sp) for sp in asked.specs]), 0.9)


class EngineTest(unittest.TestCase):
    def test_another_family_than_the_published_one_is_named_with_how_it_is_sampled(self) -> None:
        self.assertEqual(family(PUBLISHED), ())
        with tempfile.TemporaryDirectory() as folder:
            mini = Path(folder)
            (mini / 'loras').mkdir()
            (mini / 'loras' / 'lcm.safetensors').touch()
            few, styled, still = (ways(['noto'], (), mini)[i] for i in (1, 2, 3))
            asked = [combined((*family(mini), *way.arguments)) for way in (few, styled, still)]
            for options in asked:
                self.assertEqual(options[options.index('--checkpoint') + 1], str(mini))
                self.assertEqual(len(options[::2]), len(set(options[::2])), 'no option twice')
            self.assertEqual(asked[0][asked[0].index('--sampler') + 1], 'lcm')
            self.assertEqual(asked[1][asked[1].index('--motion') + 1], str(mini / 'motion_adapter'))
            self.assertEqual(asked[2][asked[2].index('--motion') + 1], 'none')

    def test_a_set_of_prompts_is_drawn_beside_the_usual_ones(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(ways([], ('loops',), Path(folder)), [Drawn('Mini'), Drawn('Mini, loops', 'loops')])


class PageTest(unittest.TestCase):
    def test_a_command_replaces_its_own_section_and_no_other(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'docs', 'page.md')
            document.write_section('nouns', 'first', path, World())
            document.write_section('claim', 'a table with \\1 in it', path, World())
            document.write_section('nouns', 'second', path, World())
            page = path.read_text()
        self.assertIn('a table with \\1 in it', page)
        self.assertIn('second', page)
        self.assertNotIn('first\n<!-- /nouns', page)
        self.assertIn('`python -m training engine` has not been run yet', page)
        self.assertIn('A histogram measures hue', page)

    def test_a_section_that_an_older_page_lacks_comes_at_its_end(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'page.md')
            path.write_text('# Old\n\nOld words.\n\n## Kept\n\nfigures\n')
            document.write_section('natural', 'sixty', path, EmojiWorld())
            page = path.read_text()
        self.assertIn('## Kept\n\nfigures', page)
        self.assertTrue(page.endswith('<!-- natural -->\nsixty\n<!-- /natural -->\n'))
        self.assertNotIn('Old words', page, 'the head says how this world is judged')
        self.assertIn('wall or scene', page)

    def test_a_prompt_sheet_holds_a_row_a_prompt_and_stays_small(self) -> None:
        rng = random.Random(1)
        clips = np.stack([render(asked_for('base', 1, World(), []).specs[0])[::2] for _ in range(3)])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, 'sheet.png')
            save_prompt_sheet(clips, [(f'prompt {rng.random()}', 'missed: motion')] * 3, path)
            with Image.open(path) as picture:
                self.assertEqual(picture.size, (176 + 8 * 66, 3 * 66))
            self.assertLess(path.stat().st_size, 60_000)


if __name__ == '__main__':
    unittest.main()
