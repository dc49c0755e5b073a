# SPDX-License-Identifier: Apache-2.0
"""
One sample for the detector: a photograph, drawn vehicles, signs and lettering that are no plates, and none to three plates, 14 to 220
pixels wide, mostly 18 to 60, as in a 640x360 sub-stream. The scene is larger than the training window, so that every use of it can be
cut at another place; and what the network is told of it.
"""
import math
import random

import cv2
import numpy as np

from cutout import paste, place
from degrade import camera
from glyphs import CHINESE, font_picture
from plates import LETTERS, DIGITS, PROVINCES, choose_kind, choose_text, draw, hsv

SIDE, WINDOW, CELL = 288, 256, 8
MOST_PLATES = 3
NARROWEST, WIDEST = 14, 220
SIGN_TEXT = LETTERS + DIGITS + "abdefghnrt警察公安中国汽车出租电话停车场新店欢迎光临" + PROVINCES


def _any_colour(rng):
    return [rng.uniform(0, 255) for _ in range(3)]


def _greyish(rng):
    grey = rng.uniform(0, 255)
    return [min(255, max(0, grey + rng.uniform(-15, 15))) for _ in range(3)]


def _background(rng, backgrounds):
    picture = rng.choice(backgrounds)
    height, width = picture.shape[:2]
    scale = math.exp(rng.uniform(math.log(.35), math.log(1.6)))
    crop = min(height, width, int(SIDE / scale))
    x, y = rng.randrange(width - crop + 1), rng.randrange(height - crop + 1)
    part = cv2.resize(picture[y:y + crop, x:x + crop], (SIDE, SIDE), interpolation=cv2.INTER_AREA if crop > SIDE else cv2.INTER_LINEAR)
    return (part[:, ::-1] if rng.random() < .5 else part).astype(np.float32)


def _vehicle(picture, rng):
    """Body, windows, grille, lamps and bumper, roughly. Gives where its plate would sit: centre and the body's width."""
    width = math.exp(rng.uniform(math.log(45), math.log(320)))
    height = width * rng.uniform(.5, 1)
    left, top = rng.uniform(-.2 * width, SIDE - .8 * width), rng.uniform(-.3 * height, SIDE - .6 * height)
    body = _greyish(rng) if rng.random() < .65 else _any_colour(rng)

    def fill(points, colour):
        cv2.fillPoly(picture, [np.int32([[left + x * width, top + y * height] for x, y in points])], colour, cv2.LINE_AA)

    fill([(.05, .25), (.2, 0), (.8, 0), (.95, .25), (1, .9), (0, .9)], body)
    fill([(.12, .3), (.24, .04), (.76, .04), (.88, .3)], [v * .3 for v in body] if rng.random() < .7 else _greyish(rng))
    fill([(.3, .45), (.7, .45), (.66, .62), (.34, .62)], [rng.uniform(10, 90)] * 3)
    bars = rng.randint(0, 9)
    upright = rng.random() < .4
    for i in range(bars):
        share = (i + .5) / bars
        ends = [(.33 + .34 * share, .46), (.35 + .3 * share, .61)] if upright else [(.32, .45 + .17 * share), (.68, .45 + .17 * share)]
        a, b = [(int(left + x * width), int(top + y * height)) for x, y in ends]
        cv2.line(picture, a, b, _greyish(rng), max(1, int(height * .01)), cv2.LINE_AA)
    lamp = [255, 255, 255] if rng.random() < .4 else [40, 40, rng.uniform(120, 230)] if rng.random() < .6 else _greyish(rng)
    for x in (.04, .76):
        fill([(x, .42), (x + .2, .45), (x + .2, .55), (x, .56)], lamp)
    fill([(0, .68), (1, .68), (1, .9), (0, .9)], [v * rng.uniform(.3, 1.1) for v in body] if rng.random() < .7 else _greyish(rng))
    fill([(0, .9), (1, .9), (1, 1), (0, 1)], [15, 15, 15])
    if rng.random() < .5:
        cv2.circle(picture, (int(left + .5 * width), int(top + .4 * height)), int(.03 * width) + 1, _greyish(rng), -1, cv2.LINE_AA)
    if rng.random() < .3:   # an empty holder, a sticker, a reflector: no plate
        x, y = rng.uniform(.05, .75), rng.uniform(.6, .85)
        fill([(x, y), (x + .2, y), (x + .2, y + .07), (x, y + .07)], _any_colour(rng) if rng.random() < .6 else hsv(110, 220, 180).tolist())
    return (left + .5 * width, top + rng.uniform(.64, .84) * height), width


def _lettering(picture, rng):
    """Text that is no plate: a shop sign, a phone number, a time stamp."""
    text = [rng.choice(SIGN_TEXT) for _ in range(rng.randint(1, 10))]
    height = int(math.exp(rng.uniform(math.log(5), math.log(60))))
    slim = rng.uniform(.45, 1)
    font = rng.choice(CHINESE[:-1])   # the last one has no Latin letters
    glyphs = [cv2.resize(font_picture(c, font), (max(2, int(height * slim)), height), interpolation=cv2.INTER_AREA) for c in text]
    gap = rng.randint(0, max(1, height // 4))
    alpha = np.hstack([np.pad(g, ((2 + height // 6,) * 2, (1 + gap // 2,) * 2)) for g in glyphs])
    h, w = alpha.shape
    if h >= SIDE or w >= SIDE:
        return
    x, y = rng.randrange(SIDE - w), rng.randrange(SIDE - h)
    share, region = alpha.astype(np.float32)[..., None] / 255, picture[y:y + h, x:x + w]
    ground = rng.random()
    if ground < .6:   # blue, green and yellow boards with white or black letters are the ones to tell from plates
        region[:] = np.float32(_any_colour(rng)) if ground < .3 else hsv(rng.choice([22, 65, 110, 115, 0]), rng.uniform(80, 255), rng.uniform(80, 240))
    ink = np.float32(_any_colour(rng)) if rng.random() < .5 else np.float32([rng.choice([10, 245])] * 3)
    region[:] = region * (1 - share) + ink * share


def _box(picture, rng):
    """A board, a stripe pattern or a lamp of a plate's proportions without a plate's text."""
    width = math.exp(rng.uniform(math.log(14), math.log(160)))
    quad = place(rng, width, width * rng.uniform(.2, .5)) + np.float32([rng.uniform(0, SIDE), rng.uniform(0, SIDE)])
    fill = _any_colour(rng) if rng.random() < .5 else hsv(rng.choice([22, 65, 110, 0]), rng.uniform(60, 255), rng.uniform(60, 250)).tolist()
    cv2.fillPoly(picture, [np.int32(quad * 16)], fill, cv2.LINE_AA, 4)
    stripes = rng.choice([0, 0, 3, 6, 10])
    colour = _greyish(rng)
    for i in range(stripes):
        share = (i + .5) / stripes
        a, b = quad[0] + (quad[1] - quad[0]) * share, quad[3] + (quad[2] - quad[3]) * share
        cv2.line(picture, tuple(np.int32(a * 16)), tuple(np.int32(b * 16)), colour, max(1, int(width / 40)), cv2.LINE_AA, 4)


# Shares of tiny and of small plates; the rest is large. First mostly small: that is where a patrol car's plates are. Later more large
# ones, for the closer look has the plate 130 px wide and is there for exact corners.
FIRST_SHARES = (.25, .5)
LATER_SHARES = (.2, .35)


def plate_width(rng, shares):
    pick = rng.random()
    low, high = (NARROWEST, 26) if pick < shares[0] else (18, 60) if pick < sum(shares) else (50, WIDEST)
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def _plates(picture, rng, seats, count, fixed_width, shares):
    found = []
    for i in range(count):
        kind = choose_kind(rng)
        plate = draw(choose_text(kind, rng), kind, rng)
        drawn_height, drawn_width = plate.picture.shape[:2]
        width = fixed_width or plate_width(rng, shares)
        quad = place(rng, width, width * drawn_height / drawn_width * rng.uniform(.9, 1.1))
        low, high = quad.min(0), quad.max(0)
        if (high - low).max() >= SIDE - 8:
            continue
        at = None
        if i < len(seats) and rng.random() < .8:   # where a car carries it, and in proportion to the car
            (x, y), body = seats[i]
            if .12 < width / body < .5:
                at = np.float32([x, y])
        if at is None:
            at = np.float32([rng.uniform(4 - low[0], SIDE - 4 - high[0]), rng.uniform(4 - low[1], SIDE - 4 - high[1])])
        quad = quad + at
        low, high = quad.min(0), quad.max(0)
        if low.min() < 3 or high.max() > SIDE - 4 or any((low < o_high + 4).all() and (high > o_low - 4).all() for o_low, o_high in (q[2] for q in found)):
            continue
        drawn = plate.picture
        drawn *= rng.uniform(.5, 1.15)
        drawn += rng.uniform(-30, 30)
        np.clip(drawn, 0, 255, drawn)
        if rng.random() < .5:   # the recess it is mounted in
            centre = quad.mean(0)
            cv2.fillPoly(picture, [np.int32((quad - centre) * np.float32([rng.uniform(1.03, 1.4), rng.uniform(1.05, 1.7)]) + centre)], _greyish(rng), cv2.LINE_AA)
        left, top = np.int32(low) - 2
        right, bottom = np.int32(high) + 3
        picture[top:bottom, left:right] = paste(picture[top:bottom, left:right], plate, quad - np.float32([left, top]))[0]
        found.append((quad, int(plate.two_row), (low, high)))
    return [(quad, rows) for quad, rows, _ in found]


def sample(key, backgrounds, shares=FIRST_SHARES, width=None, severity=None, count=None):
    """
    Picture (288, 288, 3) uint8; corners (3, 4, 2) float32; rows (3) uint8: 0 one row, 1 two rows, 255 no plate.
    For measuring, the plates' width, the severity of the damage and the number of plates can be given.
    """
    rng = random.Random(key)
    picture = _background(rng, backgrounds)
    seats = [_vehicle(picture, rng) for _ in range(rng.choice([0, 1, 1, 2]))]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4])):
        _lettering(picture, rng)
    for _ in range(rng.choice([0, 0, 1, 2])):
        _box(picture, rng)
    plates = _plates(picture, rng, seats, rng.choice([0, 1, 2, 2, 3, 3]) if count is None else count, width, shares)
    picture = camera(picture, rng, severity or rng.choice([.15, .3, .5, .7, .9]), longest_blur=6)
    quads, rows = np.zeros((MOST_PLATES, 4, 2), np.float32), np.full(MOST_PLATES, 255, np.uint8)
    for i, (quad, two) in enumerate(plates):
        quads[i], rows[i] = quad, two
    return picture, quads, rows


def targets(quads, rows, side=WINDOW):
    """
    What the network should answer for plates whose centres lie in the window: heat (2), offsets (8), weight of the offsets (1).
    An offset is a corner's distance from the cell's middle in cells.
    """
    count = side // CELL
    heat, offsets, weight = np.zeros((2, count, count), np.float32), np.zeros((8, count, count), np.float32), np.zeros((count, count), np.float32)
    cell_y, cell_x = np.mgrid[0:count, 0:count]
    for quad, two in zip(quads, rows):
        if two == 255:
            continue
        middle = quad.mean(0)
        if not (0 <= middle[0] < side and 0 <= middle[1] < side):
            continue
        width, height = np.linalg.norm(quad[1] - quad[0]) / CELL, np.linalg.norm(quad[3] - quad[0]) / CELL
        x, y = int(middle[0] // CELL), int(middle[1] // CELL)
        bell = np.exp(-((cell_x - x) ** 2 / (2 * max(.5, width * .13) ** 2) + (cell_y - y) ** 2 / (2 * max(.45, height * .18) ** 2)))
        bell[y, x] = 1
        heat[two] = np.maximum(heat[two], bell)
        near = bell > .55
        for corner in range(4):
            offsets[2 * corner][near] = (quad[corner, 0] / CELL - .5 - cell_x)[near]
            offsets[2 * corner + 1][near] = (quad[corner, 1] / CELL - .5 - cell_y)[near]
        # A pixel counts for more on a small plate.
        weight[near] = 1 / (2 + width * .5) / max(1, near.sum()) ** .5
    return heat, offsets, weight
