"""How people stand before and after an action: width of the feet, what the arms do, a slouch."""
import numpy as np

from .. import skeleton
from ..skeleton import ANKLE

ARMS = {
    "hanging": ((0.13, -0.96, 0.08), (0.13, -0.96, 0.08)), "relaxed": ((0.2, -0.92, 0.16), (0.16, -0.93, 0.12)),
    "hips": ((0.10, -0.62, 0.02), (0.10, -0.62, 0.02)), "one_hip": ((0.10, -0.62, 0.02), (0.13, -0.96, 0.08)),
    "pockets": ((0.06, -0.78, 0.12), (0.06, -0.78, 0.12)), "folded": ((-0.42, -0.42, 0.34), (-0.42, -0.36, 0.38)),
    "behind": ((-0.22, -0.76, -0.28), (-0.22, -0.76, -0.28)), "front": ((-0.28, -0.78, 0.28), (-0.28, -0.78, 0.30)),
}
POLES = {"hips": (1.0, -0.1, -0.3), "one_hip": (1.0, -0.1, -0.3), "pockets": (0.8, -0.1, -0.7), "folded": (0.8, -0.6, -0.1)}


def standing(chance, arms=None):
    """A base pose for tracks.keyed."""
    arms = arms or chance.pick(list(ARMS), [6, 6, 1, 1, 1, 1, 0.6, 1])
    left, right = (np.array(hand) + chance.normal(0.03, 3) for hand in ARMS[arms])
    if chance.yes(0.5):
        left, right = right, left
    pole = POLES.get(arms, (0.35, -0.2, -1))
    half = chance.style(0.06, 0.20)
    step = chance.normal(0.05)
    slouch = chance.style(-0.04, 0.16)
    bent = chance.style(0.0, 0.04)
    return {
        "pelvis": (chance.normal(0.02), skeleton.STAND - bent - half ** 2 * 0.5, 0.0),
        "left_foot": (half, ANKLE, step), "right_foot": (-half, ANKLE, -step), "splay": chance.style(0.0, 0.45),
        "bend": (slouch, 0, 0), "nod": (chance.style(-0.1, 0.35) - slouch, chance.normal(0.25), chance.normal(0.05)),
        "left_hand": tuple(left), "right_hand": tuple(right), "left_pole": pole, "right_pole": pole,
        "yaw": 0.0, "tilt": (0.0, 0.0),
    }


def add(base, name, *offset):
    """The base value of a track plus an offset."""
    return tuple(np.asarray(base[name], float) + np.asarray(offset, float))
