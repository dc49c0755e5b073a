# SPDX-License-Identifier: Apache-2.0
"""
Samples drawn once, by a process of their own, into files under /tmp, and used several times: drawing one costs as much as learning
from it. A sample depends on the seed and its number alone. Which samples a step may use depends on the step alone, never on how far
the drawing happens to be: a trainer that is ahead waits, and so every run of a seed is the same run.
"""
import multiprocessing
import os
import shutil
import tempfile
import time

import numpy as np


class Pool:
    def __init__(self, make, count, fields, niceness=5):
        """make(number) gives the arrays of one sample; fields: (shape, type) of each of them."""
        self.count = count
        self.folder = tempfile.mkdtemp(prefix="plate-pool-")
        self._fields = fields
        self.arrays = self._open("w+")
        self._ready = multiprocessing.Value("q", 0)
        self._process = multiprocessing.Process(target=self._draw, args=(make, niceness), daemon=True)
        self._process.start()

    def _open(self, mode):
        return [np.memmap(os.path.join(self.folder, str(i)), kind, mode, shape=(self.count, *shape)) for i, (shape, kind) in enumerate(self._fields)]

    def _draw(self, make, niceness):
        os.nice(niceness)
        arrays = self._open("r+")
        for number in range(self.count):
            for array, value in zip(arrays, make(number)):
                array[number] = value
            self._ready.value = number + 1

    def wait(self, count):
        while self._ready.value < count:
            if not self._process.is_alive() and self._ready.value < count:
                raise SystemExit("The process that draws the samples has ended early.")
            time.sleep(.05)

    def available(self, step, steps, batch):
        """How many samples step may choose from: a first store, then as many new ones as keep pace, all after 60 % of the steps."""
        first = min(self.count, 20 * batch)
        return min(self.count, first + int((self.count - first) * step / (.6 * steps)))

    def batch(self, rng, step, steps, size):
        """Half of the batch from the newest quarter, so that every sample is used."""
        upto = self.available(step, steps, size)
        self.wait(upto)
        newest = rng.integers(upto * 3 // 4, upto, size // 2)
        numbers = np.concatenate([newest, rng.integers(0, upto, size - len(newest))])
        return [array[numbers] for array in self.arrays]

    def close(self):
        self._process.terminate()
        self._process.join()
        self.arrays = None
        shutil.rmtree(self.folder)
