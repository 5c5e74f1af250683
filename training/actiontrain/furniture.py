"""Things in a room, each made of a few boxes: (x, z, yaw, half x, half z, bottom, top, material)."""
import numpy as np

from .materials import material

CLOTH = ["plain", "stripes", "check", "spots", "cloud"]


def put(x, z, yaw, pieces):
    """Boxes given in a thing's own frame (its front is +z), moved to its place."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    return [(x + cos * px + sin * pz, z - sin * px + cos * pz, yaw, hx, hz, low, high, stuff) for px, pz, hx, hz, low, high, stuff in pieces]


def legs(hx, hz, high, thick, stuff):
    return [(sx * (hx - thick), sz * (hz - thick), thick, thick, 0.0, high, stuff) for sx in (-1, 1) for sz in (-1, 1)]


def chair(chance, height=None):
    height = height or chance.style(0.4, 0.5)
    wood = material(chance, ["plain", "planks"], dark=0.05, light=0.8)
    half = chance.style(0.19, 0.27)
    pieces = [(0, 0, half, half, height - 0.05, height, wood), *legs(half, half, height - 0.05, 0.022, wood)]
    back = chance.style(0.35, 0.55)
    if chance.yes(0.3):
        pieces[0] = (0, 0, half, half, 0.0, height, wood)
        del pieces[1:]
    return pieces + [(0, -half + 0.02, half, 0.025, height, height + back, wood)]


def stool(chance, height=None):
    height = height or chance.style(0.42, 0.65)
    wood = material(chance, ["plain"])
    half = chance.style(0.14, 0.2)
    return [(0, 0, half, half, height - 0.05, height, wood), *legs(half, half, height - 0.05, 0.02, wood)]


def sofa(chance, height=None, long=None):
    height = height or chance.style(0.36, 0.48)
    cloth, wide = material(chance, CLOTH, [6, 1, 1, 1, 1]), long or chance.style(0.4, 1.1)
    return [(0, 0, wide, 0.38, 0.0, height, cloth), (0, -0.40, wide, 0.12, 0.0, height + chance.style(0.3, 0.5), cloth),
            (-wide - 0.08, 0, 0.09, 0.42, 0.0, height + 0.18, cloth), (wide + 0.08, 0, 0.09, 0.42, 0.0, height + 0.18, cloth)]


def bed(chance, height=None, across=True):
    """Across: somebody sits on its long side; otherwise its long side is +z, the head's."""
    height = height or chance.style(0.35, 0.6)
    wood, cloth, pillow = material(chance, ["plain", "planks"]), material(chance, CLOTH), material(chance, CLOTH, light=1.0, dark=0.4)
    half, long = chance.style(0.42, 0.8), chance.style(0.95, 1.1)
    if across:
        side = chance.sign()
        return [(0, -half + 0.25, long, half, 0.0, height - 0.15, wood), (0, -half + 0.25, long, half, height - 0.15, height, cloth),
                (side * (long - 0.25), -half + 0.25, 0.2, half * 0.7, height, height + 0.09, pillow), (side * long, -half + 0.25, 0.03, half, 0, height + 0.4, wood)]
    return [(0, 0, half, long, 0.0, height - 0.15, wood), (0, 0, half, long, height - 0.15, height - 0.01, cloth),
            (0, long, half, 0.03, 0, height + chance.style(0.15, 0.5), wood)]


def couch(chance, height):
    """A sofa to lie on: long along z."""
    cloth = material(chance, CLOTH)
    side = chance.sign()
    return [(0, 0, 0.38, 1.0, 0.0, height - 0.01, cloth), (side * 0.42, 0, 0.11, 1.0, 0.0, height + 0.38, cloth),
            (0, 1.05, 0.4, 0.09, 0, height + 0.2, cloth), (0, -1.05, 0.4, 0.09, 0, height + 0.2, cloth)]


def table(chance):
    wood, high = material(chance, ["plain", "planks"]), chance.style(0.4, 0.95)
    hx, hz = chance.style(0.25, 0.9), chance.style(0.2, 0.5)
    things = [(chance.uniform(-hx, hx) * 0.8, chance.uniform(-hz, hz) * 0.8, chance.uniform(0.03, 0.15), chance.uniform(0.03, 0.12), high, high + chance.uniform(0.03, 0.4), material(chance, CLOTH))
              for _ in range(chance.integer(0, 4))]
    return [(0, 0, hx, hz, high - 0.04, high, wood), *legs(hx, hz, high - 0.04, 0.03, wood), *things]


def cupboard(chance):
    return [(0, 0, chance.style(0.25, 0.8), chance.style(0.15, 0.3), 0.0, chance.style(0.5, 2.1), material(chance, ["plain", "shelf", "planks", "tiles"], [3, 3, 1, 1]))]


def clutter(chance):
    half = chance.style(0.08, 0.35)
    low = chance.pick([0.0, chance.uniform(0.4, 1.4)], [3, 1])
    return [(0, 0, half, half * chance.uniform(0.5, 1.3), low, low + chance.uniform(0.1, 0.7), material(chance, CLOTH))]


SEATS = {"chair": chair, "stool": stool, "sofa": sofa, "bed": bed}


def seat_of(chance, kind, height, lying):
    if kind == "bed" and lying:
        return bed(chance, height, across=False)
    return couch(chance, height) if kind == "couch" else SEATS[kind](chance, height)


ANY = [chair, sofa, bed, table, cupboard, clutter]
WEIGHTS = [2, 1, 1, 2, 3, 3]
