"""Pose tracks: numbers over time that steer a skeleton, keyed by hand, smoothed, and made less perfect by slow noise."""
import numpy as np

from . import skeleton

FPS = 30

# Hands: from the shoulder, in arm lengths, in the frame of the chest: outward, up, forward. Feet: ankles in the actor's own
# floor frame in metres; *_free: from the hip, in leg lengths, in the frame of the hips: outward, up, forward; `free` mixes.
REST = {
    "pelvis": (0, skeleton.STAND, 0), "yaw": 0.0, "tilt": (0, 0), "spin": 0.0, "bend": (0, 0, 0), "nod": (0.05, 0, 0),
    "shrug": (0, 0), "left_hand": (0.12, -0.96, 0.10), "right_hand": (0.12, -0.96, 0.10),
    "left_pole": (0.35, -0.2, -1), "right_pole": (0.35, -0.2, -1),
    "left_foot": (0.11, skeleton.ANKLE, 0), "right_foot": (-0.11, skeleton.ANKLE, 0),
    "left_foot_free": (0.05, -0.98, 0.05), "right_foot_free": (0.05, -0.98, 0.05), "free": 0.0, "splay": 0.15,
}


def times(seconds):
    return np.arange(int(round(seconds * FPS)) + 1) / FPS


def smooth(knots, values, at):
    """Monotone cubic through the knots (values [K, ...]): no overshoot, rest where keys repeat."""
    knots, values = np.asarray(knots, float), np.asarray(values, float)
    if len(knots) == 1:
        return np.broadcast_to(values[0], (len(at), *values.shape[1:])).copy()
    flat = values.reshape(len(knots), -1)
    gap = np.diff(knots)[:, None]
    slope = np.diff(flat, axis=0) / gap
    tangent = np.zeros_like(flat)
    a, b = slope[:-1], slope[1:]
    same = a * b > 0
    tangent[1:-1] = np.where(same, 2 * a * b / np.where(same, a + b, 1), 0)
    at = np.clip(at, knots[0], knots[-1])
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    u = ((at - knots[k])[:, None]) / gap[k]
    out = ((2 * u ** 3 - 3 * u ** 2 + 1) * flat[k] + (u ** 3 - 2 * u ** 2 + u) * gap[k] * tangent[k]
           + (3 * u ** 2 - 2 * u ** 3) * flat[k + 1] + (u ** 3 - u ** 2) * gap[k] * tangent[k + 1])
    return out.reshape(len(at), *values.shape[1:])


def keyed(at, keys, base=None):
    """Tracks over the times `at` from [(time, {name: value})]; a name keeps its base value until it is first keyed."""
    base = {**REST, **(base or {})}
    tracks = {}
    for name, rest in base.items():
        mine = [(time, pose[name]) for time, pose in keys if name in pose]
        if not mine:
            mine = [(0.0, rest)]
        mine.sort(key=lambda key: key[0])
        tracks[name] = smooth([time for time, _ in mine], [value for _, value in mine], at)
    return tracks


def wobble(chance, at, scale, rate, width=None):
    """Slow noise: three sines of random phase about `rate` hertz."""
    shape = () if width is None else (width,)
    total = np.zeros((len(at), *shape))
    for octave in (0.6, 1.0, 1.9):
        phase = chance.uniform(0, 2 * np.pi, shape)
        speed = 2 * np.pi * rate * octave * chance.uniform(0.8, 1.25)
        total += np.sin(at.reshape(-1, *([1] * len(shape))) * speed + phase) / (1.5 * octave ** 0.5)
    return scale * total


def enliven(chance, at, tracks, amount=1.0):
    """Nobody stands like a statue: breathing, sway and small drift on trunk, head and hands."""
    amount *= chance.style(0.3, 1.6)
    tracks["pelvis"][:, [0, 2]] += wobble(chance, at, 0.010 * amount, 0.35, 2)
    tracks["bend"] += wobble(chance, at, 0.020 * amount, 0.4, 3)
    tracks["nod"] += wobble(chance, at, 0.06 * amount, 0.4, 3)
    for hand in ("left_hand", "right_hand"):
        tracks[hand] += wobble(chance, at, 0.018 * amount, 0.6, 3)
    return tracks
