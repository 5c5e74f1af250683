"""Actions of the legs and the whole body: kick, jump, jumping jack, squat, pick up."""
import numpy as np

from ..skeleton import ANKLE
from ..tracks import keyed, times, wobble
from .arms import LEAD, TAIL, envelope, finish
from .seats import seated
from .stance import add, standing


def kick(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed", "front"]))
    guard = chance.yes(0.4)
    arms = (-0.15, -0.2, 0.45) if guard else (chance.style(0.15, 0.6), chance.style(-0.9, -0.4), chance.style(-0.2, 0.3))
    other = (-0.15, -0.2, 0.45) if guard else (chance.style(0.15, 0.6), chance.style(-0.9, -0.4), chance.style(0.0, 0.5))
    kind = chance.pick(["front", "side", "ball", "high", "push"], [4, 2, 3, 2, 1])
    hip = base["pelvis"][1] - 0.07
    rise = {"front": chance.style(0.4, 0.9), "side": chance.style(0.4, 0.9), "ball": chance.style(0.1, 0.45),
            "high": chance.style(0.9, 1.4), "push": chance.style(0.5, 0.9)}[kind]
    far = {"side": 0.35}.get(kind, chance.style(0.6, 0.8))
    aside = -chance.style(0.55, 0.75) if kind == "side" else -0.08 + chance.normal(0.08)
    keys, now = [], LEAD
    keys.append((now - 0.3, dict(left_hand=base["left_hand"], right_hand=base["right_hand"])))
    count = chance.pick([1, 2, 3], [5, 3, 2])
    first = now
    lean = chance.style(-0.35, 0.05) if kind != "ball" else chance.style(-0.1, 0.2)
    side_lean = 0.35 if kind == "side" else 0.0
    for _ in range(count):
        wind, out, back = chance.style(0.18, 0.45), chance.style(0.12, 0.32), chance.style(0.25, 0.6)
        hold = chance.pick([0.06, chance.uniform(0.1, 0.4)], [3, 1])
        start = base["right_foot"]
        chamber = (start[0], 0.55 * rise + 0.15, 0.15) if kind not in ("ball", "high") else (start[0], 0.28, -0.35)
        hit = (aside, ANKLE + rise, far * np.sqrt(max(1 - ((rise - 0.85) / 1.1) ** 2, 0.2)))
        stand = add(base, "pelvis", 0.07, -0.01, 0)
        keys += [(now, dict(right_foot=start, pelvis=base["pelvis"], tilt=base["tilt"], left_hand=base["left_hand"] if now == LEAD else arms)),
                 (now + wind, dict(right_foot=chamber, pelvis=stand, left_hand=arms, right_hand=other, bend=(0.15, 0, 0))),
                 (now + wind + out, dict(right_foot=hit, pelvis=add(stand_base(stand), "pelvis", 0, 0, 0.06), tilt=(lean, side_lean), bend=(0.25 if kind == "high" else 0.1, 0.3, 0))),
                 (now + wind + out + hold, dict(right_foot=hit, tilt=(lean, side_lean))),
                 (now + wind + out + hold + 0.5 * back, dict(right_foot=(start[0], 0.3 + 0.2 * rise, 0.12), pelvis=stand, tilt=(0, 0))),
                 (now + wind + out + hold + back, dict(right_foot=start, pelvis=base["pelvis"], tilt=base["tilt"], bend=base["bend"]))]
        now += wind + out + hold + back + chance.uniform(0.05, 0.3)
        end = now - 0.25
    keys.append((now + 0.4, dict(left_hand=base["left_hand"], right_hand=base["right_hand"])))
    at = times(now + TAIL)
    single_end = end if count == 1 else first + 1.1
    return finish(chance, keyed(at, keys, base), at, "kick", (first, single_end if count == 1 else end), count > 1)


def stand_base(pelvis):
    return {"pelvis": pelvis}


def flight(at, start, duration, height):
    u = (at - start) / duration
    return np.where((u > 0) & (u < 1), 4 * height * u * (1 - u), 0)


def jump(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed"]))
    count = chance.pick([1, 2, 3, 4], [6, 2, 1, 2])
    height = chance.style(0.08, 0.45)
    air = 2 * np.sqrt(2 * height / 9.81)
    forward = chance.pick([0.0, chance.style(0.2, 1.2)], [1, 1]) if count < 3 else 0.0
    dip, crouch = chance.style(0.10, 0.38), chance.style(0.25, 0.55)
    swing, up = chance.style(0.0, 1.0), chance.style(-0.2, 0.9)
    tuck = chance.style(0.0, 0.35)
    now, keys, lifts, ahead = LEAD, [], [], 0.0
    feet = lambda name: add(base, name, 0, 0, ahead)
    for turn in range(count):
        if turn:
            crouch = chance.uniform(0.12, 0.3)
        keys += [(now, dict(pelvis=add(base, "pelvis", 0, 0, ahead), tilt=(0, 0), left_foot=feet("left_foot"), right_foot=feet("right_foot"),
                            left_hand=base["left_hand"], right_hand=base["right_hand"])),
                 (now + crouch * 0.75, dict(pelvis=add(base, "pelvis", 0, -dip, ahead - 0.1 * dip), tilt=(1.3 * dip, 0),
                                            left_hand=(0.15, -0.8, 0.1 - 0.7 * swing), right_hand=(0.15, -0.8, 0.1 - 0.7 * swing))),
                 (now + crouch, dict(pelvis=add(base, "pelvis", 0, 0.02, ahead), tilt=(0.1, 0), left_foot=feet("left_foot"), right_foot=feet("right_foot")))]
        lifts.append((now + crouch, air))
        hands = (0.25, up * swing - 0.6 * (1 - swing), 0.5)
        ahead += forward
        middle = now + crouch + air / 2
        keys += [(middle, dict(left_hand=hands, right_hand=hands, left_foot=add(base, "left_foot", 0, tuck, ahead - forward / 2),
                               right_foot=add(base, "right_foot", 0, tuck, ahead - forward / 2))),
                 (now + crouch + air, dict(pelvis=add(base, "pelvis", 0, 0.0, ahead), left_foot=feet("left_foot"), right_foot=feet("right_foot"))),
                 (now + crouch + air + 0.14, dict(pelvis=add(base, "pelvis", 0, -0.6 * dip, ahead), tilt=(0.5 * dip, 0),
                                                  left_hand=(0.25, -0.7, 0.3), right_hand=(0.25, -0.7, 0.3)))]
        now += crouch + air + 0.3
    keys.append((now + 0.15, dict(pelvis=add(base, "pelvis", 0, 0, ahead), tilt=(0, 0), left_hand=base["left_hand"], right_hand=base["right_hand"])))
    at = times(now + 0.15 + TAIL)
    tracks = keyed(at, keys, base)
    up_y = sum(flight(at, start, length, height) for start, length in lifts)
    for name in ("pelvis", "left_foot", "right_foot"):
        tracks[name][:, 1] += up_y
    last = lifts[-1]
    return finish(chance, tracks, at, "jump", (LEAD + 0.1, last[0] + last[1] + 0.12), count > 2)


def jumping_jack(chance):
    rate = chance.style(0.6, 1.5)
    length = chance.uniform(2.3, 4.0)
    start, end = LEAD, LEAD + length
    at = times(end + TAIL)
    base = standing(chance, "hanging")
    tracks = keyed(at, [], base)
    on = envelope(at, start, end, 0.25)
    beat = (at - start) * rate
    open_ = np.clip((0.5 - 0.5 * np.cos(2 * np.pi * beat)) * 1.15 - 0.07, 0, 1) * on
    top, wide, hop = chance.style(1.9, 3.0), chance.style(0.12, 0.42), chance.style(0.01, 0.14)
    angle = 0.12 + open_ * top
    bent = chance.style(0.85, 1.0)
    for arm, foot, sign in (("left", "left_foot", 1), ("right", "right_foot", -1)):
        circle = np.stack([np.sin(angle), -np.cos(angle), 0.08 + 0 * angle], -1) * bent
        tracks[arm + "_hand"] = tracks[arm + "_hand"] * (1 - on[:, None]) + circle * on[:, None]
        tracks[arm + "_pole"][:] = (0.3, -0.5, -1)
        tracks["shrug"][:, 0 if sign > 0 else 1] += 0.07 * open_
        tracks[foot][:, 0] += sign * wide * open_
    air = hop * np.abs(np.sin(2 * np.pi * beat)) * on
    tracks["pelvis"][:, 1] += air - 0.55 * (wide * open_) ** 2 - 0.04 * (1 - np.abs(np.sin(2 * np.pi * beat))) * on
    for foot in ("left_foot", "right_foot"):
        tracks[foot][:, 1] += air
    return finish(chance, tracks, at, "jumping_jack", (start, end), True)


def squat(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed", "hips", "front"]))
    half = chance.style(0.10, 0.28)
    base.update(left_foot=(half, ANKLE, 0), right_foot=(-half, ANKLE, 0), splay=chance.style(0.2, 0.7))
    depth = chance.style(0.30, 0.68)
    down, hold, up = chance.style(0.5, 1.2), chance.pick([chance.uniform(0, 0.25), chance.uniform(0.6, 3.5)], [2, 1]), chance.style(0.45, 1.1)
    hands = chance.pick([(-0.1, 0.0, 0.95), (-0.4, -0.2, 0.4), base["left_hand"], (0.0, -0.5, 0.55), (0.05, -0.55, 0.5)], [3, 1, 1, 1, 1])
    count = chance.pick([1, 2, 3], [2, 2, 2])
    lean = depth * chance.style(0.4, 1.2)
    now, keys = LEAD, []
    low = dict(pelvis=add(base, "pelvis", 0, -depth, -0.25 * depth), tilt=(lean, 0), left_hand=hands, right_hand=hands, nod=(-0.4 * lean, 0, 0))
    high = dict(pelvis=base["pelvis"], tilt=(0, 0), left_hand=base["left_hand"], right_hand=base["right_hand"], nod=base["nod"])
    for _ in range(count):
        keys += [(now, high), (now + down, low), (now + down + hold + 0.02, low)]
        now += down + hold + 0.02 + up
        keys.append((now, high))
        now += chance.uniform(0.03, 0.4)
    at = times(now + TAIL)
    core = (LEAD + 0.15, now - 0.15) if count > 1 or hold > 0.5 else (LEAD + 0.15, LEAD + down + hold + 0.5 * up)
    tracks = keyed(at, keys, base)
    if hold > 0.5:                           # who stays down looks about and shifts
        tracks["bend"] += wobble(chance, at, 0.12, 0.3, 3)
        tracks["nod"] += wobble(chance, at, 0.25, 0.3, 3)
        tracks["yaw"] += wobble(chance, at, chance.style(0.0, 0.4), 0.15)
    return finish(chance, tracks, at, "squat", core, count > 1 or hold > 0.5)


def pick_up_seated(chance):
    """Somebody on a seat who takes something from the floor."""
    base, props = seated(chance)
    aside, down, hold, up = chance.style(-0.1, 0.5), chance.style(0.45, 1.0), chance.uniform(0.05, 0.5), chance.style(0.5, 1.1)
    t3 = LEAD + down + hold + up
    names = ("tilt", "bend", "right_hand", "left_hand", "nod")
    high = {name: base[name] for name in names}
    low = dict(tilt=(chance.style(0.6, 0.9), 0.35 * aside), bend=(chance.style(0.5, 0.9), -0.3 * aside, 0.2 * aside), right_hand=(aside, -0.85, 0.4), nod=(-0.1, 0, 0))
    at = times(t3 + TAIL)
    keys = [(LEAD, high), (LEAD + down, low), (LEAD + down + hold, low), (t3, dict(high, right_hand=chance.pick([base["right_hand"], (-0.2, -0.4, 0.5)])))]
    take = finish(chance, keyed(at, keys, base), at, "pick_up", (LEAD + 0.12, t3 - 0.12), False)
    take.props += props
    return take


def pick_up(chance):
    if chance.yes(0.15):
        return pick_up_seated(chance)
    base = standing(chance, chance.pick(["hanging", "relaxed"]))
    crouch = chance.style(0.0, 1.0)          # 0: bends from the hips, 1: goes down on the knees
    drop = 0.10 + 0.42 * crouch
    fold = chance.style(1.0, 1.5) - 0.75 * crouch
    down, hold, up = chance.style(0.45, 1.0), chance.uniform(0.05, 0.5), chance.style(0.5, 1.1)
    both = chance.yes(0.35)
    x = chance.normal(0.15)
    stagger = chance.style(0, 0.2)
    base["left_foot"] = add(base, "left_foot", 0, 0, stagger)
    reach = (-0.1 + 0.2 * x, -0.85, 0.45) if crouch > 0.5 else (-0.1, -0.6, 0.75)
    low = dict(pelvis=add(base, "pelvis", 0, -drop, -0.22 * (1 - crouch) - 0.05), tilt=(0.55 * fold, 0), bend=(0.45 * fold + 0.2, x, 0.3 * x),
               right_hand=reach, left_hand=reach if both else (0.1, -0.7, 0.4), nod=(-0.15, 0, 0))
    high = dict(pelvis=base["pelvis"], tilt=(0, 0), bend=base["bend"], right_hand=base["right_hand"], left_hand=base["left_hand"], nod=base["nod"])
    carry = chance.pick([base["right_hand"], (-0.1, -0.4, 0.5), (0.1, -0.7, 0.3)])
    t0 = LEAD
    t3 = t0 + down + hold + up
    after = dict(high, right_hand=carry, left_hand=carry if both else base["left_hand"])
    keys = [(t0, high), (t0 + down, low), (t0 + down + hold, low), (t3, after)]
    at = times(t3 + TAIL)
    return finish(chance, keyed(at, keys, base), at, "pick_up", (t0 + 0.12, t3 - 0.12), False)
