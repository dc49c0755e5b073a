# SPDX-License-Identifier: Apache-2.0
"""
Measures an exported model. `recogniser`: drawn plates by height, and labelled cut-outs if given, without the grammar that the product
adds. `detector`: plates found by width in drawn scenes, and false finds in scenes without plates. Give several models to compare them on
the same samples. The product's own figures come from `./dev eval plates`.
"""
import argparse
import csv
import os

import cv2
import numpy as np
import torch

import backgrounds
import cutout
import scene
from onnx_run import OnnxModel
from plates import ALPHABET
from train_recogniser import text_of

WIDTHS = [14, 18, 22, 26, 32, 40, 64]
THRESHOLD = 0.25   # PlateDetector's


def planes(picture):
    return ((picture.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]


def find(model, picture):
    """Corners and scores above the threshold, best first, each plate once (as PlateDetector does)."""
    heat, offsets = (v[0] for v in model(planes(picture)))
    found = []
    for row_kind, y, x in zip(*np.where(heat > THRESHOLD)):
        quad = (offsets[:, y, x].reshape(4, 2) + [x + .5, y + .5]) * scene.CELL
        found.append((float(heat[row_kind, y, x]), np.float32(quad), int(row_kind)))
    found.sort(key=lambda f: -f[0])
    kept = []
    for box in found:
        width = max(np.linalg.norm(box[1][1] - box[1][0]), np.linalg.norm(box[1][2] - box[1][3]))
        if width >= 12 and not any(inside(other[1], box[1].mean(0)) or inside(box[1], other[1].mean(0)) for other in kept):
            kept.append(box)
    return kept


def inside(quad, point):
    return cv2.pointPolygonTest(np.float32(quad), (float(point[0]), float(point[1])), False) >= 0


def detector(files, count, pictures):
    models = [OnnxModel(f) for f in files]
    for severity in (.3, .9):
        print(f"damage {severity}: plates found, and mean error of a corner in per cent of the width")
        for width in WIDTHS:
            hits, errors, total = [0] * len(models), [[] for _ in models], 0
            for number in range(count):
                picture, quads, rows = scene.sample(f"measure/{width}/{number}", pictures, width=width, severity=severity, count=1)
                if rows[0] == 255:
                    continue
                total += 1
                for i, model in enumerate(models):
                    same = [box for box in find(model, picture) if inside((quads[0] - quads[0].mean(0)) * 1.2 + quads[0].mean(0), box[1].mean(0))]
                    if same:
                        hits[i] += 1
                        errors[i].append(np.linalg.norm(same[0][1] - quads[0], axis=1).mean() / width)
            print(f"  {width:3d} px  " + "   ".join(f"{h / total:.3f} ({100 * np.mean(e) if e else 0:.1f} %)" for h, e in zip(hits, errors)) + f"   of {total}", flush=True)
    empty = [scene.sample(f"measure/empty/{number}", pictures, count=0)[0] for number in range(2 * count)]
    print(f"false finds in {len(empty)} scenes without plates: " + "   ".join(str(sum(len(find(m, p)) for p in empty)) for m in models))


def read(model, picture):
    if picture.shape[:2] != (cutout.HEIGHT, cutout.WIDTH):
        picture = cv2.resize(picture, (cutout.WIDTH, cutout.HEIGHT), interpolation=cv2.INTER_CUBIC)
    return text_of(model(planes(picture))[0][0].argmax(1).tolist())


def recogniser(files, count, pictures, labels):
    models = [OnnxModel(f) for f in files]
    right = [0] * len(models)
    for number in range(count):
        picture, _, classes, _ = cutout.sample(f"measure/{number}", pictures)
        text = "".join(ALPHABET[c - 1] for c in classes if c)
        for i, model in enumerate(models):
            right[i] += read(model, picture) == text
    print(f"{count} drawn plates, many beyond reading, exact: " + "   ".join(f"{r / count:.3f}" for r in right), flush=True)
    if labels:
        with open(os.path.join(labels, "labels.csv"), encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["kind"] == "crop"]
        reads = [[read(m, cv2.imread(os.path.join(labels, row["file"]))) for m in models] for row in rows]
        for name, same in (("exact", lambda a, b: a == b), ("exact but for the province", lambda a, b: a[1:] == b[1:])):
            shares = [np.mean([same(r[i], row["plate"]) for r, row in zip(reads, rows)]) for i in range(len(models))]
            print(f"{len(rows)} labelled cut-outs, no grammar, {name}: " + "   ".join(f"{s:.3f}" for s in shares))


def main():
    parser = argparse.ArgumentParser(description="Measures exported plate models on drawn samples, and on labelled cut-outs if given.")
    parser.add_argument("which", choices=["recogniser", "detector"])
    parser.add_argument("models", nargs="+", help="ONNX files; several are compared on the same samples")
    parser.add_argument("--count", type=int, default=200, help="drawn samples (default 200; detector: for each width)")
    parser.add_argument("--backgrounds", type=int, default=1000, help="load only so many background pictures, to start sooner")
    parser.add_argument("--labels", help="recogniser: a folder with labels.csv and pictures, for measuring only")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    pictures = backgrounds.load(most=arguments.backgrounds)
    if arguments.which == "detector":
        detector(arguments.models, arguments.count, pictures)
    else:
        recogniser(arguments.models, arguments.count, pictures, arguments.labels)


if __name__ == "__main__":
    main()
