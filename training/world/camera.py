"""Camera moves over a clip, for motion LoRAs: the picture's plane seen through a window that shrinks or travels."""

from __future__ import annotations

import skia

from .palette import FRAMES

ZOOM = 1.7  # how much larger the last frame shows the middle
WINDOW = 1.5  # a travelling window shows 1 / WINDOW of the plane's side
ROLL = 90  # degrees over the clip
# Where a travelling window starts and ends, in shares of the way it can go, x and y.
PANS = {
    'pan': ((0, 0.5), (1, 0.5)),
    'pan-left': ((1, 0.5), (0, 0.5)),
    'pan-up': ((0.5, 1), (0.5, 0)),
    'pan-down': ((0.5, 0), (0.5, 1)),
}


def aim(cv: skia.Canvas, camera: str, frame: int) -> None:
    """Sets what `cv` (unit = the plane) shows at `frame`. 'zoom' goes in; 'pan' looks further and further right, so
    that all things move left; 'roll' turns the camera to the left, so that all things turn to the right."""
    run = frame / (FRAMES - 1)
    if camera in ('zoom', 'zoom-out'):
        k = ZOOM ** (run if camera == 'zoom' else 1 - run)
        cv.translate(0.5, 0.5)
        cv.scale(k, k)
        cv.translate(-0.5, -0.5)
    elif camera in PANS:
        (x0, y0), (x1, y1) = PANS[camera]
        cv.scale(WINDOW, WINDOW)
        x, y = x0 + run * (x1 - x0), y0 + run * (y1 - y0)
        cv.translate(-x * (1 - 1 / WINDOW), -y * (1 - 1 / WINDOW))
    elif camera == 'roll':  # the window's corners stay on the plane
        cv.translate(0.5, 0.5)
        cv.scale(WINDOW, WINDOW)
        cv.rotate(ROLL * run)
        cv.translate(-0.5, -0.5)
