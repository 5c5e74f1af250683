#!/usr/bin/python3
"""Puts what the network takes for an action, though nothing happens, into a pool that it learns from: the surest mistakes teach most.

usage: quiet_set.py FILMS --split train --hours 2 && hard_negatives.py WEIGHTS --films FILMS --pool POOL
The windows replace clips of the pool, also while training goes on; --refresh leaves them.
"""
import argparse
import os
from types import SimpleNamespace

import numpy as np
import torch

from actiontrain import safetensors, video
from actiontrain.labels import INDEX
from actiontrain.learning import answers_of_tokens
from actiontrain.network import Network
from actiontrain.pool import BEYOND, Pool

HERE = os.path.dirname(os.path.abspath(__file__))


def hardest(net, films, count, apart=8, hop=4):
    """(how sure of an action, file, first picture) of the windows that are least taken for idle, those of one film `apart` pictures or more from each other."""
    found = []
    for path, *_ in video.listed(films):
        wrong = 1 - answers_of_tokens(net, video.decode(path), hop).softmax(1)[:, INDEX["idle"]]
        taken = []
        for i in wrong.argsort(descending=True).tolist():
            if all(abs(i - other) * hop >= apart for other in taken):
                taken.append(i)
                found.append((float(wrong[i]), path, i * hop))
    return sorted(found, reverse=True)[:count]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights")
    parser.add_argument("--films", required=True)
    parser.add_argument("--pool", default=os.path.join(HERE, "..", "artifacts", "training", "pool"))
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    net, pool = Network().take(safetensors.load(asked.weights)[0]).eval(), Pool(asked.pool)
    found = hardest(net, asked.films, asked.count)
    own = np.flatnonzero((pool.index >= 0) & (pool.index < BEYOND))
    slots = np.random.default_rng(asked.seed).choice(own, min(len(found), len(own)), replace=False)
    films = {path: video.decode(path) for path in {path for _, path, _ in found}}
    for number, (slot, (_, path, start)) in enumerate(zip(slots, found)):
        pool.put(slot, BEYOND + number, SimpleNamespace(frames=films[path][start:start + video.LENGTH], label=INDEX["idle"], weight=1.0, meta={}))
    sure = [wrong for wrong, _, _ in found]
    print(f"{len(slots)} windows of {len(films)} films, taken for an action with {sure[0]:.2f} to {sure[-1]:.2f}")


if __name__ == "__main__":
    main()
