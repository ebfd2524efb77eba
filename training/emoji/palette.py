"""Names of the emoji world and its colours. The order of every list is the order of class labels: append, never
insert."""

from __future__ import annotations

RGB = tuple[float, float, float]
WALLS: dict[str, RGB] = {
    'red': (226, 62, 58),
    'orange': (245, 146, 46),
    'yellow': (250, 214, 70),
    'green': (84, 178, 88),
    'blue': (62, 126, 224),
    'light blue': (150, 208, 246),
    'purple': (142, 92, 206),
    'pink': (248, 160, 196),
    'brown': (142, 98, 66),
    'black': (26, 26, 30),
    'gray': (150, 152, 156),
    'white': (246, 246, 246),
}
SCENES: dict[str, list[str]] = {  # with what captions call them
    'night sky': ['in the night sky', 'at night', 'under the stars', 'in the moonlight'],
    'grass': ['on the grass', 'in a meadow', 'on a green field', 'in the garden'],
    'sea': ['under the sea', 'underwater', 'under water', 'in the sea', 'in the ocean'],
    'snow': ['in the snow', 'on a snowy day', 'in winter', 'in falling snow'],
    'sunset': ['at sunset', 'before a sunset', 'in the evening sun', 'in the evening'],
    'beach': ['on the beach', 'on the sand', 'at the beach', 'at the seaside'],
    'sky': ['in the sky', 'in the clouds', 'in a cloudy sky', 'in the blue sky'],
    'space': ['in space', 'in outer space', 'among the planets'],
    'city': ['in the city', 'in a town', 'on the street', 'downtown'],
    'room': ['indoors', 'in a room', 'at home', 'in the living room'],
}
BACKGROUNDS = [*WALLS, *SCENES]
MOTIONS = ['own', 'left', 'right', 'up', 'down', 'bounce', 'spin', 'sway', 'shake', 'pulse', 'float', 'zoom']
STYLES = ['plain', 'neon', 'pencil', 'chalk', 'pastel', 'noto', 'flat', 'contrast']
CHARACTERS = {'robot': 'sks robot'}  # what a personalisation brings, and how captions call it
