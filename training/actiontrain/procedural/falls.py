"""Falling in every direction, from standing, walking or sitting, fast or as a slow collapse; and lying."""
import numpy as np

from .. import skeleton
from ..skeleton import ANKLE, joints_of
from ..take import Take
from ..tracks import enliven, keyed, times, wobble
from .arms import LEAD
from .gait import blended, gait
from .seats import seated
from .stance import add, standing


def lying(chance, heading=None):
    """A base pose on the floor: the trunk tilted by a right angle towards `heading` (radians, 0: forward)."""
    heading = chance.uniform(-np.pi, np.pi) if heading is None else heading
    flat = np.pi / 2 * chance.style(0.93, 1.03)
    leg = lambda: chance.pick([(0.06, -0.97, 0.05), (0.15, -0.9, 0.25), (0.15, -0.62, 0.35), (0.1, -0.45, 0.5), (0.3, -0.9, 0.1)], [4, 2, 2.5, 1, 1])
    arm = lambda: chance.pick([(0.2, -0.9, 0.1), (0.9, -0.1, 0.1), (0.5, 0.75, 0.15), (-0.3, -0.4, 0.45), (-0.35, 0.15, 0.4), (0.6, -0.7, 0.1)], [4, 2, 1.5, 2, 1, 2])
    jitter = lambda point, scale: tuple(np.array(point) + chance.normal(scale, 3))
    left = jitter(leg(), 0.05)
    right = left if chance.yes(0.4) else jitter(leg(), 0.05)
    curl = chance.style(-0.1, 0.35)
    return dict(tilt=(flat * np.cos(heading), flat * np.sin(heading)), pelvis=(0, 0.12, 0), free=1.0, spin=chance.normal(0.3),
                left_foot_free=left, right_foot_free=right, left_hand=jitter(arm(), 0.08), right_hand=jitter(arm(), 0.08),
                bend=(curl, chance.normal(0.15), chance.normal(0.12)), nod=(chance.normal(0.2), chance.normal(0.4), 0),
                left_pole=(0.8, -0.3, -0.4), right_pole=(0.8, -0.3, -0.4), splay=chance.style(0.1, 0.6))


def shifted(pose, x, z):
    return dict(pose, pelvis=(pose["pelvis"][0] + x, pose["pelvis"][1], pose["pelvis"][2] + z))


def fall(chance):
    heading = chance.pick([0.0, np.pi, np.pi / 2, -np.pi / 2]) + chance.normal(0.35)
    way = np.array([np.sin(heading), np.cos(heading)])
    start = chance.pick(["stand", "walk", "sit"], [5, 2.5, 2])
    style = chance.pick(["stiff", "buckle", "collapse"], [3, 4, 2])
    props, lead = [], LEAD
    at = times(LEAD + 5.2)
    if start == "sit":
        base, props = seated(chance)
        if not props:
            base, props = seated(chance)
        style = "slide"
        heading = chance.pick([0.0, np.pi / 2, -np.pi / 2]) + chance.normal(0.3)
        way = np.array([np.sin(heading), np.cos(heading)])
    else:
        base = standing(chance)
    x0, _, z0 = base["pelvis"]
    walking = None
    if start == "walk":
        walking, speed = gait(chance, at, "walk")
        z0 = speed * (LEAD + 0.2)
        base = dict(base, pelvis=(x0, base["pelvis"][1], z0), left_foot=add(base, "left_foot", 0, 0, z0 - 0.15), right_foot=add(base, "right_foot", 0, 0, z0 + 0.2))
        if chance.yes(0.7):                  # who walks mostly falls ahead
            heading = chance.normal(0.5)
            way = np.array([np.sin(heading), np.cos(heading)])
    floor_pose = lying(chance, heading)
    length = {"stiff": chance.style(0.55, 1.0), "buckle": chance.style(0.6, 1.1), "collapse": chance.style(1.1, 2.2), "slide": chance.style(0.6, 1.4)}[style]
    far = {"stiff": chance.style(0.6, 0.9), "buckle": chance.style(0.25, 0.6), "collapse": chance.style(0.1, 0.4), "slide": chance.style(0.35, 0.6)}[style]
    end = shifted(floor_pose, x0 + far * way[0], z0 + far * way[1])
    brace = (chance.style(0.1, 0.5), chance.style(-0.3, 0.5), chance.style(0.4, 0.9)) if chance.yes(0.6) else (chance.style(0.5, 0.9), chance.style(0.0, 0.7), chance.style(-0.3, 0.3))
    flat = np.array(floor_pose["tilt"])
    t0, t1 = lead, lead + length
    at_part = lambda part: t0 + part * length
    height = base["pelvis"][1]
    place = lambda part, up: (x0 + part * far * way[0], up, z0 + part * far * way[1])
    keys = [(t0, {name: base[name] for name in ("pelvis", "tilt", "bend", "left_hand", "right_hand", "left_foot", "right_foot")} | {"free": 0.0, "spin": 0.0})]
    if style == "stiff":
        keys += [(at_part(0.45), dict(pelvis=place(0.25, height - 0.04), tilt=tuple(0.22 * flat), left_hand=brace, right_hand=brace)),
                 (at_part(0.75), dict(pelvis=place(0.65, 0.66 * height), tilt=tuple(0.55 * flat), free=0.3))]
    elif style in ("buckle", "collapse"):
        hold = chance.uniform(0.0, 0.35) if style == "collapse" else 0.0
        keys += [(at_part(0.35), dict(pelvis=place(0.1, 0.80 * height), tilt=tuple(0.10 * flat), bend=(0.35 if way[1] > 0 else 0.1, 0, chance.normal(0.15)), left_hand=brace)),
                 (at_part(0.65), dict(pelvis=place(0.5, 0.42 * height), tilt=tuple((0.3 - 0.2 * hold) * flat), free=0.0, right_hand=brace)),
                 (at_part(0.85), dict(pelvis=place(0.8, 0.22 * height), tilt=tuple(0.7 * flat), free=0.5))]
    else:
        keys += [(at_part(0.4), dict(pelvis=place(0.15, height), tilt=tuple(0.35 * flat), left_hand=brace)),
                 (at_part(0.7), dict(pelvis=place(0.7, 0.55 * height), tilt=tuple(0.75 * flat), free=0.3, right_hand=brace))]
    bounce = dict(end, tilt=tuple(0.94 * flat), pelvis=(end["pelvis"][0], 0.17, end["pelvis"][2]), left_hand=brace, right_hand=brace)
    keys += [(t1, dict(end, left_hand=brace, right_hand=brace)), (t1 + 0.12, bounce), (t1 + 0.25, dict(end, left_hand=brace, right_hand=brace)), (t1 + chance.uniform(0.4, 1.0), end)]
    if chance.yes(0.3):                      # rolls or draws in a leg later on
        later = dict(end, spin=end["spin"] + chance.normal(0.6), left_foot_free=(0.15, -0.6, 0.4), right_hand=(-0.3, -0.3, 0.45))
        keys.append((t1 + chance.uniform(1.2, 2.2), later))
    tracks = enliven(chance, at, keyed(at, keys, base))
    if walking:
        tracks = blended(walking, tracks, at, t0 - 0.15, 0.35)
    take = Take(joints_of(tracks), "fall", (t0 + 0.25 * length, t1 + 0.05), False, props)
    return take.mirrored() if chance.yes(0.5) else take


def lie(chance):
    at = times(5.0)
    pose = lying(chance)
    keys, now = [(0.0, pose)], 0.0
    active = chance.pick([0, 1, 3], [4, 3, 2])
    for _ in range(active):                  # a limb or the head moves now and then
        now += chance.uniform(0.4, 1.6)
        name = chance.pick(["left_hand", "right_hand", "left_foot_free", "right_foot_free", "nod", "spin"])
        held = pose[name]
        scale = {"spin": 0.5, "nod": 0.4}.get(name, 0.3)
        moved = held + chance.normal(scale) if name == "spin" else tuple(np.array(held) + chance.normal(scale, 3))
        keys += [(now, {name: held}), (now + chance.uniform(0.3, 1.0), {name: moved})]
        pose = dict(pose, **{name: moved})
        now = keys[-1][0]
    tracks = enliven(chance, at, keyed(at, keys, keys[0][1]), 0.7)
    joints, props = joints_of(tracks), []
    if chance.yes(0.4):                      # in bed or on a sofa
        kind = chance.pick(["bed", "couch"], [3, 2])
        height = chance.style(0.35, 0.6)
        middle = joints.mean((0, 1))
        along = joints[0, 2] - joints[0, 0]
        joints = joints + np.array([0, height, 0])
        props = [(kind, middle[0], middle[2], float(np.arctan2(along[0], along[2])), height)]
    take = Take(joints, "lie", (0.0, 5.0), True, props)
    return take.mirrored() if chance.yes(0.5) else take
