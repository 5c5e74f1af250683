"""Weights from a file into modules."""
import json
import math

import numpy as np
import torch


def load(path):
    """Every array of a .safetensors file of float32."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = np.fromfile(file, np.float32)
    begin = lambda entry: entry["data_offsets"][0] // 4
    return {name: torch.from_numpy(data[begin(e):begin(e) + math.prod(e["shape"])].reshape(e["shape"])) for name, e in header.items()}


def take_named(module, w):
    """Arrays named as the module names its own; all must be used, and only counters of training batches may be missing."""
    missing, unused = module.load_state_dict(w, strict=False)
    assert not unused and all(name.endswith("num_batches_tracked") for name in missing), (missing, unused)


# Flax keeps the kernel of a linear map as [in, out] and calls a norm's weight its scale.

def take_norm(norm, w, path):
    norm.weight.data, norm.bias.data = w[path + "/scale"], w[path + "/bias"]


def take_linear(linear, w, path):
    linear.weight.data, linear.bias.data = w[path + "/kernel"].T.contiguous(), w[path + "/bias"]
