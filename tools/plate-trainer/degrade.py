# SPDX-License-Identifier: Apache-2.0
"""
What weather, lens, sensor and codec do to a picture, in that order. All take float BGR 0 … 255, a random.Random, and a severity of
0 … 1; sizes of blurs are in pixels of the picture given, which is therefore the camera's own picture, not a magnified one.
"""
import math

import cv2
import numpy as np


def _noise(shape, rng):
    return np.random.default_rng(rng.getrandbits(64)).standard_normal(shape, np.float32)


def _blob(height, width, centre, axes, angle, softness):
    """A soft ellipse, 0 … 1; a very soft one is made small and enlarged, which looks the same and is quicker."""
    shrink = 4 if softness > 6 else 1
    spot = np.zeros((-(-height // shrink), -(-width // shrink)), np.float32)
    cv2.ellipse(spot, tuple(int(c / shrink) for c in centre), tuple(max(1, int(a / shrink)) for a in axes), angle, 0, 360, 1.0, -1)
    spot = cv2.GaussianBlur(spot, (0, 0), max(.4, softness / shrink))
    return (cv2.resize(spot, (width, height)) if shrink > 1 else spot)[..., None]


def light(picture, rng, severity):
    """Uneven light, hard shadow, glare, dirt."""
    height, width = picture.shape[:2]
    if rng.random() < .5:
        angle = rng.uniform(0, 2 * math.pi)
        slope = math.cos(angle) * (np.arange(width, dtype=np.float32) / width - .5)[None] + math.sin(angle) * (np.arange(height, dtype=np.float32) / height - .5)[:, None]
        picture = picture * (1 + slope * rng.uniform(0, 1.1))[..., None]
    if rng.random() < .22 * severity:
        shadow = np.zeros((height, width), np.float32)
        side = rng.choice([0, width])
        points = np.int32([[rng.uniform(0, width), 0], [rng.uniform(0, width), height], [side, height], [side, 0]])
        cv2.fillPoly(shadow, [points], 1.0)
        picture = picture * (1 - cv2.GaussianBlur(shadow, (0, 0), rng.uniform(.4, 3)) * rng.uniform(.2, .65))[..., None]
    if rng.random() < .14 * severity:
        spot = _blob(height, width, (rng.uniform(0, width), rng.uniform(0, height)), (rng.uniform(.03, .3) * width, rng.uniform(.05, .6) * height), rng.uniform(0, 180), .05 * width)
        picture = picture + spot * rng.uniform(40, 180)
    if rng.random() < .22 * severity:
        for _ in range(rng.randint(1, 6)):
            colour = rng.uniform(20, 180)
            size = rng.uniform(.005, .035) * width
            spot = _blob(height, width, (rng.uniform(0, width), rng.uniform(0, height)), (size * rng.uniform(.5, 2), size), rng.uniform(0, 180), size / 3) * rng.uniform(.3, .9)
            picture = picture * (1 - spot) + np.float32([colour * .8, colour * .9, colour]) * spot
    return picture


def exposure(picture, rng, severity):
    """Contrast, brightness, white balance; the night with a lamp's glare beside or on the plate."""
    gain, offset = rng.uniform(1 - .6 * severity, 1 + .4 * severity), rng.uniform(-45, 45) * severity
    picture = (picture - 128) * gain + 128 + offset
    night = rng.random() < .2 * severity
    if night:
        picture = np.clip(picture, 0, 255) * rng.uniform(.2, .55)
        if rng.random() < .5:
            height, width = picture.shape[:2]
            spot = _blob(height, width, (rng.uniform(-.1, 1.1) * width, rng.uniform(-.3, 1.3) * height), (rng.uniform(.03, .12) * width,) * 2, 0, rng.uniform(.04, .2) * width)
            picture = picture + spot / max(1e-3, float(spot.max())) * np.float32([rng.uniform(150, 255), rng.uniform(190, 255), 255]) * rng.uniform(.3, 1.2)
    if rng.random() < .5:
        spread = rng.choice([.12, .25, .4])
        picture = picture * np.float32([rng.uniform(1 - spread, 1 + spread) for _ in range(3)])
    if rng.random() < .15:
        grey, share = picture.mean(2, keepdims=True), rng.uniform(.4, 1)
        picture = picture * (1 - share) + grey * share
    picture = np.clip(picture, 0, 255)
    if rng.random() < .35:
        picture = 255 * (picture / 255) ** rng.uniform(.5, 1.8)
    return picture, night


def blur(picture, rng, severity, longest=7.0):
    """Motion, mostly sideways, and defocus."""
    if rng.random() < .35 * severity:
        length = rng.uniform(1.5, longest)
        angle = math.radians(rng.gauss(0, 12) if rng.random() < .75 else rng.uniform(0, 180))
        size = 2 * int(length / 2 + 1.5) + 1
        kernel = np.zeros((size * 4, size * 4), np.float32)
        half = np.array([math.cos(angle), math.sin(angle)]) * length * 2
        cv2.line(kernel, tuple(np.int32(np.round((size * 2 - half) * 16))), tuple(np.int32(np.round((size * 2 + half) * 16))), 1.0, 4, cv2.LINE_AA, 4)
        kernel = cv2.resize(kernel, (size, size), interpolation=cv2.INTER_AREA)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    if rng.random() < .5:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(.3, .5 + .8 * severity))
    return picture


def sensor(picture, rng, severity, night):
    if night or rng.random() < .5 * severity:
        sigma = rng.uniform(1, 5 + 7 * severity) * (.8 if night else 1)
        shape = picture.shape if rng.random() < .6 else picture.shape[:2] + (1,)
        picture = picture + _noise(shape, rng) * sigma
    if rng.random() < .2:   # the camera's sharpening
        picture = picture + (picture - cv2.GaussianBlur(picture, (0, 0), 1.1)) * rng.uniform(.3, 1.6)
    return picture


def codec(picture, rng, severity):
    """Blocks of 8 as of JPEG, or of 4 as of H.264: JPEG at twice the size has them."""
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() > .35 + .3 * severity:
        return picture
    height, width = picture.shape[:2]
    video = rng.random() < .5
    if video:
        picture = cv2.resize(picture, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(int(95 - 75 * severity), 92)])[1]
    picture = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if video else picture


def camera(picture, rng, severity, longest_blur=7.0):
    """All of it; gives uint8."""
    picture, night = exposure(light(picture, rng, severity), rng, severity)
    picture = blur(picture, rng, severity, longest_blur)
    return codec(sensor(picture, rng, severity, night), rng, severity)
