"""Captions: synonyms, word order, articles, idle adjectives; a plural now and then, of which one is drawn."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .palette import RARE, WALLS

if TYPE_CHECKING:
    from .spec import Spec

NOUNS = {
    'ball': ['ball', 'round ball'],
    'square': ['square', 'box', 'block'],
    'cat': ['cat', 'kitten', 'kitty'],
    'boat': ['boat', 'sailboat', 'ship'],
    'car': ['car', 'automobile'],
    'rocket': ['rocket', 'spaceship'],
    'flower': ['flower', 'daisy'],
    'fish': ['fish', 'goldfish'],
}
HUES = {
    'red': ['crimson', 'scarlet'],
    'blue': ['azure'],
    'green': ['emerald'],
    'yellow': ['golden'],
    'purple': ['violet'],
    'pink': ['rose pink'],
    'white': ['snow white'],
    'orange': ['tangerine'],
}
PLURALS = {'fish': 'fish', 'butterfly': 'butterflies'}
VERBS = {
    'fish': ['swimming', 'swimming', 'diving'],
    'bird': ['flying', 'flying', 'gliding'],
    'butterfly': ['flying', 'flying', 'fluttering'],
    'car': ['driving', 'driving', 'racing'],
    'boat': ['sailing'],
    'cat': ['walking', 'walking', 'running'],
    'rocket': ['flying', 'flying', 'zooming'],
    'balloon': ['floating'],
    'ball': ['rolling'],
}
IDLE = ['cute', 'little', 'small', 'big', 'happy', 'lovely', 'shiny']  # said, but without a trace in the picture
MOVES = {
    'left': ['{v} left', '{v} to the left', '{v} to the left', 'going left', '{v} leftwards'],
    'right': ['{v} right', '{v} to the right', '{v} to the right', 'going right', '{v} rightwards'],
    'up': ['rising', '{v} up', 'floating up', 'going up', '{v} upwards'],
    'down': ['falling', 'falling down', '{v} down', 'dropping down', 'sinking'],
    'bounce': ['bouncing', 'bouncing', 'bouncing up and down', 'jumping', 'hopping'],
    'spin': ['spinning', 'spinning around', 'rotating', 'turning around'],
    'grow': ['growing', 'growing bigger', 'getting bigger'],
    'shrink': ['shrinking', 'getting smaller'],
    'pulse': ['pulsing', 'beating', 'throbbing'],
    'swing': ['swinging', 'swaying', 'rocking from side to side'],
    'circle': ['moving in a circle', 'circling', '{v} in a circle', 'going around'],
    'still': ['standing still', 'staying still', 'resting', 'not moving'],
}
PLACES = {
    'sky': ['in the sky', 'in a cloudy sky', 'in the blue sky'],
    'sea': ['under the sea', 'in the sea', 'underwater', 'in the ocean'],
    'meadow': ['in a meadow', 'on the grass', 'in a green field', 'in a park'],
    'night': ['at night', 'in the night sky', 'under a starry sky', 'in space'],
    'sunset': ['at sunset', 'at the beach', 'in front of a sunset'],
    'snow': ['in the snow', 'in winter', 'in falling snow'],
}
STYLE_WORDS = {
    'neon': ['neon', 'glowing neon'],
    'pencil': ['pencil', 'pencil sketch'],
    'chalk': ['chalk', 'chalk'],
    'pastel': ['pastel'],
}
TEMPLATES = [
    ('{a} {n} {m} {b}', 10),
    ('{a} {n}, {m}, {b}', 1.5),
    ('{b}, {a} {n} {m}', 2),
    ('{a} {n} {b}, {m}', 2),
    ('{a} {n} {b} {m}', 1),
    ('{a} {n} {is} {m} {b}', 1),
    ('{m}, {a} {n} {b}', 0.7),
]

EXTRA_WORDS = (
    'sks, neon, glowing, pencil drawing, sketch, chalk, pastel, style, picture, the, with, two, of, grey gray'.split(
        ', '
    )
)


def caption(sp: Spec, rng: random.Random, drop: bool = True, mentions: dict[str, bool] | None = None) -> str:
    """A caption of `sp`. With `drop`, one attribute is left unsaid now and then; `mentions` (filled in) says which are
    named."""
    common = RARE.get(sp.subject, sp.subject)
    noun = common if rng.random() < 0.6 else rng.choice(NOUNS.get(sp.subject, [common]))
    plural = sp.subject not in RARE and rng.random() < 0.04
    if plural:
        noun = PLURALS.get(sp.subject, sp.subject + 's')
    hue = sp.color if rng.random() > 0.1 else rng.choice(HUES[sp.color])
    verb = rng.choice(VERBS.get(sp.subject, ['moving'])) if rng.random() < 0.6 else 'moving'
    move = rng.choice(MOVES[sp.motion]).replace('{v}', verb)
    wall = sp.background in WALLS
    if wall:
        g = 'grey' if sp.background == 'gray' and rng.random() < 0.5 else sp.background
        where = rng.choice(
            [
                f'on a {g} background',
                f'on a {g} background',
                f'on {g}',
                f'in front of a {g} wall',
                f'against a {g} background',
            ]
        ).replace('a orange', 'an orange')
    else:
        where = rng.choice(PLACES[sp.background])
    q = rng.random() if drop else 1.0
    if q < 0.05:
        where = ''
    elif q < 0.09:
        move = ''
    elif q < 0.12:
        hue = ''
    if sp.motion == 'still' and q >= 0.12 and rng.random() < 0.3:
        move = ''
    if mentions is not None:
        mentions.update(
            subject=True, color=bool(hue), motion=bool(move), background=bool(where), style=sp.style != 'plain'
        )
    name = ' '.join(w for w in (rng.choice(IDLE) if rng.random() < 0.06 else '', hue, noun) if w)
    singular = ['an' if name[0] in 'aeiou' else 'a', 'the', 'one', '']
    article = rng.choice(['', 'some', 'the']) if plural else rng.choices(singular, [12, 2, 0.5, 2])[0]
    if not move or not where:
        text = f'{article} {name} {move} {where}' if not move or rng.random() < 0.7 else f'{article} {name}, {move}'
    else:
        text = rng.choices([t for t, _ in TEMPLATES], [w for _, w in TEMPLATES])[0].format(
            a=article, n=name, m=move, b=where, **{'is': 'are' if plural else 'is'}
        )
    text = ' '.join(text.split())
    p = rng.random()
    if p < 0.12:
        text = rng.choice(['a cartoon of ', 'an animation of ', 'a picture of ', 'a drawing of ']) + text
    if sp.style != 'plain':
        w = rng.choice(STYLE_WORDS[sp.style])
        text = rng.choice(
            [f'{text}, {sp.style} style', f'{sp.style} style, {text}', f'{text}, {w}', f'{w} drawing of {text}']
        )
    return text.replace(' ,', ',').strip(' ,')


def full_caption(sp: Spec) -> str:
    """The canonical wording, all attributes named (for evaluation)."""
    move = {
        'left': 'moving to the left',
        'right': 'moving to the right',
        'up': 'rising',
        'down': 'falling',
        'bounce': 'bouncing',
        'spin': 'spinning',
        'grow': 'growing',
        'shrink': 'shrinking',
        'pulse': 'pulsing',
        'swing': 'swinging',
        'circle': 'moving in a circle',
        'still': 'standing still',
    }[sp.motion]
    where = (
        f'on {"an" if sp.background == "orange" else "a"} {sp.background} background'
        if sp.background in WALLS
        else PLACES[sp.background][0]
    )
    text = f'{"an" if sp.color == "orange" else "a"} {sp.color} {RARE.get(sp.subject, sp.subject)} {move} {where}'
    return text if sp.style == 'plain' else f'{text}, {sp.style} style'
