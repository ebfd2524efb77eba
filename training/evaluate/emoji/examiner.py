"""The examiner of the emoji world.

subject      the judge's first of all subjects (subject_judge.py); of a personalisation's: the character is seen (looks.py)
among five   the subject is among the judge's first five
background   the judge of looks names wall or scene
wall         plain walls: the median colour of the border is nearest to the wall's that was asked for
style        the judge of looks names the style
motion       walls: the tracks of centroid, area and rotation show the written motion (written.py)
loop         walls: the judge of loops names it among twenty (loops.py)
camera       walls: the tracks show what the camera's move does to what stands still
roughness    of the flow from frame to frame, to be compared with that of real renderings (loops.py)
"""

from __future__ import annotations

import argparse

import numpy as np

from ...emoji.palette import BACKGROUNDS, CHARACTERS, SCENES, WALLS
from ...emoji.spec import EmojiWorld, Spec
from ...world.palette import CAMERAS
from ..examiner import Asked, Scores, frame_difference, means
from ..measures import LOOKS_LIKE, foreground, moves_like, tracks
from ..subject_judge import ranks, train_subject_judge
from .asked import loop_specs, mixed_specs, names_of, resting_specs
from .loops import named, roughness, train_loops
from .looks import COVERED, glance, train_looks
from .written import MEASURED, shows

ALL, LOOPS = 'all subjects', 'loops'  # sets of prompts beside the popular subjects'; loops: what animators move


class EmojiExaminer:
    columns = ['subject', 'among five', 'background', 'wall', 'style', 'motion', 'loop', 'camera', 'roughness']
    columns += ['frame difference']
    sets = (ALL, LOOPS)

    def __init__(self, a: argparse.Namespace, world: EmojiWorld) -> None:
        self.world, self.known = world, world.catalogue
        self.subjects, subject = train_subject_judge(a.work, world, a.judge_minutes)
        self.looks, looks = train_looks(a.work, world, a.workers, a.judge_clips, 3 * a.judge_steps)
        self.loops, self.loop_names, loops = train_loops(a.work, world, a.judge_steps)
        self.accuracy = {'subject': subject['top1'], 'among five': subject['top5'], **looks, **loops}
        styles = {s: {'style': 0.90} for s in world.styles[1:]}
        self.aims = {
            'base': {'subject': 0.90, 'background': 0.95, 'motion': 0.85},
            ALL: {'subject': 0.80},
            LOOPS: {'loop': 0.70},
            **styles,
        }

    def ask(self, prompts: str, n: int) -> Asked:
        world = self.world
        if prompts in CAMERAS:
            return Asked(resting_specs(world, n), camera=prompts)
        if prompts in CHARACTERS:
            return Asked(mixed_specs(world, n, [CHARACTERS[prompts]]))
        if prompts == LOOPS:
            return Asked(loop_specs(world, self.loop_names, n))
        if prompts == ALL:
            return Asked(mixed_specs(world, n, [s.name for s in self.known.subjects]))
        style = 'plain' if prompts == 'base' else prompts
        return Asked(mixed_specs(world, n, names_of(world, True, style), style), style)

    def score(self, clips: np.ndarray, asked: Asked) -> tuple[Scores, list[dict[str, bool]]]:
        rows = [self.checks(c, sp, asked) for c, sp in zip(clips, asked.specs)]
        out = means(rows)
        if clips.shape[1] > 1:
            rough = [r for r in map(roughness, clips) if r is not None]
            out |= {'roughness': round(float(np.mean(rough)), 3)} if rough else {}
            out['frame difference'] = frame_difference(clips)
        return out, rows

    def checks(self, clip: np.ndarray, sp: Spec, asked: Asked) -> dict[str, bool]:
        """What of its caption, and of the camera move, a clip [F, 128, 128, 3] shows."""
        third = [len(clip) // 3, len(clip) // 2, 2 * len(clip) // 3]
        seen, style, out = glance(self.looks, clip[third]), asked.style, {}
        if sp.subject in CHARACTERS.values():
            out['subject'] = seen['character'] == 1 + list(CHARACTERS.values()).index(sp.subject)
        elif style == 'plain':  # the judge of subjects has seen no other
            found = ranks(self.subjects, clip[third], [self.known.index[sp.subject]] * 3)
            out |= {'subject': bool(np.median(found) < 1), 'among five': bool(np.median(found) < 5)}
        if style not in COVERED:
            out['background'] = seen['background'] == BACKGROUNDS.index(sp.background)
        out['style'] = seen['style'] == self.world.styles.index(style)
        if sp.background in WALLS and style not in COVERED:
            out |= self.on_walls(clip, sp, asked)
        return out

    def on_walls(self, clip: np.ndarray, sp: Spec, asked: Asked) -> dict[str, bool]:
        out = {} if asked.style == 'pastel' else {'wall': wall_name(clip) == sp.background}
        if len(clip) == 1:
            return out
        if asked.camera:
            out['camera'] = moves_like(tracks(clip, foreground(clip)), LOOKS_LIKE[asked.camera])
        elif sp.motion in MEASURED:
            out['motion'] = shows(clip, sp.motion)
        elif asked.style == 'plain' and sp.subject in self.loop_names:
            out['loop'] = named(self.loops, clip) == self.loop_names.index(sp.subject)
        return out

    def kinds(self, sp: Spec) -> tuple[str, ...]:
        group = [s.group for s in self.known.subjects if s.name == sp.subject] or ['characters']
        motion = 'no motion written' if sp.motion == 'own' else f'motion: {sp.motion}'
        return group[0], motion, 'in a scene' if sp.background in SCENES else 'on a plain wall'


def wall_name(clip: np.ndarray) -> str:
    """The wall's colour whose RGB is nearest to the border's median. clip uint8 [F, 128, 128, 3]."""
    border = np.concatenate([clip[:, :4].reshape(-1, 3), clip[:, :, :4].reshape(-1, 3), clip[:, :, -4:].reshape(-1, 3)])
    middle = np.median(border, 0)
    return min(WALLS, key=lambda w: float(np.linalg.norm(middle - np.array(WALLS[w]))))
