"""Camera moves over a clip, for motion LoRAs: the picture's plane seen through a window that shrinks or travels."""

from __future__ import annotations

import skia

from .palette import FRAMES

ZOOM = 1.7  # how much larger the last frame shows the middle
WINDOW = 1.5  # a travelling window shows 1 / WINDOW of the plane's side


def aim(cv: skia.Canvas, camera: str, frame: int) -> None:
    """Sets what `cv` (unit = the plane) shows at `frame`. 'zoom' goes in; 'pan' looks further and further right, so
    that all things move left."""
    run = frame / (FRAMES - 1)
    if camera == 'zoom':
        k = ZOOM**run
        cv.translate(0.5, 0.5)
        cv.scale(k, k)
        cv.translate(-0.5, -0.5)
    elif camera == 'pan':
        cv.scale(WINDOW, WINDOW)
        cv.translate(-run * (1 - 1 / WINDOW), -0.5 * (1 - 1 / WINDOW))
