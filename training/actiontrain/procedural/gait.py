"""Walking and running: footfalls from speed and cadence, arms that swing or carry, straight or curved, or on the spot."""
import numpy as np

from .. import skeleton
from ..skeleton import ANKLE, joints_of
from ..take import Take
from ..tracks import REST, enliven, keyed, smooth, times
from .stance import standing


def footfalls(phase, stride, duty, lift, kick):
    """Ankle ahead of the body and above the floor, over the phase of one leg (0: heel strike)."""
    u = phase % 1.0
    swing = np.clip((u - duty) / (1 - duty), 0, 1)
    ease = swing - np.sin(2 * np.pi * swing) / (2 * np.pi) * 0.7
    stance = stride * duty * (0.5 - np.minimum(u, duty) / duty)
    ahead = np.where(u < duty, stance, stride * duty * (-0.5 + ease))
    arc = np.sin(np.pi * swing)
    heel = np.clip((u - duty * 0.75) / (duty * 0.25), 0, 1) * (u < duty) * 0.05
    return ahead - kick * arc * (1 - swing), ANKLE + lift * arc * (1 - 0.35 * swing) + heel


def gait(chance, at, kind):
    """Pose tracks of a gait along +z."""
    running = kind == "run"
    limp = chance.style(0.0, 0.25) if not running and chance.yes(0.15) else 0.0
    if running:
        speed, cadence = chance.style(1.7, 4.2), chance.style(1.2, 1.65)
        duty, lift, kick = chance.style(0.30, 0.42), chance.style(0.22, 0.5), chance.style(0.05, 0.3)
        bob, lean, swing = chance.style(0.03, 0.09), chance.style(0.05, 0.28), chance.style(0.2, 0.55)
    else:
        speed = chance.style(0.35, 1.75)
        cadence = (0.55 + 0.28 * speed) * chance.style(0.85, 1.15)
        duty, lift, kick = chance.style(0.58, 0.68), chance.style(0.05, 0.16), 0.0
        bob, lean, swing = chance.style(0.01, 0.035), chance.style(-0.03, 0.14), chance.style(0.05, 0.5) * min(speed, 1.2)
    stride = speed / cadence
    in_place = chance.yes(0.12)
    phase = cadence * at * (1 + 0.0 * at) + chance.uniform(0, 1)
    tracks = keyed(at, [], {**REST, **standing(chance, "hanging")})
    base = tracks["pelvis"][0]
    travel = np.zeros_like(at) if in_place else speed * at
    if in_place:
        stride, lift = stride * chance.style(0.0, 0.3), lift * 1.6 + 0.04
    half = chance.style(0.04, 0.13)
    squat = 0.02 + (0.06 if running else 0.03) * chance.style(0, 1) + 0.06 * stride ** 2 * (0.2 if running else 0.6)
    for foot, offset, side in (("left_foot", 0.0, 1), ("right_foot", 0.5 + limp * 0.3, -1)):
        ahead, up = footfalls(phase + offset, min(stride, 1.9), duty, lift, kick)
        tracks[foot] = np.stack([side * half + 0 * at, up, ahead + travel], -1)
    wave = 2 * np.pi * phase
    tracks["pelvis"] = np.stack([base[0] + chance.style(0.0, 0.03) * np.sin(wave), skeleton.STAND - squat
                                 - bob * np.cos(2 * wave - (2.2 if running else 0.4)), travel + 0.04 * lean], -1)
    if running:
        airborne = np.maximum(0, np.sin(2 * wave + chance.uniform(-0.3, 0.3))) * bob
        for foot in ("left_foot", "right_foot"):
            tracks[foot][:, 1] += airborne * 0.5
    tracks["tilt"] = np.stack([lean + 0 * at, limp * 0.6 * np.sin(wave)], -1)
    twist = chance.style(0.03, 0.2)
    tracks["spin"] = -twist * 0.5 * np.cos(wave)
    tracks["bend"] = np.stack([tracks["bend"][:, 0], twist * 1.4 * np.cos(wave), 0.03 * np.sin(wave)], -1)
    carrying = chance.pick(["none", "front", "one", "phone", "pockets"], [8, 0.6, 1, 0.7, 0.7] if not running else [10, 0.3, 0.3, 0, 0])
    elbow = chance.style(0.45, 0.8) if running else chance.style(0.82, 0.97)
    for arm, sign in (("left", 1), ("right", -1)):
        angle = -sign * swing * np.cos(wave) * 1.4 + (0.35 if running else 0.12)
        hand = np.stack([0.12 - (0.25 if running else 0.0) * np.sin(angle), -elbow * np.cos(angle), elbow * np.sin(angle) + (0.25 if running else 0)], -1)
        hand = {"front": np.array([-0.25, -0.45, 0.5]) + 0 * hand, "phone": np.array([-0.15, -0.25, 0.45]) + 0 * hand,
                "pockets": np.array([0.06, -0.76, 0.12]) + 0.1 * (hand - hand.mean(0))}.get(carrying, hand)
        if (carrying in ("phone", "one")) and sign > 0:
            hand = tracks[arm + "_hand"] if carrying == "phone" else np.array([-0.1, -0.4, 0.5]) + 0 * hand
        tracks[arm + "_hand"] = hand
        tracks[arm + "_pole"][:] = (0.35, -0.3, -1)
    return enliven(chance, at, tracks, 0.5), speed * (not in_place)


def curved(joints, bend):
    """Lays a path along +z onto a circle of curvature `bend`, each figure turning with it."""
    if abs(bend) < 1e-3:
        return joints
    length = joints[:, 0, 2]
    angle = bend * length
    centre = np.stack([(1 - np.cos(angle)) / bend, 0 * angle, np.sin(angle) / bend], -1)
    local = joints - np.stack([0 * length, 0 * length, length], -1)[:, None]
    x, z = local[..., 0], local[..., 2]
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = np.stack([x * cos + z * sin, local[..., 1], -x * sin + z * cos], -1)
    return turned + centre[:, None]


def take(chance, kind):
    at = times(4.6)
    tracks, _ = gait(chance, at, kind)
    joints = joints_of(tracks)
    bend = 0.0 if chance.yes(0.55) else chance.normal(0.5 if kind == "walk" else 0.15)
    result = Take(curved(joints, bend), kind, (0.2, 4.4), True)
    return result.mirrored() if chance.yes(0.5) else result


def walk(chance):
    return take(chance, "walk")


def run(chance):
    return take(chance, "run")


def blended(first, second, at, start, duration):
    """One set of tracks that turns into another."""
    mix = smooth([start, start + duration], [0, 1], at)
    out = {}
    for name in first:
        weight = mix.reshape(-1, *([1] * (np.ndim(first[name]) - 1)))
        out[name] = first[name] * (1 - weight) + second[name] * weight
    return out
