"""Cats and dogs: things that move in a room and are nobody, so that movement alone never means an action."""
import numpy as np

from .body import colour
from .skeleton import unit


class Pet:
    """Drawn like a Person: capsules from 20 points, of which a pet only needs a few."""

    def __init__(self, chance):
        self.size, self.width = chance.style(0.5, 1.3), 1.0
        self.fur, self.second = colour(chance), colour(chance)
        self.scale = chance.style(5, 26)
        self.pattern = chance.pick(["plain", "blotch", "bands"], [3, 2, 1])

    def capsules(self, joints):
        size = self.size
        tail, chest = joints[:, 0], joints[:, 2]
        way, up = unit(chest - tail), np.array([0.0, 1.0, 0.0])
        head = joints[:, 3]
        parts = [(tail, chest, 0.09 * size, 0.10 * size, self.pattern), (chest + up * 0.03, head, 0.07 * size, 0.07 * size, "plain"),
                 (head, head + way * 0.08 * size, 0.07 * size, 0.04 * size, "plain"),
                 (tail, tail - way * 0.2 * size + up * 0.15 * size, 0.025 * size, 0.015 * size, "plain")]
        parts += [(joints[:, top], joints[:, foot], 0.04 * size, 0.025 * size, "plain") for top, foot in ((12, 14), (16, 18), (4, 7), (8, 11))]
        return [(a, b, ra, rb, self.fur, self.fur, 2.0, pattern, None) for a, b, ra, rb, pattern in parts]


def path(chance, at, size, middle):
    """The points of a pet that walks, runs or rests near `middle`, at the times `at`."""
    speed = chance.pick([0.0, chance.uniform(0.2, 0.8), chance.uniform(0.8, 2.2)], [1, 3, 1])
    heading = chance.uniform(-np.pi, np.pi) + chance.normal(0.5) * at
    way = np.stack([np.sin(heading), 0 * heading, np.cos(heading)], -1)
    travel = speed * at - speed * at[-1] / 2
    start = np.array([middle[0], 0, middle[2]]) + np.array([chance.normal(0.7), 0, chance.normal(0.7)])
    tail = start + way * travel[:, None] + np.array([0, 0.28 * size, 0])
    points = np.repeat(tail[:, None], 20, 1)
    side = np.stack([way[:, 2], 0 * heading, -way[:, 0]], -1)
    points[:, 1] += way * 0.2 * size
    points[:, 2] = points[:, 1] + way * 0.2 * size
    points[:, 3] = points[:, 2] + way * 0.1 * size + np.array([0, 0.13 * size, 0]) + 0.03 * np.sin(at * 3)[:, None] * side
    rate = 2 * np.pi * (1.2 + speed)
    for base, top, joints, phase, sign in ((0, 12, (13, 14, 15), 0, 1), (0, 16, (17, 18, 19), np.pi, -1), (2, 4, (5, 6, 7), np.pi, 1), (2, 8, (9, 10, 11), 0, -1)):
        points[:, top] = points[:, base] + side * sign * 0.06 * size
        swing = np.sin(rate * at + phase)[:, None] * way * 0.12 * size * min(speed, 1.0)
        for joint in joints:
            points[:, joint] = points[:, top] * [1, 0.08, 1] + swing
    return points
