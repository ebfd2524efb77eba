"""Captions as people write them: a subject by one of its names, what it does, where it is. Most say little."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .palette import CHARACTERS, SCENES, WALLS
from .subjects import Catalogue, Subject

if TYPE_CHECKING:
    from .spec import Spec

MOVES = {
    'left': ['{v} left', '{v} to the left', '{v} to the left', 'going left'],
    'right': ['{v} right', '{v} to the right', '{v} to the right', 'going right'],
    'up': ['rising', 'going up', '{v} up', 'flying up'],
    'down': ['falling', 'falling down', 'going down', '{v} down'],
    'bounce': ['bouncing', 'bouncing', 'jumping', 'hopping'],
    'spin': ['spinning', 'spinning', 'rotating', 'turning around'],
    'sway': ['swaying', 'swaying', 'rocking', 'swinging'],
    'shake': ['shaking', 'shaking', 'trembling'],
    'pulse': ['pulsing', 'pulsing', 'beating', 'growing and shrinking'],
    'float': ['floating', 'floating', 'hovering', 'drifting'],
    'zoom': ['coming closer', 'zooming in', 'growing', 'getting bigger'],
}
VERBS = ['moving', 'moving', 'going', 'flying', 'running']
# What the animators let a subject do, where a word for it comes to mind first. Everything else moves without being
# told to.
DOES = {
    'dog': ['running', 'walking', 'wagging its tail'],
    'poodle': ['running'],
    'horse': ['running', 'galloping'],
    'person running': ['running fast'],
    'waving hand': ['waving', 'waving hello'],
    'red heart': ['beating'],
    'birthday cake': ['with candles', 'with flickering candles'],
    'candle': ['burning', 'flickering'],
    'fire': ['burning', 'flickering'],
    'fireworks': ['exploding'],
    'fish': ['swimming'],
    'tropical fish': ['swimming'],
    'dolphin': ['swimming', 'jumping out of the water'],
    'whale': ['swimming'],
    'shark': ['swimming'],
    'bird': ['flying', 'singing'],
    'butterfly': ['flying', 'flapping its wings'],
    'honeybee': ['flying'],
    'woman dancing': ['dancing'],
    'man dancing': ['dancing'],
    'person biking': ['riding a bicycle'],
    'person surfing': ['riding a wave'],
    'crying face': ['crying'],
    'loudly crying face': ['crying'],
    'laughing face with tears of joy': ['laughing'],
    'sleeping face': ['sleeping'],
    'cup of coffee': ['steaming'],
    'cloud with rain': ['raining'],
    'snowman': ['in winter'],
    'rocket': ['flying', 'launching'],
    'bell': ['ringing'],
    'alarm clock': ['ringing'],
    'globe showing europe-africa': ['spinning'],
    'volcano': ['erupting'],
    'zombie': ['walking'],
}
IDLE = ['cute', '3d', 'cute 3d', 'little', 'shiny', 'happy', 'funny', 'beautiful', 'big']  # said, but without a trace
OPENINGS = ['a picture of ', 'an animation of ', 'a clip of ', 'a video of ', 'a photo of ']
STYLE_WORDS = {
    'neon': ['neon', 'glowing neon'],
    'pencil': ['pencil', 'pencil sketch'],
    'chalk': ['chalk'],
    'pastel': ['pastel'],
    'noto': ['noto', 'noto emoji'],
    'flat': ['flat', 'flat icon'],
    'contrast': ['high contrast', 'high contrast icon'],
}


def article(noun: str) -> str:
    if noun.endswith('s') and not noun.endswith('ss'):
        return noun
    return f'{"an" if noun[0] in "aeiou" and not noun.startswith(("uni", "ufo")) else "a"} {noun}'


def plural(noun: str) -> str:
    if noun.endswith(('s', 'sh', 'ch', 'x')):
        return noun + ('' if noun.endswith('s') else 'es')
    return noun[:-1] + 'ies' if noun.endswith('y') and noun[-2] not in 'aeiou' else noun + 's'


def called(s: Subject, rng: random.Random) -> str:
    """One of the subject's names."""
    r = rng.random()
    if s.words and r < 0.45:
        return rng.choice(s.words)
    if s.synonyms and r > 0.9:
        return rng.choice(s.synonyms)
    return s.name


def phrase(known: Catalogue, subject: str, rng: random.Random) -> str:
    """ "a puppy", "cute dog", "dogs"; now and then with a tag behind it."""
    if subject in CHARACTERS.values():
        return article(subject)
    s = known.subjects[known.index[subject]]
    noun = called(s, rng)
    if rng.random() < 0.2:
        noun = f'{rng.choice(IDLE)} {noun}'
    if s.tags and rng.random() < 0.05:
        return f'{noun}, {rng.choice(s.tags)}'
    if noun in (s.name, *s.words) and rng.random() < 0.04:
        return plural(noun)
    return rng.choices([article(noun), noun, f'the {noun}'], [12, 5, 1])[0]


def moving(sp: Spec, rng: random.Random) -> str:
    if sp.motion == 'own':
        said = DOES.get(sp.subject)
        return rng.choice(said) if said and rng.random() < 0.5 else ''
    return rng.choice(MOVES[sp.motion]).replace('{v}', rng.choice(VERBS))


def placed(background: str, rng: random.Random) -> str:
    if background in SCENES:
        return rng.choice(SCENES[background])
    colour = 'grey' if background == 'gray' and rng.random() < 0.5 else background
    forms = [f'on {article(colour)} background'] * 3 + [
        f'on {colour}',
        f'{colour} background',
        f'in front of {article(colour)} wall',
    ]
    return rng.choice(forms)


def caption(known: Catalogue, sp: Spec, rng: random.Random, mentions: dict[str, bool] | None = None) -> str:
    """A caption of `sp`, parts of it left unsaid now and then; `mentions` (filled in) says which are named."""
    what, move, where = phrase(known, sp.subject, rng), moving(sp, rng), placed(sp.background, rng)
    if sp.other:
        what = f'{what} {rng.choice(["and", "and", "and", "with", "next to"])} {phrase(known, sp.other, rng)}'
    if rng.random() < 0.2:
        where = ''
    if move and rng.random() < 0.05:
        move = ''
    if mentions is not None:
        said = dict(subject=True, color=False, motion=sp.motion == 'own' or bool(move), background=bool(where))
        mentions.update(said, style=sp.style != 'plain')
    parts = [p for p in (what, move, where) if p]
    text = ', '.join(parts) if rng.random() < 0.12 else ' '.join(parts)
    if where and rng.random() < 0.06:
        text = f'{where}, ' + ' '.join(p for p in (what, move) if p)
    if rng.random() < 0.08:
        text = rng.choice(OPENINGS) + text
    if sp.style != 'plain':
        w = rng.choice(STYLE_WORDS[sp.style])
        text = rng.choice(
            [f'{text}, {sp.style} style', f'{sp.style} style, {text}', f'{text}, {w}', f'{w} drawing of {text}']
        )
    return text


def full_caption(sp: Spec) -> str:
    """The canonical wording, everything named (for evaluation)."""
    what = f'{article(sp.subject)} and {article(sp.other)}' if sp.other else article(sp.subject)
    move = MOVES[sp.motion][1].replace('{v}', 'moving') if sp.motion != 'own' else ''
    where = SCENES[sp.background][0] if sp.background in SCENES else f'on {article(sp.background)} background'
    text = ' '.join(p for p in (what, move, where) if p)
    return text if sp.style == 'plain' else f'{text}, {sp.style} style'


# Words that people type and captions lack so far: they get rows of their own in the vocabulary, to be learned by later
# editions.
LATER = (
    'standing still, jumping up and down, nodding, melting, exploding, blinking, together, beside, slowly, quickly, '
    'happily, tiny, huge, small, large, dark, bright, turquoise, teal, violet, golden, silver, beige, cream, plain, '
    'desert, forest, jungle, mountains, flowers, kitchen, bedroom, morning, autumn, spring, summer, christmas, '
    'halloween, party, in the rain, watercolour, watercolor, pixel art, flat, noto style, high contrast, cartoon, '
    'sketch, sks, glowing, moonlight, gradient, drawing, image, flying in, zooming out'
)


def every_word(known: Catalogue) -> set[str]:
    texts = {LATER, *IDLE, *OPENINGS, *CHARACTERS.values(), *(w for words in DOES.values() for w in words)}
    texts |= {w for s in known.subjects for n in (s.name, *s.words) for w in (n, plural(n), article(n))}
    texts |= {w for s in known.subjects for w in s.synonyms}
    texts |= {t for s in known.subjects for t in s.tags}
    texts |= {m.replace('{v}', v) for moves in MOVES.values() for m in moves for v in VERBS}
    texts |= {f'{style} style' for style in STYLE_WORDS}
    texts |= {w for words in SCENES.values() for w in words} | {w for words in STYLE_WORDS.values() for w in words}
    texts |= {f'in front of {article(w)} wall, on {article(w)} background, grey' for w in WALLS}
    return texts | {'the, with, next to, and, style, drawing of'}
