"""The plan for an edition in minutes. `python -m unittest training.test_edition`"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path


from .__main__ import parser
from .dataset import SetSpec, build
from .edition import AT_LAST, BATCH, CHECK_CLIPS, CLIPS, LEARNERS, PHASES, RENDERED, Edition, Lines, phase_end
from .stages.sets import latents
from .worlds import DrawnWorld

TOUCH_NOTHING = """
import threading, torch
def begun(*_, **__): raise AssertionError("begins with CUDA")
torch.cuda.is_available = torch.cuda.device_count = torch.cuda.current_device = torch.cuda.init = torch.cuda._lazy_init = begun
import training.edition
assert threading.active_count() == 1, threading.enumerate()
"""


def edition(work: str, *words: str) -> Edition:
    return Edition(parser().parse_args(['edition', '--work', work, '--out', work, *words]))


class TimeTest(unittest.TestCase):
    def test_phases_in_time_share_the_whole_as_planned(self) -> None:
        now = 100.0
        for name, share in PHASES.items():
            end = phase_end(name, now, 300.0)
            self.assertAlmostEqual(end - now, share * 200)
            now = end
        self.assertAlmostEqual(now, 300.0)

    def test_a_delay_is_shared_by_all_that_are_left(self) -> None:
        end = phase_end('motion', 280.0, 300.0)
        self.assertTrue(280 < end < 300)
        self.assertAlmostEqual((end - 280) / (300 - end), PHASES['motion'] / PHASES['rest'])

    def test_a_stage_that_lacks_what_it_needs_is_left_out_with_a_sentence(self) -> None:
        with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(io.StringIO()) as said:
            run = edition(work)
            run.learn('base', time.time() + 60)
            base = Path(work, 'ckpt', 'base', 'state.json')
            base.parent.mkdir(parents=True)
            base.write_text('{"step": 0, "restored": true}')
            run.learn('motion', time.time() + 60)
            base.write_text('{"step": 9}')
            run.learn('foreign', time.time() - 3)
            self.assertEqual(run.processes, {})
        missing = [line.split('left out: ')[1] for line in said.getvalue().splitlines()]
        self.assertEqual(missing, ['its set base is missing', 'base is missing', 'no time is left for it'])

    def test_what_cannot_end_is_stopped(self) -> None:
        with tempfile.TemporaryDirectory() as work, contextlib.redirect_stdout(io.StringIO()) as said:
            run = edition(work)
            run.fork('sleeper', time.sleep, 60, end=time.time() - 20)
            self.assertFalse(run.wait('sleeper'))
        self.assertIn('sleeper is late', said.getvalue())


class PlanTest(unittest.TestCase):
    def test_every_command_is_one_and_its_set_is_rendered(self) -> None:
        run = edition('nowhere')
        for label, learner in LEARNERS.items():
            options = parser().parse_args([str(w) for w in run.learner(label)])
            self.assertEqual(options.batch, BATCH[learner.stage])
            self.assertTrue(not learner.set or learner.set in [name for _, name, *_ in latents(DrawnWorld())], label)
        self.assertEqual({stage for stage, *_ in latents(DrawnWorld())} | {'foreign'}, set(CHECK_CLIPS))
        self.assertEqual(set(CHECK_CLIPS), {*CLIPS, *RENDERED})
        self.assertEqual(len(AT_LAST), len(LEARNERS) - 4)

    def test_sizes_can_be_given(self) -> None:
        run = edition('nowhere', '--seconds', '200', '--workers', '3', '--clips', 'motion=7')
        self.assertEqual((run.clips['base'], run.clips['motion']), (6000, 7))

    def test_importing_it_begins_neither_cuda_nor_threads(self) -> None:
        subprocess.run([sys.executable, '-c', TOUCH_NOTHING], check=True)


class SetsTest(unittest.TestCase):
    def test_several_sets_by_the_same_processes_are_what_each_is_alone(self) -> None:
        specs = [SetSpec('a', 5, 2, seed=3, shard=2), SetSpec('b', 3, 1, seed=4, shard=2)]
        with (
            tempfile.TemporaryDirectory() as one,
            tempfile.TemporaryDirectory() as other,
            contextlib.redirect_stdout(io.StringIO()),
        ):
            together = build(Path(one), specs, workers=2)
            alone = [build(Path(other), [s])[0] for s in specs]
            for x, y in zip(together, alone):
                names = sorted(p.name for p in x.iterdir())
                self.assertEqual(names, sorted(p.name for p in y.iterdir()))
                self.assertIn('done.json', names)
                for name in names:
                    self.assertEqual((x / name).read_bytes(), (y / name).read_bytes(), name)


class LinesTest(unittest.TestCase):
    def test_whole_lines_are_written_each_with_its_name(self) -> None:
        out = io.StringIO()
        print('half', end='', file=(lines := Lines('base', time.time(), out)))
        self.assertEqual(out.getvalue(), '')
        print(' and half\nmore', file=lines)
        self.assertEqual(out.getvalue(), '[  0 s] base: half and half\n[  0 s] base: more\n')


if __name__ == '__main__':
    unittest.main()
