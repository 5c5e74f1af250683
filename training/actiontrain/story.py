"""Joins takes into one long performance in one place, with its true labels: the demo's clip and long test films."""
import numpy as np

from . import tracks
from .skeleton import stepped
from .tracks import FPS

BLEND = 9                                    # frames over which one take becomes the next


class Story:
    def __init__(self, x, z):
        self.joints, self.segments, self.props = None, [], []
        self.ends, self.ended = np.array([x, z], float), 0

    @property
    def seconds(self):
        return 0.0 if self.joints is None else len(self.joints) / FPS

    def add(self, take, first, last, yaw, label=None, core=None):
        """Seconds first..last of a take, turned by yaw, going on where the story stands; core: the labelled seconds of it."""
        part = take.joints[int(first * FPS):int(last * FPS) + 1]
        cos, sin = np.cos(yaw), np.sin(yaw)
        start = part[0, 0, [0, 2]]
        x, z = part[..., 0] - start[0], part[..., 2] - start[1]
        placed = np.stack([x * cos + z * sin + self.ends[0], part[..., 1], -x * sin + z * cos + self.ends[1]], -1)
        for kind, px, pz, turn, height in take.props:
            px, pz = px - start[0], pz - start[1]
            self.props.append((kind, px * cos + pz * sin + self.ends[0], -px * sin + pz * cos + self.ends[1], turn + yaw, height))
        begin = max(self.seconds - BLEND / FPS, 0)
        if self.joints is None:
            self.joints = placed
        else:                                # the blended frames belong to both
            part = tracks.smooth([0, BLEND - 1], [0, 1], np.arange(BLEND))[:, None, None]
            mixed = self.joints[-BLEND:] * (1 - part) + placed[:BLEND] * part
            self.joints = np.concatenate([self.joints[:-BLEND], mixed, placed[BLEND:]])
        self.ends = self.joints[-1, 0, [0, 2]].copy()
        if label:
            low, high = core or (first, last)
            self.segments.append((label, begin + low - first, begin + high - first))
        return self

    def turn(self, stand, seconds, before, after):
        """Turns on the spot while standing: the held pose of a take, from one heading to another by small steps."""
        count = int(seconds * FPS) + BLEND
        angle = tracks.smooth([0, BLEND, count - BLEND, count], [before, before, after, after], np.arange(count))
        pose = stand.joints[:count] - stand.joints[:count, :1] * [1, 0, 1]
        stand = type(stand)(pose.copy(), "idle", (0, 0))
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        x, z = pose[..., 0], pose[..., 2]
        stand.joints[..., 0], stand.joints[..., 2] = x * cos + z * sin, -x * sin + z * cos
        step = np.abs(np.sin(np.arange(count) / FPS * 2 * np.pi * 1.2)) * np.minimum(np.abs(np.gradient(angle)) * 2, 0.07)
        left = np.sin(np.arange(count) / FPS * 2 * np.pi * 0.6) > 0
        stepped(stand.joints, 12, step * left)
        stepped(stand.joints, 16, step * ~left)
        return self.add(stand, 0, (count - 1) / FPS, 0.0)

    def truth(self):
        """All segments without gaps, idle between the actions."""
        out, now = [], 0.0
        for label, start, end in self.segments:
            if start > now + 0.05:
                out.append({"label": "idle", "start": round(now, 2), "end": round(start, 2)})
            elif start < now or now > 0:
                start = now
            out.append({"label": label, "start": round(start, 2), "end": round(min(end, self.seconds), 2)})
            now = end
        if now < self.seconds - 0.05:
            out.append({"label": "idle", "start": round(now, 2), "end": round(self.seconds, 2)})
        return out
