#!/usr/bin/python3
"""Draws a sheet of rendered clips, eight of sixteen frames a row, so that people can judge what the model is shown.

usage: contact_sheet.py OUT.png [--split train] [--label fall] [--count 16] [--first 0] [--seed 0] [--shared ../shared]
"""
import argparse
import subprocess

import numpy as np

from actiontrain.clips import ClipSource


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("out")
    for name, default in (("split", "train"), ("label", None), ("count", 16), ("first", 0), ("seed", 0), ("shared", "../shared"), ("columns", 2)):
        options.add_argument("--" + name, default=default, type=type(default) if default is not None else str)
    chosen = options.parse_args()
    source = ClipSource(chosen.shared, chosen.split, chosen.seed)
    rows = []
    for index in range(chosen.first, chosen.first + chosen.count):
        clip = source.render(index, chosen.label)
        print(index, clip.meta["label"], clip.meta["kind"], clip.meta["origin"])
        rows.append(np.concatenate(list(clip.frames.numpy()[::2]), 1))
    rows += [np.zeros_like(rows[0])] * (-len(rows) % chosen.columns)
    strips = [np.concatenate(rows[k:k + chosen.columns], 1) for k in range(0, len(rows), chosen.columns)]
    sheet = np.concatenate(strips, 0)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{sheet.shape[1]}x{sheet.shape[0]}", "-i", "-",
                    "-frames:v", "1", "-update", "1", chosen.out], input=np.ascontiguousarray(sheet).tobytes(), check=True)


if __name__ == "__main__":
    main()
