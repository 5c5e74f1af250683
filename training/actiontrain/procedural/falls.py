"""Falling in every direction, from standing, walking or sitting, fast or as a slow collapse; and lying."""
import numpy as np

from ..skeleton import joints_of
from ..take import Take
from ..tracks import enliven, keyed, times
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
    at = times(LEAD + 5.4)
    start = chance.pick(["stand", "walk", "sit", "bed"], [5, 2.2, 2.2, 0.8])
    base, props = standing(chance), []
    walking, heading = None, chance.pick([0.0, np.pi, np.pi / 2, -np.pi / 2]) + chance.normal(0.35)
    style = chance.pick(["stiff", "buckle", "collapse", "staged"], [2.5, 3, 1.5, 4])
    if start == "sit":
        while not props:
            base, props = seated(chance)
        heading, style = chance.pick([0.0, np.pi / 2, -np.pi / 2], [2, 1, 1]) + chance.normal(0.3), chance.pick(["slide", "slide_staged"])
    if start == "bed":                       # backwards onto a bed behind
        heading, style, props = np.pi + chance.normal(0.2), "onto", [("bed", 0.0, -0.42, 0.0, chance.style(0.35, 0.5))]
    if start == "walk":
        walking, speed = gait(chance, at, "walk")
        ahead = speed * (LEAD + 0.2)
        base = dict(base, pelvis=add(base, "pelvis", 0, 0, ahead), left_foot=add(base, "left_foot", 0, 0, ahead - 0.15), right_foot=add(base, "right_foot", 0, 0, ahead + 0.2))
        heading = chance.normal(0.5) if chance.yes(0.7) else heading
    keys, core = descent(chance, base, heading, style, props)
    tracks = enliven(chance, at, keyed(at, keys, base))
    if walking:
        tracks = blended(walking, tracks, at, LEAD - 0.15, 0.35)
    take = Take(joints_of(tracks), "fall", core, False, props)
    return take.mirrored() if chance.yes(0.5) else take


# How long a fall takes, how far it carries the hips (metres), and where its core begins (share of its length).
STYLES = {"stiff": ((0.55, 1.0), (0.6, 0.9), 0.25), "buckle": ((0.6, 1.1), (0.25, 0.6), 0.25), "collapse": ((1.1, 2.2), (0.1, 0.4), 0.3),
          "staged": ((1.2, 2.4), (0.1, 0.45), 0.3), "slide": ((0.6, 1.4), (0.35, 0.6), 0.2), "slide_staged": ((1.1, 2.2), (0.5, 0.8), 0.2), "onto": ((0.6, 1.3), (0.55, 0.62), 0.25)}


def descent(chance, base, heading, style, props):
    """Keys from the base pose down to lying, and the seconds of the fall's core."""
    lasting, carrying, share = STYLES[style]
    length, far = chance.style(*lasting), chance.style(*carrying)
    way = np.array([np.sin(heading), np.cos(heading)])
    x0, height, z0 = base["pelvis"]
    end = shifted(lying(chance, heading), x0 + far * way[0], z0 + far * way[1])
    flat = np.array(end["tilt"])
    brace = (chance.style(0.1, 0.5), chance.style(-0.3, 0.5), chance.style(0.4, 0.9)) if chance.yes(0.6) else (chance.style(0.5, 0.9), chance.style(0.0, 0.7), chance.style(-0.3, 0.3))
    down = (chance.style(0.1, 0.5), -0.92, chance.style(0.0, 0.4))         # a hand that looks for the floor
    t0, t1 = LEAD, LEAD + length
    at_part = lambda part: t0 + part * length
    place = lambda part, up: (x0 + part * far * way[0], up, z0 + part * far * way[1])
    bow = 0.5 if way[1] > -0.3 else 0.25
    keys = [(t0, {name: base[name] for name in ("pelvis", "tilt", "bend", "left_hand", "right_hand", "left_foot", "right_foot")} | {"free": 0.0, "spin": 0.0})]
    if style == "stiff":
        keys += [(at_part(0.45), dict(pelvis=place(0.25, height - 0.04), tilt=tuple(0.22 * flat), left_hand=brace, right_hand=brace)),
                 (at_part(0.75), dict(pelvis=place(0.65, 0.66 * height), tilt=tuple(0.55 * flat), free=0.3))]
    elif style in ("buckle", "collapse"):
        keys += [(at_part(0.35), dict(pelvis=place(0.1, 0.80 * height), tilt=tuple(0.10 * flat), bend=(0.7 * bow, 0, chance.normal(0.15)), left_hand=brace)),
                 (at_part(0.65), dict(pelvis=place(0.5, 0.42 * height), tilt=tuple(0.28 * flat), free=0.0, right_hand=brace)),
                 (at_part(0.85), dict(pelvis=place(0.8, 0.22 * height), tilt=tuple(0.7 * flat), free=0.5))]
    elif style == "staged":                  # crouches, a hand to the floor, sits or kneels, then goes over
        rest = chance.uniform(0.0, 0.12)
        keys += [(at_part(0.15), dict(pelvis=place(0.0, 0.93 * height), bend=(0.6 * bow, 0, chance.normal(0.1)))),
                 (at_part(0.38), dict(pelvis=place(0.1, 0.45 * height), tilt=(0.35, 0), bend=(bow, 0, chance.normal(0.1)), right_hand=down, left_hand=down if chance.yes(0.5) else brace)),
                 (at_part(0.55), dict(pelvis=place(0.5, 0.24 * height), tilt=tuple(0.15 * flat + [0.15, 0]), free=0.0)),
                 (at_part(0.60 + rest), dict(pelvis=place(0.6, 0.2 * height), tilt=tuple(0.22 * flat), free=0.1)),
                 (at_part(0.85), dict(pelvis=place(0.9, 0.16), tilt=tuple(0.75 * flat), free=0.7))]
    elif style == "slide_staged":            # leans far out of the seat, hands to the floor, knees, then over
        keys += [(at_part(0.25), dict(pelvis=place(0.1, height), tilt=tuple(0.5 * flat), bend=(0.4, 0, 0), left_hand=brace, right_hand=down)),
                 (at_part(0.5), dict(pelvis=place(0.55, 0.85 * height), tilt=tuple(0.75 * flat), bend=(0.5, 0, 0), left_hand=(0.1, -0.4, 0.85), right_hand=(0.1, -0.4, 0.85), free=0.0)),
                 (at_part(0.75), dict(pelvis=place(0.85, 0.5 * height), tilt=tuple(0.85 * flat), free=0.4))]
    elif style == "onto":
        up = props[0][4] + 0.13
        end = dict(end, pelvis=(end["pelvis"][0], up, end["pelvis"][2]), free=0.0 if chance.yes(0.7) else 0.6, spin=chance.normal(0.2))
        keys += [(at_part(0.5), dict(pelvis=place(0.5, 0.82 * height), tilt=tuple(0.3 * flat), left_hand=brace, right_hand=brace))]
    else:
        keys += [(at_part(0.4), dict(pelvis=place(0.15, height), tilt=tuple(0.35 * flat), left_hand=brace)),
                 (at_part(0.7), dict(pelvis=place(0.7, 0.55 * height), tilt=tuple(0.75 * flat), free=0.3, right_hand=brace))]
    bounce = dict(end, tilt=tuple(0.94 * flat), pelvis=add(end, "pelvis", 0, 0.05, 0), left_hand=brace, right_hand=brace)
    hard = "staged" not in style and style != "collapse"
    keys += [(t1, dict(end, left_hand=brace, right_hand=brace))]
    keys += [(t1 + 0.12, bounce), (t1 + 0.25, dict(end, left_hand=brace, right_hand=brace))] if hard else []
    keys += [(t1 + chance.uniform(0.4, 1.0), end)]
    if chance.yes(0.3):                      # rolls or draws in a leg later on
        later = dict(end, spin=end["spin"] + chance.normal(0.6), left_foot_free=(0.15, -0.6, 0.4), right_hand=(-0.3, -0.3, 0.45))
        keys.append((t1 + chance.uniform(1.2, 2.2), later))
    return keys, (t0 + share * length, t1 + 0.05)


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
