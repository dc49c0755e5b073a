# SPDX-License-Identifier: Apache-2.0
"""
Characters of Chinese plates as grey masks.

Letters and digits are our own drawings after the shapes of GA 36: centre lines in a unit box, drawn with one even stroke. The unit
box is the character's box less the stroke, so one drawing serves 45x90 mm (car), 43x90 (new energy), 65x110 and 80x60 (two rows).
A line that runs out of the unit box is cut flat at the character's edge, as on a real plate. Chinese characters come from Debian's
free fonts, the thin ones thickened to one even stroke after they were squeezed, as the heavy strokes of GA 36 are.
"""
import math
import os
import random
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

PX_PER_MM = 0.75
OVERSAMPLING = 4

_FONTS = "/usr/share/fonts/"
_NOTO = _FONTS + "opentype/noto/NotoSansCJK-%s.ttc"
# (file, face in the collection); face 2 of Noto CJK is simplified Chinese.
THIN_CHINESE = [(_NOTO % "Thin", 2), (_NOTO % "Light", 2)]
CHINESE = [(_NOTO % "Regular", 2), (_NOTO % "Medium", 2), (_NOTO % "Bold", 2), (_FONTS + "truetype/wqy/wqy-zenhei.ttc", 0),
           (_FONTS + "truetype/wqy/wqy-microhei.ttc", 0), (_FONTS + "truetype/droid/DroidSansFallbackFull.ttf", 0)]
LATIN = [(_FONTS + "truetype/opendin/OSP-DIN.ttf", 0), (_FONTS + "truetype/roboto/unhinted/RobotoCondensed-Bold.ttf", 0),
         (_FONTS + "truetype/roboto/unhinted/RobotoCondensed-Medium.ttf", 0), (_FONTS + "truetype/liberation/LiberationSansNarrow-Bold.ttf", 0),
         (_NOTO % "Medium", 2), (_FONTS + "truetype/dejavu/DejaVuSansCondensed-Bold.ttf", 0)]


# ---- centre lines -------------------------------------------------------------------------------------------------------------
# x to the right, y down, 0 … 1 inside; angles in degrees, clockwise from the right.

def _arc(cx, cy, rx, ry, start, end):
    count = max(3, int(abs(end - start) / 10))
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def _curve(*points):
    """A Bézier curve of any degree."""
    degree, out = len(points) - 1, []
    for i in range(13):
        t = i / 12
        weights = [math.comb(degree, k) * t ** k * (1 - t) ** (degree - k) for k in range(degree + 1)]
        out.append((sum(w * p[0] for w, p in zip(weights, points)), sum(w * p[1] for w, p in zip(weights, points))))
    return out


def _turned(lines):
    return [[(1 - x, 1 - y) for x, y in line] for line in lines]


OUT = 0.3   # far enough out of the box to be cut flat


@dataclass(frozen=True)
class Shape:
    """What differs between makers of plates, and a little more than that."""
    round_y: float = 0.24     # height of the round ends of 0 C G O Q U
    m_depth: float = 0.68     # how far the middle of M comes down
    w_peak: float = 0.30      # and that of W goes up
    neck: float = 0.12        # straightness of the stroke of 6 and 9: 0.05 bent … 0.3 straight
    three_flat: bool = True
    four_open: bool = True    # the stem of 4 starts at half height
    spur: bool = False        # G stands on a stem
    tail: float = 0.55        # where the tail of Q begins


def centre_lines(char, s=Shape()):
    stem = [(0, -OUT), (0, 1 + OUT)]
    right_stem = [(1, -OUT), (1, 1 + OUT)]
    top = [(-OUT, 0), (1 + OUT, 0)]
    base = [(-OUT, 1), (1 + OUT, 1)]
    r = s.round_y
    oval = _arc(.5, r, .5, r, 180, 360) + _arc(.5, 1 - r, .5, r, 0, 180) + [(0, r)]
    six = [_curve((.74, -.06), (.5, .16), (s.neck, .42), (0, .70)), _arc(.5, .69, .5, .31, 0, 360)]
    bowl_p = [(-.1, 0), (.48, 0)] + _arc(.48, .26, .52, .26, -90, 90) + [(0, .52)]
    c_top = [(1, r + .06)] + _arc(.5, r, .5, r, 0, -180)
    if char in "0O":
        return [oval]
    if char in "1I":
        return [[(.5, -OUT), (.5, 1 + OUT)]]
    if char == "2":
        return [[(0, .29)] + _arc(.5, .26, .5, .26, 180, 395) + [(.02, 1)], base]
    if char == "3" and s.three_flat:
        return [[(-OUT, 0), (.95, 0), (.40, .385)] + _arc(.48, .69, .52, .31, -98, 165)]
    if char == "3":
        return [_arc(.5, .235, .46, .235, 190, 450), _arc(.48, .72, .52, .28, -90, 165)]
    if char == "4":
        return [[(.62, -.12), (0, .72)], [(-.05, .72), (1 + OUT, .72)], [(.76, .46 if s.four_open else -OUT), (.76, 1 + OUT)]]
    if char == "5":
        return [[(.13, 0), (1 + OUT, 0)], [(.13, 0), (.06, .455)] + _arc(.48, .67, .52, .33, -142, 162)]
    if char == "6":
        return six
    if char == "7":
        return [[(-OUT, 0), (.97, 0)], _curve((.97, 0), (.50, .45), (.34, 1.15))]
    if char == "8":
        return [_arc(.5, .23, .44, .23, 0, 360), _arc(.5, .725, .5, .275, 0, 360)]
    if char == "9":
        return _turned(six)
    if char == "A":
        return [[(.49, -.06), (-.06, 1.08)], [(.51, -.06), (1.06, 1.08)], [(.14, .69), (.86, .69)]]
    if char == "B":
        return [stem, [(-.1, 0), (.48, 0)] + _arc(.48, .23, .44, .23, -90, 90) + [(0, .46)],
                [(0, .46), (.5, .46)] + _arc(.5, .73, .5, .27, -90, 90) + [(-.1, 1)]]
    if char == "C":
        return [c_top + _arc(.5, 1 - r, .5, r, 180, 0) + [(1, 1 - r - .06)]]
    if char == "D":
        return [stem, [(-.1, 0), (.42, 0)] + _arc(.42, .28, .58, .28, -90, 0) + _arc(.42, .72, .58, .28, 0, 90) + [(-.1, 1)]]
    if char == "E":
        return [stem, top, base, [(0, .48), (.90, .48)]]
    if char == "F":
        return [stem, top, [(0, .50), (.88, .50)]]
    if char == "G":
        lines = [c_top + _arc(.5, 1 - r, .5, r, 180, 0) + [(1, .54)], [(.54, .54), (1, .54)]]
        return lines + [[(1, .54), (1, 1 + OUT)]] if s.spur else lines
    if char == "H":
        return [stem, right_stem, [(0, .48), (1, .48)]]
    if char == "J":
        return [[(.92, -OUT), (.92, 1 - r)] + _arc(.46, 1 - r, .46, r, 0, 168)]
    if char == "K":
        return [stem, [(1.04, -.08), (0, .61)], [(.33, .40), (1.07, 1.08)]]
    if char == "L":
        return [stem, base]
    if char == "M":
        return [stem, right_stem, [(0, 0), (.5, s.m_depth), (1, 0)]]
    if char == "N":
        return [stem, right_stem, [(0, 0), (1, 1)]]
    if char == "P":
        return [stem, bowl_p]
    if char == "Q":
        return [oval, [(s.tail, .74), (1.06, 1.08)]]
    if char == "R":
        return [stem, bowl_p, [(.42, .52), (1.05, 1.08)]]
    if char == "S":
        return [_arc(.5, .24, .5, .24, 5, -180) + _curve((0, .24), (0, .50), (1, .46), (1, .75)) + _arc(.5, .75, .5, .25, 0, 170)]
    if char == "T":
        return [top, [(.5, 0), (.5, 1 + OUT)]]
    if char == "U":
        return [[(0, -OUT), (0, 1 - r)] + _arc(.5, 1 - r, .5, r, 180, 0) + [(1, -OUT)]]
    if char == "V":
        return [[(-.06, -.08), (.49, 1.06)], [(1.06, -.08), (.51, 1.06)]]
    if char == "W":
        return [[(-.02, -.08), (.22, 1.0), (.5, s.w_peak), (.78, 1.0), (1.02, -.08)], [(.22, .9), (.22, 1.1)], [(.78, .9), (.78, 1.1)]]
    if char == "X":
        return [[(-.05, -.08), (1.05, 1.08)], [(1.05, -.08), (-.05, 1.08)]]
    if char == "Y":
        return [[(-.05, -.08), (.5, .48), (.5, 1 + OUT)], [(1.05, -.08), (.5, .48)]]
    if char == "Z":
        return [top, base, [(1, 0), (0, 1)]]
    raise KeyError(char)


# ---- styles -------------------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Style:
    """One maker's hand. A small fixed set, so that masks can be kept."""
    stroke_mm: float
    shape: Shape
    latin_font: tuple | None     # None: our own drawings
    chinese_font: tuple
    chinese_stroke_mm: float | None  # None: the font's own weight


def _make_styles(count):
    rng = random.Random("plate styles")
    styles = []
    for i in range(count):
        shape = Shape(round_y=rng.uniform(.21, .28), m_depth=rng.choice([.58, .66, .74, .84]), w_peak=rng.choice([.18, .28, .38]),
                      neck=rng.choice([.06, .12, .2]), three_flat=rng.random() < .9, four_open=rng.random() < .8,
                      spur=rng.random() < .2, tail=rng.choice([.5, .58, .66]))
        even = i % 8 < 5
        styles.append(Style(rng.choice([8.5, 9.5, 10, 10.5, 11, 12]), shape, rng.choice(LATIN) if i % 6 == 5 else None,
                            rng.choice(THIN_CHINESE if even else CHINESE), rng.choice([5, 6, 6.5, 7]) if even else None))
    return styles


STYLES = _make_styles(48)


# ---- masks --------------------------------------------------------------------------------------------------------------------

@lru_cache(maxsize=None)
def mask(char, width_mm, height_mm, style):
    """The character in its box, 0 … 255, PX_PER_MM pixels a millimetre."""
    width, height = round(width_mm * PX_PER_MM), round(height_mm * PX_PER_MM)
    if ord(char) > 127:
        return _chinese(char, width, height, style)
    if style.latin_font and char not in "1I3":   # a font's 1 and 3 are other characters altogether
        return _fitted(char, style.latin_font, width, height)
    return _drawn(char, width, height, style)


def _drawn(char, width, height, style):
    big_width, big_height = width * OVERSAMPLING, height * OVERSAMPLING
    stroke = style.stroke_mm * PX_PER_MM * OVERSAMPLING
    picture = np.zeros((big_height, big_width), np.uint8)
    for line in centre_lines(char, style.shape):
        points = np.array(line) * [big_width - stroke, big_height - stroke] + stroke / 2
        cv2.polylines(picture, [np.round(points * 16).astype(np.int32)], False, 255, round(stroke), cv2.LINE_AA, 4)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


@lru_cache(maxsize=None)
def font_picture(char, font):
    picture = Image.new("L", (640, 640))
    ImageDraw.Draw(picture).text((120, 120), char, font=ImageFont.truetype(font[0], 320, index=font[1]), fill=255)
    return np.array(picture.crop(picture.getbbox()))


def _fitted(char, font, width, height):
    return cv2.resize(font_picture(char, font), (width, height), interpolation=cv2.INTER_AREA)


def _chinese(char, width, height, style):
    if style.chinese_stroke_mm is None:
        return _fitted(char, style.chinese_font, width, height)
    big_width, big_height = width * OVERSAMPLING, height * OVERSAMPLING
    stroke = round(style.chinese_stroke_mm * PX_PER_MM * OVERSAMPLING)
    while True:
        inner = cv2.resize(font_picture(char, style.chinese_font), (big_width - stroke, big_height - stroke), interpolation=cv2.INTER_AREA)
        picture = cv2.copyMakeBorder(inner, stroke // 2, stroke - stroke // 2, stroke // 2, stroke - stroke // 2, cv2.BORDER_CONSTANT)
        picture = cv2.dilate((picture > 60).astype(np.uint8) * 255, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (stroke, stroke)))
        # A crowded character is drawn with a thinner stroke, or it would be a block.
        if picture.mean() < 0.56 * 255 or stroke <= 8:
            return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        stroke -= 1


def missing_fonts():
    return sorted({f for f, _ in THIN_CHINESE + CHINESE + LATIN if not os.path.exists(f)})
