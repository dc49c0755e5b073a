# SPDX-License-Identifier: Apache-2.0
"""What both trainers share: one thread and fixed seeds, the learning rate, averaged weights, lines of progress."""
import copy
import math
import time

import cv2
import numpy as np
import torch


def make_deterministic(seed):
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    return np.random.default_rng(seed)


def add_arguments(parser, steps, out):
    parser.add_argument("--seed", type=int, default=1, help="everything follows from it (default 1)")
    parser.add_argument("--steps", type=int, default=steps, help=f"how many batches (default {steps})")
    parser.add_argument("--samples", type=int, help="how many samples are drawn (default: as many as suit the steps)")
    parser.add_argument("--out", default=out, help=f"weights are written here (default {out}); export.py makes ONNX of them")


def learning_rate(step, steps, highest, warm_up=200):
    return highest * min(1, (step + 1) / warm_up) * (.5 + .5 * math.cos(math.pi * step / steps)) + 1e-6


class Average:
    """Moving average of the weights; the average of the last thousand steps reads better than the last step."""

    def __init__(self, net, keep=.998):
        self.net, self.keep = copy.deepcopy(net).eval(), keep
        self.updates = 0

    @torch.no_grad()
    def update(self, net):
        self.updates += 1
        keep = min(self.keep, self.updates / (self.updates + 10))
        for mine, its in zip(self.net.state_dict().values(), net.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.mul_(keep).add_(its, alpha=1 - keep)
            else:
                mine.copy_(its)


class Progress:
    def __init__(self, steps, every):
        self.steps, self.every, self.sums, self.start = steps, every, {}, time.monotonic()

    def step(self, step, **losses):
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0) + float(value)
        done = step + 1
        if done % self.every == 0 or done == self.steps:
            count = done % self.every or self.every
            elapsed = time.monotonic() - self.start
            means = "  ".join(f"{name} {value / count:.4f}" for name, value in self.sums.items())
            print(f"step {done}/{self.steps}  {means}  {elapsed / 60:.1f} min, {elapsed / done * (self.steps - done) / 60:.1f} min to go", flush=True)
            self.sums = {}
