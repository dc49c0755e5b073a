# SPDX-License-Identifier: Apache-2.0
"""Makes an ONNX file, as vision/ wants it, of trained weights, compares the two, and prints the file's SHA-256 for models.json."""
import argparse
import hashlib
import warnings

import numpy as np
import torch

from net import Detector, DetectorWithPeaks, Recogniser
from onnx_run import OnnxModel
from plates import ALPHABET, COLOURS

OPSET = 13


def recogniser(weights, out):
    net = Recogniser(len(ALPHABET) + 1, len(COLOURS))
    net.load_state_dict(torch.load(weights))
    free = {name: {0: "n"} for name in ("x", "logits", "color")}
    _write(net.eval(), torch.zeros(1, 3, 48, 168), out, ["logits", "color"], free)


def detector(weights, out):
    net = Detector()
    net.load_state_dict(torch.load(weights))
    free = {"x": {2: "h", 3: "w"}, "heat": {2: "hh", 3: "ww"}, "off": {2: "hh", 3: "ww"}}
    _write(DetectorWithPeaks(net).eval(), torch.zeros(1, 3, 384, 640), out, ["heat", "off"], free)


def _write(net, example, out, outputs, free):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, example, out, input_names=["x"], output_names=outputs, opset_version=OPSET, dynamic_axes=free)
    probe = torch.rand(example.shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.no_grad():
        wanted = [v.numpy() for v in net(probe)]
    for name, a, b in zip(outputs, OnnxModel(out)(probe), wanted):
        if not np.allclose(a, b, atol=1e-3):
            raise SystemExit(f"{out}: {name} is not what the trained network answers; off by {np.abs(a - b).max():.4f}.")
    print(f"{out}\n  sha256 {hashlib.sha256(open(out, 'rb').read()).hexdigest()}")


def main():
    parser = argparse.ArgumentParser(description="Makes an ONNX file of trained weights.")
    parser.add_argument("which", choices=["recogniser", "detector"])
    parser.add_argument("weights", help="what train_*.py wrote")
    parser.add_argument("out", help="the ONNX file")
    arguments = parser.parse_args()
    {"recogniser": recogniser, "detector": detector}[arguments.which](arguments.weights, arguments.out)


if __name__ == "__main__":
    main()
