"""A person's look: proportions, clothes, skin; turns joints into tapered capsules that the rasteriser draws."""
import colorsys

import numpy as np

from .materials import hue
from .skeleton import unit

SKIN = np.array([[0.95, 0.80, 0.70], [0.88, 0.68, 0.55], [0.78, 0.56, 0.42], [0.60, 0.41, 0.29], [0.42, 0.28, 0.20], [0.28, 0.18, 0.13]])


def colour(chance, dark=0.03, light=0.95):
    """A cloth's colour: often grey, black, white or blue, sometimes bright."""
    if chance.yes(0.45):
        return np.full(3, chance.style(dark, light)) * (1 + chance.normal(0.04, 3))
    return np.array(colorsys.hsv_to_rgb(hue(chance) if chance.yes(0.6) else chance.style(0, 1), chance.uniform(0.1, 0.75), chance.style(max(dark, 0.1), light)))


class Person:
    def __init__(self, chance):
        build = chance.pick(["usual", "child", "heavy", "thin"], [7, 1, 2, 1.5])
        self.size = {"usual": chance.style(0.9, 1.12), "child": chance.style(0.6, 0.88), "heavy": chance.style(0.92, 1.1), "thin": chance.style(0.92, 1.12)}[build]
        self.width = {"usual": chance.style(0.9, 1.12), "child": chance.style(0.85, 1.0), "heavy": chance.style(1.15, 1.5), "thin": chance.style(0.78, 0.9)}[build]
        self.belly = self.width * (chance.style(1.0, 1.25) if build == "heavy" else chance.style(0.85, 1.05))
        self.head = chance.style(0.92, 1.1) * (1.22 if build == "child" else 1.0) / self.size ** 0.5
        self.loose = chance.style(1.0, 1.35)
        tone = chance.style(0, len(SKIN) - 1.001)
        self.skin = (SKIN[int(tone)] * (1 - tone % 1) + SKIN[int(tone) + 1] * (tone % 1)) * chance.uniform(0.85, 1.1)
        self.top, self.trousers, self.shoes = colour(chance), colour(chance, 0.02, 0.7), colour(chance, 0.02, 0.9)
        self.hair = np.array(chance.pick([(0.05, 0.04, 0.04), (0.13, 0.08, 0.05), (0.35, 0.22, 0.12), (0.75, 0.6, 0.35), (0.6, 0.6, 0.6), (0.9, 0.9, 0.9)], [5, 4, 2, 1, 1, 0.5]))
        self.sleeve = chance.pick([0.0, 0.45, 1.0], [0.6, 3, 5])           # share of the arm that is covered
        self.legs = chance.pick([1.0, 0.45, 0.0], [8, 1.5, 0.4])
        self.coat = chance.pick([0.0, chance.style(0.4, 1.0)], [8, 1.5])   # how far down the thighs a skirt or coat hangs
        self.coat_colour = self.top if chance.yes(0.5) else colour(chance)
        self.hat = chance.yes(0.12)
        self.long_hair = chance.yes(0.25)
        self.barefoot = chance.yes(0.2)
        self.pattern = chance.pick(["plain", "bands", "stripes", "check", "blotch", "print"], [5, 2, 1, 1, 2, 1])
        self.trouser_pattern = chance.pick(["plain", "blotch", "stripes"], [6, 2, 0.6])
        self.second = colour(chance)
        self.scale = chance.style(5, 26)

    def sized(self, joints):
        """The joints at this person's size; the floor stays where it is."""
        return joints * self.size

    def capsules(self, joints):
        """[T, 20, 3] joints (metres) to ends [T, C, 3], radii [C] and one look per capsule."""
        size, wide = self.size, self.width
        pelvis, spine, neck, head = (joints[:, k] for k in range(4))
        side = unit(joints[:, 4] - joints[:, 8])
        hips_side = unit(joints[:, 12] - joints[:, 16])
        up = unit(neck - pelvis)
        front = unit(np.cross(side, up))
        crown = unit(head - neck)
        face = unit(np.cross(side, crown))
        parts = []

        def part(a, b, ra, rb, first, second=None, cut=2.0, pattern="plain", axis=None):
            parts.append((a, b, ra * size, rb * size, first, first if second is None else second, cut, pattern, axis))

        top, trousers, skin = self.top, self.trousers, self.skin
        shoe = skin if self.barefoot else self.shoes
        loose = 1 + 0.5 * (self.loose - 1)
        hip_w, chest_w = 0.068 * wide * size, 0.088 * wide * size
        low = pelvis - up * 0.05 * size
        for sign in (1, -1):                  # trunk: two columns, a belly, a chest
            part(low + hips_side * sign * hip_w, neck - up * 0.16 * size + side * sign * chest_w, 0.098 * wide * loose, 0.092 * wide * loose, trousers, top, 0.22 if self.coat == 0 else -1, self.pattern)
        part(pelvis + up * 0.02 * size + front * 0.03 * self.belly * size, spine + up * 0.12 * size + front * 0.02 * size, 0.11 * self.belly, 0.115 * wide, top, pattern=self.pattern)
        part(neck - up * 0.15 * size - side * 0.10 * wide * size, neck - up * 0.15 * size + side * 0.10 * wide * size, 0.098 * wide ** 0.7, 0.098 * wide ** 0.7, top, pattern=self.pattern)
        left, right = joints[:, 4] - up * 0.015 * size, joints[:, 8] - up * 0.015 * size
        part(neck - up * 0.05 * size, left, 0.068, 0.062 * wide, top, pattern=self.pattern)
        part(neck - up * 0.05 * size, right, 0.068, 0.062 * wide, top, pattern=self.pattern)
        part(neck - up * 0.02 * size, head - crown * 0.03 * size, 0.052, 0.05, skin)
        big = self.head
        part(head - crown * 0.045 * size + face * 0.012 * size, head + crown * 0.045 * size, 0.074 * big, 0.085 * big, skin)
        cover = self.second if self.hat else self.hair
        part(head + crown * 0.04 * size - face * 0.028 * size, head + crown * 0.06 * size - face * 0.015 * size, 0.092 * big, 0.09 * big, cover)
        part(head - face * 0.035 * size - crown * (0.16 if self.long_hair else 0.02) * size, head + crown * 0.03 * size - face * 0.03 * size, (0.06 if self.long_hair else 0.07) * big, 0.08 * big, self.hair)
        for shoulder in (4, 8):
            a, b, c, d = (joints[:, shoulder + k] for k in range(4))
            upper = np.clip(self.sleeve / 0.55, 0, 1) if self.sleeve < 1 else 2.0
            part(a, b, 0.058 * wide ** 0.6 * loose, 0.046 * wide ** 0.5 * loose, top, skin, upper, self.pattern)
            part(b, c, 0.045 * wide ** 0.5 * (loose if self.sleeve == 1 else 1), 0.034 * (loose if self.sleeve == 1 else 1), top if self.sleeve == 1 else skin, pattern=self.pattern if self.sleeve == 1 else "plain")
            part(c, d, 0.036, 0.038, skin)
        for hip in (12, 16):
            a, b, c, d = (joints[:, hip + k] for k in range(4))
            baggy = loose if self.legs == 1 else 1.0
            part(a, b, 0.092 * wide ** 0.8 * baggy, 0.062 * wide ** 0.6 * baggy, trousers, skin, {1.0: 2.0, 0.45: 0.8, 0.0: 0.3}[self.legs], self.trouser_pattern)
            part(b, c, 0.06 * wide ** 0.6 * baggy, 0.044 * baggy, trousers if self.legs == 1 else skin, pattern=self.trouser_pattern if self.legs == 1 else "plain")
            heel = c + unit(c - b) * 0.035 * size - unit(d - c) * 0.03 * size
            part(heel, d, 0.04, 0.036, shoe)
            if self.coat > 0:
                end = a + (b - a) * min(self.coat, 1.0)
                part(a + up * 0.05 * size, end, 0.115 * wide, 0.13 * wide * loose, self.coat_colour, pattern=self.pattern)
        return parts


def stacked(people):
    """Capsules of several people as arrays: a, b [T, C, 3], ra, rb, cut [C], colours [C, 3], patterns [C], owner [C]."""
    parts, owner, scales = [], [], []
    for number, (person, joints) in enumerate(people):
        mine = person.capsules(joints)
        parts += mine
        owner += [number] * len(mine)
        scales += [person.scale] * len(mine)
    return {
        "a": np.stack([part[0] for part in parts], 1), "b": np.stack([part[1] for part in parts], 1),
        "ra": np.array([part[2] for part in parts], np.float32), "rb": np.array([part[3] for part in parts], np.float32),
        "first": np.array([part[4] for part in parts], np.float32), "second": np.array([part[5] for part in parts], np.float32),
        "cut": np.array([part[6] for part in parts], np.float32), "pattern": np.array([PATTERNS.index(part[7]) for part in parts]),
        "owner": np.array(owner), "scale": np.array(scales, np.float32),
        "trim": np.array([people[number][0].second for number in owner], np.float32),
    }


PATTERNS = ["plain", "bands", "stripes", "check", "blotch", "print"]
