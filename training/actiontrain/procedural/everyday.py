"""Idle, the background class: people who stand, sit, turn, phone, eat, read, point, tidy; none of it is another label."""
import numpy as np

from ..skeleton import stepped
from ..tracks import keyed, smooth, times
from .arms import finish
from .seats import seated
from .stance import ARMS, add, standing

MOUTH, EAR, CHEST, FRONT = (-0.34, 0.22, 0.32), (-0.05, 0.32, 0.12), (-0.25, -0.35, 0.45), (-0.2, -0.45, 0.6)


def gestures(chance, at, base, names, rate):
    """Keys that move one hand or both between places, with rests of chance length."""
    keys, now = [(0.0, dict(left_hand=base["left_hand"], right_hand=base["right_hand"]))], chance.uniform(0, 0.6)
    while now < at[-1]:
        hand = chance.pick(["left_hand", "right_hand"], [1, 3])
        goal = names[chance.integer(0, len(names))]
        goal = base[hand] if goal is None else tuple(np.array(goal) + chance.normal(0.05, 3))
        way = chance.uniform(0.5, 1.1) / rate
        keys += [(now, {hand: keys_last(keys, hand)}), (now + way, {hand: goal})]
        now += way + chance.uniform(0.1, 1.5) / rate
    return keys


def keys_last(keys, name):
    return next(pose[name] for _, pose in reversed(keys) if name in pose)


def idle(chance):
    at = times(5.0)
    sitting = chance.yes(0.35)
    base, props = seated(chance) if sitting else (standing(chance), [])
    kind = chance.pick(["still", "phone", "eat", "read", "fidget", "look", "turn", "shift", "call", "tidy", "point", "lean"],
                       [5, 2, 2, 2, 3, 2, 2 if not sitting else 0, 2, 1.5, 1.5, 0.8, 1.5])
    keys = []
    if kind in ("phone", "read"):
        base = dict(base, right_hand=tuple(np.array(FRONT) + chance.normal(0.06, 3)), nod=(chance.style(0.2, 0.6), 0, 0))
        if kind == "read" or chance.yes(0.4):
            base["left_hand"] = tuple(np.array(FRONT) + chance.normal(0.05, 3))
    elif kind == "call":
        base = dict(base, right_hand=tuple(np.array(EAR) + chance.normal(0.03, 3)), right_pole=(0.7, -1, 0.2))
    elif kind == "eat":
        keys = gestures(chance, at, dict(base, right_hand=CHEST), [MOUTH, CHEST, FRONT], chance.style(0.7, 1.2))
    elif kind == "fidget":
        keys = gestures(chance, at, base, [None, CHEST, FRONT, *(hand for pair in list(ARMS.values())[:6] for hand in pair[:1])], chance.style(0.5, 1.0))
    elif kind == "tidy":
        places = [(0.1 + chance.normal(0.2), -0.35 + chance.normal(0.2), 0.7) for _ in range(4)]
        keys = gestures(chance, at, dict(base, right_hand=places[0]), places, chance.style(0.7, 1.2))
        base = dict(base, bend=(chance.style(0.1, 0.4), 0, 0))
    elif kind == "point":
        keys = gestures(chance, at, base, [None, (0.1, 0.0, 0.9), (0.8, 0.0, 0.3)], chance.style(0.6, 1.0))
    elif kind == "lean":
        base = dict(base, tilt=add(base, "tilt", chance.style(-0.1, 0.35), chance.normal(0.08)))
    tracks = keyed(at, keys, base)
    if kind == "look":
        tracks["nod"][:, 1] += smooth(np.linspace(0, 5, 6), chance.normal(0.6, 6), at)
        tracks["bend"][:, 1] += smooth(np.linspace(0, 5, 6), chance.normal(0.2, 6), at)
    if kind == "shift":
        tracks["pelvis"][:, 0] += smooth(np.linspace(0, 5, 5), chance.normal(0.05, 5), at)
        tracks["bend"] += smooth(np.linspace(0, 5, 5), chance.normal(0.12, (5, 3)), at)
    take = finish(chance, tracks, at, "idle", (0.0, 5.0), True)
    take.props += props
    if kind == "turn":
        turned(chance, at, take)
    return take


def turned(chance, at, take):
    """Turns the figure about itself by small steps."""
    angle = smooth([0, chance.uniform(0.5, 2), chance.uniform(2.2, 4.5), 5], [0, 0, chance.normal(1.2), 0.2], at)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, z = take.joints[..., 0].copy(), take.joints[..., 2].copy()
    take.joints[..., 0], take.joints[..., 2] = x * cos + z * sin, -x * sin + z * cos
    rate = np.abs(np.gradient(angle, at))
    lift = np.clip(rate, 0, 1) * 0.06
    for hip, phase in ((12, 0.0), (16, np.pi)):
        stepped(take.joints, hip, lift * np.maximum(0, np.sin(2 * np.pi * 1.3 * at + phase)))
