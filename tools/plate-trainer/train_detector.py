# SPDX-License-Identifier: Apache-2.0
"""
Trains the plate detector on drawn scenes: CenterNet's loss for the heat, a smooth L1 for the corners. With --init it goes on from such
weights, slower, with more large plates and more weight on the corners.
"""
import argparse

import numpy as np
import torch
from torch import nn

import backgrounds
import scene
from net import Detector, planes
from pool import Pool
from training import Average, Progress, add_arguments, learning_rate, make_deterministic

BATCH = 16
HIGHEST_RATE, LATER_RATE = 2e-3, 1.2e-3
CORNER_WEIGHT, LATER_CORNER_WEIGHT = 2, 5
FIELDS = [((scene.SIDE, scene.SIDE, 3), np.uint8), ((scene.MOST_PLATES, 4, 2), np.float32), ((scene.MOST_PLATES,), np.uint8)]


def windows(batch, random):
    """Cuts each scene at a place of its own, with a light of its own; gives the network's input and what it should answer."""
    pictures, cut, answers = batch[0], [], []
    room = scene.SIDE - scene.WINDOW + 1
    for picture, quads, rows in zip(*batch):
        x, y = random.integers(room, size=2)
        cut.append(picture[y:y + scene.WINDOW, x:x + scene.WINDOW])
        answers.append(scene.targets(quads - np.float32([x, y]), rows))
    x = planes(np.stack(cut))
    gain = 1 + .2 * (torch.from_numpy(random.random((len(pictures), 1, 1, 1), np.float32)) * 2 - 1)
    tint = 1 + .1 * (torch.from_numpy(random.random((len(pictures), 3, 1, 1), np.float32)) * 2 - 1)
    offset = .15 * (torch.from_numpy(random.random((len(pictures), 1, 1, 1), np.float32)) * 2 - 1)
    return x.mul_(gain).mul_(tint).add_(offset).clamp_(-1, 1), [torch.from_numpy(np.stack(part)) for part in zip(*answers)]


def losses(net, x, answer):
    heat, offsets, weight = answer
    heat_logits, found = net(x)
    p = heat_logits.sigmoid().clamp(1e-5, 1 - 1e-5)
    peak = (heat > .999).float()
    plates = peak.sum().clamp(min=1)
    by_heat = -(peak * (1 - p) ** 2 * p.log() + (1 - peak) * (1 - heat) ** 4 * p ** 2 * (1 - p).log()).sum() / plates
    by_corner = (nn.functional.smooth_l1_loss(found, offsets, reduction="none", beta=.3) * weight[:, None]).sum() / plates
    return by_heat, by_corner


def train(seed, steps, samples, every=100, pictures=None, init=None):
    """init: weights to go on from. Gives the averaged network and the last loss."""
    random = make_deterministic(seed)
    pictures = pictures or backgrounds.load()
    rate, corner_weight, shares = (LATER_RATE, LATER_CORNER_WEIGHT, scene.LATER_SHARES) if init else (HIGHEST_RATE, CORNER_WEIGHT, scene.FIRST_SHARES)
    pool = Pool(lambda number: scene.sample(f"{seed}/{number}", pictures, shares), samples, FIELDS)
    net = Detector()
    if init:
        net.load_state_dict(init)
    average, progress = Average(net), Progress(steps, every)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, rate)
        x, answer = windows(pool.batch(random, step, steps, BATCH), random)
        by_heat, by_corner = losses(net, x, answer)
        total = by_heat + corner_weight * by_corner
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimiser.step()
        average.update(net)
        progress.step(step, heat=by_heat.detach(), corner=by_corner.detach())
    pool.close()
    return average.net, float(total.detach())


def main():
    parser = argparse.ArgumentParser(description="Trains the plate detector on drawn scenes.")
    add_arguments(parser, steps=1800, out="/tmp/plate_det.pt")
    parser.add_argument("--init", help="weights to go on from: the second part of the training")
    arguments = parser.parse_args()
    init = torch.load(arguments.init) if arguments.init else None
    net, _ = train(arguments.seed, arguments.steps, arguments.samples or arguments.steps * 5, init=init)
    torch.save(net.state_dict(), arguments.out)
    print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
