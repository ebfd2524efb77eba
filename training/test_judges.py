"""The judges of the emoji world tell apart what they are for, on stand-in art: `python -m unittest training.test_judges`

The networks learn for a few seconds here; their figures on real art stand on the pages they write. About a minute.
"""

from __future__ import annotations

import json
import random
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import torch
from PIL import Image

from .emoji.palette import SCENES, WALLS
from .emoji.spec import EmojiWorld, held_out
from .evaluate import natural
from .evaluate.emoji.asked import clip_of, loop_specs, mixed_specs, names_of, resting_specs
from .evaluate.emoji.examiner import EmojiExaminer, wall_name
from .evaluate.emoji.loops import LoopJudge, liveliest, movement, roughness
from .evaluate.emoji.looks import accuracy_of, train_looks
from .evaluate.emoji.written import MEASURED, shows
from .evaluate.examiner import Asked, others, real
from .evaluate.measures import LOOKS_LIKE, foreground, moves_like, tracks
from .evaluate.subject_judge import SubjectJudge
from .test_emoji import SHAPES, Folder
from .world.palette import CAMERAS


class WrittenTest(Folder):
    def test_every_written_motion_is_read_off_its_own_clips_and_off_no_others(self) -> None:
        rng, seen = random.Random(4), {}
        subjects = ('dog', 'rocket', 'butterfly')  # a ball that sways looks as if it stood still
        for motion in ('own', *MEASURED):
            specs = [clip_of(self.world, rng, s, motion, ['white', 'light blue']) for s in subjects]
            clips = [self.world.render(sp) for sp in specs]
            seen[motion] = {m: np.mean([shows(c, m) for c in clips]) for m in MEASURED}
        right = [seen[m][m] for m in MEASURED]
        wrong = [share for m, row in seen.items() for other, share in row.items() if other != m]
        self.assertGreaterEqual(np.mean(right), 0.85, seen)
        self.assertLessEqual(np.mean(wrong), 0.05, seen)

    def test_a_camera_move_is_read_off_what_stands_still(self) -> None:
        specs = [sp for sp in resting_specs(self.world, 12) if sp.subject != 'fish'][:3]  # a round one shows no roll
        for camera in CAMERAS:
            clips = real(self.world, Asked(specs, camera=camera))
            seen = [moves_like(tracks(c, foreground(c)), LOOKS_LIKE[camera]) for c in clips]
            self.assertGreaterEqual(np.mean(seen), 0.66, camera)
            still = [moves_like(tracks(c, foreground(c)), LOOKS_LIKE[camera]) for c in real(self.world, Asked(specs))]
            self.assertFalse(any(still), camera)


class AskedTest(Folder):
    def test_prompts_are_pairs_that_training_never_saw_half_of_them_with_a_written_motion(self) -> None:
        specs = mixed_specs(self.world, 12, names_of(self.world, True))
        self.assertEqual({sp.subject for sp in specs}, {'dog', 'cat', 'rocket', 'fish'})
        self.assertEqual(sum(sp.motion != 'own' for sp in specs), 6)
        self.assertEqual(sum(sp.background in SCENES for sp in specs), 4)
        on_walls = [sp for sp in specs if sp.background in WALLS]
        possible = [
            any(held_out(sp) for sp in [clip_of(self.world, random.Random(0), s.subject, 'own', list(WALLS))])
            for s in on_walls
        ]
        self.assertGreater(sum(held_out(sp) for sp in on_walls), 0.5 * sum(possible))

    def test_the_same_prompts_are_asked_for_every_time(self) -> None:
        first, second = (loop_specs(self.world, ['dog'], 3) for _ in range(2))
        self.assertEqual([sp.to_dict() for sp in first], [sp.to_dict() for sp in second])

    def test_the_floor_is_measured_with_captions_that_are_all_wrong(self) -> None:
        for n in (2, 3, 24):
            self.assertEqual(sorted(others(n)), list(range(n)))
            self.assertFalse(any(i == k for i, k in enumerate(others(n))))


class LoopsTest(Folder):
    def test_a_loop_is_named_by_its_movement_and_not_by_its_looks(self) -> None:
        self.assertEqual(liveliest(self.world.catalogue), ['dog'], 'nothing else moves by itself')
        judge = LoopJudge(3).eval()
        clip = torch.rand(1, 1, 3, 64, 64)
        stills = torch.cat([clip, torch.rand(1, 1, 3, 64, 64)]).expand(2, 16, 3, 64, 64)
        a, b = judge(movement(stills))
        self.assertTrue(torch.allclose(a, b, atol=1e-5), 'two pictures that stand still are the same to it')

    def test_it_does_not_matter_at_which_moment_a_loop_begins(self) -> None:
        judge, x = LoopJudge(3).eval(), torch.randn(1, 1, 16, 32, 32)
        self.assertTrue(torch.allclose(judge(x), judge(x.roll(4, 2)), atol=1e-4))

    def test_frames_in_disorder_are_rougher_than_a_loop(self) -> None:
        clip = self.world.render(loop_specs(self.world, ['dog'], 1)[0])
        order = np.random.default_rng(0).permutation(16)
        self.assertLess(roughness(clip), 0.7 * roughness(clip[order]))
        self.assertIsNone(roughness(np.repeat(clip[:1], 16, 0)))


class LooksTest(Folder):
    def test_it_learns_the_character_from_others_and_its_figures_are_kept(self) -> None:
        torch.set_num_threads(1)
        judge, accuracy = train_looks(self.folder, self.world, 1, clips=200, steps=80)
        self.assertGreater(accuracy['robot found'], 0.8)
        self.assertLess(accuracy['others taken for a robot'], 0.1)
        self.assertGreater(accuracy['background'], 2 / 22)
        with mock.patch('training.evaluate.emoji.looks.learn', side_effect=AssertionError('trained twice')):
            self.assertEqual(train_looks(self.folder, self.world, 1, clips=200, steps=80)[1], accuracy)

    def test_figures_tell_finds_from_false_alarms(self) -> None:
        labels = {'background': [-1, 2, 3, 4], 'style': [0, 0, 5, 6], 'character': [1, 1, 0, 0]}
        data = SimpleNamespace(x=None, labels={k: torch.tensor(v) for k, v in labels.items()})
        said = {'background': [0, 2, 0, 4], 'style': [0, 1, 5, 5], 'character': [1, 0, 1, 0]}
        hot = {k: torch.nn.functional.one_hot(torch.tensor(v), 22).float() for k, v in said.items()}
        with mock.patch('training.evaluate.emoji.looks.answers', return_value=hot):
            found = accuracy_of(None, data)
        want = {'background': 0.6667, 'style': 0.5, 'noto style': 1.0, 'flat style': 0.0}
        self.assertEqual(found, want | {'robot found': 0.5, 'others taken for a robot': 0.5})


def always(index: int, among: int):
    """A judge of subjects that sees the same everywhere."""
    return lambda x: torch.nn.functional.one_hot(torch.full((len(x),), index), among).float()


class ExaminerTest(Folder):
    def examiner(self, subject: str = 'cat') -> EmojiExaminer:
        ex = EmojiExaminer.__new__(EmojiExaminer)
        ex.world, ex.known, ex.loop_names = self.world, self.world.catalogue, ['dog']
        ex.subjects, ex.looks, ex.loops = always(list(SHAPES).index(subject), len(SHAPES)), None, None
        return ex

    def test_what_a_clip_is_marked_on_depends_on_what_was_asked(self) -> None:
        ex, background = self.examiner(), list(WALLS).index('white')
        glance = mock.patch(
            'training.evaluate.emoji.examiner.glance',
            return_value={'background': background, 'style': 0, 'character': 1},
        )
        named = mock.patch('training.evaluate.emoji.examiner.named', return_value=0)
        with glance, named:
            rng = random.Random(0)
            cat, dog = (clip_of(self.world, rng, s, m, ['white']) for s, m in (('cat', 'left'), ('dog', 'own')))
            robot = clip_of(self.world, rng, 'sks robot', 'own', ['blue'])
            marks = [ex.checks(self.world.render(sp), sp, Asked([sp])) for sp in (cat, dog, robot)]
            still = ex.checks(self.world.render(cat, [8]), cat, Asked([cat]))
            neon = ex.checks(self.world.render(cat), cat, Asked([cat], style='neon'))
            panned = ex.checks(self.world.render(dog, camera='pan'), dog, Asked([dog], camera='pan'))
        right = dict.fromkeys(('subject', 'among five', 'background', 'style', 'wall'), True)
        self.assertEqual(marks[0], right | {'motion': True})
        self.assertEqual(marks[1], right | {'subject': False, 'loop': True})
        self.assertEqual(marks[2], {'subject': True, 'background': False, 'style': True, 'wall': True})
        self.assertEqual(still, right)
        self.assertEqual(neon, {'style': False}, 'a style that covers walls is asked for itself alone')
        self.assertIn('camera', panned)
        self.assertNotIn('loop', panned)

    def test_captions_of_other_clips_score_less(self) -> None:
        ex = self.examiner()
        specs = [clip_of(self.world, random.Random(2), 'cat', m, ['white']) for m in ('left', 'right', 'spin', 'zoom')]
        clips = real(self.world, Asked(specs))
        answer = {'background': 0, 'style': 0, 'character': 0}
        with mock.patch('training.evaluate.emoji.examiner.glance', return_value=answer):
            own, other = (ex.score(c, Asked(specs))[0]['motion'] for c in (clips, clips[[1, 2, 3, 0]]))
        self.assertGreater(own, 0.7)
        self.assertLess(other, 0.3)

    def test_the_walls_colour_is_measured_at_the_border(self) -> None:
        for wall in ('red', 'light blue', 'black'):
            sp = self.world.sample(random.Random(1), motion='own', subject='cat', background=wall, every=True)
            self.assertEqual(wall_name(self.world.render(sp, [0])), wall)


class NaturalTest(Folder):
    def test_every_prompt_is_on_the_sheet_with_what_it_is_taken_for(self) -> None:
        (self.folder / 'ckpt').mkdir()
        run = {'world': self.world.to_args(), 'preset': 'micro'}
        (self.folder / 'run.json').write_text(json.dumps(run))
        prompts = natural.PROMPTS.read_text().splitlines()
        self.assertEqual(len(prompts), 60)
        page = self.folder / 'docs' / 'page.md'
        clips = np.zeros((60, 16, 128, 128, 3), np.uint8)
        judge = (SubjectJudge(len(SHAPES)).eval(), {'top1': 0.5})
        a = SimpleNamespace(work=self.folder, n=60, run=False, judge_minutes=1, workers=1, document=page)
        a.mini = self.folder
        with (
            mock.patch.object(natural, 'draw', return_value=clips),
            mock.patch.object(natural, 'train_subject_judge', return_value=judge),
        ):
            natural.natural(a)
        with Image.open(page.parent / 'mini-natural.webp') as sheet:
            self.assertEqual(sheet.size, (1280, 6 * 168))
        self.assertIn('60 prompts as people write them', page.read_text())

    def test_subjects_are_found_by_their_words(self) -> None:
        known = self.world.catalogue
        found = natural.named_in('a puppy and two cats at night', known)
        self.assertEqual({known.subjects[i].name for i in found}, {'dog', 'cat'})
        self.assertEqual(natural.named_in('a catfish', known), [])


if __name__ == '__main__':
    unittest.main()
