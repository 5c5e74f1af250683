"""Puts people into a scene: shadows on the floor, capsules with depth, averaged down to the pixels of the frames."""
from dataclasses import dataclass

import numpy as np

from . import body, raster

SHADOWS = [(0, 1, 0.20), (1, 2, 0.20), (12, 13, 0.12), (13, 14, 0.10), (16, 17, 0.12), (17, 18, 0.10), (14, 15, 0.11), (18, 19, 0.11), (5, 7, 0.08), (9, 11, 0.08), (2, 3, 0.13)]

LEAST_CONTRAST = 0.11                        # of 1: below it nobody would see the actor either


def film(camera, scene, people, times, oversample, subframes=1):
    """Frames [T, H/oversample, W/oversample, 3] of people = [(Person, joints [T * subframes, 20, 3])], and how the first is seen."""
    rows, columns = camera.height // oversample, camera.width // oversample
    small = sum(scene.colour[y::oversample, x::oversample] for y in range(oversample) for x in range(oversample)) / np.float32(oversample ** 2)
    out = np.broadcast_to(small, (times, rows, columns, 3)).reshape(-1, 3).copy()
    if not people:
        return out.reshape(times, rows, columns, 3), None
    where, shade = shadows(camera, scene, people, times, subframes, oversample)
    out[where] *= 1 - shade[:, None]
    shapes = body.stacked(people)
    found = raster.visible(camera, shapes, scene.depth)
    colour = raster.painted(found, shapes, scene.light, camera)
    y, x = found["pixel"] // camera.width // oversample, found["pixel"] % camera.width // oversample
    cell = (found["frame"] // subframes) * (rows * columns) + y * columns + x
    share = np.float32(1 / (oversample ** 2 * subframes))
    cells = len(out)
    cover = np.bincount(cell, minlength=cells).astype(np.float32) * share
    touched = np.flatnonzero(cover)
    blend = out[touched] * (1 - cover[touched])[:, None]
    for channel in range(3):
        blend[:, channel] += np.bincount(cell, colour[:, channel], cells)[touched].astype(np.float32) * share
    contrast = float(np.abs(blend - out[touched]).mean() / max(cover[touched].mean(), 1e-6)) if len(touched) else 0.0
    out[touched] = blend
    actor = found["frame"][shapes["owner"][found["capsule"]] == 0] // subframes
    area = np.bincount(actor, minlength=times) * share / (rows * columns)
    return out.reshape(times, rows, columns, 3), Sight(float(found["hidden"].mean()), area, contrast)


@dataclass
class Sight:
    """How well the actor is seen: share hidden by furniture, share of the picture covered in each frame, difference to what is behind."""
    hidden: float
    area: np.ndarray
    contrast: float

    def enough(self, hidden, present):
        return self.hidden < hidden and self.contrast > LEAST_CONTRAST and (self.area > 0.002).mean() >= present and np.median(self.area) > 0.004


def shadows(camera, scene, people, times, subframes, oversample):
    """Which pixels of [T, rows, columns] lie in shadow and how deep: soft where the body is high above the floor."""
    rows, columns = camera.height // oversample, camera.width // oversample
    floor = scene.floor[oversample // 2::oversample, oversample // 2::oversample].ravel()
    place = scene.place[oversample // 2::oversample, oversample // 2::oversample].reshape(-1, 2)
    total = np.zeros(times * rows * columns, np.float32)
    source = scene.light["from"]
    slope = -source[[0, 2]] / max(source[1], 0.35) * float(scene.light["strength"])
    for person, joints in people:
        mine = joints[subframes // 2::subframes]
        a = np.stack([mine[:, first] for first, _, _ in SHADOWS], 1)
        b = np.stack([mine[:, second] for _, second, _ in SHADOWS], 1)
        wide = np.array([radius for _, _, radius in SHADOWS]) * person.size * person.width ** 0.5
        high = np.maximum((a[..., 1] + b[..., 1]) / 2 - 0.05, 0)
        reach = wide * (1 + 0.9 * high)
        deep = 0.55 / (1 + 2.2 * high)
        a2, b2 = a[..., [0, 2]] + a[..., 1:2] * slope, b[..., [0, 2]] + b[..., 1:2] * slope
        middle, half = (a2 + b2) / 2, np.abs(a2 - b2) / 2 + reach[..., None]
        corners = np.stack([np.stack([middle[..., 0] + sx * half[..., 0], 0 * reach, middle[..., 1] + sz * half[..., 1]], -1) for sx in (-1, 1) for sz in (-1, 1)])
        x, y, ahead = camera.see(corners)
        x, y = x / camera.stretch / oversample + columns / 2, y / oversample + rows / 2
        ok = (ahead.min(0) > 0.3).ravel()
        left, right, top, bottom = (np.where(ok, edge.ravel(), 0) for edge in (x.min(0), x.max(0), y.min(0), y.max(0)))
        which, px, py = raster.boxes(left, right, top, bottom, columns, rows)
        pixel = py * columns + px
        keep = np.flatnonzero(floor[pixel])
        which, pixel = which[keep], pixel[keep]
        start, line = a2.reshape(-1, 2).astype(np.float32), (b2 - a2).reshape(-1, 2).astype(np.float32)
        offset = place[pixel] - start[which]
        length = np.maximum((line * line).sum(-1), 1e-4)
        along = np.clip((offset * line[which]).sum(-1) / length[which], 0, 1)
        gap = offset - along[:, None] * line[which]
        distance = np.sqrt((gap * gap).sum(-1)) / reach.ravel().astype(np.float32)[which]
        soft = np.clip(1 - distance, 0, 1) ** 1.2 * deep.ravel().astype(np.float32)[which]
        total += np.bincount((which // len(SHADOWS)) * (rows * columns) + pixel, soft, len(total)).astype(np.float32)
    where = np.flatnonzero(total)
    return where, (1 - np.exp(-total[where])) * np.float32(0.85)
