#!/usr/bin/python3
"""Turns a run's weights into the default model's: calibrates them on rendered validation, rounds them, writes training/default."""
import argparse
import json
import os

import torch

from actiontrain import calibrate, export, quiet, safetensors
from actiontrain.labels import LABELS
from actiontrain.learning import answers
from actiontrain.measures import describe
from actiontrain.network import Network
from actiontrain.pool import Pool, start_workers, wait_until_filled

HERE = os.path.dirname(os.path.abspath(__file__))


def judges(asked, seed=5):
    if not os.path.exists(asked.judge):
        children = start_workers(asked.judge, asked.judge_clips, asked.shared, "validation", seed, 2)
        wait_until_filled(Pool(asked.judge, asked.judge_clips), asked.judge_clips, children)
    return Pool(asked.judge).take(Pool(asked.judge).filled())


def part(label, falls=0.4):
    """Of the false events that are allowed. A fall that nobody hears of costs most, so it may be false more often than the rest."""
    return falls if label == "fall" else (1 - falls) / (len(LABELS) - 2)


def quiet_peaks(net, asked):
    if not os.path.exists(os.path.join(asked.quiet, "manifest.json")):
        quiet.render_set(asked.quiet, asked.quiet_hours, asked.shared, seed=0)
    return quiet.peaks(net, asked.quiet)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", default=os.path.join(HERE, "..", "artifacts", "training", "default", "weights.safetensors"))
    parser.add_argument("--pool", default=os.path.join(HERE, "..", "artifacts", "training", "pool-validation"), help="rendered validation that calibrates")
    parser.add_argument("--judge", default=os.path.join(HERE, "..", "artifacts", "training", "pool-final"), help="rendered validation that nothing was chosen by; rendered if it is missing")
    parser.add_argument("--judge-clips", type=int, default=800)
    parser.add_argument("--quiet", default=os.path.join(HERE, "..", "artifacts", "training", "quiet"), help="films in which nothing happens (quiet_set.py), which thresholds are chosen by; rendered if they are missing")
    parser.add_argument("--quiet-hours", type=float, default=4.5)
    parser.add_argument("--false-events", type=float, default=0.5, help="an hour, all labels together, that thresholds aim at; two fifths of them falls")
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--out", default=os.path.join(HERE, "default"))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    arrays, notes = safetensors.load(asked.weights)
    net = Network().take(arrays).eval()
    frames, _, label, _ = Pool(asked.pool).take(Pool(asked.pool).filled())
    judge, _, truth, _ = judges(asked)
    before = answers(net, judge)
    t, shift = calibrate.fit(answers(net, frames), label)
    calibrate.fold(net, t, shift)
    export.rounded(net)
    scores = answers(net, judge).softmax(1)
    by_clips = calibrate.thresholds(answers(net, frames).softmax(1), label, LABELS, "idle")
    by_films = calibrate.quiet_thresholds(quiet_peaks(net, asked), LABELS, "idle", lambda label: asked.false_events * part(label) * quiet.SECONDS / 3600)
    enter = {name: max(by_clips[name], by_films[name]) for name in by_clips}
    os.makedirs(asked.out, exist_ok=True)
    file = os.path.join(asked.out, "weights.safetensors")
    export.save(file, net, LABELS, enter=enter, source="trained on rendered people (training/default/MODEL.md)", step=notes.get("step", ""), temperature=f"{t:.3f}")
    errors = [calibrate.expected_error(s, truth) for s in (before.softmax(1), scores)]
    print(f"temperature {t:.2f}; on clips that nothing was chosen by: expected calibration error {errors[0]:.3f} → {errors[1]:.3f}")
    print("thresholds", json.dumps(enter), "by clips alone", json.dumps(by_clips))
    print(describe("before calibration", before.argmax(1), truth, LABELS).splitlines()[0])
    print(describe("as shipped", scores.argmax(1), truth, LABELS))
    print(f"{file}: {os.path.getsize(file) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
