# SPDX-License-Identifier: Apache-2.0
"""What a Chinese plate says (GA 36) and a drawing of it, in millimetres of the standard."""
from dataclasses import dataclass

import cv2
import numpy as np

from glyphs import PX_PER_MM, STYLES, mask

PROVINCES = "京沪津渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁新"
SPECIAL = "学警港澳挂使领民航"
DIGITS = "0123456789"
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
ALPHABET = PROVINCES + SPECIAL + DIGITS + LETTERS + "IO"   # as in OwnRecogniser.cs; class 0 is the CTC blank
CLASS_OF = {c: i + 1 for i, c in enumerate(ALPHABET)}
NEW_ENERGY = "DFABCEGHJK"
COLOURS = ["blue", "green", "yellow", "white", "black"]
MAX_LENGTH = 8

# kind: (share in a hundred, colour)
KINDS = {"blue": (40, "blue"), "green": (19, "green"), "green-big": (4, "green"), "yellow": (10, "yellow"), "yellow-two-row": (9, "yellow"),
         "learner": (4, "yellow"), "police": (7, "white"), "black": (7, "black")}

# Pairs that are taken for one another are drawn more often than chance would have them.
CONFUSED = "0D0DQ8BG6Z27S51L7TVYUJMNHW43C"


@dataclass
class Plate:
    text: str
    kind: str
    picture: np.ndarray    # BGR, float32
    boxes: list            # of the characters: (left, top, right, bottom) in pixels of the picture

    @property
    def two_row(self):
        return self.kind == "yellow-two-row"


def choose_kind(rng):
    return rng.choices(list(KINDS), [share for share, _ in KINDS.values()])[0]


def colour_class(kind):
    return COLOURS.index(KINDS[kind][1])


def _serial(rng, count):
    def one():
        pick = rng.random()
        return rng.choice(DIGITS) if pick < .55 else rng.choice(CONFUSED) if pick < .75 else rng.choice(LETTERS)
    return "".join(one() for _ in range(count))


def choose_text(kind, rng):
    head = rng.choice(PROVINCES) + (rng.choice("ABCDE") if rng.random() < .3 else rng.choice(LETTERS))
    digits = lambda count: "".join(rng.choice(DIGITS) for _ in range(count))
    if kind == "green":
        mark = rng.choice("DDDFF" + NEW_ENERGY)
        return head + mark + (rng.choice(DIGITS) if rng.random() < .75 else rng.choice(LETTERS)) + digits(4)
    if kind == "green-big":
        return head + digits(5) + rng.choice("DDDFF" + NEW_ENERGY)
    if kind == "learner":
        return head + _serial(rng, 4) + "学"
    if kind == "police":
        return (head[0] + "O" if rng.random() < .15 else head) + _serial(rng, 4) + "警"
    if kind == "yellow-two-row" and rng.random() < .4:
        return head + _serial(rng, 4) + "挂"
    if kind == "black":
        pick = rng.random()
        if pick < .4:
            return "粤Z" + _serial(rng, 4) + rng.choice("港澳")
        if pick < .6:
            return "使" + digits(6)
        return head + digits(4) + "领" if pick < .8 else head + _serial(rng, 5)
    if kind == "blue" and rng.random() < .06:
        return "民航" + _serial(rng, 5) if rng.random() < .2 else head[0] + "O" + _serial(rng, 5)
    return head + _serial(rng, 5)


def layout(text, kind):
    """(character, left, top, width, height) in mm, then the dots (x, y), then the plate's size."""
    if kind == "yellow-two-row":
        places = [(text[0], 110, 15, 80, 60), (text[1], 250, 15, 80, 60)]
        return places + [(c, 27 + 80 * i, 90, 65, 110) for i, c in enumerate(text[2:])], [(220, 45)], (440, 220)
    if kind.startswith("green"):
        places = [(text[0], 15.5, 25, 45, 90), (text[1], 69.5, 25, 43, 90)]
        return places + [(c, 161.5 + 52 * i, 25, 43, 90) for i, c in enumerate(text[2:])], [], (480, 140)
    if text[0] == "使":
        lefts = [15.5] + [72.5 + 57 * i + (22 if i > 2 else 0) for i in range(6)]
        return [(c, x, 25, 45, 90) for c, x in zip(text, lefts)], [(247.5, 70)], (440, 140)
    lefts = [15.5, 72.5] + [151.5 + 57 * i for i in range(len(text) - 2)]
    return [(c, x, 25, 45, 90) for c, x in zip(text, lefts)], [(134.5, 70)], (440, 140)


# ---- drawing ------------------------------------------------------------------------------------------------------------------

def hsv(hue, saturation, value):
    """A colour as float BGR; hue 0 … 179 as OpenCV has it."""
    pixel = np.uint8([[[hue % 180, min(255, max(0, saturation)), min(255, max(0, value))]]])
    return cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)


def _ground(kind, height, width, rng):
    """The empty plate and the colour of its characters."""
    dark, light = hsv(0, 0, rng.uniform(0, 55)), hsv(rng.uniform(0, 179), rng.uniform(0, 25), rng.uniform(195, 255))
    picture = np.empty((height, width, 3), np.float32)
    if kind == "blue":
        picture[:] = hsv(rng.uniform(99, 124), rng.uniform(120, 255), rng.uniform(90, 235))
        return picture, light
    if kind == "green":
        top = hsv(rng.uniform(50, 80), rng.uniform(0, 90), rng.uniform(185, 255))
        bottom = hsv(rng.uniform(55, 82), rng.uniform(90, 230), rng.uniform(130, 235))
        share = np.clip(np.linspace(rng.uniform(-.4, .1), 1, height), 0, 1)[:, None, None]
        picture[:] = top * (1 - share) + bottom * share
        return picture, dark
    if kind == "green-big":
        picture[:] = hsv(rng.uniform(50, 80), rng.uniform(90, 220), rng.uniform(140, 235))
        picture[:, :int(135 * PX_PER_MM)] = hsv(rng.uniform(15, 30), rng.uniform(150, 255), rng.uniform(160, 250))
        return picture, dark
    if kind == "police":
        picture[:] = hsv(0, rng.uniform(0, 20), rng.uniform(185, 255))
        return picture, dark
    if kind == "black":
        picture[:] = hsv(0, rng.uniform(0, 30), rng.uniform(5, 50))
        return picture, light
    picture[:] = hsv(rng.uniform(14, 30), rng.uniform(120, 255), rng.uniform(140, 250))
    return picture, dark


def _screws(picture, plate_mm, rng):
    width, height = plate_mm
    for x in (110, width - 110):
        for y in (12, height - 12):
            if rng.random() > .5:
                continue
            grey, centre = rng.uniform(20, 255), (int((x + rng.uniform(-14, 14)) * PX_PER_MM), int((y + rng.uniform(-4, 5)) * PX_PER_MM))
            if rng.random() < .75:
                cv2.circle(picture, centre, int(rng.uniform(4, 11) * PX_PER_MM), (grey, grey, grey * rng.uniform(.7, 1)), -1, cv2.LINE_AA)
            else:
                half = np.array([14, 6]) * PX_PER_MM
                cv2.rectangle(picture, tuple(np.int32(centre - half)), tuple(np.int32(centre + half)), (grey, grey * .9, grey * .9), -1)


def draw(text, kind, rng):
    """The plate seen straight on, clean."""
    places, dots, plate_mm = layout(text, kind)
    style = rng.choice(STYLES)
    width, height = (int(side * PX_PER_MM) for side in plate_mm)
    picture, ink = _ground(kind, height, width, rng)
    plain, red, boxes = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8), []
    for char, left, top, char_width, char_height in places:
        glyph = mask(char, char_width, char_height, style)
        h, w = glyph.shape
        x = min(max(0, round((left + rng.uniform(-1.5, 1.5)) * PX_PER_MM)), width - w)
        y = min(max(0, round((top + rng.uniform(-1.5, 1.5)) * PX_PER_MM)), height - h)
        layer = red if char in "警领" and rng.random() < .8 else plain
        layer[y:y + h, x:x + w] = np.maximum(layer[y:y + h, x:x + w], glyph)
        boxes.append((x, y, x + w, y + h))
    if rng.random() < .88:
        for x, y in dots:
            cv2.circle(plain, (int(x * PX_PER_MM), int(y * PX_PER_MM)), round(rng.uniform(4.5, 6.5) * PX_PER_MM), 255, -1, cv2.LINE_AA)
    if kind.startswith("green") and rng.random() < .8:   # the new-energy emblem, between the city and the serial
        cv2.circle(picture, (int(137 * PX_PER_MM), int(70 * PX_PER_MM)), int(rng.uniform(9, 13) * PX_PER_MM),
                   hsv(rng.uniform(60, 120), rng.uniform(60, 200), rng.uniform(80, 220)).tolist(), -1, cv2.LINE_AA)
    if rng.random() < .88:
        inset = int(rng.uniform(2, 7) * PX_PER_MM)
        cv2.rectangle(plain, (inset, inset), (width - 1 - inset, height - 1 - inset), rng.uniform(90, 255),
                      max(1, int(rng.uniform(1.2, 3.4) * PX_PER_MM)), cv2.LINE_AA)
    alpha = plain.astype(np.float32)[..., None] / 255
    if rng.random() < .35:   # the characters are embossed and throw a shadow
        shift = rng.choice([(1, 1), (1, -1), (1, 0), (-1, 1)])
        picture *= 1 - rng.uniform(.15, .45) * np.roll(alpha, shift, (0, 1))
    picture = picture * (1 - alpha) + ink * alpha
    if red.any():
        alpha = red.astype(np.float32)[..., None] / 255
        picture = picture * (1 - alpha) + hsv(rng.choice([0, 2, 176]), rng.uniform(150, 255), rng.uniform(130, 230)) * alpha
    _screws(picture, plate_mm, rng)
    if rng.random() < .22:   # a dealer's frame over the rim
        grey = rng.uniform(0, 230)
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), (grey, grey, grey), int(rng.uniform(3, 11) * PX_PER_MM))
    return Plate(text, kind, picture, boxes)
