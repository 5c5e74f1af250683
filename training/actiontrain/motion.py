"""Captured and keyed motion from shared/motion, with the rule which of it may train a model that is shipped."""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from .labels import INDEX
from .take import Take
from .tracks import FPS

FOR_TRAINING = {"CC0", "MIT", "CMU free use"}     # an allow-list: a licence nobody judged never trains
IN_WINDOW = {"walk", "run", "wave", "clap", "idle", "punch", "jumping_jack"}
AS_IDLE = {"other", "climb", "dance", "get_up", "lunge", "idle"}
CARTOON_FITS = {"punch", "kick", "idle"}          # the other hand-keyed ones move like toys
HOLD = 1.9                                        # seconds a pose is held before and after a captured action


@lru_cache(4)
def library(shared, split):
    """{label: [(meta, joints [T, 20, 3])]} of the sequences this split may see."""
    archive = np.load(Path(shared) / "motion" / "motion.npz")
    sequences = {}
    for meta in json.loads(archive["meta_json"].tobytes()):
        if not allowed(meta, split) or "poor" in meta["quality"]:
            continue
        label = meta["label"] if meta["label"] in INDEX else "idle" if meta["label"] in AS_IDLE and not meta.get("near") else None
        length = meta["frames"] / FPS
        if label is None or (label in IN_WINDOW and length < 1.6) or (meta["source"] == "kaykit" and label not in CARTOON_FITS):
            continue
        sequences.setdefault(label, []).append((meta, archive[meta["key"]].astype(np.float64)))
    return sequences


def allowed(meta, split):
    """Training sees only what its licence permits; validation only what training never sees."""
    return (meta["licence"] in FOR_TRAINING) == (split == "train")


def captured(chance, shared, label):
    """A Take of one sequence, or None where the split has none of this label."""
    choices = library(str(shared), chance.split).get(label)
    if not choices:
        return None
    if label == "idle":                            # sequence kinds in turn, so that 511 gestures do not hide the rest
        kinds = sorted({meta["original_class"] for meta, _ in choices})
        kind = chance.pick(kinds)
        choices = [choice for choice in choices if choice[0]["original_class"] == kind]
    meta, joints = chance.pick(choices)
    start, end = meta["action_start"] / FPS, meta["action_end"] / FPS
    cyclic = label in IN_WINDOW or end - start > 2.2
    if label in ("walk", "run", "idle") and meta["label"] != "get_up":
        start, end = 0.0, len(joints) / FPS
    if label in ("sit_down", "stand_up", "throw", "pick_up", "jump", "kick", "squat"):
        margin = 0.12 * (end - start)
        start, end = start + margin, end - margin
    props = []
    if label in ("sit_down", "stand_up"):
        props = [seat_under(joints, label)]
    before, after = int(HOLD * FPS), int(HOLD * FPS)
    joints = np.concatenate([np.repeat(joints[:1], before, 0), joints, np.repeat(joints[-1:], after, 0)])
    joints = joints.copy()
    joints[:before + 1] += sway(chance, before + 1)[::-1]
    joints[-after - 1:] += sway(chance, after + 1)
    take = Take(joints, label, (start + HOLD, end + HOLD), cyclic, props, meta["source"])
    return take.mirrored() if chance.yes(0.5) else take


def sway(chance, count):
    """A held pose drifts a little, the more the higher the joint."""
    at = np.arange(count) / FPS
    drift = np.zeros((count, 1, 3))
    for axis in (0, 2):
        drift[:, 0, axis] = chance.normal(0.012) * np.sin(at * chance.uniform(1, 3))
    return drift


def seat_under(joints, label):
    """The chair that a captured sitter needs."""
    pose = joints[-1] if label == "sit_down" else joints[0]
    hips, knees = (pose[12] + pose[16]) / 2, (pose[13] + pose[17]) / 2
    way = hips - knees
    return ("chair", hips[0], hips[2], float(np.arctan2(-way[0], -way[2])), max(float(hips[1]) - 0.10, 0.15))


def reshaped(joints, arms, trunk):
    """The same motion with longer or shorter arms and trunk; legs and floor stay."""
    out = joints.copy()
    for joint, parent in ((1, 0), (2, 1), (3, 2), (4, 2), (8, 2)):
        out[:, joint] = out[:, parent] + (joints[:, joint] - joints[:, parent]) * trunk
    for joint in (5, 6, 7, 9, 10, 11):
        out[:, joint] = out[:, joint - 1] + (joints[:, joint] - joints[:, joint - 1]) * arms
    return out


def sampled(joints, at):
    """Joints at any times, seconds."""
    place = np.clip(np.asarray(at) * FPS, 0, len(joints) - 1.001)
    low = place.astype(int)
    part = (place - low)[:, None, None]
    return joints[low] * (1 - part) + joints[low + 1] * part
