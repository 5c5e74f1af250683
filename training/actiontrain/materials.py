"""Surfaces of rooms: a base colour, a second one, and a pattern over two coordinates in metres."""
import colorsys
from dataclasses import dataclass

import numpy as np

from .raster import grain


@dataclass
class Material:
    first: np.ndarray
    second: np.ndarray
    pattern: str
    scale: float
    rough: float
    offset: tuple

    def at(self, u, v):
        """Colours [N, 3] at (u, v)."""
        mask = self.mask(u * self.scale, v * self.scale)
        colour = self.first + mask[:, None] * (self.second - self.first)
        if self.rough > 0:
            colour = colour * (1 + self.rough * noise(u * 7 + self.offset[0], v * 7 + self.offset[1]))[:, None]
        return colour

    def mask(self, u, v):
        kind = self.pattern
        if kind == "check":
            return ((np.floor(u) + np.floor(v)) % 2).astype(np.float32)
        if kind == "tiles":
            return ((u % 1 < 0.06) | (v % 1 < 0.06)).astype(np.float32)
        if kind == "planks":
            row = np.floor(u * 3)
            return 0.5 + 0.5 * np.sin(row * 12.9 + np.floor(v * 0.7 + row * 0.37) * 78.2).astype(np.float32)
        if kind == "bricks":
            row = np.floor(v * 4)
            return (((v * 4) % 1 < 0.15) | (((u * 2 + 0.5 * (row % 2)) % 1) < 0.07)).astype(np.float32)
        if kind == "stripes":
            return (u * 2 % 1 < 0.5).astype(np.float32)
        if kind == "shelf":
            return ((v * 3 % 1 < 0.12) | (np.sin(np.floor(u * 14) * 91.7 + np.floor(v * 3) * 37.1) > 0.2)).astype(np.float32)
        if kind == "spots":
            return (noise(u * 5, v * 5) > 0.25).astype(np.float32)
        if kind == "cloud":
            return np.clip(0.5 + noise(u * 3, v * 3) + 0.5 * noise(u * 11, v * 11), 0, 1)
        return np.zeros(len(u), np.float32)


def noise(u, v):
    return grain()[((u * 8).astype(np.int32) & 127) * 128 + ((v * 8).astype(np.int32) & 127)]


def hue(chance):
    """Rooms and clothes are mostly wooden, sandy or bluish; the rest of the circle is rare."""
    if chance.yes(0.2):
        return chance.style(0, 1)
    middle, wide = chance.pick([(0.08, 0.06), (0.58, 0.08), (0.33, 0.1), (0.0, 0.04)], [6, 3, 1, 1])
    return (middle + wide * (chance.style(0, 1) * 2 - 1)) % 1


def tone(chance, dark=0.05, light=0.95, bright=0.45):
    """A colour of a room: mostly pale or brown; light ones more often than dark ones."""
    level = dark + (light - dark) * chance.style(0, 1) ** 0.75
    strong = chance.uniform(0, bright * 0.7) if bright < 0.2 or chance.yes(0.86) else chance.uniform(0.2, 0.65)
    return np.array(colorsys.hsv_to_rgb(hue(chance), strong, level), np.float32)


def material(chance, patterns, weights=None, dark=0.05, light=0.95, bright=0.45):
    first = tone(chance, dark, light, bright)
    near = np.clip(first * chance.uniform(0.65, 1.25) + chance.normal(0.03, 3), 0, 1)
    second = near if chance.yes(0.75) else tone(chance, dark, light, bright)
    return Material(first, second.astype(np.float32), chance.pick(patterns, weights), chance.style(0.7, 3.2), max(chance.uniform(-0.06, 0.15), 0), tuple(chance.uniform(0, 9, 2)))
