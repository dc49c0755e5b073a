"""FAISS as the face index's peer: IndexFlatIP of python3-faiss on one thread.

usage: faiss_peer.py FILE TEMPLATES QUERIES DIMENSION
FILE holds float32 templates and then queries. Commands come on standard input, one a line; each answer is one line:
  time BATCH FROM THRESHOLD  milliseconds of one search for the best of each of BATCH queries
  top1 THRESHOLD OUT         writes the best template of every query as int32, in batches of 16
THRESHOLD: how many queries FAISS hands to BLAS; it searches fewer with its own loop (its default is 20).
"""
import ctypes
import json
import os
import sys
import time

import faiss
import numpy

BATCH = 16


def blas():
    """Which BLAS is loaded, and which of its kernels runs: (path, kernel)."""
    with open("/proc/self/maps") as maps:
        paths = sorted({line.split()[-1] for line in maps if "blas" in line.split()[-1].lower()})
    for path in paths:
        try:
            name = ctypes.CDLL(path).openblas_get_corename
            config = ctypes.CDLL(path).openblas_get_config
        except AttributeError:
            continue
        name.restype = config.restype = ctypes.c_char_p
        return config().decode(), name().decode()
    return " ".join(paths) or "none", ""


def main():
    path, templates, queries, dimension = sys.argv[1], *map(int, sys.argv[2:5])
    faiss.omp_set_num_threads(1)
    values = numpy.fromfile(path, dtype=numpy.float32).reshape(templates + queries, dimension)
    index = faiss.IndexFlatIP(dimension)
    index.add(values[:templates])
    asked = values[templates:].copy()
    del values
    library, kernel = blas()
    print(json.dumps({
        "version": faiss.__version__, "build": faiss.get_compile_options().strip(), "blas": library, "kernel": kernel,
        "threads": faiss.omp_get_max_threads(), "bytes": index.codes.size(),
        "cores": sorted(os.sched_getaffinity(0)),
    }), flush=True)
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "time":
            batch, start, faiss.cvar.distance_compute_blas_threshold = map(int, rest)
            some = asked[start:start + batch]
            began = time.perf_counter()
            index.search(some, 1)
            print((time.perf_counter() - began) * 1e3, flush=True)
        elif command == "top1":
            faiss.cvar.distance_compute_blas_threshold = int(rest[0])
            best = [index.search(asked[i:i + BATCH], 1)[1][:, 0] for i in range(0, len(asked), BATCH)]
            numpy.concatenate(best).astype(numpy.int32).tofile(rest[1])
            print("written", flush=True)


main()
