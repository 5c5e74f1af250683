"""Actions of the arms: wave, clap, punch, throw."""
import numpy as np

from ..skeleton import joints_of
from ..take import Take
from ..tracks import enliven, keyed, smooth, times
from .stance import add, standing

LEAD, TAIL = 1.8, 1.9                       # seconds of standing before and after, so that any window fits


def finish(chance, tracks, at, label, core, cyclic):
    take = Take(joints_of(enliven(chance, at, tracks)), label, core, cyclic)
    return take.mirrored() if chance.yes(0.5) else take


def envelope(at, start, end, rise):
    return smooth([start - rise, start, end, end + rise], [0, 1, 1, 0], at)


def wave(chance):
    rate = chance.style(0.5, 2.6)
    length = chance.uniform(2.2, 4.0)
    start, end = LEAD, LEAD + length
    at = times(end + TAIL)
    base = standing(chance, chance.pick(["hanging", "relaxed", "one_hip", "pockets"], [4, 4, 1, 1]))
    height = chance.style(0.15, 1.0)
    outward = chance.style(0.1, 0.65) * (1.1 - 0.6 * max(height - 0.4, 0))
    centre = np.array([outward, height, chance.style(0.05, 0.5)])
    swing = chance.style(0.2, 0.6)
    phase = 2 * np.pi * rate * at + chance.uniform(0, 6.28)
    axis = np.array([1.0, chance.normal(0.12), chance.normal(0.1)])
    if chance.yes(0.12):                     # fingers down: a wave up and down
        axis = np.array([0.2, 1.0, 0.2])
    beat = np.sin(phase) + chance.style(-0.2, 0.2) * np.sin(2 * phase)
    raised = centre + 0.5 * swing * beat[:, None] * axis
    raised[:, 1] -= 0.5 * swing * 0.35 * beat ** 2
    on = envelope(at, start, end, chance.style(0.25, 0.6))[:, None]
    tracks = keyed(at, [], base)
    arms = ["right"] if chance.yes(0.86) else ["right", "left"]
    for arm in arms:
        sign = 1 if arm == "right" or chance.yes(0.5) else -1
        mine = centre + sign * (raised - centre)
        tracks[arm + "_hand"] = tracks[arm + "_hand"] * (1 - on) + mine * on
        tracks[arm + "_pole"] = tracks[arm + "_pole"] * (1 - on) + np.array([0.8, -0.9, -0.25]) * on
        tracks["shrug"][:, 0 if arm == "left" else 1] += 0.05 * on[:, 0] * max(height, 0)
    tracks["bend"][:, 2] += chance.normal(0.05) * on[:, 0]
    return finish(chance, tracks, at, "wave", (start, end), True)


def clap(chance):
    rate = chance.style(1.2, 4.0)
    length = chance.uniform(2.2, 3.5)
    start, end = LEAD, LEAD + length
    at = times(end + TAIL)
    tracks = keyed(at, [], standing(chance, chance.pick(["hanging", "relaxed", "front"])))
    height, forward = chance.style(-0.45, 0.15), chance.style(0.42, 0.75)
    if chance.yes(0.12):
        height, forward = chance.style(0.5, 0.95), chance.style(0.1, 0.3)
    open_ = chance.style(0.16, 0.6)
    closed = -0.34 + 0.01
    beat = (0.5 + 0.5 * np.sin(2 * np.pi * rate * at + chance.uniform(0, 6))) ** chance.style(0.7, 1.5)
    on = envelope(at, start, end, chance.style(0.25, 0.5))[:, None]
    still = chance.yes(0.3)                  # one hand waits for the other
    for arm, moves in (("left", 1.0), ("right", 0.15 if still else 1.0)):
        tilt = chance.normal(0.04)
        target = np.stack([closed + open_ * beat * moves, height + tilt * beat, forward - 0.1 * open_ * beat * moves], -1)
        tracks[arm + "_hand"] = tracks[arm + "_hand"] * (1 - on) + target * on
        tracks[arm + "_pole"] = tracks[arm + "_pole"] * (1 - on) + np.array([0.9, -0.8, -0.2]) * on
    return finish(chance, tracks, at, "clap", (start, end), True)


def turned(hand, angle):
    """A hand's place turned about the shoulder, outward."""
    x, y, z = hand
    return (x * np.cos(angle) + z * np.sin(angle), y, z * np.cos(angle) - x * np.sin(angle))


def punch(chance):
    guard = (chance.style(-0.32, -0.05), chance.style(-0.35, 0.15), chance.style(0.3, 0.5))
    low = standing(chance, "hanging")["right_hand"]
    base = standing(chance, "hanging")
    guarded = chance.yes(0.7)
    rest = guard if guarded else low
    stagger = chance.style(0.0, 0.25)
    base.update(left_foot=add(base, "left_foot", 0, 0, stagger), right_foot=add(base, "right_foot", 0, 0, -stagger),
                pelvis=add(base, "pelvis", 0, -0.15 * stagger, 0))
    keys, now = [(0.0, dict(left_hand=base["left_hand"], right_hand=base["right_hand"], bend=base["bend"]))], LEAD
    keys.append((now - 0.55, dict(left_hand=base["left_hand"], right_hand=base["right_hand"])))
    keys.append((now - 0.1, dict(left_hand=rest, right_hand=rest, left_pole=(0.6, -1, -0.3), right_pole=(0.6, -1, -0.3))))
    aim = chance.normal(0.25) if chance.yes(0.75) else chance.uniform(0.3, 1.1) * chance.sign()
    count, arm = chance.pick([1, 2, 3, 4, 5], [3, 3, 3, 2, 2]), chance.pick(["left", "right"])
    speed = chance.style(0.7, 1.4)
    kind = chance.pick(["straight", "hook", "upper", "low"], [5, 1.5, 1, 1])
    for _ in range(count):
        out = chance.uniform(0.13, 0.22) / speed
        back = chance.uniform(0.16, 0.35) / speed
        sign = 1.0 if arm == "left" else -1.0
        reach = chance.style(0.85, 1.0)
        hit = {"straight": (-0.25, chance.style(-0.1, 0.2), reach), "hook": (-0.55, 0.05, 0.65 * reach),
               "upper": (-0.2, chance.style(0.2, 0.5), 0.6), "low": (-0.2, -0.5, 0.8 * reach)}[kind]
        hit = turned(hit, -sign * aim)
        hold = chance.pick([0.04, chance.uniform(0.1, 0.7)], [3, 1])
        twist = chance.style(0.15, 0.7) + sign * aim * 0.4
        lean = chance.style(0.0, 0.2)
        wind = np.array(rest) + np.array([0.12, -0.05, -0.18]) * chance.style(0.2, 1.0)
        keys.append((now, {arm + "_hand": tuple(wind), "bend": (base["bend"][0], sign * 0.25 * twist, 0)}))
        keys.append((now + out, {arm + "_hand": hit, "bend": (base["bend"][0] + lean, -sign * twist, 0),
                                 "pelvis": add(base, "pelvis", 0, -0.03, 0.10 * lean)}))
        keys.append((now + out + hold, {arm + "_hand": hit, "bend": (base["bend"][0] + lean, -sign * twist, 0)}))
        now += out + hold + back
        keys.append((now, {arm + "_hand": tuple(rest), "pelvis": base["pelvis"], "bend": base["bend"]}))
        now += chance.uniform(0.02, 0.35)
        if chance.yes(0.65):
            arm = "left" if arm == "right" else "right"
        if chance.yes(0.3):
            kind = chance.pick(["straight", "hook", "upper"], [5, 1.5, 1])
    end = now
    at = times(end + 0.5 + TAIL)
    if chance.yes(0.5):
        keys.append((end + 0.5, dict(left_hand=base["left_hand"], right_hand=base["right_hand"])))
    tracks = keyed(at, keys, base)
    if guarded:                              # boxers bounce a little
        tracks["pelvis"][:, 1] -= chance.style(0.0, 0.05) * (0.5 + 0.5 * np.sin(2 * np.pi * chance.style(1, 2.5) * at))
    return finish(chance, tracks, at, "punch", (LEAD - 0.05, end), count > 2)


def throw(chance):
    base = standing(chance, chance.pick(["hanging", "relaxed", "front"]))
    style = chance.pick(["over", "side", "under", "push"], [5, 1.5, 2, 1])
    step = chance.style(0.0, 0.5)
    wind_time, hold, swing = chance.style(0.30, 0.8), chance.uniform(0.0, 0.25), chance.style(0.13, 0.26)
    wind, mid, let, after = {
        "over": ((0.35, 0.50, -0.45), (0.35, 0.75, 0.25), (0.05, 0.50, 0.85), (-0.35, -0.6, 0.6)),
        "side": ((0.75, 0.0, -0.55), (0.95, 0.05, 0.2), (0.2, 0.0, 0.95), (-0.6, -0.1, 0.45)),
        "under": ((0.15, -0.65, -0.72), (0.12, -0.98, 0.1), (0.05, -0.35, 0.9), (-0.1, 0.35, 0.8)),
        "push": ((-0.2, -0.2, 0.3), (-0.2, 0.0, 0.6), (-0.2, 0.2, 0.97), (-0.1, -0.1, 0.85)),
    }[style]
    jitter = lambda hand: tuple(np.array(hand) + chance.normal(0.07, 3))
    wind, mid, let, after = map(jitter, (wind, mid, let, after))
    twist, lean = chance.style(0.2, 0.8), chance.style(0.05, 0.45)
    t0 = LEAD
    t1, t2 = t0 + wind_time, t0 + wind_time + hold
    t3, t4, t5 = t2 + swing * 0.55, t2 + swing, t2 + swing + chance.uniform(0.18, 0.32)
    t6 = t5 + chance.uniform(0.4, 0.8)
    pole = (0.9, -0.3, -0.5)
    body = base["bend"][0]
    both = style == "push" or chance.yes(0.08)
    keys = [(t0, dict(right_hand=base["right_hand"], left_hand=base["left_hand"], bend=base["bend"], pelvis=base["pelvis"],
                      left_foot=base["left_foot"], right_pole=base["right_pole"])),
            (t1, dict(right_hand=wind, right_pole=pole, bend=(body - 0.12 * lean, -twist, -0.08), pelvis=add(base, "pelvis", 0, -0.02, -0.1 * step),
                      left_hand=wind if both else (0.2, -0.4, 0.7), left_foot=base["left_foot"])),
            (t2, dict(right_hand=wind, bend=(body - 0.12 * lean, -twist, -0.08))),
            (t3, dict(right_hand=mid, bend=(body + 0.3 * lean, 0.1 * twist, 0))),
            (t4, dict(right_hand=let, bend=(body + 0.7 * lean, 0.6 * twist, 0), pelvis=add(base, "pelvis", 0, -0.05 * step, 0.55 * step),
                      left_foot=add(base, "left_foot", 0, 0, step), left_hand=let if both else (0.3, -0.7, 0.2))),
            (t5, dict(right_hand=after, bend=(body + lean, 0.9 * twist, 0), pelvis=add(base, "pelvis", 0, -0.06 * step, 0.65 * step))),
            (t6, dict(right_hand=base["right_hand"], left_hand=base["left_hand"], bend=base["bend"], pelvis=add(base, "pelvis", 0, 0, 0.55 * step), right_pole=base["right_pole"]))]
    if step > 0.1:
        keys.append(((t2 + t4) / 2, dict(left_foot=add(base, "left_foot", 0, 0.10, 0.5 * step))))
        keys.append((t5 + 0.05, dict(right_foot=base["right_foot"])))
        keys.append((t6, dict(right_foot=add(base, "right_foot", 0, 0, 0.7 * step))))
    at = times(t6 + TAIL)
    return finish(chance, keyed(at, keys, base), at, "throw", (t1 - 0.2, t5), False)
