# SPDX-License-Identifier: Apache-2.0
"""The two networks. Both take BGR planes, (v - 127.5) / 127.5."""
import torch
from torch import nn


def conv(inputs, outputs, size=3, stride=1):
    padding = tuple(s // 2 for s in size) if isinstance(size, tuple) else size // 2
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, padding, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Recogniser(nn.Module):
    """x [n,3,48,168] -> logits [n,42,classes] for CTC, colour [n,colours]. Between layers 24x84, 12x42, 6x42, then 1x42."""

    def __init__(self, classes, colours):
        super().__init__()
        self.fine = nn.Sequential(conv(3, 24, 3, 2), conv(24, 32), nn.MaxPool2d(2, 2))
        self.middle_in = conv(32, 72)
        self.middle = conv(72, 72)
        self.coarse_in = nn.Sequential(nn.MaxPool2d((2, 1), (2, 1)), conv(72, 112))
        self.coarse = nn.ModuleList([conv(112, 112), conv(112, 112)])
        self.column = nn.Sequential(nn.Conv2d(112, 160, (6, 1), bias=False), nn.BatchNorm2d(160), nn.ReLU(inplace=True), nn.Dropout(.1))
        self.context = conv(160, 160, (1, 5))
        self.classes = nn.Conv2d(160, classes, 1)
        self.colour = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(112, colours))

    def forward(self, x):
        x = self.middle_in(self.fine(x))
        x = self.coarse_in(x + self.middle(x))
        for layer in self.coarse:
            x = x + layer(x)
        column = self.column(x)
        logits = self.classes(column + self.context(column)).squeeze(2)
        return logits.permute(0, 2, 1), self.colour(x)


class Detector(nn.Module):
    """x [n,3,H,W] -> heat logits [n,2,H/8,W/8] (one row, two rows), corner offsets [n,8,H/8,W/8] in cells of 8 pixels."""

    def __init__(self):
        super().__init__()
        self.to4 = nn.Sequential(conv(3, 16, 3, 2), conv(16, 24, 3, 2), conv(24, 24))
        self.to8 = nn.Sequential(conv(24, 48, 3, 2), conv(48, 48))
        self.to16 = nn.Sequential(conv(48, 64, 3, 2), conv(64, 64), conv(64, 64))
        self.to32 = nn.Sequential(conv(64, 96, 3, 2), conv(96, 96), conv(96, 96))
        self.from32, self.join16 = nn.Conv2d(96, 64, 1), conv(64, 64)
        self.from16, self.join8 = nn.Conv2d(64, 48, 1), conv(48, 48)
        self.head = conv(48, 48)
        self.heat, self.offsets = nn.Conv2d(48, 2, 1), nn.Conv2d(48, 8, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        nn.init.constant_(self.heat.bias, -4.0)   # a plate is rare

    def forward(self, x):
        eighth = self.to8(self.to4(x))
        sixteenth = self.to16(eighth)
        joined = self.join16(sixteenth + self.up(self.from32(self.to32(sixteenth))))
        top = self.head(self.join8(eighth + self.up(self.from16(joined))))
        return self.heat(top), self.offsets(top) * 4


class DetectorWithPeaks(nn.Module):
    """As exported: heat 0 … 1, and 0 wherever a neighbour is higher."""

    def __init__(self, detector):
        super().__init__()
        self.detector = detector

    def forward(self, x):
        heat, offsets = self.detector(x)
        heat = heat.sigmoid()
        highest = nn.functional.max_pool2d(heat, 3, 1, 1)
        return heat * (heat >= highest - 1e-6).float(), offsets


def planes(pictures):
    """uint8 [n,H,W,3] -> the networks' input."""
    return torch.as_tensor(pictures).permute(0, 3, 1, 2).float().sub_(127.5).div_(127.5)
