"""Sitting: a seat of some height, the way down to it and up from it, and people who just sit."""
import numpy as np

from ..skeleton import ANKLE
from ..tracks import keyed, times
from .arms import LEAD, TAIL, finish
from .stance import add, standing


def seated(chance, base=None):
    """A base pose on a seat, and the seat."""
    base = dict(base or standing(chance))
    kind = chance.pick(["chair", "sofa", "bed", "stool", "floor"], [5, 2, 2.5, 1, 0.5])
    height = {"chair": chance.style(0.40, 0.50), "sofa": chance.style(0.34, 0.46), "bed": chance.style(0.35, 0.55),
              "stool": chance.style(0.42, 0.65), "floor": 0.0}[kind]
    back = chance.style(0.36, 0.48)
    slouch = chance.style(-0.15, 0.25)
    lap = [(-0.12, -0.72, 0.42), (-0.25, -0.66, 0.45), (0.02, -0.8, 0.35), (-0.35, -0.4, 0.4), (0.3, -0.85, 0.0), (0.25, -0.8, -0.3)]
    knees = chance.style(0.08, 0.24)
    reach = chance.style(-0.08, 0.22) if kind != "floor" else chance.style(0.2, 0.55)
    pose = dict(base, pelvis=(0, height + 0.16, -back), left_foot=(knees, ANKLE, reach - 0.02 + chance.normal(0.04)),
                right_foot=(-knees, ANKLE, reach - 0.02 + chance.normal(0.04)), tilt=(-0.12 * slouch - (0.25 if kind == "sofa" else 0.05), 0),
                bend=(0.1 + max(slouch, 0), 0, 0), left_hand=chance.pick(lap, [4, 2, 3, 1, 1, 0.5]), right_hand=chance.pick(lap, [4, 2, 3, 1, 1, 0.5]),
                left_pole=(0.7, -0.4, -0.8), right_pole=(0.7, -0.4, -0.8), splay=chance.style(0.0, 0.35))
    props = [] if kind == "floor" else [(kind, 0.0, -back - 0.02, 0.0, height)]
    return pose, props


def sit_down(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed"]))
    pose, props = seated(chance, base)
    length = chance.style(0.8, 1.7)
    lean = chance.style(0.3, 0.9)
    t0, t1, t2 = LEAD, LEAD + 0.5 * length, LEAD + length
    reach = chance.pick([None, (0.1, -0.75, 0.4), (0.2, -0.85, -0.3), (0.0, -0.45, 0.75)])
    middle = dict(pelvis=tuple(0.45 * np.array(base["pelvis"]) + 0.55 * np.array(pose["pelvis"])), tilt=(lean * 0.6, 0), bend=(lean * 0.5, 0, 0))
    if reach:
        middle.update(left_hand=reach, right_hand=reach)
    relax = t2 + chance.uniform(0.15, 0.6)
    names = ("pelvis", "tilt", "bend", "left_hand", "right_hand", "left_foot", "right_foot", "left_pole", "right_pole")
    high = {name: base[name] for name in names}
    landed = dict(pelvis=pose["pelvis"], tilt=(lean * 0.35, 0), bend=(lean * 0.3, 0, 0), left_foot=base["left_foot"], right_foot=base["right_foot"])
    keys = [(t0, high), (t1, middle), (t2, landed), (relax, {name: pose[name] for name in names})]
    at = times(relax + TAIL)
    take = finish(chance, keyed(at, keys, dict(base, splay=pose["splay"])), at, "sit_down", (t0 + 0.15, t2), False)
    take.props += props
    return take


def stand_up(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed"]))
    pose, props = seated(chance, base)
    length = chance.style(0.7, 1.6)
    lean = chance.style(0.4, 1.0)
    ready = LEAD + chance.uniform(0.25, 0.6)
    t2 = ready + length
    push = chance.pick([(0.1, -0.7, 0.4), (0.22, -0.85, -0.15), (0.0, -0.5, 0.7), pose["left_hand"]])
    names = ("pelvis", "tilt", "bend", "left_hand", "right_hand", "left_foot", "right_foot", "left_pole", "right_pole")
    feet = dict(left_foot=base["left_foot"], right_foot=base["right_foot"])
    leant = dict(pelvis=add(pose, "pelvis", 0, 0.02, 0.08), tilt=(lean * 0.6, 0), bend=(lean * 0.5, 0, 0), left_hand=push, right_hand=push, **feet)
    middle = dict(pelvis=tuple(0.6 * np.array(base["pelvis"]) + 0.4 * np.array(pose["pelvis"])), tilt=(lean * 0.45, 0), bend=(lean * 0.35, 0, 0), **feet)
    keys = [(LEAD, {name: pose[name] for name in names}), (ready, leant), (ready + 0.45 * length, middle), (t2, {name: base[name] for name in names})]
    at = times(t2 + TAIL)
    take = finish(chance, keyed(at, keys, dict(base, splay=pose["splay"])), at, "stand_up", (ready - 0.1, t2 - 0.1), False)
    take.props += props
    return take
