"""Draws capsules with a depth test: every capsule only in its own bounding box, all frames of a clip at once."""
from functools import lru_cache

import numpy as np


@lru_cache(1)
def grain():
    """A tile of smooth noise, -1..1, for cloth and walls."""
    rng = np.random.default_rng(7)
    total = np.zeros((128, 128))
    for cells in (8, 16, 32, 64):
        coarse = rng.normal(0, 1, (cells, cells))
        total += np.kron(coarse, np.ones((128 // cells, 128 // cells))) / cells ** 0.35
    for axis in (0, 1):
        total = (total + np.roll(total, 1, axis) + np.roll(total, -1, axis)) / 3
    return (total / np.abs(total).max()).astype(np.float32).ravel()


def boxes(left, right, top, bottom, width, height):
    """Pixel lists of all boxes: index of the box, x and y of the pixel."""
    x0, x1 = np.clip(np.floor(left), 0, width).astype(np.int32), np.clip(np.ceil(right), 0, width).astype(np.int32)
    y0, y1 = np.clip(np.floor(top), 0, height).astype(np.int32), np.clip(np.ceil(bottom), 0, height).astype(np.int32)
    wide, high = np.maximum(x1 - x0, 0), np.maximum(y1 - y0, 0)
    rows = np.repeat(np.arange(len(wide), dtype=np.int32), np.where(wide > 0, high, 0))      # one entry per row of a box
    first_row = np.concatenate([[0], np.cumsum(np.where(wide > 0, high, 0))[:-1]])
    y = y0[rows] + np.arange(len(rows), dtype=np.int32) - first_row[rows].astype(np.int32)
    length = wide[rows]
    row = np.repeat(np.arange(len(rows), dtype=np.int32), length)
    start = (np.cumsum(length) - length).astype(np.int32)
    x = x0[rows][row] + np.arange(len(row), dtype=np.int32) - start[row]
    return rows[row], x, y[row]


def visible(camera, shapes, scene_depth):
    """The fragments of [T, C] capsules that win the depth test: frame, pixel, capsule, place along it, normal, reach."""
    frames, count = shapes["a"].shape[:2]
    ax, ay, az = (value.astype(np.float32).ravel() for value in camera.see(shapes["a"]))
    bx, by, bz = (value.astype(np.float32).ravel() for value in camera.see(shapes["b"]))
    ra, rb = np.tile(shapes["ra"], frames), np.tile(shapes["rb"], frames)
    focal = np.float32(camera.focal)
    ok = (az > 0.25) & (bz > 0.25)
    pa, pb = focal * ra / np.maximum(az, 0.25), focal * rb / np.maximum(bz, 0.25)
    shift_x, shift_y, stretch = camera.width / 2, camera.height / 2, camera.stretch
    left, right = np.minimum(ax - pa, bx - pb) / stretch + shift_x, np.maximum(ax + pa, bx + pb) / stretch + shift_x
    top, bottom = np.minimum(ay - pa, by - pb) + shift_y, np.maximum(ay + pa, by + pb) + shift_y
    left, right = np.where(ok, left, 0), np.where(ok, right, 0)
    which, x, y = boxes(left, right, top, bottom, camera.width, camera.height)
    px = (x + np.float32(0.5 - shift_x)) * np.float32(stretch) - ax[which]
    py = y + np.float32(0.5 - shift_y) - ay[which]
    dx, dy = bx - ax, by - ay
    length = np.maximum(dx * dx + dy * dy, 1e-3)
    along = np.clip((px * (dx / length)[which] + py * (dy / length)[which]), 0, 1)
    px -= along * dx[which]
    py -= along * dy[which]
    radius = pa[which] + along * (pb - pa)[which]
    square = px * px + py * py
    keep = np.flatnonzero(square < radius * radius)
    which, along, radius, square = which[keep], along[keep], radius[keep], square[keep]
    normal_x, normal_y = px[keep] / radius, py[keep] / radius
    normal_z = np.sqrt(np.maximum(1 - square / (radius * radius), 0))
    depth = az[which] + along * (bz - az)[which]
    depth -= normal_z * radius * depth / focal
    frame = which // count
    pixel = y[keep] * camera.width + x[keep]
    seen = np.flatnonzero(depth < scene_depth.ravel()[pixel])
    place = frame[seen] * (camera.width * camera.height) + pixel[seen]
    near, far = (depth[seen].min(), depth[seen].max()) if len(seen) else (0, 1)
    level = ((far - depth[seen]) / max(far - near, 1e-6) * 65535).astype(np.uint16)
    order = np.argsort(level, kind="stable")
    winner = np.full(frames * camera.width * camera.height, -1, np.int32)
    winner[place[order]] = order
    winner = winner[winner >= 0]
    pick = seen[winner]
    return {"frame": frame[pick], "pixel": pixel[pick], "capsule": which[pick] % count, "along": along[pick],
            "normal": np.stack([normal_x[pick], normal_y[pick], -normal_z[pick]], -1)}


def painted(found, shapes, light, camera):
    """Colours [F, 3] of fragments: cloth and skin, patterns, light from one side."""
    capsule, along, normal = found["capsule"], found["along"], found["normal"]
    colour = np.where((along > shapes["cut"][capsule])[:, None], shapes["second"][capsule], shapes["first"][capsule])
    pattern = shapes["pattern"][capsule]
    if pattern.any():
        scale = shapes["scale"][capsule]
        across = np.arcsin(np.clip(normal[:, 0], -1, 1)) * 0.5
        value = np.zeros(len(along), np.float32)
        for number, mask in (("bands", np.sin(along * scale * 2) > 0), ("stripes", np.sin(across * scale * 3) > 0.2),
                             ("check", (np.sin(along * scale * 2) > 0) ^ (np.sin(across * scale * 3) > 0)),
                             ("print", (np.abs(along - 0.6) < 0.18) & (np.abs(across) < 0.35))):
            value += (pattern == ORDER[number]) * mask
        index = ((along * scale * 3).astype(np.int32) % 128) * 128 + ((across * scale * 2 + capsule * 17).astype(np.int32) % 128)
        value += (pattern == ORDER["blotch"]) * np.clip(grain()[index] * 1.5 + 0.35, 0, 1)
        colour = colour + value[:, None] * (shapes["trim"][capsule] - colour) * 0.8
    facing = normal @ (camera.axes @ light["from"]).astype(np.float32)
    facing = np.clip(facing * (1 - light["wrap"]) + light["wrap"], 0, 1)
    bright = light["ambient"] + light["strength"] * facing
    return colour * (bright[:, None] * light["tint"])


ORDER = {"plain": 0, "bands": 1, "stripes": 2, "check": 3, "blotch": 4, "print": 5}
