#!/usr/bin/python3
"""Turns a run's weights into the default model's: calibrates them on rendered validation, rounds them, writes training/default."""
import argparse
import json
import os

import torch

from actiontrain import calibrate, export, safetensors
from actiontrain.labels import LABELS
from actiontrain.learning import answers
from actiontrain.measures import describe
from actiontrain.network import Network
from actiontrain.pool import Pool

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default=os.path.join(HERE, "..", "artifacts", "training", "default", "weights.safetensors"))
    parser.add_argument("--pool", default=os.path.join(HERE, "..", "artifacts", "training", "pool-validation"), help="rendered clips never trained on")
    parser.add_argument("--out", default=os.path.join(HERE, "default"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    arrays, notes = safetensors.load(asked.weights)
    net = Network().take(arrays).eval()
    frames, _, label, _ = Pool(asked.pool).take(Pool(asked.pool).filled())
    half = len(frames) // 2                                              # one half fits, the other judges
    logits = answers(net, frames)
    t = calibrate.temperature(logits[:half], label[:half])
    before, after = (calibrate.expected_error((logits[half:] / d).softmax(1), label[half:]) for d in (1, t))
    calibrate.fold(net, t)
    export.rounded(net)
    scores = answers(net, frames).softmax(1)
    enter = calibrate.thresholds(scores, label, LABELS, "idle")
    os.makedirs(asked.out, exist_ok=True)
    file = os.path.join(asked.out, "weights.safetensors")
    export.save(file, net, LABELS, enter=enter, source="trained on rendered people (training/default/MODEL.md)", step=notes.get("step", ""), temperature=f"{t:.3f}")
    print(f"temperature {t:.2f}; expected calibration error {before:.3f} → {after:.3f} on the half that did not fit it")
    print(json.dumps(enter))
    print(describe("rendered validation, as shipped", scores.argmax(1), label, LABELS))
    print(f"{file}: {os.path.getsize(file) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
