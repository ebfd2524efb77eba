"""`python -m training edition`: an edition of Mini within so many seconds, on one GPU and the cores around it. The
published one goes on in another world, then all that stands on it.

Sets are rendered while stages learn, those first that are needed first. A stage waits for its own set and for the
stages it begins from, until these have saved; what they
measure and draw after that goes on beside it. The time that is left is shared out anew whenever a phase begins, so that
nobody pays alone for a delay.

This process imports everything and begins nothing, neither CUDA nor threads: so it can fork whatever runs, where every
process of its own would import for ten seconds.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing as mp
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from . import pack, restore  # noqa: F401  for what is forked
from .checkpoints import stage_state
from .config import STYLE_NOTES
from .stages import base, dreambooth, foreign, lcm, lora, motion, motion_lora  # noqa: F401  likewise
from .stages.sets import render_sets
from .stages.stage import Context
from .tokenizer import tokenizer


@dataclass(frozen=True)
class Learner:
    """A stage as it runs here. `command`: of `python -m training`; `set`: the folder it learns from, if any; `after`:
    the stages it begins from."""

    command: str
    set: str = ''
    after: tuple[str, ...] = ('base',)

    @property
    def stage(self) -> str:
        return self.command.split()[0]


CAMERAS = ('zoom', 'pan')  # of the camera moves that there are

# By their checkpoints' names, in the order in which their sets are rendered.
LEARNERS = {
    'base': Learner('base --lr 1.5e-3 --ways 0.5 --fall 0.4', 'base', after=()),
    'foreign': Learner('foreign --lr 7e-4'),
    'motion': Learner('motion --fall 0.5', 'video'),
    'lcm': Learner('lcm --no-sheet', 'base'),
    'motion-joint': Learner('motion --joint --no-sheet', 'video', after=('motion',)),
    # More steps than these leave the motion module behind (training/README, lesson 21).
    'dreambooth_robot': Learner('dreambooth --subject robot --steps 630 --no-sheet', 'dreambooth_robot'),
    **{f'lora_{s}': Learner(f'lora --style {s} --no-sheet', f'style_{s}') for s in STYLE_NOTES},
    **{
        f'motion-lora_{c}': Learner(
            f'motion-lora --camera {c} --steps 400 --no-sheet', f'camera_{c}', after=('motion',)
        )
        for c in CAMERAS
    },
    'lcm-motion': Learner('lcm-motion --no-sheet', 'video', after=('motion', 'lcm')),
}
AT_LAST = [
    label for label in LEARNERS if label not in ('base', 'foreign', 'motion', 'lcm-motion')
]  # all at once; lcm-motion goes on from lcm
BATCH = {
    'base': 512,
    'foreign': 192,
    'motion': 48,
    'lora': 128,
    'dreambooth': 32,
    'motion-lora': 8,
    'lcm': 256,
    'lcm-motion': 16,
}
# Clips for every second of the whole and every rendering process, which draws some 350 frames a second: base's set
# takes a twentieth of the time, motion's somewhat more.
RENDERED = {'base': 10.0, 'motion': 1.6, 'lora': 0.6}
CLIPS = {'foreign': 8000, 'dreambooth': 60, 'motion-lora': 48}
CHECK_CLIPS = {'base': 64, 'motion': 16, 'lora': 32, 'foreign': 64, 'dreambooth': 16, 'motion-lora': 8}

PHASES = {'base': 0.5, 'motion': 0.24, 'rest': 0.26}
LAST = 20  # so many seconds before the end steps are over: then come saving and packing
LEAST = 5  # a stage that has fewer seconds is left out
LATE = 10  # seconds after which a stage that should have ended is stopped


def phase_end(phase: str, now: float, deadline: float) -> float:
    """When a phase that begins now is over: after its share of what is left for it and those behind it."""
    names = list(PHASES)
    shares = [PHASES[name] for name in names[names.index(phase) :]]
    return now + (deadline - now) * shares[0] / sum(shares)


class Lines(io.TextIOBase):
    """Writes whole lines, each with the time and a name in front."""

    def __init__(self, name: str, since: float, out: io.TextIOBase) -> None:
        self.name, self.since, self.out, self.rest = name, since, out, ''

    def write(self, text: str) -> int:
        *lines, self.rest = (self.rest + text).split('\n')
        for line in lines:
            self.out.write(f'[{time.time() - self.since:3.0f} s] {self.name}: {line}\n')
            self.out.flush()
        return len(text)


def speak(out: Lines, run: Callable[..., None], *arguments: object) -> None:
    """What a forked process does."""
    sys.stdout = sys.stderr = out
    run(*arguments)


def run_command(*words: object) -> None:
    from .__main__ import parser

    options = parser().parse_args([str(w) for w in words])
    options.run_it(options)


class Edition:
    def __init__(self, a: argparse.Namespace) -> None:
        self.options, self.work, self.since = a, a.work, a.since or time.time()
        self.deadline = self.since + a.seconds - LAST
        self.processes: dict[str, mp.Process] = {}
        self.ends: dict[str, float] = {}
        rendered = {stage: max(1, round(n * a.seconds * a.workers)) for stage, n in RENDERED.items()}
        self.clips = (CHECK_CLIPS if a.check else CLIPS | rendered) | dict(a.clips)
        self.batch = BATCH | dict(a.batch)

    # --- processes ---

    def say(self, text: str) -> None:
        print(text, file=Lines('---', self.since, sys.stdout))

    def fork(
        self, name: str, run: Callable[..., None], *arguments: object, end: float = 0.0, log: Path | None = None
    ) -> None:
        """`end`: when it should be over."""
        out = Lines(name, self.since, log.open('w') if log else sys.stdout)
        self.ends[name] = end or self.deadline
        self.processes[name] = mp.get_context('fork').Process(target=speak, args=(out, run, *arguments))
        self.processes[name].start()

    def wait(self, name: str, until: Callable[[], bool] = lambda: False) -> bool:
        """Until a process is over or `until` holds -> whether it was started and has not failed."""
        if name not in self.processes:
            return False
        process = self.processes[name]
        while process.is_alive() and not until():
            if time.time() > self.ends[name] + LATE:
                self.say(f'{name} is late and stopped')
                process.terminate()
                process.join(5)
                process.kill()
                process.join()
            process.join(0.1)
        if process.exitcode:
            self.say(f'{name} FAILED ({process.exitcode})')
            del self.processes[name]
        return not process.exitcode

    def command(self, *words: object, work: Path | None = None) -> list[object]:
        return [*words, '--work', work or self.work, '--device', self.options.device]

    # --- stages ---

    def begin(self) -> bool:
        """Restores the published edition; sets are rendered from then on."""
        tokenizer()
        self.fork('restore', run_command, *self.command('restore', '--world', self.options.world))
        if not self.wait('restore'):
            return False
        self.fork('sets', self.render)
        return True

    def render(self) -> None:
        from .__main__ import parser

        words = self.command('dataset', '--workers', self.options.workers)
        render_sets(Context(parser().parse_args([str(w) for w in words])), self.clips, CAMERAS)

    def learner(self, label: str, work: Path | None = None) -> list[object]:
        learner = LEARNERS[label]
        clips = self.clips[{'lcm': 'base', 'lcm-motion': 'motion'}.get(learner.stage, learner.stage)]
        return self.command(
            *learner.command.split(),
            '--finish',
            '--clips',
            clips,
            '--batch',
            self.batch[learner.stage],
            '--workers',
            1,
            work=work,
        )

    def rendered(self, name: str) -> bool:
        return (self.work / 'data' / name / 'done.json').exists()

    def saved(self, label: str) -> bool:
        state = stage_state(self.work, label)
        return bool(state) and 'restored' not in state

    def learn(self, label: str, end: float) -> None:
        """Starts a stage whose steps are over at `end`, once it has what it needs."""
        learner = LEARNERS[label]
        missing = [stage for stage in learner.after if not self.saved(stage)]
        if learner.set and not missing:
            self.wait('sets', lambda: self.rendered(learner.set) or time.time() > end - LEAST)
            missing = [] if self.rendered(learner.set) else [f'its set {learner.set}']
        if missing:
            self.say(f'{label} is left out: {" and ".join(missing)} is missing')
        elif end - time.time() < LEAST:
            self.say(f'{label} is left out: no time is left for it')
        else:
            self.fork(
                label,
                run_command,
                *self.learner(label),
                '--minutes',
                99,
                '--until',
                end,
                '--save-minutes',
                99,
                '--log-every',
                100,
                end=end,
            )

    def until_saved(self, label: str) -> None:
        if self.wait(label, lambda: self.saved(label)):
            self.say(f'{label} is saved')

    def collect(self) -> None:
        machine = torch.cuda.get_device_name() if self.options.device == 'cuda' else 'a CPU'
        run_command('pack', '--work', self.work, '--out', self.options.out, '--machine', machine)
        for stage in ('base', 'motion'):
            for sheet in sorted((self.work / 'sheets').glob(f'{stage}-[0-9]*.png'))[-1:]:
                shutil.copy(sheet, self.options.out / f'{stage}.png')

    def train(self) -> None:
        if not self.begin():
            return
        self.learn('base', phase_end('base', time.time(), self.deadline))
        self.until_saved('base')
        now = time.time()
        end = phase_end('motion', now, self.deadline)
        # Foreign words leave the states of known ones as they are: the motion module need not wait for them.
        self.learn('foreign', (now + end) / 2)
        self.learn('motion', end)
        self.until_saved('motion')
        now, end = time.time(), self.deadline
        self.fork('pack', self.collect)  # what there is so far, should the machine be taken away
        for label in AT_LAST:
            self.learn(label, (now + end) / 2 if label == 'lcm' else end)
        self.until_saved('lcm')
        self.learn('lcm-motion', end)
        for name in list(self.processes):
            self.wait(name)
        self.say('every stage is over')
        self.fork('pack', self.collect, end=self.deadline + LAST)
        self.wait('pack')
        self.say('packed')

    def check(self) -> None:
        """Every stage at once for a few steps, in a folder of its own, since they overwrite what others begin from."""
        if not (self.begin() and self.wait('sets')):
            return
        self.say('restored and rendered')
        logs = {}
        for label in LEARNERS:
            work = self.work.with_name(f'{self.work.name}-{label}')
            logs[label] = work.with_suffix('.log')
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(self.work, work)
            self.fork(
                label,
                run_command,
                *self.learner(label, work),
                '--steps',
                6,
                '--log-every',
                3,
                '--minutes',
                5,
                log=logs[label],
            )
        for label, log in logs.items():
            ok = self.wait(label)
            lines = log.read_text().splitlines()
            steps = [line for line in lines if 'samples_per_s' in line]
            self.say(f'{label} ok\n' + steps[-1] if ok else '\n'.join(lines[-25:]))
        self.say('every stage was tried')


def edition(a: argparse.Namespace) -> None:
    a.out.mkdir(parents=True, exist_ok=True)
    run = Edition(a)
    run.check() if a.check else run.train()
