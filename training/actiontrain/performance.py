"""Chooses what is performed in one clip and which two seconds of it are seen, so that the window deserves its label."""
from dataclasses import dataclass, field

import numpy as np

from . import motion, procedural
from .labels import LABELS
from .story import BLEND, Story
from .take import Take
from .tracks import FPS

CAPTURED = {"walk": 0.4, "run": 0.25, "jump": 0.35, "kick": 0.4, "punch": 0.2, "pick_up": 0.2}
CAPTURED_VALIDATION = 0.6
LATE = 0.25                                  # of what is learned from: something else fills the window's first part, as live windows have it all the time
LASTING = ["walk", "run", "wave", "clap", "punch", "kick", "throw", "jumping_jack"]
FREEZABLE = ["walk", "run", "wave", "clap", "punch", "kick", "throw", "jumping_jack"]   # not what people hold: a crouch


@dataclass
class Act:
    take: Take
    joints: np.ndarray                       # [16 * subframes, 20, 3]
    subframes: int
    others: list = field(default_factory=list)
    meta: dict = field(default_factory=dict)


def perform(chance, shared, label, length, step):
    kind = idle_kind(chance) if label == "idle" else "action"
    take = take_of(chance, shared, label, kind)
    if chance.split == "train" and (label in LASTING or kind == "everyday") and not take.props and (take.cyclic or take.core[1] - take.core[0] < 0.9) and chance.yes(LATE):
        take = begun_late(chance, take)
    return seen(chance, take, label, kind, length, step)


def begun_late(chance, take):
    """The same after another action, without a pause."""
    story, before = Story(0.0, 0.0), procedural.perform(chance.pick([label for label in LASTING if label != take.label]), chance.child(1))
    first, start = max(before.core[0], before.core[1] - 2.6), max(take.core[0] - chance.uniform(0.1, 0.4), 0)
    story.add(before, first, before.core[1] + chance.uniform(-0.1, 0.3), 0.0)
    begins = story.seconds - BLEND / FPS + take.core[0] - start
    story.add(take, start, min(take.core[1], take.core[0] + 4) if take.cyclic else take.seconds, chance.normal(0.4))
    return Take(story.joints, take.label, (begins, begins + take.core[1] - take.core[0]), take.cyclic, [], take.origin, late=True)


def seen(chance, take, label, kind, length, step):
    """A window of a take, at a pace of its own."""
    speed = chance.style(0.85, 1.15) if label in ("fall", "idle", "lie") else chance.style(0.65, 1.25)
    if take.origin != "procedural":
        speed = chance.style(0.65, 1.35)
    span = (length - 1) * step * speed
    begin = start_of(chance, take, span)
    at = np.arange(length) * step * speed
    if chance.yes(0.4):                      # the camera's own frames do not fall on our instants
        frame = speed / chance.pick([8, 10, 12.5, 15, 25, 30])
        at = np.floor(at / frame + chance.uniform(0, 1)) * frame
    at = at + begin
    fast = take.label in ("run", "jump", "jumping_jack", "wave", "clap", "punch", "kick", "throw", "fall")
    subframes, exposure = (2, chance.uniform(0.008, 0.033)) if chance.yes(0.5 if fast else 0.12) else (1, 0)
    at = (at[:, None] + np.arange(subframes) * exposure).ravel()
    joints = motion.sampled(take.joints, at)
    joints = motion.reshaped(joints, chance.style(0.92, 1.08), chance.style(0.94, 1.06))
    if kind == "frozen":
        joints = np.repeat(joints[len(joints) // 2:len(joints) // 2 + 1], len(joints), 0) + sway(chance, len(joints))
    others = []
    if kind != "nobody" and chance.yes(0.12):
        others.append(bystander(chance, label, joints, at - at[0]))
    meta = {"kind": kind, "origin": take.origin, "begin": float(begin), "speed": float(speed), "subframes": subframes}
    return Act(take, joints, subframes, others, meta)


def idle_kind(chance):
    return chance.pick(["everyday", "nobody", "frozen", "captured", "before"], [50, 20, 9, 15, 6])


def take_of(chance, shared, label, kind):
    if kind == "frozen":
        take = take_of(chance, shared, chance.pick(FREEZABLE), "action")
        middle = np.mean(take.core)
        return Take(take.joints, "idle", (middle - 1, middle + 1), True, take.props, take.origin)
    if kind == "before":                     # people stand about before they do something
        take = procedural.perform(chance.pick(["wave", "clap", "kick", "throw", "pick_up", "squat", "jump"]), chance)
        still = motion.sampled(take.joints, np.linspace(0, 1.35, 130))
        return Take(still, "idle", (0.0, 4.3), True, take.props)
    if label == "lie" and chance.yes(0.25):  # where a fall ended
        take = procedural.perform("fall", chance)
        return Take(take.joints, "lie", (take.core[1] + 0.3, len(take.joints) / FPS), True, take.props)
    share = {"captured": 1.0}.get(kind, 0.0) if label == "idle" else CAPTURED_VALIDATION if chance.split == "validation" else CAPTURED.get(label, 0.0)
    if chance.yes(share):
        take = motion.captured(chance, shared, label)
        if take is not None:
            return take
    return procedural.perform(label, chance)


def start_of(chance, take, span):
    """Where the window begins: a repeated action fills most of it, a single one has its core inside."""
    start, end = take.core
    last = len(take.joints) / FPS - span - 0.04
    if take.late:
        return float(np.clip(start - chance.uniform(0.2, 0.45) * span, 0, max(last, 0)))
    if take.cyclic:
        low, high = start - 0.2 * span, end - 0.8 * span
        if take.label in ("idle", "lie", "walk", "run"):
            low, high = start, end - span
        if high < low:
            low = high = (start + end - span) / 2
    else:
        core = end - start
        low, high = end - 0.03 * core - span, start + 0.1 * core
        if high < low:
            low, high = high, low
    return float(np.clip(chance.uniform(low, high), 0, max(last, 0)))


def sway(chance, count):
    at = np.linspace(0, 2, count)
    out = np.zeros((count, 1, 3))
    for axis in (0, 1, 2):
        out[:, 0, axis] = chance.uniform(0, 0.008) * np.sin(at * chance.uniform(1, 7) + chance.uniform(0, 6))
    return out


def bystander(chance, label, joints, at):
    """Somebody else in the picture who stands, sits still or walks by, away from the actor."""
    walking = label != "idle" and chance.yes(0.3)
    take = procedural.perform("walk" if walking else "idle", chance)
    if not walking and take.props:
        take = procedural.perform("walk", chance)
        take.joints = np.repeat(take.joints[30:31], len(take.joints), 0)
    mine = motion.sampled(take.joints, at + 0.5)
    mine = mine - mine[:1, :1] * [1, 0, 1]
    angle = chance.uniform(-np.pi, np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack([mine[..., 0] * cos + mine[..., 2] * sin, mine[..., 1], -mine[..., 0] * sin + mine[..., 2] * cos], -1)
    around, away = chance.uniform(-np.pi, np.pi), chance.uniform(1.3, 3.0) + np.abs(joints[:, 0, [0, 2]] - joints[:1, 0, [0, 2]]).max()
    middle = joints[:, 0].mean(0) * [1, 0, 1]
    return turned + middle + np.array([np.sin(around) * away, 0, np.cos(around) * away])
