# SPDX-License-Identifier: Apache-2.0
"""
One sample for the recogniser: a drawn plate as a camera would see it, 9 to 60 pixels high, then cut out of that picture as the
product does it (vision/Plates/PlateRectifier.cs): corners a little wrong, grown by 8 %, warped to 168x48, two rows put side by side.
"""
import math
import random

import cv2
import numpy as np

from degrade import camera
from plates import CLASS_OF, MAX_LENGTH, choose_kind, choose_text, colour_class, draw

WIDTH, HEIGHT, STEPS = 168, 48, 42
GROWTH = 1.08
PIXELS_PER_STEP = WIDTH // STEPS


def perspective(source, target):
    return cv2.getPerspectiveTransform(np.float32(source), np.float32(target))


def corners_of(width, height):
    return np.float32([[0, 0], [width, 0], [width, height], [0, height]])


def grown(quad, factor):
    centre = quad.mean(0)
    return (quad - centre) * factor + centre


def place(rng, width, height):
    """Corners around the origin of a plate of this size in pixels, seen from somewhere."""
    quad = np.float32([[-.5, -.5], [.5, -.5], [.5, .5], [-.5, .5]]) * [width, height]
    if rng.random() < .45:   # yaw: narrower, and the far side lower than the near one
        squeeze = rng.uniform(.45, 1)
        quad[:, 0] *= squeeze
        far = 1 - (1 - squeeze) * rng.uniform(0, .35)
        side = [0, 3] if rng.random() < .5 else [1, 2]
        quad[side, 1] *= far
    quad[:, 1] += quad[:, 0] * rng.gauss(0, .06)
    quad[:, 0] += quad[:, 1] * rng.gauss(0, .14)
    roll = rng.gauss(0, math.radians(4)) if rng.random() < .8 else rng.uniform(-.5, .5)
    turn = np.float32([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    quad = (quad @ turn).astype(np.float32)
    return quad + np.float32([[rng.gauss(0, .008) * width, rng.gauss(0, .008) * width] for _ in range(4)])


def surroundings(rng, backgrounds, width, height):
    if rng.random() < .5:
        picture = rng.choice(backgrounds)
        h, w = picture.shape[:2]
        crop_width = min(w, max(16, int(width * rng.uniform(.7, 3))))
        crop_height = min(h, max(16, int(height * rng.uniform(.7, 3))))
        x, y = rng.randrange(w - crop_width + 1), rng.randrange(h - crop_height + 1)
        return cv2.resize(picture[y:y + crop_height, x:x + crop_width], (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
    panel = np.empty((height, width, 3), np.float32)   # a bumper: one colour, perhaps a second below an edge
    grey = rng.uniform(0, 255)
    panel[:] = [min(255, max(0, grey + rng.uniform(-30, 30))) for _ in range(3)]
    if rng.random() < .5:
        edge = rng.randrange(height)
        panel[edge:] *= rng.uniform(.3, 1.5)
    return panel


def paste(picture, plate, quad):
    """Draws the plate over the picture, anti-aliased; gives the new picture and the map from plate to picture."""
    drawn = plate.picture
    height, width = drawn.shape[:2]
    shrink = width / max(8.0, float(np.linalg.norm(quad[1] - quad[0])))
    ratio = 1.0
    if shrink > 1.5:   # leave no more than 1.5 source pixels to a target pixel, or the warp skips some
        ratio = 1.5 / shrink
        drawn = cv2.resize(drawn, (max(8, round(width * ratio)), max(4, round(height * ratio))), interpolation=cv2.INTER_AREA)
    small_height, small_width = drawn.shape[:2]
    size = picture.shape[1::-1]
    small_map = perspective(corners_of(small_width, small_height), quad)
    # A plate with its rim one pixel wider has no soft black edge.
    alpha = cv2.warpPerspective(np.ones((small_height, small_width), np.float32), small_map, size, flags=cv2.INTER_LINEAR)[..., None]
    warped = cv2.warpPerspective(drawn, small_map, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return picture * (1 - alpha) + warped * alpha, perspective(corners_of(width, height), quad)


def merge_rows(two_rows):
    """As PlateRectifier.Merge: the upper 5/12, stretched, beside the lower 2/3."""
    height, width = two_rows.shape[:2]
    upper, lower = two_rows[:height * 5 // 12], two_rows[height // 3:]
    upper = cv2.resize(upper, (width, lower.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(np.hstack([upper, lower]), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def _cut(rng, quad, two_row):
    """The outline that the product would cut along."""
    if rng.random() < .25 and not two_row:   # an upright box, as data sets of cut-outs have it
        low, high = quad.min(0), quad.max(0)
        margin = np.float32([rng.uniform(-.01, .05), rng.uniform(-.03, .12)]) * (high - low)
        low, high = low - margin, high + margin
        return np.float32([low, [high[0], low[1]], high, [low[0], high[1]]])
    size = np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])
    error = rng.choice([.006, .012, .02, .035])
    wrong = np.float32([[rng.gauss(0, error) * size[0], rng.gauss(0, 2.2 * error) * size[1]] for _ in range(4)])
    return grown(quad, GROWTH * rng.uniform(.95, 1.06)) + wrong


def frame_labels(text, spans):
    """A class for each of the 42 steps: the character under the step's middle, blank between characters."""
    labels = np.zeros(STEPS, np.uint8)
    for char, (left, right) in zip(text, spans):
        middle, half = (left + right) / 2 / PIXELS_PER_STEP - .5, max(.6, (right - left) / PIXELS_PER_STEP * .22)
        first, last = max(0, math.ceil(middle - half)), min(STEPS - 1, math.floor(middle + half))
        labels[first:last + 1] = CLASS_OF[char]
    return labels


def sample(key, backgrounds, easy=False):
    """
    key: all that the sample depends on besides the installed packages. easy: the first ones, before the network knows anything.
    Gives picture (48, 168, 3) uint8, frame labels (42) uint8, text classes (8) uint8 with zeros after the end, colour class.
    """
    rng = random.Random(key)
    severity = rng.choice([.1, .3, .5] if easy else [.15, .3, .5, .7, 1.0])
    kind = choose_kind(rng)
    plate = draw(choose_text(kind, rng), kind, rng)
    rows_height = 220 / 140 if plate.two_row else 1
    row = rng.uniform(9, 24) if rng.random() < (.15 if easy else .5) else rng.uniform(20, 56)
    height = row * rows_height * rng.uniform(.92, 1.08)
    width = row * plate.picture.shape[1] / plate.picture.shape[0] * rows_height
    quad = place(rng, width, height)
    low, high = quad.min(0), quad.max(0)
    margin = np.ceil((high - low) * .14 + 3)
    size = np.int32(np.ceil(high - low + 2 * margin))
    quad = quad - low + margin + np.float32([rng.random(), rng.random()])
    picture, to_picture = paste(surroundings(rng, backgrounds, int(size[0]), int(size[1])), plate, quad)
    picture = camera(picture, rng, severity, longest_blur=max(2.0, row * .16))
    outline = _cut(rng, quad, plate.two_row)
    tall = HEIGHT * 3 // 2 if plate.two_row else HEIGHT
    to_cut = perspective(outline, corners_of(WIDTH, tall))
    cut = cv2.warpPerspective(picture, to_cut, (WIDTH, tall), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    spans = character_spans(plate, to_cut @ to_picture)
    if plate.two_row:
        cut = merge_rows(cut)
        spans = [(left / 2 + (WIDTH / 2 if i > 1 else 0), right / 2 + (WIDTH / 2 if i > 1 else 0)) for i, (left, right) in enumerate(spans)]
    classes = [CLASS_OF[c] for c in plate.text]
    return cut, frame_labels(plate.text, spans), np.uint8(classes + [0] * (MAX_LENGTH - len(classes))), colour_class(kind)


def character_spans(plate, to_cut):
    """Left and right end of each character at its half height."""
    points = np.float32([[[left, (top + bottom) / 2], [right, (top + bottom) / 2]] for left, top, right, bottom in plate.boxes])
    mapped = cv2.perspectiveTransform(points.reshape(-1, 1, 2), to_cut).reshape(-1, 2, 2)
    return [(float(a[0]), float(b[0])) for a, b in mapped]
