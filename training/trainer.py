"""The one training loop: learning rate, clipping, weight averaging, logs, curves, checkpoints, resuming.

A chunk ends after --minutes or --steps, at the time --until, or on SIGTERM / Ctrl-C, and always saves; the next call
goes on from there. The learning rate rises, then
holds, however many chunks there are; a chunk with --finish lets it fall over its last third, by the clock. Everything a
stage writes:
WORK/ckpt/STAGE/*.safetensors, WORK/logs/STAGE.jsonl and .png, WORK/sheets/STAGE-STEP.png.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from .checkpoints import load_shards, save_shards, stage_state
from .device import Clock
from .optim import falling, make_optimisers, optimiser_state, restore_optimisers, rising
from .pictures import plot_curves
from .stages.stage import Stage


# Seconds of training from which on cuDNN may try out its convolutions: that is taken for what cost the first hundred
# steps of a base on an H100 twenty seconds (not measured without).
SEARCH_FROM = 300


class Log:
    """Appends dictionaries to a JSON-lines file and echoes them."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def __call__(self, **row: object) -> None:
        row = {k: round(v, 6) if isinstance(v, float) else v for k, v in row.items()}
        with self.path.open('a') as f:
            f.write(json.dumps(row) + '\n')
        print(' '.join(f'{k} {v:g}' if isinstance(v, float) else f'{k} {v}' for k, v in row.items()), flush=True)

    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []


class Trainer:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.options, self.cfg = stage, stage.ctx.options, stage.cfg
        self.folder = stage.ctx.work / 'ckpt' / stage.label
        self.log = Log(stage.ctx.work / 'logs' / f'{stage.label}.jsonl')
        groups = stage.groups()
        self.named = {n: p for g, _ in groups for n, p in g.items()}
        self.params = list(self.named.values())
        self.lr = self.options.lr or self.cfg.lr
        self.opts = make_optimisers(groups, self.options.opt or self.cfg.opt, self.lr, self.cfg.weight_decay)
        self.kinds = [type(o).__name__ for o in self.opts]
        self.step, self.seconds, self.warm_from, self.samples, self.stop = 0, 0.0, 0, 0, False
        state = {} if self.options.overwrite else stage_state(stage.ctx.work, stage.label)
        if state:
            self._resume(state)
        else:
            self.log.path.unlink(missing_ok=True)
            self.ema = [p.detach().clone() for p in self.params]
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self._stop)
        print(
            f'{stage.label}: {sum(p.numel() for p in self.params) / 1e6:.2f} M trainable, at step {self.step}, {stage.dev}',
            flush=True,
        )

    def _stop(self, *_: object) -> None:
        self.stop = True

    def _resume(self, state: dict) -> None:
        ema, model, moments = (load_shards(self.folder, n) for n in ('ema', 'model', 'optim'))
        if self.stage.from_average or not model:
            print('starting from the averaged weights')
            model, moments = ema, None
        with torch.no_grad():
            for n, p in self.named.items():
                p.copy_(model.get(n, p).to(p.device))
        self.ema = [torch.empty_like(p.detach()).copy_(ema.get(n, p)) for n, p in self.named.items()]
        self.step, self.seconds, self.warm_from = state['step'], state['seconds'], state.get('warm_from', 0)
        self.samples = state.get('samples', self.step * self.cfg.batch)
        complete = moments and set(self.named) <= {k.rsplit('|', 1)[0] for k in moments}
        if complete and state.get('opt') == self.kinds and not state.get('finished'):
            restore_optimisers(self.opts, self.named, moments, self.step)
        else:  # also after a finished run: its moments belong to another learning rate
            print('fresh moments, warming up again')
            self.warm_from = self.step
        torch.manual_seed(1000 + self.step)
        np.random.seed(1000 + self.step)

    @contextlib.contextmanager
    def averaged(self) -> Iterator[None]:
        """Swaps the averaged weights in."""
        modules = [(m, m.training) for m in vars(self.stage).values() if isinstance(m, nn.Module)]
        old = [p.detach().clone() for p in self.params]
        with torch.no_grad():
            torch._foreach_copy_(self.params, self.ema)
        for m, _ in modules:
            m.eval()
        try:
            yield
        finally:
            with torch.no_grad():
                torch._foreach_copy_(self.params, old)
            for m, training in modules:
                m.train(training)

    def save(self, sheet: bool, finished: bool = False) -> None:
        names = list(self.named)
        save_shards(dict(zip(names, self.ema)), self.folder, 'ema')
        save_shards(dict(zip(names, self.params)), self.folder, 'model')
        save_shards(
            optimiser_state(self.opts, {p: n for n, p in self.named.items()}), self.folder, 'optim', torch.bfloat16
        )
        state = {
            'step': self.step,
            'samples': self.samples,
            'seconds': round(self.seconds, 1),
            'warm_from': self.warm_from,
            'finished': finished,
            'opt': self.kinds,
        }
        # Last and at once: others may be waiting for it.
        (self.folder / '.state.json').write_text(json.dumps({**state, **self.stage.extra_state()}))
        os.replace(self.folder / '.state.json', self.folder / 'state.json')
        with self.averaged():
            self.stage.after_save(self.folder)
            if metrics := self.stage.evaluate():
                self.log(stage=self.stage.label, step=self.step, **metrics)
            if sheet:
                self.stage.sheet(self.stage.ctx.work / 'sheets' / f'{self.stage.label}-{self.step:06d}.png')
        plot_curves(self.log.rows(), self.stage.curves, self.stage.ctx.work / 'logs' / f'{self.stage.label}.png')

    def run(self) -> None:
        settings, clock, first, last_save = self.options, Clock(), self.step, 0.0
        budget, before = settings.minutes * 60, self.seconds
        if settings.until:
            budget = max(1.0, min(budget, settings.until - time.time()))
        torch.backends.cudnn.benchmark = budget > SEARCH_FROM
        window: list[dict[str, torch.Tensor]] = []
        window_start = 0.0

        def share() -> float:
            return max(clock() / budget, (self.step - first) / settings.steps if settings.steps else 0.0)

        while share() < 1 and not self.stop:
            factor = rising(self.step, self.warm_from, self.cfg.warmup) * (
                falling(share(), settings.fall) if settings.finish else 1.0
            )
            for g in (g for o in self.opts for g in o.param_groups):
                g['lr'] = self.lr * factor * g['mult']
            self.stage.over = share()
            loss, extra = self.stage.loss()
            for p in self.params:
                p.grad = None
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(self.params, 1.0)
            for opt in self.opts:
                opt.step()
            self.step += 1
            self.samples += self.cfg.batch
            with torch.no_grad():
                torch._foreach_lerp_(self.ema, self.params, 1 - min(self.cfg.ema, (self.step + 1) / (self.step + 30)))
            window.append({'loss': loss.detach(), 'grad_norm': norm.detach(), **extra})
            if self.step % settings.log_every == 0 or share() >= 1:
                now = clock()
                self.seconds = before + now
                means = {k: float(torch.stack([w[k] for w in window]).mean()) for k in window[0]}
                rate = len(window) * self.cfg.batch / max(1e-9, now - window_start)
                self.log(
                    stage=self.stage.label,
                    step=self.step,
                    seconds=self.seconds,
                    **means,
                    lr=self.lr * factor,
                    samples_per_s=rate,
                )
                window, window_start = [], clock()
                if not np.isfinite(means['loss']):
                    raise SystemExit('the loss is not finite; the last checkpoint is intact')
                if now - last_save > settings.save_minutes * 60:
                    last_save = now
                    self.save(sheet=False)
                    window_start = clock()
        self.seconds = before + clock()
        self.save(sheet=settings.sheet, finished=settings.finish and not self.stop)
        print(f'{self.stage.label}: {self.step - first} steps in {clock():.0f} s, now at {self.step}', flush=True)
