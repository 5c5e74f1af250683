"""All chance of one clip from (split, seed, index), so that clips can be rendered anew and splits never share a style."""
import numpy as np

SPLITS = {"train": 0, "validation": 1}
BANDS = 8                                  # every style range is cut into bands; the splits own different ones
OWNED = {"train": [0, 1, 2, 4, 5, 7], "validation": [3, 6]}


class Chance:
    def __init__(self, split, *key):
        self.split, self.key = split, key
        self.rng = np.random.default_rng([SPLITS[split], *key])
        self.owned = OWNED[split]

    def child(self, number):
        """Chance for a part, whatever was drawn before it."""
        return Chance(self.split, *self.key, int(number))

    def uniform(self, low, high, size=None):
        return self.rng.uniform(low, high, size)

    def style(self, low, high):
        """A number of a look or of a way to move: drawn only from the bands this split owns."""
        band = self.owned[self.rng.integers(len(self.owned))] + self.rng.random()
        return low + (high - low) * band / BANDS

    def normal(self, scale, size=None):
        return self.rng.normal(0.0, scale, size)

    def integer(self, low, high):
        return int(self.rng.integers(low, high))

    def yes(self, probability):
        return bool(self.rng.random() < probability)

    def pick(self, choices, weights=None):
        if weights is None:
            return choices[self.integer(0, len(choices))]
        edges = np.cumsum(weights)
        return choices[min(int(np.searchsorted(edges, self.rng.random() * edges[-1])), len(choices) - 1)]

    def sign(self):
        return 1.0 if self.yes(0.5) else -1.0
