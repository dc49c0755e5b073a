# SPDX-License-Identifier: Apache-2.0
"""
Trains the recogniser on drawn plates. First each of the 42 steps is told its character, which is known since the plate was drawn;
then CTC takes over. CTC alone does not leave its plateau.
"""
import argparse

import numpy as np
import torch
from torch import nn

import backgrounds
import cutout
from net import Recogniser, planes
from plates import ALPHABET, COLOURS, MAX_LENGTH
from pool import Pool
from training import Average, Progress, add_arguments, learning_rate, make_deterministic

BATCH = 64
HIGHEST_RATE = 2e-3
EASY_SHARE = .12
FIELDS = [((cutout.HEIGHT, cutout.WIDTH, 3), np.uint8), ((cutout.STEPS,), np.uint8), ((MAX_LENGTH,), np.uint8), ((), np.uint8)]


def vary(x, generator):
    """Light and noise anew each time a sample is used; in place."""
    uniform = lambda *shape: torch.rand(*shape, generator=generator) * 2 - 1
    count = len(x)
    x.mul_(1 + .2 * uniform(count, 1, 1, 1)).mul_(1 + .12 * uniform(count, 3, 1, 1)).add_(.15 * uniform(count, 1, 1, 1))
    strength = torch.rand(count, 1, 1, 1, generator=generator).sub_(.5).clamp_(min=0) * .12
    return x.add_(torch.randn(x.shape, generator=generator) * strength).clamp_(-1, 1)


def text_of(classes):
    """Greedy CTC."""
    text, previous = "", 0
    for c in classes:
        if c and c != previous:
            text += ALPHABET[c - 1]
        previous = c
    return text


@torch.no_grad()
def exact_share(net, samples):
    right = 0
    for start in range(0, len(samples), 64):
        part = samples[start:start + 64]
        read = net(planes(np.stack([s[0] for s in part])))[0].argmax(2).tolist()
        right += sum(text_of(r) == "".join(ALPHABET[c - 1] for c in s[2] if c) for r, s in zip(read, part))
    return right / len(samples)


def losses(net, batch, part, generator):
    """part: how much of the training is done, 0 … 1."""
    pictures, frames, texts, colours = batch
    logits, colour = net(vary(planes(pictures), generator))
    texts = torch.as_tensor(texts).long()
    blank_weight = torch.ones(len(ALPHABET) + 1)
    blank_weight[0] = .5
    by_frame = nn.functional.cross_entropy(logits.reshape(-1, logits.shape[2]), torch.as_tensor(frames).long().reshape(-1), blank_weight)
    lengths = (texts > 0).sum(1)
    ctc = nn.functional.ctc_loss(logits.log_softmax(2).permute(1, 0, 2), texts, torch.full((len(texts),), logits.shape[1]), lengths, zero_infinity=True)
    by_colour = nn.functional.cross_entropy(colour, torch.as_tensor(colours).long())
    total = max(.03, 1 - 2 * part) * by_frame + (.05 if part < .12 else .5) * ctc + .1 * by_colour
    return total, by_frame, ctc


def train(seed, steps, samples, every=100, validation=512, pictures=None):
    """Gives the averaged network and the last loss."""
    random = make_deterministic(seed)
    generator = torch.Generator().manual_seed(seed)
    pictures = pictures or backgrounds.load()
    easy = int(samples * EASY_SHARE)
    pool = Pool(lambda number: cutout.sample(f"{seed}/{number}", pictures, number < easy), samples, FIELDS)
    held_back = [cutout.sample(f"validation/{i}", pictures) for i in range(validation)]
    net = Recogniser(len(ALPHABET) + 1, len(COLOURS))
    average, progress = Average(net), Progress(steps, every)
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-4)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, steps, HIGHEST_RATE)
        total, by_frame, ctc = losses(net, pool.batch(random, step, steps, BATCH), step / steps, generator)
        optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        average.update(net)
        progress.step(step, loss=total.detach(), frame=by_frame.detach(), ctc=ctc.detach())
        if held_back and ((step + 1) % (10 * every) == 0 or step + 1 == steps):
            print(f"  {exact_share(average.net, held_back):.4f} of {len(held_back)} unseen drawn plates read exactly", flush=True)
    pool.close()
    return average.net, float(total.detach())


def main():
    parser = argparse.ArgumentParser(description="Trains the plate recogniser on drawn plates.")
    add_arguments(parser, steps=2200, out="/tmp/plate_rec.pt")
    arguments = parser.parse_args()
    samples = arguments.samples or arguments.steps * 25
    net, _ = train(arguments.seed, arguments.steps, samples)
    torch.save(net.state_dict(), arguments.out)
    print(f"wrote {arguments.out}")


if __name__ == "__main__":
    main()
