#!/usr/bin/python3
"""Renders a small set of two motions that the default model has no label for, to show what finetune.py makes of it: OUT/manifest.json and OUT/<motion>/*.mp4."""
import argparse
import json
import os
from pathlib import Path

import numpy as np

from actiontrain import performance, video
from actiontrain.chance import Chance
from actiontrain.clips import LENGTH, STEP, ClipSource
from actiontrain.take import Take
from actiontrain.tracks import FPS

HERE = os.path.dirname(os.path.abspath(__file__))


def sequences(shared, kind):
    """(meta, joints) of one original class of the motion library; these are research data, so what learns from them stays at home."""
    archive = np.load(Path(shared) / "motion" / "motion.npz")
    return [(meta, archive[meta["key"]].astype(np.float64)) for meta in json.loads(archive["meta_json"].tobytes())
            if meta["original_class"] == kind and meta["quality"] != "poor"]


def render(source, number, meta, joints):
    chance = Chance("validation", 77, number)
    take = Take(joints, "idle", (meta["action_start"] / FPS, meta["action_end"] / FPS), True, [], meta["source"])
    return source.film(chance, performance.seen(chance, take, "idle", "captured", LENGTH, STEP))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--motions", default="lunge,bowling")
    parser.add_argument("--count", type=int, default=40)
    asked = parser.parse_args()
    source, listed = ClipSource(shared=asked.shared, split="validation", seed=0), []
    for k, motion in enumerate(asked.motions.split(",")):
        os.makedirs(os.path.join(asked.out, motion), exist_ok=True)
        known = sequences(asked.shared, motion)
        for i in range(asked.count):
            meta, joints = known[i % len(known)]
            file = os.path.join(motion, f"{i:03}.mp4")
            video.write(os.path.join(asked.out, file), render(source, 1000 * k + i, meta, joints))
            listed.append({"file": file, "label": motion, "person": str(meta["person"]), "licence": meta["licence"]})
    with open(os.path.join(asked.out, "manifest.json"), "w") as manifest:
        json.dump({"clips": listed}, manifest, indent=1)


if __name__ == "__main__":
    main()
