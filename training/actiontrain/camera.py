"""The camera of a clip: where it stands, what it looks at, and how world points become pixels of a squeezed square picture."""
from dataclasses import dataclass

import numpy as np


@dataclass
class Camera:
    place: np.ndarray                        # [3] metres
    axes: np.ndarray                         # [3, 3] rows: right, down, ahead
    focal: float                             # pixels, vertical
    width: int                               # pixels of the raster
    height: int
    aspect: float                            # shown width / height; pixels are not square where it differs from the raster's

    @property
    def stretch(self):
        """How many isotropic (vertical) pixels one raster column is wide."""
        return self.aspect * self.height / self.width

    def see(self, points):
        """World points [..., 3] to (x, y) in isotropic pixels from the centre and depth along the view."""
        local = (points - self.place) @ self.axes.T
        depth = np.maximum(local[..., 2], 0.05)
        return local[..., 0] / depth * self.focal, local[..., 1] / depth * self.focal, local[..., 2]

    def flat(self, points):
        """World points [..., 3] to places in the picture [..., 2], -1 to 1 from edge to edge; NaN behind the camera."""
        x, y, depth = self.see(points)
        place = np.stack([x / (0.5 * self.aspect * self.height), y / (0.5 * self.height)], -1)
        return np.where(depth[..., None] > 0.1, place, np.nan).astype(np.float32)

    def rays(self):
        """Directions [H, W, 3] with depth 1 along the view."""
        x = ((np.arange(self.width) + 0.5) - self.width / 2) * self.stretch / self.focal
        y = ((np.arange(self.height) + 0.5) - self.height / 2) / self.focal
        directions = (self.axes[0] * x[None, :, None] + self.axes[1] * y[:, None, None] + self.axes[2]).astype(np.float32)
        return directions


def looking(place, target, roll):
    ahead = target - place
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    down = np.cross(ahead, right)
    cos, sin = np.cos(roll), np.sin(roll)
    return np.stack([cos * right + sin * down, cos * down - sin * right, ahead])


def placed(chance, joints, width, height, stature, front=0.5, telling=False):
    """A camera that sees the person of joints [T, 20, 3] at a chance size, place and angle.

    front: how often it stands before the person rather than anywhere; telling: what moves most must be in the picture.
    """
    aspect = chance.pick([1.0, 4 / 3, 16 / 9, 1.5], [2, 3, 5, 1])
    view = np.radians(chance.uniform(32, 72))
    focal = height / 2 / np.tan(view / 2)
    middle = joints[:, 0].mean(0)
    side = (joints[:, 4] - joints[:, 8]).mean(0)
    facing = np.arctan2(-side[2], side[0])
    mover = np.ptp(joints, axis=0).sum(-1).argmax() if telling else 0
    cut = chance.yes(0.15)                   # partly outside the picture is allowed
    for attempt in range(16):
        share = chance.uniform(0.36, 1.0) if chance.yes(0.85) else chance.uniform(0.9, 1.15)
        share *= 1 - 0.05 * max(attempt - 5, 0)
        distance = np.clip(stature * focal / (share * height), 1.6, 9.0)
        level = chance.pick([chance.uniform(0.6, 1.3), chance.uniform(1.2, 1.9), chance.uniform(1.9, 3.5)], [1.5, 3, 2.5])
        level = min(level, 0.9 * distance + 0.6)
        around = facing + chance.normal(0.95) if chance.yes(front) else chance.uniform(-np.pi, np.pi)
        flat = np.sqrt(max(distance ** 2 - (level - 0.9) ** 2, 1.0))
        place = middle * [1, 0, 1] + np.array([np.sin(around) * flat, level, np.cos(around) * flat])
        room = chance.uniform(0.0, 1.0)       # how much of the free room around the person is used to move it off-centre
        aside = chance.uniform(-1, 1) * room * max(0.5 * aspect - 0.28 * share, 0.12) * height * distance / focal
        right = np.array([np.cos(around), 0, -np.sin(around)])
        raised = 0.5 * stature + chance.uniform(-1, 1) * room * max(0.52 - 0.5 * share, 0.06) * height * distance / focal
        target = middle * [1, 0, 1] + right * aside + np.array([0, raised, 0])
        camera = Camera(place, looking(place, target, np.radians(chance.normal(1.5))), focal, width, height, aspect)
        x, y, depth = camera.see(joints)
        inside = (np.abs(x) < 0.5 * aspect * height) & (np.abs(y) < 0.5 * height) & (depth > 0.4)
        enough = inside.mean() > (0.6 if cut else 0.88 if attempt < 12 else 0.75)
        if enough and depth.min() > 0.9 and inside[:, [2, 0, 4, 8]].any(1).mean() > 0.8 and inside[:, mover].mean() > 0.85 * telling:
            break
    return camera
