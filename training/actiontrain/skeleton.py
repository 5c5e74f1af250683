"""The 20 joints and the way from pose tracks to joint positions; limbs by two-bone IK, so bone lengths never change."""
import numpy as np

JOINTS = ["pelvis", "spine", "neck", "head", "l_shoulder", "l_elbow", "l_wrist", "l_hand", "r_shoulder", "r_elbow", "r_wrist",
          "r_hand", "l_hip", "l_knee", "l_ankle", "l_foot", "r_hip", "r_knee", "r_ankle", "r_foot"]
PARENTS = [-1, 0, 1, 2, 2, 4, 5, 6, 2, 8, 9, 10, 0, 12, 13, 14, 0, 16, 17, 18]
MIRROR = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 16, 17, 18, 19, 12, 13, 14, 15]
LIMBS = [(4, 5), (5, 6), (6, 7), (8, 9), (9, 10), (10, 11), (12, 13), (13, 14), (14, 15), (16, 17), (17, 18), (18, 19)]

UPPER_ARM, FOREARM, HAND = 0.28, 0.25, 0.08
THIGH, SHANK, ANKLE, FOOT = 0.42, 0.41, 0.08, 0.14
ARM, LEG = UPPER_ARM + FOREARM, THIGH + SHANK
HIP_DROP, HIP_SIDE, SHOULDER_SIDE = 0.07, 0.09, 0.18
STAND = ANKLE + LEG * 0.992 + HIP_DROP     # height of the pelvis of one who stands


def exponential(rotation):
    """Rotation vectors [..., 3] to matrices [..., 3, 3]."""
    rotation = np.asarray(rotation, np.float64)
    angle = np.linalg.norm(rotation, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(rotation, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([np.stack([zero, -z, y], -1), np.stack([z, zero, -x], -1), np.stack([-y, x, zero], -1)], -2)
    small = np.maximum(angle, 1e-8)
    return np.eye(3) + np.sin(angle) / small * cross + (1 - np.cos(angle)) / small ** 2 * (cross @ cross)


def turn(angle):
    """Rotation about the vertical, [T, 3, 3]."""
    zero = np.zeros_like(angle)
    return exponential(np.stack([zero, angle, zero], -1))


def rotate(matrix, vector):
    return (matrix @ np.broadcast_to(np.asarray(vector, np.float64), matrix.shape[:-1])[..., None])[..., 0]


def unit(vector):
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)


def two_bones(root, target, first, second, pole, floor=0.0):
    """Middle and end joint of a limb that reaches for target as far as it can, bent towards pole, but not into the floor."""
    line = target - root
    distance = np.linalg.norm(line, axis=-1, keepdims=True)
    way = line / np.maximum(distance, 1e-9)
    distance = np.clip(distance, abs(first - second) + 0.03, (first + second) * 0.999)
    along = (first ** 2 - second ** 2 + distance ** 2) / (2 * distance)
    aside = np.sqrt(np.maximum(first ** 2 - along ** 2, 0))
    bend = unit(pole - (pole * way).sum(-1, keepdims=True) * way)
    middle = root + way * along
    low = middle[:, 1] + aside[:, 0] * bend[:, 1] < floor + 0.05
    if low.any():
        bend[low] = raised(bend[low], way[low], (floor + 0.05 - middle[low, 1]) / np.maximum(aside[low, 0], 1e-3))
    return middle + bend * aside, root + way * distance


def raised(bend, way, wanted):
    """Turns bend about way until its upward part is as wanted, or as high as it gets."""
    up = np.array([0.0, 1.0, 0.0])
    best = unit(up - way[:, 1:2] * way)
    across = np.cross(way, best)
    cos = np.clip(np.maximum((bend * best).sum(-1), wanted / np.maximum(best[:, 1], 1e-3)), -1, 1)[:, None]
    sin = np.sqrt(1 - cos ** 2) * np.where((bend * across).sum(-1, keepdims=True) < 0, -1, 1)
    return best * cos + across * sin


def stepped(joints, hip, lift):
    """One foot raised by lift [T]; the knee follows."""
    move = np.stack([0 * lift, lift, 0 * lift], -1)
    pole = joints[:, hip + 1] - (joints[:, hip] + joints[:, hip + 2]) / 2 + (joints[:, hip + 3] - joints[:, hip + 2]) * 0.2
    foot = joints[:, hip + 3] - joints[:, hip + 2]
    first = np.linalg.norm(joints[0, hip + 1] - joints[0, hip])
    second = np.linalg.norm(joints[0, hip + 2] - joints[0, hip + 1])
    joints[:, hip + 1], joints[:, hip + 2] = two_bones(joints[:, hip], joints[:, hip + 2] + move, first, second, pole)
    joints[:, hip + 3] = joints[:, hip + 2] + foot


def joints_of(tracks, floor=0.0):
    """Joint positions [T, 20, 3] of pose tracks (see tracks.REST for their meaning)."""
    count = len(tracks["yaw"])
    out = np.zeros((count, 20, 3))
    zero = np.zeros(count)
    tilt = np.stack([tracks["tilt"][:, 0], zero, -tracks["tilt"][:, 1]], -1)
    hips = turn(tracks["yaw"]) @ exponential(tilt) @ turn(tracks["spin"])
    chest = hips @ exponential(tracks["bend"])
    head = chest @ exponential(tracks["nod"])
    pelvis = tracks["pelvis"].copy()
    trunk = {0: rotate(hips, (0, 0, 0)), 1: rotate(hips, (0, 0.12, 0))}
    trunk[2] = trunk[1] + rotate(chest, (0, 0.34, -0.01))
    trunk[3] = trunk[2] + rotate(head, (0, 0.17, 0.025))
    for side, shoulder, hip in ((1, 4, 12), (-1, 8, 16)):
        lift = tracks["shrug"][:, (0 if side > 0 else 1)]
        trunk[shoulder] = trunk[2] + (chest @ np.stack([zero + side * SHOULDER_SIDE, lift - 0.03, zero], -1)[..., None])[..., 0]
        trunk[hip] = trunk[0] + rotate(hips, (side * HIP_SIDE, -HIP_DROP, 0))
    lowest = np.min([trunk[joint][:, 1] for joint in trunk], axis=0) + pelvis[:, 1]
    pelvis[:, 1] += np.maximum(0.10 + floor - lowest, 0)
    for joint, place in trunk.items():
        out[:, joint] = pelvis + place
    for side, shoulder, hand, pole in ((1, 4, "left_hand", "left_pole"), (-1, 8, "right_hand", "right_pole")):
        mirror = np.array([side, 1.0, 1.0])
        target = out[:, shoulder] + (chest @ (tracks[hand] * mirror * ARM)[..., None])[..., 0]
        target[:, 1] = np.maximum(target[:, 1], floor + 0.04)
        bent = (chest @ (tracks[pole] * mirror)[..., None])[..., 0]
        out[:, shoulder + 1], out[:, shoulder + 2] = two_bones(out[:, shoulder], target, UPPER_ARM, FOREARM, bent)
        out[:, shoulder + 3] = out[:, shoulder + 2] + unit(out[:, shoulder + 2] - out[:, shoulder + 1]) * HAND
    for side, hip, foot in ((1, 12, "left_foot"), (-1, 16, "right_foot")):
        mirror = np.array([side, 1.0, 1.0])
        free = out[:, hip] + (hips @ (tracks[foot + "_free"] * mirror * LEG)[..., None])[..., 0]
        target = tracks[foot] * (1 - tracks["free"][:, None]) + free * tracks["free"][:, None]
        target[:, 1] = np.maximum(target[:, 1], floor + 0.06)
        splay = (hips @ (np.stack([side * tracks["splay"], zero, zero + 1], -1))[..., None])[..., 0]
        knee, ankle = two_bones(out[:, hip], target, THIGH, SHANK, splay)
        shin = unit(ankle - knee)
        toes = unit(splay - 0.75 * (splay * shin).sum(-1, keepdims=True) * shin) * 0.92 + shin * 0.40
        place = ankle + unit(toes) * FOOT
        under = place[:, 1] < floor + 0.02
        if under.any():                                   # a toe under the floor is bent up, the bone keeps its length
            drop = np.clip((floor + 0.02 - ankle[under, 1]) / FOOT, -0.98, 0.98)
            flat = toes[under] * np.array([1.0, 0.0, 1.0])
            level = unit(flat) * np.sqrt(1 - drop ** 2)[:, None]
            level[:, 1] = drop
            place[under] = ankle[under] + level * FOOT
        out[:, hip + 1], out[:, hip + 2], out[:, hip + 3] = knee, ankle, place
    return out
