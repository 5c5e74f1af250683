#!/usr/bin/python3
"""Renders configs/demo/clip.mp4 anew: one room, one person, several actions in a row, and truth.json beside it.

usage: demo_clip.py [--out ../configs/demo] [--still N.png]      (--still: only one picture, for judging room and light)
needs: python3-numpy, python3-torch, ffmpeg. Procedural motion only; the same output every time.
"""
import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

from actiontrain import body, degrade, motion, procedural, render, scene
from actiontrain.camera import Camera, looking
from actiontrain.chance import Chance
from actiontrain.story import Story
from actiontrain.take import Take

WIDTH, HEIGHT, FPS, OVERSAMPLE = 640, 360, 25, 2
SEED, PERSON, ROOM = 20, 10, 8
TOWARDS, ASIDE, RIGHT = 0.0, 0.8, np.pi / 2             # headings, from the camera to the picture's right


def take(label, fits=lambda take: True, first=0):
    """The first procedural take of a label that fits the script."""
    for number in range(first, first + 400):
        found = procedural.perform(label, Chance("train", SEED, number))
        if fits(found):
            return found
    raise LookupError(f"no take of {label} fits the script")


def length(found):
    return found.core[1] - found.core[0]


def standing_fall(found):
    """From standing, to the person's left or right, not slow."""
    path = found.joints[:, 0] - found.joints[0, 0]
    before = path[int(found.core[0] * 30) - 12]
    return not found.props and np.abs(before[[0, 2]]).max() < 0.08 and np.abs(path[-1, 0]) > 0.35 and np.abs(path[-1, 2]) < 0.3 and length(found) < 0.95


def script():
    """Actions that take long enough to be seen by whole windows: a short demo shows what the model can do, MODEL.md what it cannot."""
    story = Story(-1.45, 0.35)
    stand = take("idle", lambda found: not found.props and np.ptp(found.joints[:, [7, 11]], axis=0).max() < 0.12 and found.joints[0, 7, 1] < 0.9)
    walk = take("walk", lambda found: 2.2 < found.joints[90, 0, 2] - found.joints[0, 0, 2] < 2.7 and np.ptp(found.joints[:90, 0, 0]) < 0.15)
    wave = take("wave", lambda found: 3.0 < length(found) < 3.6 and max(found.joints[90, 7, 1], found.joints[90, 11, 1]) > 1.65 and min(found.joints[90, 7, 1], found.joints[90, 11, 1]) < 1.0)
    jack = take("jumping_jack", lambda found: length(found) > 3.2 and found.joints[:, 7, 1].max() > 1.85)
    clap = take("clap", lambda found: length(found) > 2.6 and found.joints[:, 7, 1].max() < 1.5 and np.ptp(found.joints[60:100, 7, 0]) > 0.12)
    fall = take("fall", standing_fall)
    story.add(walk, 0.3, 3.3, RIGHT, "walk")
    story.turn(stand, 0.5, RIGHT, -RIGHT)
    story.add(walk, 0.3, 3.3, -RIGHT, "walk")
    story.turn(stand, 0.5, -RIGHT, TOWARDS)
    story.add(stand, 0, 4.0, TOWARDS)
    for act in (wave, jack, clap):
        story.add(act, act.core[0] - 0.3, act.core[1], TOWARDS, act.label, act.core)
        story.add(act, act.core[0], act.core[1] + 0.3, TOWARDS, act.label, act.core)
    story.add(stand, 0, 3.0, TOWARDS)
    begins = fall.core[0] - 0.2
    story.add(fall, begins - 0.4, fall.core[1] + 3.7, TOWARDS, "fall", (begins, fall.core[1] + 0.1))
    story.segments.append(("lie", story.segments[-1][2], story.seconds))
    return story


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", default=str(Path(__file__).parent.parent / "configs" / "demo"))
    options.add_argument("--still")
    chosen = options.parse_args()
    story, chance = script(), Chance("train", SEED, ROOM)
    person = body.Person(Chance("train", SEED, 1000 + PERSON))
    person.size = 1.0
    place = np.array([0.35, 1.55, 4.5])
    view = Camera(place, looking(place, np.array([0.1, 0.82, 0.2]), 0.0), HEIGHT * OVERSAMPLE * 1.28, WIDTH * OVERSAMPLE, HEIGHT * OVERSAMPLE, WIDTH / HEIGHT)
    everything = Take(story.joints, "idle", (0, 1), props=story.props[:1])
    room = scene.build(chance, view, everything, story.joints, "room")
    count = int(story.seconds * FPS)
    if chosen.still:
        picture, _ = render.film(view, room, [(person, motion.sampled(story.joints, [4.0]))], 1, OVERSAMPLE)
        write(chosen.still, [], np.clip(picture * 255, 0, 255).astype(np.uint8))
        return
    encoder = ["-r", str(FPS), "-c:v", "libx264", "-preset", "slow", "-crf", "27", "-pix_fmt", "yuv420p", "-g", "50", "-movflags", "+faststart", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-threads", "1"]
    write(f"{chosen.out}/clip.mp4", encoder, frames(view, room, person, story, count, chance))
    truth = {"fps": FPS, "size": [WIDTH, HEIGHT], "segments": story.truth()}
    Path(chosen.out, "truth.json").write_text(json.dumps(truth, indent=2) + "\n")


def frames(view, room, person, story, count, chance):
    for first in range(0, count, 5):
        at = np.arange(first, min(first + 5, count)) / FPS
        picture, _ = render.film(view, room, [(person, motion.sampled(story.joints, at))], len(at), OVERSAMPLE)
        picture = degrade.blurred(picture, 0.05) * np.float32(0.96)
        for frame in picture:
            frame += np.float32(0.012) * degrade.noise(chance, frame.shape)
        yield np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)


def write(path, encoder, pictures):
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-", *(encoder or ["-frames:v", "1", "-update", "1"]), path]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        for picture in pictures:
            process.stdin.write(picture.tobytes())
        process.stdin.close()
        if process.wait():
            raise SystemExit(f"ffmpeg could not write {path}")


if __name__ == "__main__":
    main()
