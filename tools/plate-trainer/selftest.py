# SPDX-License-Identifier: Apache-2.0
"""
Checks of the trainer itself, in less than a minute: the same seed gives the same bytes and the same loss, characters lie on their plates,
texts obey the grammar, labels stand under their characters. Prints `N passed, N failed`; exit code 1 if any failed.
"""
import random
import re
import sys
import traceback

import cv2
import numpy as np

import backgrounds
import cutout
import glyphs
import plates
import scene
import train_detector
import train_recogniser

L, S = f"[{plates.LETTERS}]", f"[{plates.LETTERS}{plates.DIGITS}]"
CITY, P, N = f"[{plates.LETTERS}O]", f"[{plates.PROVINCES}]", f"[{plates.NEW_ENERGY}]"
# PlateGrammar.cs
GRAMMAR = re.compile(rf"{P}{CITY}{S}{{5}}|{P}{L}{N}{S}\d{{4}}|{P}{L}\d{{5}}{N}|{P}{CITY}{S}{{4}}[学警挂领]|{P}{L}\d{{4}}领|粤Z{S}{{4}}[港澳]|使\d{{6}}|民航{S}{{5}}")

PICTURES = []


def test_fonts_are_installed():
    assert not glyphs.missing_fonts(), glyphs.missing_fonts()


def test_alphabet_is_the_products():
    assert len(plates.ALPHABET) == 76 == len(set(plates.ALPHABET))


def test_every_character_fills_its_box():
    for style in glyphs.STYLES[:8]:
        for char in plates.ALPHABET:
            for width, height in ((45, 90), (43, 90), (65, 110), (80, 60)):
                drawn = glyphs.mask(char, width, height, style)
                assert drawn.shape == (round(height * glyphs.PX_PER_MM), round(width * glyphs.PX_PER_MM)), char
                inked = np.where(drawn.max(1) > 100)[0]
                assert inked[0] <= 5 and inked[-1] >= drawn.shape[0] - 6, (char, width, inked[0], inked[-1])
                assert .06 < drawn.mean() / 255 < .75, (char, drawn.mean() / 255)


def test_characters_that_are_confused_are_drawn_differently():
    for a, b in ("0D", "0Q", "DO", "8B", "G6", "Z2", "Z7", "5S", "1L", "VY", "UJ", "MN", "C0", "4A"):
        one, two = (glyphs.mask(c, 45, 90, glyphs.STYLES[0]).astype(int) for c in (a, b))
        assert np.abs(one - two).mean() / 255 > .02, (a, b)


def test_texts_obey_the_grammar():
    rng = random.Random(1)
    for kind in plates.KINDS:
        for _ in range(300):
            text = plates.choose_text(kind, rng)
            assert GRAMMAR.fullmatch(text), (kind, text)


def test_characters_lie_on_their_plate():
    rng = random.Random(2)
    for kind in plates.KINDS:
        for _ in range(5):
            plate = plates.draw(plates.choose_text(kind, rng), kind, rng)
            height, width = plate.picture.shape[:2]
            assert len(plate.boxes) == len(plate.text)
            for left, top, right, bottom in plate.boxes:
                assert 0 <= left < right <= width and 0 <= top < bottom <= height


def test_labels_name_the_text_in_its_order():
    for number in range(200):
        _, frames, classes, _ = cutout.sample(f"selftest/{number}", PICTURES)
        seen = [c for i, c in enumerate(frames) if c and (i == 0 or frames[i - 1] != c)]
        # Two equal neighbours may touch when the plate is squeezed: then they are one run.
        wanted = [c for c in classes if c]
        assert [c for i, c in enumerate(wanted) if i == 0 or wanted[i - 1] != c] == [c for i, c in enumerate(seen) if i == 0 or seen[i - 1] != c], number


def test_labels_stand_under_their_characters():
    """A plate that is cut out exactly: the label's steps lie within the character's own columns."""
    rng = random.Random(3)
    for _ in range(20):
        plate = plates.draw(plates.choose_text("blue", rng), "blue", rng)
        height, width = plate.picture.shape[:2]
        spans = cutout.character_spans(plate, cutout.perspective(cutout.corners_of(width, height), cutout.corners_of(cutout.WIDTH, cutout.HEIGHT)))
        labels = cutout.frame_labels(plate.text, spans)
        for step, label in enumerate(labels):
            if label:
                centre = (step + .5) * cutout.PIXELS_PER_STEP
                assert any(a <= centre <= b and plates.CLASS_OF[c] == label for c, (a, b) in zip(plate.text, spans))


def test_heat_stands_on_the_plates_and_offsets_lead_to_the_corners():
    for number in range(20):
        _, quads, rows = scene.sample(f"selftest/{number}", PICTURES)
        heat, offsets, weight = scene.targets(quads, rows, scene.SIDE)
        for quad, two in zip(quads, rows):
            if two == 255:
                continue
            x, y = (quad.mean(0) // scene.CELL).astype(int)
            assert heat[two, y, x] == 1 and weight[y, x] > 0
            assert np.allclose((offsets[:, y, x].reshape(4, 2) + [x + .5, y + .5]) * scene.CELL, quad, atol=1e-2)


def test_same_seed_same_samples():
    for make in (cutout.sample, scene.sample):
        for number in range(12):
            for one, two in zip(make(f"7/{number}", PICTURES), make(f"7/{number}", PICTURES)):
                assert np.array_equal(one, two)


def test_same_seed_same_loss():
    for train, count in ((lambda: train_recogniser.train(5, 3, 160, validation=0, pictures=PICTURES), 2), (lambda: train_detector.train(5, 2, 40, pictures=PICTURES), 2)):
        runs = [train()[1] for _ in range(count)]
        assert runs[0] == runs[1], runs


def main():
    cv2.setNumThreads(1)
    PICTURES.extend(backgrounds.load(most=10))
    passed = failed = 0
    for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
        try:
            test()
            passed += 1
        except Exception:
            failed += 1
            print(f"{name} failed", file=sys.stderr)
            traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
