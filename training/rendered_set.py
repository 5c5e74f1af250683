#!/usr/bin/python3
"""Writes rendered validation clips as recordings, so that the pipeline itself judges the model by them: OUT/manifest.json and OUT/*.mp4.

usage: rendered_set.py OUT [--count 800] [--seed 5]      then: ./actionstream evaluate OUT
Persons, rooms, styles and motion are never those of training. Seed 5 is what nothing was chosen by; 0 is watched while training.
"""
import argparse
import json
import os

from actiontrain import video
from actiontrain.clips import ClipSource

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "shared"))
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--seed", type=int, default=5)
    asked = parser.parse_args()
    source, listed = ClipSource(asked.shared, "validation", asked.seed), []
    os.makedirs(asked.out, exist_ok=True)
    for number in range(asked.count):
        clip, file = source.render(number), f"{number:04}.mp4"
        video.write(os.path.join(asked.out, file), clip.frames.numpy())
        listed.append({"file": file, "label": clip.meta["label"], "shows": clip.meta["kind"]})
    with open(os.path.join(asked.out, "manifest.json"), "w") as manifest:
        json.dump({"clips": listed}, manifest, indent=1)


if __name__ == "__main__":
    main()
