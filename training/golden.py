#!/usr/bin/python3
"""Writes the small golden file that holds the C# builder to this network: seeded weights of a tiny shape, an input, and what they give."""
import json
import os

import torch

from actiontrain import safetensors
from actiontrain.network import Network, Shape

HERE = os.path.dirname(os.path.abspath(__file__))
FILE = os.path.join(HERE, "..", "tests", "EndToEnd", "Contracts", "Inference", "training_network.safetensors")


def main():
    torch.manual_seed(5)
    torch.set_num_threads(1)
    net = Network(Shape(frames=6, size=32, patch=16, width=16, heads=2, spatial=2, temporal=2, tokens=3, classes=5)).eval()
    with torch.no_grad():
        for p in net.parameters():
            p.add_(torch.randn_like(p) * 0.2)
        frames = torch.randint(0, 256, (2, 6, 32, 32, 3), dtype=torch.uint8).float() / 127.5 - 1
        frames = (frames * 64).round() / 64                                # exact in half, so the file stays small
        arrays = {name: value.half() for name, value in net.arrays().items()}
        net.take(arrays)
        tokens = net.encode(net.cut(frames))
        arrays |= {"input": frames.half(), "output": net.decide(tokens), "mid.SpatialTransformer/encoder_norm": tokens.flatten(0, 1)}
    assert all(bool(torch.isfinite(value).all()) for value in arrays.values())
    safetensors.save(FILE, arrays, {"config": json.dumps(net.shape.config()), "made_by": "training/golden.py, PyTorch " + torch.__version__})
    print(os.path.getsize(FILE), "bytes")


if __name__ == "__main__":
    main()
