"""A pen that draws shapes in one of the world's styles (plain, neon, pencil, chalk, pastel) on a skia canvas, and the
paths it draws."""

from __future__ import annotations

import skia

from .palette import BOARD, C, dark, light, mix


class Pen:
    """Draws shapes according to the style."""

    def __init__(self, cv, style, rough=0):
        self.cv, self.style, self.rough = cv, style, rough

    def shape(self, path, col, lw=0.085, hl=True, outline=True):
        cv = self.cv
        st = self.style
        if st == 'neon':
            col = light(col, 0.15)
            for w, a, blur in ((0.34, 110, 0.16), (0.16, 200, 0.05)):
                cv.drawPath(
                    path,
                    skia.Paint(
                        AntiAlias=True,
                        Color=C(col, a),
                        Style=skia.Paint.kStroke_Style,
                        StrokeWidth=w,
                        StrokeJoin=skia.Paint.kRound_Join,
                        MaskFilter=skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur),
                    ),
                )
            cv.drawPath(
                path,
                skia.Paint(AntiAlias=True, Color=C(light(col, 0.65)), Style=skia.Paint.kStroke_Style, StrokeWidth=0.07),
            )
            return
        if st == 'pencil':
            g = sum(col) / 3
            cv.drawPath(path, skia.Paint(AntiAlias=True, Color=C((225, 222, 214) if g > 150 else (190, 188, 184))))
            cv.drawPath(
                path,
                skia.Paint(
                    AntiAlias=True,
                    Color=C((60, 58, 62)),
                    Style=skia.Paint.kStroke_Style,
                    StrokeWidth=0.1,
                    PathEffect=skia.DiscretePathEffect.Make(0.35, 0.05, self.rough),
                ),
            )
            return
        if st == 'chalk':
            cv.drawPath(path, skia.Paint(AntiAlias=True, Color=C(mix(BOARD, col, 0.5))))
            for width, alpha, wander in ((0.16, 120, 0.07), (0.09, 255, 0.03)):
                cv.drawPath(
                    path,
                    skia.Paint(
                        AntiAlias=True,
                        Color=C(light(col, 0.4), alpha),
                        Style=skia.Paint.kStroke_Style,
                        StrokeWidth=width,
                        PathEffect=skia.DiscretePathEffect.Make(0.2, wander, self.rough),
                    ),
                )
            return
        if st == 'pastel':
            col = light(col, 0.45)
        p = skia.Paint(AntiAlias=True, Color=C(col))
        b = path.getBounds()
        if hl:
            r = max(b.width(), b.height())
            p.setShader(
                skia.GradientShader.MakeRadial(
                    (b.left() + 0.35 * b.width(), b.top() + 0.3 * b.height()),
                    r * 0.85,
                    [C(light(col, 0.35)), C(col), C(dark(col, 0.22))],
                    [0, 0.5, 1],
                )
            )
        cv.drawPath(path, p)
        if outline and st != 'pastel':
            cv.drawPath(
                path,
                skia.Paint(
                    AntiAlias=True,
                    Color=C(dark(col, 0.6)),
                    Style=skia.Paint.kStroke_Style,
                    StrokeWidth=lw,
                    StrokeJoin=skia.Paint.kRound_Join,
                ),
            )

    def dot(self, x, y, r, col):
        if self.style == 'neon':
            r *= 0.8
        self.cv.drawCircle(x, y, r, skia.Paint(AntiAlias=True, Color=C(col)))

    def eye(self, x, y, r):
        self.dot(x, y, r, (255, 255, 255))
        self.dot(x + r * 0.25, y, r * 0.6, (20, 20, 30))

    def line(self, pts, col, w):
        p = skia.Path()
        p.moveTo(*pts[0])
        if len(pts) == 3:
            p.quadTo(*pts[1], *pts[2])
        else:
            for q in pts[1:]:
                p.lineTo(*q)
        if self.style == 'pencil':
            col = (60, 58, 62)
            w *= 0.7
        elif self.style == 'chalk':
            col = light(col, 0.4)
        self.cv.drawPath(
            p,
            skia.Paint(
                AntiAlias=True,
                Color=C(col),
                Style=skia.Paint.kStroke_Style,
                StrokeWidth=w,
                StrokeCap=skia.Paint.kRound_Cap,
            ),
        )


def poly(pts, close=True):
    p = skia.Path()
    p.moveTo(*pts[0])
    for q in pts[1:]:
        p.lineTo(*q)
    if close:
        p.close()
    return p


def circ(x, y, r):
    p = skia.Path()
    p.addCircle(x, y, r)
    return p


def oval(x, y, rx, ry):
    p = skia.Path()
    p.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return p


def rrect(l, t, r, b, k):
    p = skia.Path()
    p.addRoundRect(skia.Rect.MakeLTRB(l, t, r, b), k, k)
    return p


def curve(s):
    p = skia.Path()
    for op, *a in s:
        getattr(p, {'M': 'moveTo', 'L': 'lineTo', 'Q': 'quadTo', 'C': 'cubicTo', 'Z': 'close'}[op])(*a)
    return p
